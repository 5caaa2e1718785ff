"""ASGI wrappers around the whole application: they also see requests that match no route."""

import asyncio
import time
from http import HTTPStatus
from typing import Any, Final

from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import CLIENT_LEFT

# For every response without a policy of its own. The API's page needs its style, JSON nothing.
_HEADERS: Final = {
    b"content-security-policy": b"default-src 'none'; style-src 'self'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
}


def limit_request_time(app: ASGIApp, seconds: float) -> ASGIApp:
    """Answer 408 to a client that takes more than ``seconds`` to send its whole request."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        ends = time.monotonic() + seconds
        complete = scope["type"] != ScopeType.HTTP

        async def limited() -> Any:
            nonlocal complete
            if complete:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), max(0.001, ends - time.monotonic()))
            except TimeoutError:
                raise HTTPException(
                    status_code=HTTPStatus.REQUEST_TIMEOUT,
                    detail=f"the request was not sent within {seconds:g} seconds",
                    headers={"Connection": "close"},
                ) from None
            if message["type"] == "http.disconnect":
                raise HTTPException(
                    status_code=CLIENT_LEFT, detail="the client went away while it was sending"
                )
            complete = not message.get("more_body", False)
            return message

        await app(scope, limited, send)

    return wrapped


def answer_head(app: ASGIApp) -> ASGIApp:
    """Answer HEAD as GET without its body; litestar routes only the methods that are named."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["method"] != "HEAD":
            await app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        scope["method"] = "GET"  # in place: what the router adds to the scope is read outside
        await app(scope, receive, without_body)

    return wrapped


def harden_responses(app: ASGIApp) -> ASGIApp:
    """Add the headers that keep a browser from misreading a response.

    A request with both Content-Length and Transfer-Encoding is the last on its connection (RFC
    9112, 6.1): a proxy that believed the other header would take what follows for another's.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        requested = {name for name, _ in scope["headers"]}
        ambiguous = {b"content-length", b"transfer-encoding"} <= requested

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                given = {name.lower() for name, _ in headers}
                headers += [item for item in _HEADERS.items() if item[0] not in given]
                if ambiguous:
                    headers.append((b"connection", b"close"))
                message["headers"] = headers
            await send(message)

        await app(scope, receive, hardened)

    return wrapped
