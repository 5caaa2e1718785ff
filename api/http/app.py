"""The HTTP service: routes, problems, lifespan."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from anyio import to_thread
from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ASGIApp, Receive, Scope, Send

from api.chat.controller import Chats
from api.http import problems
from api.http.auth import Access
from api.http.metrics import observed
from api.http.openapi import PageOfOperations
from api.http.queue import Desk
from api.http.routes.answers import Answers
from api.http.routes.articles import Articles, Passages
from api.http.routes.chat import Chat
from api.http.routes.health import Health, Metrics
from api.http.routes.jobs import Jobs, working_on_jobs
from api.http.routes.page import Page
from api.http.routes.questions import Questions
from api.mcp import Tools
from qa.answering.answerer import Answerer
from qa.archive.archive import Archive
from qa.settings import Settings

MAX_BODY = 32 * 1024 * 1024  # bytes

OpenAnswerer = Callable[[], AbstractContextManager[tuple[Answerer, Archive]]]


def create_app(open_answerer: OpenAnswerer, settings: Settings) -> Litestar:
    """The service over whatever ``open_answerer`` opens; tests bring their own."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        opening = open_answerer()
        answerer, archive = await to_thread.run_sync(opening.__enter__)
        try:
            await to_thread.run_sync(answerer.prepare)
            app.state.archive, app.state.desk = archive, Desk(answerer, archive, settings)
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(working_on_jobs(archive, settings.write_wait))
                await stack.enter_async_context(tools.serving(app.state.desk, archive))
                yield
        finally:
            if "desk" in app.state:
                await app.state.desk.close()
            await to_thread.run_sync(opening.__exit__, None, None, None)

    access, tools = Access(settings), Tools()
    chats = Chats(settings)
    app = Litestar(
        [
            Page,
            Questions,
            Answers,
            Chat,
            Articles,
            Passages,
            Jobs,
            Health,
            Metrics,
            tools.handler,
            *chats.routers,
        ],
        lifespan=[lifespan, chats.serving],  # a chat's question ends before the desk closes
        plugins=[problems.plugin],
        guards=[json_only, access.guard],
        dependencies={
            "desk": Provide(_desk, sync_to_thread=False),
            "archive": Provide(_archive, sync_to_thread=False),
            "access": Provide(lambda: access, sync_to_thread=False),
            "settings": Provide(lambda: settings, sync_to_thread=False),
        },
        request_max_body_size=MAX_BODY,
        logging_config=None,  # `api.http.server` says how; a library that serves us elsewhere is not overruled
        cors_config=CORSConfig(allow_origins=list(settings.cors_origins))
        if settings.cors_origins
        else None,
        openapi_config=OpenAPIConfig(
            title="Dateline",
            version=version("dateline"),
            description="Ask a news archive a question; get the answer, the sentence that says so, and its date.",
            use_handler_docstrings=True,
            openapi_router=Router(
                path="/schema", route_handlers=[], opt={"scope": None}, include_in_schema=False
            ),
            render_plugins=[
                JsonRenderPlugin(path=["/", "/openapi.json"]),
                PageOfOperations(path="/docs"),
            ],
            components=Components(
                security_schemes={
                    "key": SecurityScheme(type="http", scheme="bearer", description="An API key")
                }
            ),
            security=[{"key": []}],
        ),
    )
    app.asgi_handler = observed(patient(app.asgi_handler, settings.request_timeout))
    return app


def _desk(state: State) -> Desk:
    desk: Desk = state.desk
    return desk


def _archive(state: State) -> Archive:
    archive: Archive = state.archive
    return archive


async def json_only(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """A body of another form is refused by name, not by what goes wrong when it is read as JSON."""
    if connection.scope.get("method") not in ("POST", "PUT") or handler.opt.get("any_body"):
        return
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not (kind == "application/json" or kind.endswith("+json")):
        raise HTTPException(
            status_code=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            detail=f"the body must be application/json, this is '{kind or 'of no content type'}'",
        )


def patient(app: ASGIApp, seconds: float) -> ASGIApp:
    """The application, whose clients have ``seconds`` to send their whole request: one that dribbles its body holds
    nothing open for longer.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        started = time.monotonic()
        whole = scope["type"] != ScopeType.HTTP

        async def receiving() -> Any:
            nonlocal whole
            if whole:
                return await receive()
            try:
                message = await asyncio.wait_for(
                    receive(), max(0.001, started + seconds - time.monotonic())
                )
            except TimeoutError:
                raise HTTPException(
                    status_code=HTTPStatus.REQUEST_TIMEOUT,
                    detail=f"the request was not sent within {seconds:g} seconds",
                    headers={"Connection": "close"},
                ) from None
            if message["type"] == "http.disconnect":
                raise HTTPException(
                    status_code=problems.CLIENT_LEFT,
                    detail="the client went away while it was sending",
                )
            whole = not message.get("more_body", False)
            return message

        await app(scope, receiving, send)

    return wrapped
