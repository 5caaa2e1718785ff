"""Who may come in: keys, scopes, limits, and the archive without keys."""

import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from api.cli import main
from api.http.auth import loopback
from api.http.server import run
from qa.archive.archive import Archive
from qa.archive.keys import any_key, create_key, list_keys, revoke_key
from qa.errors import BadInput
from qa.settings import Settings
from tests.support.client import QUESTION, check_problem
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of
from tests.support.stores import settings_of

ASKED = {"question": QUESTION}

OUTSIDE = ("0.0.0.0", "::", "192.168.1.2", "::ffff:10.0.0.1", "localhost.evil", "")  # noqa: S104


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def client(archive: Archive, **settings: Any) -> TestClient[Any]:
    return client_of(archive, FirstSentenceModel(), **settings)


# keys


def test_a_revoked_key_stays_listed_and_an_archive_that_had_one_stays_closed(
    filled: Archive,
) -> None:
    assert not any_key(filled.store)
    key, secret = create_key(filled.store, "asker", ["ask"])
    revoked = revoke_key(filled.store, key.id)
    assert revoked.revoked_at is not None
    assert revoke_key(filled.store, key.id) == revoked
    assert list_keys(filled.store) == [revoked]
    assert any_key(filled.store)
    with client(filled) as asking:
        check_problem(asking.post("/v1/ask", json=ASKED), 401, "send a key")
        check_problem(asking.post("/v1/ask", json=ASKED, headers=bearer(secret)), 401, "revoked")


# without keys


@pytest.mark.parametrize(
    ("given", "headers", "word"),
    [
        ({"client": "203.0.113.9"}, {}, "203.0.113.9"),
        ({"host": "archive.example.org"}, {}, "archive.example.org"),
        ({}, {"X-Forwarded-For": "203.0.113.9"}, "x-forwarded-for"),
        ({}, {"X-Forwarded-Host": "localhost"}, "x-forwarded-host"),
        ({}, {"Forwarded": "for=127.0.0.1"}, "forwarded"),
        ({}, {"Via": "1.1 proxy"}, "via"),
        ({}, {"CF-Connecting-IP": "203.0.113.9"}, "cf-connecting-ip"),
        ({}, {"True-Client-IP": "203.0.113.9"}, "true-client-ip"),
        ({}, {"X-Original-Forwarded-For": "203.0.113.9"}, "x-original-forwarded-for"),
        ({}, {"X-Client-IP": "203.0.113.9"}, "x-client-ip"),
    ],
)
def test_without_keys_only_this_machine_is_served(
    filled: Archive, given: dict[str, str], headers: dict[str, str], word: str
) -> None:
    with client(filled, **given) as asking:
        for path, body in (
            ("/v1/ask", ASKED),
            ("/v1/retrieve", ASKED),
            ("/v1/articles", {"text": "Rain."}),
        ):
            check_problem(
                asking.post(path, json=body, headers=headers), 403, word, "dateline keys create"
            )
        assert asking.get("/v1/articles", headers=headers).status_code == 403
        assert asking.get("/mcp", headers=headers).status_code == 403
        assert asking.get("/health/ready", headers=headers).json() == {"status": "ready"}


def test_without_keys_this_machine_needs_none(filled: Archive) -> None:
    with client(filled) as asking:
        for host in ("127.0.0.1", "localhost", "localhost:8000", "[::1]:8000"):
            assert asking.post("/v1/ask", json=ASKED, headers={"Host": host}).status_code == 200
        assert asking.get("/health/ready").json()["articles"] == 3
        # some clients always send a key
        assert asking.post("/v1/ask", json=ASKED, headers=bearer("none")).status_code == 200


def test_loopback_addresses() -> None:
    assert all(
        loopback(host)
        for host in ("127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1", "localhost")
    )
    assert not any(loopback(host) for host in OUTSIDE)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104
