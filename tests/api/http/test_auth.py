"""Who may come in: keys, scopes, limits, and the archive without keys."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from api.http.auth import loopback
from api.http.server import run
from qa.archive.archive import Archive
from qa.archive.keys import Key, any_key, create_key, find_key, list_keys, revoke_key
from qa.errors import BadInput, NotFound
from qa.settings import Settings
from tests.conftest import Cli, client_of, put, serving
from tests.support.client import ARTICLES, QUESTION, check_problem
from tests.support.fakes import FirstSentenceModel

ASKED = {"question": QUESTION}

OUTSIDE = ("0.0.0.0", "::", "192.168.1.2", "::ffff:10.0.0.1", "localhost.evil", "")  # noqa: S104


@pytest.fixture
def filled(archive: Archive, tmp_path: Path) -> Archive:
    put(archive, ARTICLES, tmp_path)
    return archive


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def client(archive: Archive, **settings: Any) -> TestClient[Any]:
    return client_of(archive, FirstSentenceModel(), **settings)


# keys


def test_a_key_is_stored_as_a_digest_only(filled: Archive) -> None:
    key, secret = create_key(filled.store, "desk", ["ask", "read"])
    assert find_key(filled.store, secret) == key
    assert find_key(filled.store, secret + "x") is None
    database = b"".join(path.read_bytes() for path in filled.store.folder.glob("archive.sqlite3*"))
    assert secret.encode() not in database
    assert secret.removeprefix("dateline_").encode() not in database


def test_a_revoked_key_stays_listed_and_an_archive_that_had_one_stays_closed(
    filled: Archive,
) -> None:
    assert not any_key(filled.store)
    key, secret = create_key(filled.store, "desk", ["ask"])
    revoked = revoke_key(filled.store, key.id)
    assert revoked.revoked_at is not None
    assert revoke_key(filled.store, key.id) == revoked
    assert list_keys(filled.store) == [revoked]
    assert any_key(filled.store)
    with client(filled) as asking:
        check_problem(asking.post("/v1/ask", json=ASKED), 401, "send a key")
        check_problem(asking.post("/v1/ask", json=ASKED, headers=bearer(secret)), 401, "revoked")


def test_what_is_no_key_is_refused(filled: Archive) -> None:
    for name, scopes, secret in (
        ("a", ["fly"], None),
        ("a", [], None),
        ("", ["ask"], None),
        ("a", ["ask"], "short"),
    ):
        with pytest.raises(BadInput):
            create_key(filled.store, name, scopes, secret)
    with pytest.raises(NotFound):
        revoke_key(filled.store, "key_none")
    assert list_keys(filled.store) == []


def test_admin_may_all_and_a_revoked_key_nothing() -> None:
    admin = Key("k", "n", frozenset({"admin"}), "2024-01-01")
    assert all(admin.may(scope) for scope in ("read", "ask", "ingest", "admin"))
    assert not Key("k", "n", frozenset({"admin"}), "2024-01-01", "2024-01-02").may("read")


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


def test_an_open_address_without_keys_is_not_served(cli: Cli) -> None:
    assert "keys create" in cli.refused("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104
    assert "keys create" in cli.refused("serve", "--host", "::", "--port", "0")


# with keys


def test_each_door_needs_its_scope(filled: Archive) -> None:
    secrets = {
        scope: create_key(filled.store, scope, [scope])[1]
        for scope in ("read", "ask", "ingest", "admin")
    }
    doors: list[tuple[str, str, Any, set[str]]] = [
        ("POST", "/v1/ask", ASKED, {"ask", "admin"}),
        (
            "POST",
            "/v1/chat/completions",
            {"messages": [{"role": "user", "content": QUESTION}]},
            {"ask", "admin"},
        ),
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
        for method, path, body, allowed in doors:
            check_problem(asking.request(method, path, json=body), 401, "send a key")
            check_problem(
                asking.request(method, path, json=body, headers=bearer("x" * 40)), 401, "unknown"
            )
            check_problem(
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
                    check_problem(reply, 403, f"lacks the scope '{min(allowed - {'admin'})}'")
        refused = asking.post("/v1/ask", json=ASKED)
        assert refused.headers["www-authenticate"].startswith("Bearer")


def test_no_route_is_open_by_oversight(filled: Archive) -> None:
    """Whatever route there is, an archive with keys asks for one, but for those that are meant to be open."""
    create_key(filled.store, "desk", ["ask"])
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
    key, secret = create_key(filled.store, "desk", ["ask"])
    with serving(filled, FirstSentenceModel()) as url:
        assert httpx.post(f"{url}/v1/ask", json=ASKED, headers=bearer(secret)).status_code == 200
        revoke_key(filled.store, key.id)
        check_problem(
            httpx.post(f"{url}/v1/ask", json=ASKED, headers=bearer(secret)), 401, "revoked"
        )


def test_a_limit_counts_for_each_key_and_route(filled: Archive) -> None:
    first, second = (create_key(filled.store, name, ["ask"])[1] for name in ("one", "two"))
    with client(filled, ask_limit="2/minute") as asking:
        for _ in range(2):
            assert asking.post("/v1/ask", json=ASKED, headers=bearer(first)).status_code == 200
        refused = asking.post("/v1/ask", json=ASKED, headers=bearer(first))
        check_problem(refused, 429, "2 requests in a minute")
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
    settings = Settings.load(first_key=given, data_dir=filled.store.folder, cache_dir=model_cache)
    run(settings, "0.0.0.0", 0, 1, log_json=False)  # noqa: S104
    with client(filled, client="203.0.113.9", host="x.example") as asking:
        assert asking.post("/v1/ask", json=ASKED, headers=bearer(given)).status_code == 200
    (key,) = list_keys(filled.store)
    revoke_key(filled.store, key.id)
    run(settings, "0.0.0.0", 0, 1, log_json=False)  # noqa: S104
    with client(filled) as asking:
        check_problem(asking.post("/v1/ask", json=ASKED, headers=bearer(given)), 401, "revoked")
    assert len(list_keys(filled.store)) == 1


def test_other_origins_are_not_allowed_unless_set(filled: Archive) -> None:
    asked = {"Origin": "https://desk.example", "Access-Control-Request-Method": "POST"}
    with client(filled) as asking:
        assert "access-control-allow-origin" not in asking.options("/v1/ask", headers=asked).headers
    with client(filled, cors_origins=("https://desk.example",)) as asking:
        reply = asking.options("/v1/ask", headers=asked)
        assert reply.headers["access-control-allow-origin"] == "https://desk.example"


def test_keys_on_the_command_line(cli: Cli) -> None:
    made = cli("keys", "create", "the desk", "--scope", "ask")
    secret = made.stdout.strip()
    assert len(secret) > 40
    identity = made.stderr.split()[0]
    listed = cli("keys", "list").stdout
    assert identity in listed
    assert "the desk" in listed
    assert secret not in listed
    assert "revoked" in cli("keys", "revoke", identity).stdout
    assert "revoked" in cli("keys", "list").stdout
    assert "scope 'fly'" in cli.refused("keys", "create", "x", "--scope", "fly")
    assert "no key 'nope'" in cli.refused("keys", "revoke", "nope")


# slow and greedy clients


@pytest.fixture
def impatient(filled: Archive, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr("api.http.protocol.SLOWEST_HEAD", 0.5)
    with serving(filled, FirstSentenceModel(), request_timeout=0.5) as url:
        yield int(url.rpartition(":")[2])


def test_a_client_that_dribbles_its_headers_is_cut_off(impatient: int) -> None:
    with socket.create_connection(("127.0.0.1", impatient), timeout=10) as line:
        line.sendall(b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\n")
        started = time.monotonic()
        assert line.recv(1000) == b""
        assert time.monotonic() - started < 5


def test_a_client_that_dribbles_its_body_is_told_and_cut_off(impatient: int) -> None:
    head = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    with socket.create_connection(("127.0.0.1", impatient), timeout=10) as line:
        line.sendall(head)
        assert b" 408 " in line.recv(1000).splitlines()[0]


def test_a_body_of_a_gigabyte_is_refused_before_it_is_sent(impatient: int) -> None:
    head = b"POST /v1/articles HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += b"Content-Length: 1073741824\r\n\r\n"
    with socket.create_connection(("127.0.0.1", impatient), timeout=10) as line:
        line.sendall(head)
        assert b" 413 " in line.recv(1000).splitlines()[0]


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%5c..%5cwindows", "%00"]
)
def test_an_id_is_never_a_path(impatient: int, path: str) -> None:
    with socket.create_connection(("127.0.0.1", impatient), timeout=10) as line:
        line.sendall(
            f"GET /v1/articles/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        reply = line.recv(65536)
        assert b" 404 " in reply.splitlines()[0]
        assert b"root:" not in reply


def test_kept_connections_may_rest_between_requests(impatient: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{impatient}") as line:
        assert line.get("/health/live").status_code == 200
        time.sleep(0.8)
        assert line.get("/health/live").status_code == 200
