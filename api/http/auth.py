"""Access: API keys and OAuth tokens with scopes and rights, rate limits, and what is open to all.

Once a key exists, one is always required. Without any, only this machine is served: a loopback
address, a localhost Host header (a page of another site, whose name was made to point here, sends
another), and no forwarded headers (a proxy in front does not open the archive).

Where an OAuth issuer is set, routes with ``opt={"tokens": True}`` take its tokens beside keys, and
are never open without either.
"""

import ipaddress
from contextlib import nullcontext
from http import HTTPStatus
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

from api.http import callers
from api.http.callers import Identity, Quota
from api.http.issuer import PAUSE, IssuerUnreachable
from api.http.limits import Limit
from api.http.tokens import Tokens, WrongToken, looks_like_token
from qa.archive.archive import Archive
from qa.archive.keys import Key, Scope, any_key, find_key
from qa.archive.store import Store
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

    A handler states what it needs with ``opt={"scope": ...}``: a scope of `qa.archive.keys`, or
    None where it is open or identifies its callers by other means. The default is "admin". Of
    several scopes the first is needed, and the last that the caller has is the one whose limit
    holds. With ``opt={"shared": True}`` it is open to callers without a key where answers are
    public, within the limit of reads by address; a key that is sent counts all the same.
    """

    def __init__(self, settings: Settings, tokens: Tokens | None = None) -> None:
        self._tokens = tokens
        self._limits = {
            "ask": Limit.parse(settings.ask_limit),
            "read": Limit.parse(settings.read_limit),
            "ingest": Limit.parse(settings.ingest_limit),
        }
        self._public_answers = settings.public_answers
        self._wrong_keys = Limit(_WRONG_KEYS_A_MINUTE, "minute")
        self._restricted = frozenset(settings.restricted_rights)

    def hidden(self) -> frozenset[str]:
        """The rights whose articles the current caller may not see; see `Store`."""
        return self._restricted - callers.current().rights

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """Raises NotAuthorizedException (401), PermissionDeniedException (403) or
        TooManyRequestsException (429).
        """
        needed = cast("Scope | tuple[Scope, ...] | None", handler.opt.get("scope", "admin"))
        archive: Archive = connection.app.state.archive
        if needed is None:
            return
        is_shared = self._public_answers and handler.opt.get("shared", False)
        if is_shared and "authorization" not in connection.headers:
            address = _address(connection)
            by = f"from {address}"
            await to_thread.run_sync(self._count, archive.store, by, by, "read", connection)
            return
        scopes = needed if isinstance(needed, tuple) else (needed,)
        tokens = self._tokens if handler.opt.get("tokens") else None
        with nullcontext() if tokens is None else tokens.challenging(connection):
            presented = None
            if tokens is not None:
                presented = await self._presented(tokens, archive.store, connection)
            key = await to_thread.run_sync(self._admit, archive, connection, scopes, presented)
            if key is None and tokens is not None:
                raise _unauthorized("send a key or an access token")

    def _admit(
        self,
        archive: Archive,
        connection: Connection,
        scopes: tuple[Scope, ...],
        presented: Key | None,
    ) -> Key | None:
        try:
            key = presented or self._key(archive, connection)
        except _WrongKey as error:
            self._count_wrong_key(archive.store, connection)
            raise _unauthorized(str(error)) from error
        if key is None:
            return None
        if not key.may(scopes[0]):
            what = "key" if presented is None else "token"
            raise PermissionDeniedException(detail=f"this {what} lacks the scope '{scopes[0]}'")
        connection.scope["state"]["key_id"] = key.id
        callers.current().identity = Identity.of(key)
        counted = [scope for scope in scopes if key.may(scope)][-1]
        self._count(archive.store, key.id, "with this key", counted, connection)
        return key

    async def _presented(self, tokens: Tokens, store: Store, connection: Connection) -> Key | None:
        """What an access token says, in the form of a key; None for a key.

        Raises NotAuthorizedException (401), TooManyRequestsException (429), and HTTPException (503)
        when the issuer cannot be reached.
        """
        secret = _secret(connection)
        if secret is None:
            raise _unauthorized("send a key or an access token")
        if not looks_like_token(secret):
            return None
        try:
            return await tokens.identify(secret)
        except WrongToken as error:
            await to_thread.run_sync(self._count_wrong_key, store, connection)
            raise _unauthorized(str(error)) from error
        except IssuerUnreachable as error:
            raise HTTPException(
                status_code=HTTPStatus.SERVICE_UNAVAILABLE,
                detail=f"the token's issuer cannot be reached; try again in {PAUSE} seconds",
                headers={"Retry-After": str(PAUSE)},
            ) from error

    def may(self, connection: Connection, archive: Archive, scope: Scope) -> bool:
        """Return True if the caller of an open route also has this scope."""
        try:
            key = self._key(archive, connection)
        except (HTTPException, _WrongKey):
            return False
        return key is None or key.may(scope)

    def _key(self, archive: Archive, connection: Connection) -> Key | None:
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
        return key

    def _count(
        self, store: Store, caller: str, by: str, scope: Scope, connection: Connection
    ) -> None:
        limit = self._limits.get(scope)
        if limit is None:
            return
        route = str(connection.scope.get("path_template", ""))
        counted = limit.count(store, f"{caller} {route}")
        callers.current().quotas[scope] = Quota(
            limit.amount, limit.rate.seconds, counted.left, counted.reset
        )
        if not counted.granted:
            done = f"{limit.amount} requests per {limit.unit} {by}"
            raise _too_many(done, counted.reset)

    def _count_wrong_key(self, store: Store, connection: Connection) -> None:
        """Limits guessing only: a valid key from the same address (of a proxy) still works."""
        client = _address(connection)
        counted = self._wrong_keys.count(store, f"wrong keys {client}")
        if not counted.granted:
            done = f"{self._wrong_keys.amount} wrong keys per minute from {client}"
            raise _too_many(done, counted.reset)


class _WrongKey(Exception):
    """A key that is unknown or revoked."""


def not_local(connection: Connection) -> str | None:
    """Why a request may come from elsewhere; None for one from this machine to this machine."""
    client = _address(connection)
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


def _address(connection: Connection) -> str:
    return connection.client.host if connection.client is not None else ""


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