def test_an_open_address_without_keys_is_not_served(
    filled: Archive, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setattr("qa.bootstrap.open_archive", lambda *_, **__: nullcontext(filled))
    with pytest.raises(BadInput, match="dateline keys create"):
        run(Settings.load(), host, 0, 1, log_json=False)


# with keys


def check_refused(reply: Any, status: int, word: str) -> None:
    """As a problem document, or as OpenAI's clients read it."""
    if reply.headers["content-type"].startswith("application/problem+json"):
        check_problem(reply, status, word)
    else:
        assert reply.status_code == status, reply.text
        assert word in reply.json()["error"]["message"]


def test_each_route_needs_its_scope(filled: Archive) -> None:
    secrets = {
        scope: create_key(filled.store, scope, [scope])[1]
        for scope in ("read", "ask", "ingest", "admin")
    }
    routes: list[tuple[str, str, Any, set[str]]] = [
        ("POST", "/v1/ask", ASKED, {"ask", "admin"}),
        (
            "POST",
            "/v1/chat/completions",
            {"messages": [{"role": "user", "content": QUESTION}]},
            {"ask", "admin"},
        ),
        ("POST", "/v1/responses", {"input": QUESTION}, {"ask", "admin"}),
        ("POST", "/v1/retrieve", ASKED, {"read", "admin"}),
        ("GET", "/v1/articles", None, {"read", "admin"}),
        ("GET", "/v1/articles/later", None, {"read", "admin"}),
        ("GET", "/v1/models", None, {"read", "admin"}),
        ("GET", "/metrics", None, {"read", "admin"}),
        ("POST", "/v1/articles", {"id": "new", "text": "Rain."}, {"ingest", "admin"}),
        ("PUT", "/v1/articles/new", {"text": "Rain."}, {"ingest", "admin"}),
        ("DELETE", "/v1/articles/new", None, {"ingest"}),
    ]
    with client(filled, client="203.0.113.9", host="archive.example.org") as asking:
        for method, path, body, allowed in routes:
            check_refused(asking.request(method, path, json=body), 401, "send a key")
            check_refused(
                asking.request(method, path, json=body, headers=bearer("x" * 40)), 401, "unknown"
            )
            check_refused(
                asking.request(method, path, json=body, headers={"Authorization": "Basic YTpi"}),
                401,
                "Bearer",
            )
            for scope, secret in secrets.items():
                if scope == "admin" and method == "DELETE":
                    continue
                reply = asking.request(method, path, json=body, headers=bearer(secret))
                if scope in allowed:
                    assert reply.status_code < 300, (method, path, scope, reply.text)
                else:
                    check_refused(reply, 403, f"lacks the scope '{min(allowed - {'admin'})}'")
        refused = asking.post("/v1/ask", json=ASKED)
        assert refused.headers["www-authenticate"].startswith("Bearer")


def test_no_route_is_open_by_oversight(filled: Archive) -> None:
    """An archive with keys asks for one on every route but those that are meant to be open."""
    create_key(filled.store, "asker", ["ask"])
    with client(filled, client="203.0.113.9", host="archive.example.org") as asking:
        description = asking.get("/schema/openapi.json")
        assert description.status_code == 200
        for path, methods in description.json()["paths"].items():
            for method in methods:
                reply = asking.request(method.upper(), re.sub(r"{\w+}", "1", path), json={})
                open_to_all = path in ("/", "/health/live", "/health/ready") or path.startswith(
                    "/static"
                )
                assert (reply.status_code == 401) != open_to_all, (method, path, reply.status_code)


def test_a_revocation_acts_at_once_in_a_running_service(filled: Archive) -> None:
    key, secret = create_key(filled.store, "asker", ["ask"])
    with client(filled) as asking:
        assert asking.post("/v1/ask", json=ASKED, headers=bearer(secret)).status_code == 200
        revoke_key(filled.store, key.id)
        refused = asking.post("/v1/ask", json=ASKED, headers=bearer(secret))
        check_problem(refused, 401, "revoked")


def test_a_limit_counts_for_each_key_and_route(filled: Archive) -> None:
    first, second = (create_key(filled.store, name, ["ask"])[1] for name in ("one", "two"))
    with client(filled, ask_limit="2/minute") as asking:
        for _ in range(2):
            assert asking.post("/v1/ask", json=ASKED, headers=bearer(first)).status_code == 200
        refused = asking.post("/v1/ask", json=ASKED, headers=bearer(first))
        check_problem(refused, 429, "2 requests per minute")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert asking.post("/v1/ask", json=ASKED, headers=bearer(second)).status_code == 200
        chat = {"messages": [{"role": "user", "content": QUESTION}]}
        assert (
            asking.post("/v1/chat/completions", json=chat, headers=bearer(first)).status_code == 200
        )


def test_the_first_key_comes_by_a_setting_once(
    filled: Archive, monkeypatch: pytest.MonkeyPatch, model_cache: Path
) -> None:
    given = "a-secret-that-a-container-was-given-01"
    monkeypatch.setattr("uvicorn.run", lambda *_, **__: None)
    monkeypatch.setattr("qa.bootstrap.open_archive", lambda *_, **__: nullcontext(filled))
    settings = settings_of(filled.store, first_key=given, cache_dir=model_cache)
    run(settings, "0.0.0.0", 0, 1, log_json=False)  # noqa: S104
    with client(filled, client="203.0.113.9", host="x.example") as asking:
        assert asking.post("/v1/ask", json=ASKED, headers=bearer(given)).status_code == 200
    (key,) = list_keys(filled.store)
    revoke_key(filled.store, key.id)
    run(settings, "0.0.0.0", 0, 1, log_json=False)  # noqa: S104
    with client(filled) as asking:
        check_problem(asking.post("/v1/ask", json=ASKED, headers=bearer(given)), 401, "revoked")
    assert len(list_keys(filled.store)) == 1


def test_a_first_key_that_another_host_has_just_stored_is_no_fault(
    filled: Archive, monkeypatch: pytest.MonkeyPatch, model_cache: Path
) -> None:
    given = "a-secret-that-two-containers-were-given"
    monkeypatch.setattr("uvicorn.run", lambda *_, **__: None)
    monkeypatch.setattr("qa.bootstrap.open_archive", lambda *_, **__: nullcontext(filled))
    looks = iter([False, True])  # before and after the other host stored it
    monkeypatch.setattr("qa.archive.keys.any_key", lambda _: next(looks))
    create_key(filled.store, "first", ["admin"], given)
    settings = settings_of(filled.store, first_key=given, cache_dir=model_cache)
    run(settings, "0.0.0.0", 0, 1, log_json=False)  # noqa: S104
    assert len(list_keys(filled.store)) == 1


def test_other_origins_are_not_allowed_unless_set(filled: Archive) -> None:
    asked = {"Origin": "https://page.example", "Access-Control-Request-Method": "POST"}
    with client(filled) as asking:
        assert "access-control-allow-origin" not in asking.options("/v1/ask", headers=asked).headers
    with client(filled, cors_origins=("https://page.example",)) as asking:
        reply = asking.options("/v1/ask", headers=asked)
        assert reply.headers["access-control-allow-origin"] == "https://page.example"


def test_keys_on_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], model_cache: Path
) -> None:
    monkeypatch.setenv("DATELINE_CACHE_DIR", str(model_cache))

    def dateline(*words: str, code: int = 0) -> tuple[str, str]:
        monkeypatch.setattr("sys.argv", ["dateline", "keys", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == code
        return capsys.readouterr()

    secret, identity = (text.split()[0] for text in dateline("create", "a", "--scope", "ask"))
    assert len(secret) > 40
    listed, _ = dateline("list")
    assert identity in listed
    assert secret not in listed
    assert "revoked" not in listed
    assert "revoked" in dateline("revoke", identity)[0]
    assert "revoked" in dateline("list")[0]
    assert "scope 'fly'" in dateline("create", "x", "--scope", "fly", code=2)[1]
    assert "no key 'nope'" in dateline("revoke", "nope", code=2)[1]


def test_wrong_keys_are_limited_by_address_and_right_ones_are_not(filled: Archive) -> None:
    """A right key from the same address still works: behind a proxy everybody has one address."""
    _, secret = create_key(filled.store, "reader", ["read"])
    with client(filled, client="203.0.113.9", host="archive.example.org") as asking:
        statuses = [
            asking.get("/v1/sources", headers=bearer(f"guess-{number}")).status_code
            for number in range(40)
        ]
        assert statuses == [401] * 30 + [429] * 10
        refused = asking.get("/v1/sources", headers=bearer("guess"))
        check_problem(refused, 429, "wrong keys", "203.0.113.9")
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert asking.get("/v1/sources", headers=bearer(secret)).status_code == 200


def test_the_user_part_of_a_host_is_not_its_name(filled: Archive) -> None:
    with client(filled) as asking:
        reply = asking.get("/v1/sources", headers={"Host": "evil@localhost"})
    check_problem(reply, 403, "evil@localhost")
