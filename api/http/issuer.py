"""The public keys of an OAuth issuer, by discovery (RFC 8414, OpenID Connect Discovery).

Nothing of a token decides what is fetched: only the issuer that is set, and the address of its keys
that its own metadata names.
"""

import json
import logging
import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

import anyio
import httpx

_log = logging.getLogger("dateline")

_FRESH: Final = 3600  # seconds; then the keys are fetched again
_USABLE: Final = 86_400  # seconds that keys are used while the issuer cannot be reached
# Seconds between two fetches, whatever tokens come: one with an unknown key costs no more.
PAUSE: Final = 30
_TIMEOUT: Final = 5  # seconds for one document
_LARGEST: Final = 512 * 1024  # bytes
_MOST_KEYS: Final = 100

JsonObject = dict[str, Any]


class IssuerUnreachable(Exception):
    """The issuer's keys are not known, and cannot be fetched now."""


class IssuerKeys:
    """The keys of one issuer, fetched when they are needed. Belongs to one event loop."""

    def __init__(self, issuer: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._clock = clock
        self._keys: list[JsonObject] = []
        self._fetched_at: float | None = None
        self._next_fetch = float("-inf")
        self._fetching = anyio.Lock()

    async def find(self, key_id: str | None) -> JsonObject | None:
        """The key with this id as a JWK; without an id the only key there is.

        Keys that were rotated since they were fetched are found too. Raises IssuerUnreachable.
        """
        awaited = self._fetching.locked() and self._choose(key_id) is None
        if awaited or self._is_due(key_id):
            async with self._fetching:
                if self._is_due(key_id):  # another request may have fetched them meanwhile
                    await self._fetch()
        if self._fetched_at is None or self._clock() - self._fetched_at > _USABLE:
            raise IssuerUnreachable(f"the keys of {self._issuer} cannot be fetched")
        return self._choose(key_id)

    def _is_due(self, key_id: str | None) -> bool:
        now = self._clock()
        if now < self._next_fetch:
            return False
        stale = self._fetched_at is None or now - self._fetched_at > _FRESH
        return stale or self._choose(key_id) is None

    def _choose(self, key_id: str | None) -> JsonObject | None:
        if key_id is None:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.get("kid") == key_id), None)

    async def _fetch(self) -> None:
        """Replace the keys; after a failure the old ones stay."""
        self._next_fetch = self._clock() + PAUSE
        try:
            async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
                metadata = await self._metadata(client)
                document = await _get(client, metadata.get("jwks_uri"))
            self._keys = _signing_keys(document)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, _Unusable) as error:
            _log.warning("keys of %s: %s: %s", self._issuer, type(error).__name__, error)
        else:
            self._fetched_at = self._clock()

    async def _metadata(self, client: httpx.AsyncClient) -> JsonObject:
        """The issuer's metadata, at the first well-known place that has it."""
        failure: Exception = _Unusable("no metadata")
        for url in well_known(self._issuer):
            try:
                metadata = await _get(client, url)
            except (httpx.HTTPError, TimeoutError, _Unusable) as error:
                failure = error
                continue
            if metadata.get("issuer") != self._issuer:
                raise _Unusable(f"{url} names another issuer")
            return metadata
        raise failure


class _Unusable(Exception):
    """A document that is not what it should be."""


def well_known(issuer: str) -> list[str]:
    """Where an issuer's metadata may be, in the order in which MCP clients look."""
    parts = urlsplit(issuer)
    root, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    places = [
        f"{root}/.well-known/oauth-authorization-server{path}",
        f"{root}/.well-known/openid-configuration{path}",
    ]
    if path:
        places.append(f"{root}{path}/.well-known/openid-configuration")
    return places


def is_secure(url: str) -> bool:
    """Return True for https, and for http to this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")


async def _get(client: httpx.AsyncClient, url: object) -> JsonObject:
    """A JSON object. No redirects, and neither more time nor more bytes than it should take."""
    if not isinstance(url, str) or not is_secure(url):
        raise _Unusable(f"not an https address: {str(url)[:200]!r}")
    body = b""
    with anyio.fail_after(_TIMEOUT):
        async with client.stream("GET", url, headers={"Accept": "application/json"}) as response:
            if response.status_code != httpx.codes.OK:
                raise _Unusable(f"{url} answered {response.status_code}")
            async for part in response.aiter_bytes():
                body += part
                if len(body) > _LARGEST:
                    raise _Unusable(f"{url} is larger than {_LARGEST} bytes")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _Unusable(f"{url} is not JSON") from error
    if not isinstance(document, dict):
        raise _Unusable(f"{url} is not a JSON object")
    return document


def _signing_keys(document: JsonObject) -> list[JsonObject]:
    keys = document.get("keys")
    if not isinstance(keys, list) or len(keys) > _MOST_KEYS:
        raise _Unusable("not a set of keys")
    return [
        key
        for key in keys
        if isinstance(key, dict) and key.get("kty") != "oct" and key.get("use", "sig") == "sig"
    ]
