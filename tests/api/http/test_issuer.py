"""Where an issuer's keys come from, how often they are fetched, and what is refused."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import pytest
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from api.http.issuer import PAUSE, IssuerKeys, IssuerUnreachable, is_secure, well_known
from tests.support.issuer import Issuer, issuing

HOUR, DAY = 3600, 86_400


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


def find(keys: IssuerKeys, key_id: str | None) -> dict[str, Any] | None:
    return anyio.run(keys.find, key_id)


def test_metadata_is_looked_for_where_clients_look() -> None:
    assert well_known("https://a.example/") == [
        "https://a.example/.well-known/oauth-authorization-server",
        "https://a.example/.well-known/openid-configuration",
    ]
    assert well_known("https://a.example/realms/news") == [
        "https://a.example/.well-known/oauth-authorization-server/realms/news",
        "https://a.example/.well-known/openid-configuration/realms/news",
        "https://a.example/realms/news/.well-known/openid-configuration",
    ]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_keys_are_found_wherever_the_metadata_is(issuer: Issuer, place: int) -> None:
    server = issuer.url
    issuer.url = f"{server}/realms/news"
    issuer.path = well_known(issuer.url)[place].removeprefix(server)
    issuer.metadata = {"jwks_uri": f"{server}/keys"}
    (key_id,) = issuer.keys
    found = find(IssuerKeys(issuer.url), key_id)
    assert found is not None
    assert found["kid"] == key_id
    assert find(IssuerKeys(issuer.url), None) == found, "the only key needs no name"


def test_keys_are_fetched_once_in_an_hour_and_an_unknown_one_costs_a_fetch_in_a_pause(
    issuer: Issuer,
) -> None:
    clock = Clock()
    keys = IssuerKeys(issuer.url, clock)
    (old,) = issuer.keys
    for _ in range(3):
        assert find(keys, old) is not None
        assert find(keys, "unknown") is None
    assert issuer.fetched == 1
    issuer.rotate()
    (new,) = issuer.keys
    assert find(keys, new) is None, "within the pause"
    clock.now += PAUSE + 1
    assert find(keys, new) is not None
    assert find(keys, old) is None, "withdrawn"
    assert issuer.fetched == 2
    clock.now += HOUR + 1
    assert find(keys, new) is not None
    assert issuer.fetched == 3


def test_many_at_once_fetch_once(issuer: Issuer) -> None:
    keys = IssuerKeys(issuer.url)

    async def run() -> None:
        async with anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(keys.find, f"unknown {number}")

    anyio.run(run)
    assert issuer.fetched == 1


def test_a_token_that_comes_while_the_keys_are_fetched_waits_for_them(issuer: Issuer) -> None:
    keys = IssuerKeys(issuer.url)
    (key_id,) = issuer.keys
    issuer.delay = 0.2
    found = []

    async def look() -> None:
        found.append(await keys.find(key_id))

    async def run() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(look)
            await anyio.sleep(0.1)
            group.start_soon(look)

    anyio.run(run)
    assert [key is not None for key in found] == [True, True]
    assert issuer.fetched == 1


def test_known_keys_outlive_an_outage_of_a_day_and_no_longer(issuer: Issuer) -> None:
    clock = Clock()
    keys = IssuerKeys(issuer.url, clock)
    (key_id,) = issuer.keys
    assert find(keys, key_id) is not None
    issuer.keys_response = Response(status_code=500)
    clock.now = DAY
    assert find(keys, key_id) is not None
    clock.now = DAY + 1
    with pytest.raises(IssuerUnreachable, match=issuer.url):
        find(keys, key_id)
    issuer.keys_response = None
    clock.now += PAUSE
    assert find(keys, key_id) is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"jwks_uri": "http://keys.example/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"jwks_uri": "https://"},
        {"jwks_uri": "https://[::1"},
        {"jwks_uri": ["https://keys.example"]},
    ],
)
def test_metadata_of_another_issuer_or_with_keys_elsewhere_than_https_is_refused(
    issuer: Issuer, changed: dict[str, Any]
) -> None:
    issuer.metadata = changed
    with pytest.raises(IssuerUnreachable):
        find(IssuerKeys(issuer.url), None)
    assert issuer.fetched == 0


@pytest.mark.parametrize(
    "response",
    [
        RedirectResponse("/moved"),
        Response("[" * 100_000),
        Response("not JSON"),
        JSONResponse(["keys"]),
        JSONResponse({"keys": "many"}),
        JSONResponse({"keys": [{}] * 101}),
        Response(b'{"keys": []}' + b" " * (512 * 1024)),
    ],
)
def test_keys_that_are_none_too_many_or_elsewhere_are_refused(
    issuer: Issuer, response: Response
) -> None:
    issuer.keys_response = response
    with pytest.raises(IssuerUnreachable):
        find(IssuerKeys(issuer.url), None)


def test_keys_that_trickle_in_are_given_up(issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part comes in time, the whole does not."""

    async def parts() -> AsyncIterator[bytes]:
        yield b'{"keys": []}'
        for _ in range(40):
            await anyio.sleep(0.05)
            yield b" "

    issuer.keys_response = StreamingResponse(parts())
    monkeypatch.setattr("api.http.issuer._TIMEOUT", 0.3)
    with pytest.raises(IssuerUnreachable):
        find(IssuerKeys(issuer.url), None)


def test_secrets_and_keys_for_encryption_are_left_out(issuer: Issuer) -> None:
    issuer.published = [
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
        {"kty": "RSA", "kid": "for encryption", "use": "enc"},
    ]
    keys = IssuerKeys(issuer.url)
    assert find(keys, "secret") is None
    assert find(keys, "for encryption") is None
    assert find(keys, None) is not None, "one is left"


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("https://a.example/keys", True),
        ("http://127.0.0.1:9/keys", True),
        ("http://localhost/keys", True),
        ("http://localhost.evil.example/keys", False),
        ("http://a.example/keys", False),
        ("ftp://a.example/keys", False),
        ("https://", False),
        ("", False),
    ],
)
def test_only_https_and_loopback_are_fetched(url: str, secure: bool) -> None:
    assert is_secure(url) is secure
