"""How clients reach the MCP server: mounted at /mcp of the HTTP service, or over stdio."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from litestar import asgi
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    PermissionDeniedException,
)
from litestar.handlers.base import BaseRouteHandler
from litestar.types import Receive, Scope, Send

from api.http.auth import Connection
from api.http.callers import Caller, called_by
from api.http.queue import QuestionQueue
from qa.archive.archive import Archive
from qa.extras import require
from qa.settings import Settings

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

SCOPES = ("read", "ask")  # what a caller needs, and what its tool `ask` needs


class Tools:
    """The server over HTTP: `handler` is mounted at /mcp and answers while `serving` is open."""

    def __init__(self, settings: Settings) -> None:
        self._public_url = settings.public_url
        self._own_origin = _origin_of(settings.public_url)
        self._streaming: StreamableHTTPSessionManager | None = None
        self._plain: StreamableHTTPSessionManager | None = None

        @asgi(
            "/mcp",
            is_mount=True,
            copy_scope=True,
            opt={"scope": SCOPES, "tokens": True},
            guards=[self._check_origin],
        )
        async def tools(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["method"] != "POST":  # type: ignore[typeddict-item]  # a mount may be a socket's, in types
                # Without sessions there is nothing to listen to, and an open stream would delay
                # every shutdown.
                raise MethodNotAllowedException(headers={"Allow": "POST"})
            manager = self._streaming if _takes_events(scope) else self._plain
            if manager is None:
                raise HTTPException(
                    status_code=HTTPStatus.SERVICE_UNAVAILABLE, detail="the service is stopping"
                )
            await manager.handle_request(scope, receive, send)  # type: ignore[arg-type]  # two spellings of ASGI

        self.handler = tools

    async def _check_origin(self, connection: Connection, _: BaseRouteHandler) -> None:
        """Refuse web pages of other sites (403), as the specification requires. A page whose name
        was made to point here sends that name as the host too, which `api.http.auth` checks.
        """
        origin = connection.headers.get("origin")
        cors = connection.app.cors_config
        if origin is None or origin.lower() == self._own_origin:
            return
        if cors is not None and cors.is_origin_allowed(origin):
            return
        if origin.partition("://")[2].lower() != connection.headers.get("host", "").lower():
            message = f"web pages of {origin[:80]} may not call this; see DATELINE_CORS_ORIGINS"
            raise PermissionDeniedException(detail=message)

    @asynccontextmanager
    async def serving(self, queue: QuestionQueue, archive: Archive) -> AsyncIterator[None]:
        from mcp.server.transport_security import TransportSecuritySettings

        from api.mcp.server import ArchiveServer

        # Hosts, keys and origins are checked before.
        unchecked = TransportSecuritySettings(enable_dns_rebinding_protection=False)

        async def run(stack: AsyncExitStack, *, plain: bool) -> "StreamableHTTPSessionManager":
            server = ArchiveServer(queue, archive, self._public_url)
            # No sessions, so any worker can answer any request.
            server.streamable_http_app(
                json_response=plain, stateless_http=True, transport_security=unchecked
            )
            await stack.enter_async_context(server.session_manager.run())
            return server.session_manager

        async with AsyncExitStack() as stack:
            self._streaming = await run(stack, plain=False)
            self._plain = await run(stack, plain=True)
            try:
                yield
            finally:
                self._streaming = self._plain = None


async def serve_stdio(settings: Settings) -> None:
    """Speak MCP on standard input and output until the client closes them."""
    from qa.bootstrap import open_answerer

    require("mcp", extra="mcp")
    from api.mcp.server import ArchiveServer

    caller = Caller("mcp", name="stdio")
    with open_answerer(settings) as (answerer, archive), called_by(caller):
        queue = QuestionQueue(answerer, archive, settings)
        try:
            await ArchiveServer(queue, archive, settings.public_url).run_stdio_async()
        finally:
            await queue.close()  # a question under way still reads the archive


def _origin_of(url: str | None) -> str | None:
    if url is None:
        return None
    address = urlsplit(url)
    return f"{address.scheme}://{address.netloc}".lower()


def _takes_events(scope: Scope) -> bool:
    """Return True for a client that takes a stream, which carries progress and whose end cancels.

    The specification asks that of every client; some simple ones take JSON alone.
    """
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept").lower()
    return any(kind in accepted for kind in (b"text/event-stream", b"text/*", b"*/*"))
