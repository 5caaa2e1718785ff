"""Who may come in: API keys with scopes, rate limits, and what stands open without any key.

Once a key exists, one is always required. Without any, only this machine is served: a loopback address, a localhost
Host header (a page of another site, whose name was made to point here, has another), and no forwarded headers (a
proxy in front does not open the archive).
"""

import ipaddress
import math
import time
from typing import Any, cast
from urllib.parse import urlsplit

from anyio import to_thread
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from litestar.connection import ASGIConnection
from litestar.exceptions import (
    HTTPException,
    NotAuthorizedException,
    PermissionDeniedException,
    TooManyRequestsException,
)
from litestar.handlers.base import BaseRouteHandler

from qa.archive.archive import Archive
from qa.archive.keys import Key, Scope, any_key, find_key
from qa.settings import Settings

Connection = ASGIConnection[Any, Any, Any, Any]

_LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}
_FORWARDED = ("forwarded", "via", "x-real-ip")
_FORWARDED_PREFIX = "x-forwarded-"
_LONGEST_SECRET = 512


class Access:
    """Guards every route. A handler says what it needs with ``opt={"scope": ...}``: a scope of `qa.archive.keys`, several of
    them, or None for what stands open (or knows its callers by other means). One that says nothing needs "admin".
    """

    def __init__(self, settings: Settings) -> None:
        limits = {
            "ask": settings.ask_limit,
            "read": settings.read_limit,
            "ingest": settings.ingest_limit,
        }
        self._limits: dict[str, RateLimitItem] = {
            scope: parse(limit) for scope, limit in limits.items()
        }
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Raises NotAuthorizedException (401), PermissionDeniedException (403), TooManyRequestsException (429)."""
        needed = cast("Scope | tuple[Scope, ...] | None", handler.opt.get("scope", "admin"))
        if needed is None:
            return
        scopes = needed if isinstance(needed, tuple) else (needed,)
        archive: Archive = connection.app.state.archive
        key = await to_thread.run_sync(self._key, archive, connection, scopes)
        if key is not None:
            connection.scope["state"]["key_id"] = key.id
            self._count(key, scopes[-1], connection)

    def may(self, connection: Connection, archive: Archive, scope: Scope) -> bool:
        """Whether the caller of an open route might do more."""
        try:
            self._key(archive, connection, (scope,))
        except HTTPException:
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
                    detail=f"without keys only this machine is served, and {fault}; make one: dateline keys create NAME"
                )
            return None
        key = find_key(archive.store, secret) if len(secret) <= _LONGEST_SECRET else None
        if key is None:
            if not any_key(archive.store) and not_local(connection) is None:
                return None  # a client that always sends something, as OpenAI's does
            raise _unauthorized("this key is unknown")
        if key.revoked_at is not None:
            raise _unauthorized("this key was revoked")
        for scope in scopes:
            if not key.may(scope):
                raise PermissionDeniedException(detail=f"this key lacks the scope '{scope}'")
        return key

    def _count(self, key: Key, scope: Scope, connection: Connection) -> None:
        limit = self._limits.get(scope)
        if limit is None:
            return
        route = str(connection.scope.get("path_template", ""))
        if not self._limiter.hit(limit, key.id, route):
            again = self._limiter.get_window_stats(limit, key.id, route).reset_time
            wait = max(1, math.ceil(again - time.time()))
            raise TooManyRequestsException(
                detail=f"more than {limit.amount} requests in a {limit.GRANULARITY.name} with this key;"
                f" try again in {wait} seconds",
                headers={"Retry-After": str(wait)},
            )


def not_local(connection: Connection) -> str | None:
    """Why a request may come from elsewhere; None when it comes from this machine, to this machine."""
    client = connection.client.host if connection.client is not None else ""
    if not loopback(client):
        return f"this request comes from {client}"
    host = connection.headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        name = None
    if name not in _LOCAL_NAMES:
        return f"this request is for the host '{host[:80]}'"
    for header in connection.headers:
        if header.lower() in _FORWARDED or header.lower().startswith(_FORWARDED_PREFIX):
            return f"this request was forwarded (header {header})"
    return None


def loopback(host: str) -> bool:
    """Whether an address is this machine's own."""
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
