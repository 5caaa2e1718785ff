"""API keys: who may do what. The archive holds only their digests."""

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from qa.archive.database import Database
from qa.archive.store import Store
from qa.archive.usage import UNLIMITED, Budget
from qa.errors import BadInput, NotFound

Scope = Literal["read", "ask", "ingest", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
_PREFIX = "dateline_"  # so that a scanner for leaked secrets can name what it found
SHORTEST = 32  # characters of a secret that was not made here
_LONGEST_NAME = 100
_COLUMNS = "id, name, scopes, created_at, revoked_at, rights, questions_per_day, tokens_per_day"
_MOST = 10**12  # questions or tokens in a budget


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. The scope ``admin`` allows everything, but gives no ``rights``:
    the articles with one of these may be read with it.
    """

    id: str
    name: str
    scopes: frozenset[Scope]
    created_at: str
    revoked_at: str | None = None
    rights: frozenset[str] = frozenset()
    budget: Budget = UNLIMITED

    def may(self, scope: Scope) -> bool:
        """Return True if the key allows it."""
        return self.revoked_at is None and bool(self.scopes & {scope, "admin"})


def create_key(
    store: Store,
    name: str,
    scopes: Collection[str],
    secret: str | None = None,
    *,
    rights: Collection[str] = (),
    budget: Budget = UNLIMITED,
) -> tuple[Key, str]:
    """A new key and its secret, which cannot be read again. Raises BadInput."""
    wrong = sorted(set(scopes) - set(SCOPES))
    if wrong or not scopes:
        raise BadInput(
            f"scope '{wrong[0]}' is unknown; known are {', '.join(SCOPES)}"
            if wrong
            else "name a scope"
        )
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise BadInput(f"a key's name has 1 to {_LONGEST_NAME} printable characters")
    if secret is None:
        secret = _PREFIX + secrets.token_urlsafe(32)
    elif len(secret) < SHORTEST or not (secret.isascii() and secret.isprintable()) or " " in secret:
        raise BadInput(f"a key needs at least {SHORTEST} ASCII characters without a space")
    allowed = frozenset(scope for scope in SCOPES if scope in scopes)
    key = Key(
        f"key_{secrets.token_hex(4)}",
        name,
        allowed,
        datetime.now(UTC).isoformat(timespec="seconds"),
        rights=_checked_rights(rights),
        budget=_checked_budget(budget),
    )
    with store.aside() as database:
        added = database.execute(
            "INSERT INTO keys (id, name, digest, scopes, created_at, rights, questions_per_day,"
            " tokens_per_day) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING",
            (
                key.id,
                key.name,
                _digest(secret),
                json.dumps(sorted(key.scopes)),
                key.created_at,
                json.dumps(sorted(key.rights)),
                key.budget.questions,
                key.budget.tokens,
            ),
        )
        if added.rowcount == 0:
            raise BadInput("this key exists already")
    return key, secret


def set_key(
    store: Store,
    key_id: str,
    *,
    rights: Collection[str] | None = None,
    budget: Budget | None = None,
) -> Key:
    """Change what a key may read or use, from its next request on; None: leave it as it is.

    Raises BadInput, NotFound.
    """
    changes: dict[str, Any] = {}
    if rights is not None:
        changes["rights"] = json.dumps(sorted(_checked_rights(rights)))
    if budget is not None:
        checked = _checked_budget(budget)
        changes |= {"questions_per_day": checked.questions, "tokens_per_day": checked.tokens}
    with store.aside() as database:
        if changes:
            assigned = ", ".join(f"{name} = :{name}" for name in changes)
            database.execute(
                f"UPDATE keys SET {assigned} WHERE id = :id", {**changes, "id": key_id}
            )
        return _key_of_id(database, key_id)


def list_keys(store: Store) -> list[Key]:
    """All keys, also revoked ones, oldest first."""
    with store.reading() as database:
        rows = database.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY created_at, id")
        return [_key(row) for row in rows]


def revoke_key(store: Store, key_id: str) -> Key:
    """End a key's use, from its next request on. Revoking it twice is fine. Raises NotFound."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with store.aside() as database:
        database.execute(
            "UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (now, key_id)
        )
        return _key_of_id(database, key_id)


def key_of_id(store: Store, key_id: str) -> Key:
    """The key with this id, also a revoked one. Raises NotFound."""
    with store.reading() as database:
        return _key_of_id(database, key_id)


def key_for_chats(store: Store, key_id: str) -> Key:
    """The key with the id that DATELINE_CHAT_KEY is set to. Raises BadInput if it cannot ask."""
    named = f"DATELINE_CHAT_KEY names the key '{key_id[:_LONGEST_NAME]}', which"
    try:
        key = key_of_id(store, key_id)
    except NotFound as error:
        raise BadInput(f"{named} does not exist") from error
    if key.revoked_at is not None:
        raise BadInput(f"{named} was revoked")
    if not key.may("ask"):
        raise BadInput(f"{named} lacks the scope 'ask'")
    return key


def any_key(store: Store) -> bool:
    """Return True once a key was created, even if it is revoked: then one is always required."""
    with store.reading() as database:
        return database.execute("SELECT 1 FROM keys LIMIT 1").fetchone() is not None


def find_key(store: Store, secret: str) -> Key | None:
    """The key with this secret, also a revoked one.

    Looked up by digest, so the time that it takes reveals nothing about the secret.
    """
    with store.reading() as database:
        row = database.execute(
            f"SELECT {_COLUMNS} FROM keys WHERE digest = ?", (_digest(secret),)
        ).fetchone()
    return None if row is None else _key(row)


def key_json(key: Key) -> dict[str, Any]:
    """The key as it is shown."""
    return {
        "id": key.id,
        "name": key.name,
        "scopes": [scope for scope in SCOPES if scope in key.scopes],
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
        "rights": sorted(key.rights),
        "questions_per_day": key.budget.questions,
        "tokens_per_day": key.budget.tokens,
    }


def _digest(secret: str) -> str:
    # 256 random bits cannot be guessed, so a fast hash is enough.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _key_of_id(database: Database, key_id: str) -> Key:
    row = database.execute(f"SELECT {_COLUMNS} FROM keys WHERE id = ?", (key_id,)).fetchone()
    if row is None:
        raise NotFound(f"no key '{key_id}'; see: dateline keys list")
    return _key(row)


def _checked_rights(rights: Collection[str]) -> frozenset[str]:
    if not all(right.strip() for right in rights):
        raise BadInput("a right is the text of the field `rights` of articles, so not empty")
    return frozenset(rights)


def _checked_budget(budget: Budget) -> Budget:
    for most in (budget.questions, budget.tokens):
        if most is not None and not 0 <= most <= _MOST:
            raise BadInput(f"a budget is a number from 0 to {_MOST}")
    return budget


def _key(row: Any) -> Key:
    identity, name, scopes, created_at, revoked_at, rights, questions, tokens = row
    return Key(
        identity,
        name,
        frozenset(json.loads(scopes)),
        created_at,
        revoked_at,
        frozenset(json.loads(rights)),
        Budget(questions, tokens),
    )
