"""API keys in the archive: only digests are stored, and a revoked key allows nothing."""

import pytest

from qa.archive.keys import (
    Key,
    any_key,
    create_key,
    find_key,
    key_json,
    key_of_id,
    list_keys,
    revoke_key,
    set_key,
)
from qa.archive.store import Store
from qa.archive.usage import Budget
from qa.errors import BadInput, NotFound
from tests.support.stores import folder_of


@pytest.mark.sqlite_only("what its files hold")
def test_a_key_is_stored_as_a_digest_only(store: Store) -> None:
    key, secret = create_key(store, "asker", ["ask", "read"])
    assert find_key(store, secret) == key
    assert find_key(store, secret + "x") is None
    database = b"".join(path.read_bytes() for path in folder_of(store).glob("archive.sqlite3*"))
    assert secret.encode() not in database
    assert secret.removeprefix("dateline_").encode() not in database


def test_what_is_no_key_is_refused(store: Store) -> None:
    for name, scopes, secret in (
        ("a", ["fly"], None),
        ("a", [], None),
        ("", ["ask"], None),
        ("a", ["ask"], "short"),
    ):
        with pytest.raises(BadInput):
            create_key(store, name, scopes, secret)
    with pytest.raises(NotFound):
        revoke_key(store, "key_none")
    assert list_keys(store) == []


def test_admin_may_all_and_a_revoked_key_nothing() -> None:
    admin = Key("k", "n", frozenset({"admin"}), "2024-01-01")
    assert all(admin.may(scope) for scope in ("read", "ask", "ingest", "admin"))
    assert not Key("k", "n", frozenset({"admin"}), "2024-01-01", "2024-01-02").may("read")


def test_a_revoked_key_stays_listed_and_revoking_it_twice_is_fine(store: Store) -> None:
    assert not any_key(store)
    key, secret = create_key(store, "  asker  of\tquestions ", ["ask"])
    assert key.name == "asker of questions"
    revoked = revoke_key(store, key.id)
    assert revoked.revoked_at is not None
    assert revoke_key(store, key.id) == revoked == find_key(store, secret)
    assert list_keys(store) == [revoked]
    assert any_key(store)


def test_one_secret_is_one_key(store: Store) -> None:
    create_key(store, "one", ["ask"], "s" * 32)
    with pytest.raises(BadInput, match="exists already"):
        create_key(store, "other", ["ask"], "s" * 32)


@pytest.mark.parametrize("secret", ["s" * 31, "s" * 31 + " ", "é" * 32, "s" * 32 + "\n"])
def test_a_secret_that_cannot_be_sent_or_is_too_short_is_refused(store: Store, secret: str) -> None:
    with pytest.raises(BadInput, match="at least 32 ASCII characters"):
        create_key(store, "asker", ["ask"], secret)


def test_a_key_is_shown_without_its_secret(store: Store) -> None:
    key, secret = create_key(store, "asker", ["read", "ask", "ask"])
    shown = key_json(key)
    assert shown["scopes"] == ["read", "ask"]
    assert secret not in str(shown)


def test_what_a_key_may_read_and_use_is_changed_apart(store: Store) -> None:
    key, secret = create_key(
        store, "desk", ["ask"], rights=["wire", "board"], budget=Budget(questions=5)
    )
    assert find_key(store, secret) == key
    changed = set_key(store, key.id, budget=Budget(tokens=9))
    assert (changed.rights, changed.budget) == (key.rights, Budget(tokens=9))
    changed = set_key(store, key.id, rights=["board"])
    assert changed == find_key(store, secret) == key_of_id(store, key.id)
    assert (changed.rights, changed.budget) == (frozenset(["board"]), Budget(tokens=9))
    assert set_key(store, key.id) == changed
    shown = key_json(changed)
    assert (shown["rights"], shown["questions_per_day"]) == (["board"], None)
    assert shown["tokens_per_day"] == 9


def test_what_cannot_be_a_right_or_a_budget_is_refused(store: Store) -> None:
    key, _ = create_key(store, "desk", ["ask"])
    for wrong in ({"rights": [" "]}, {"budget": Budget(questions=-1)}):
        with pytest.raises(BadInput):
            set_key(store, key.id, **wrong)
        with pytest.raises(BadInput):
            create_key(store, "desk", ["ask"], **wrong)
    with pytest.raises(NotFound):
        set_key(store, "key_none", rights=["board"])
    assert list_keys(store) == [key]
