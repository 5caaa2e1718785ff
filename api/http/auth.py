"""Access: API keys with scopes, rate limits, and what is open without a key.

Once a key exists, one is always required. Without any, only this machine is served: a loopback
address, a localhost Host header (a page of another site, whose name was made to point here, sends
another), and no forwarded headers (a proxy in front does not open the archive).
"""

import ipaddress
from typing import Any, Final, cast
from urllib.parse import urlsplit

from anyio import to_thread
from litestar.connection import ASGIConnection
from litestar.exceptions import (
    HTTPException,
    NotAuthorizedException,
    PermissionDeniedException,
    TooManyRequestsException,
)
from litestar.handlers.base import BaseRouteHandler

from api.http.limits import Limit
from qa.archive.archive import Archive
from qa.archive.keys import Key, Scope, any_key, find_key
from qa.settings import Settings

Connection = ASGIConnection[Any, Any, Any, Any]

_LOCAL_NAMES: Final = {"localhost", "127.0.0.1", "::1"}
_FORWARDED: Final = {
    "cf-connecting-ip",
    "forwarded",
    "true-client-ip",
    "via",
    "x-client-ip",
    "x-original-forwarded-for",
    "x-real-ip",
}
_FORWARDED_PREFIX = "x-forwarded-"
_LONGEST_SECRET = 512
_WRONG_KEYS_A_MINUTE = 30  # from one address


class Access:
    """Guards every route.

    A handler states what it needs with ``opt={"scope": ...}``: a scope of `qa.archive.keys`,
    several of them, or None where it is open or identifies its callers by other means. The default
    is "admin". With ``opt={"shared": True}`` it is open to callers without a key where answers are
    public; a key that is sent counts all the same.
    """

    def __init__(self, settings: Settings) -> None:
        self._limits = {
            "ask": Limit.parse(settings.ask_limit),
            "read": Limit.parse(settings.read_limit),
            "ingest": Limit.parse(settings.ingest_limit),
        }
        self._public_answers = settings.public_answers
        self._wrong_keys = Limit(_WRONG_KEYS_A_MINUTE, "minute")

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Raises NotAuthorizedException (401), PermissionDeniedException (403) or
        TooManyRequestsException (429).
        """
        needed = cast("Scope | tuple[Scope, ...] | None", handler.opt.get("scope", "admin"))
        if needed is None:
            return
        is_shared = self._public_answers and handler.opt.get("shared", False)
        if is_shared and "authorization" not in connection.headers:
            return
        scopes = needed if isinstance(needed, tuple) else (needed,)
        archive: Archive = connection.app.state.archive
        try:
            key = await to_thread.run_sync(self._key, archive, connection, scopes)
        except _WrongKey as error:
            self._count_wrong_key(connection)
            raise _unauthorized(str(error)) from error
        if key is not None:
            connection.scope["state"]["key_id"] = key.id
            self._count(key, scopes[-1], connection)

    def may(self, connection: Connection, archive: Archive, scope: Scope) -> bool:
        """Return True if the caller of an open route also has this scope."""
        try:
            self._key(archive, connection, (scope,))
        except (HTTPException, _WrongKey):
            return False
        return True

    def _key(
        self, archive: Archive, connection: Connection, scopes: tuple[Scope, ...]
    ) -> Key | None:
        """The caller's key; None for a local caller of an archive without keys."""
        secret = _secret(connection)
        if secret is None:
            if any_key(archive.store):
                raise _unauthorized("send a key: Authorization: Bearer KEY")
            if (fault := not_local(connection)) is not None:
                raise PermissionDeniedException(
                    detail=f"without keys only this machine is served, and {fault}; create one:"
                    " dateline keys create NAME"
                )
            return None
        key = find_key(archive.store, secret) if len(secret) <= _LONGEST_SECRET else None
        if key is None:
            if not any_key(archive.store) and not_local(connection) is None:
                return None  # a client that always sends something, as OpenAI's does
            raise _WrongKey("this key is unknown")
        if key.revoked_at is not None:
            raise _WrongKey("this key was revoked")
        for scope in scopes:
            if not key.may(scope):
                raise PermissionDeniedException(detail=f"this key lacks the scope '{scope}'")
        return key

    def _count(self, key: Key, scope: Scope, connection: Connection) -> None:
        limit = self._limits.get(scope)
        if limit is None:
            return
        route = str(connection.scope.get("path_template", ""))
        if wait := limit.count((key.id, route)):
            raise _too_many(f"{limit.amount} requests in a {limit.unit} with this key", wait)

    def _count_wrong_key(self, connection: Connection) -> None:
        """Limits guessing only: a valid key from the same address (of a proxy) still works."""
        client = connection.client.host if connection.client is not None else ""
        if wait := self._wrong_keys.count(client):
            raise _too_many(f"{self._wrong_keys.amount} wrong keys in a minute from {client}", wait)


class _WrongKey(Exception):
    """A key that is unknown or revoked."""


def not_local(connection: Connection) -> str | None:
    """Why a request may come from elsewhere; None for one from this machine to this machine."""
    client = connection.client.host if connection.client is not None else ""
    if not loopback(client):
        return f"this request comes from {client}"
    host = connection.headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        name = None
    if name not in _LOCAL_NAMES or "@" in host:
        return f"this request is for the host '{host[:80]}'"
    for header in connection.headers:
        name = header.lower()
        if name in _FORWARDED or name.startswith(_FORWARDED_PREFIX):
            return f"this request was forwarded (header {header})"
    return None


def loopback(host: str) -> bool:
    """Return True for an address of this machine's own."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _secret(connection: Connection) -> str | None:
    """Raises NotAuthorizedException for a header of another form."""
    given = connection.headers.get("authorization")
    if given is None:
        return None
    kind, _, secret = given.partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise _unauthorized("the Authorization header must be: Bearer KEY")
    return secret.strip()


def _unauthorized(detail: str) -> NotAuthorizedException:
    return NotAuthorizedException(
        detail=detail, headers={"WWW-Authenticate": 'Bearer realm="dateline"'}
    )


def _too_many(counted: str, wait: int) -> TooManyRequestsException:
    return TooManyRequestsException(
        detail=f"more than {counted}; try again in {wait} seconds",
        headers={"Retry-After": str(wait)},
    )
