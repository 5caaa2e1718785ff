"""The HTTP service: routes, problems, lifespan."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from http import HTTPStatus
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from litestar import Litestar, Router
from litestar.config.cors import CORSConfig
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.plugins.pydantic import PydanticPlugin

from api.http import problems
from api.http.auth import Access
from api.http.callers import state_quotas
from api.http.metrics import count_requests
from api.http.middleware import answer_head, harden_responses, limit_request_time
from api.http.openapi import PageOfOperations
from api.http.queue import QuestionQueue
from api.http.routes.answers import Answers
from api.http.routes.articles import Articles, Passages
from api.http.routes.audit import Audit, expiring
from api.http.routes.browsing import Counting
from api.http.routes.chat import Chat
from api.http.routes.feedback import FeedbackRoute
from api.http.routes.health import Health, Metrics
from api.http.routes.jobs import Jobs, working_on_jobs
from api.http.routes.page import Page
from api.http.routes.questions import Questions
from api.http.routes.responses import Responses
from api.http.routes.robots import Robots
from api.http.routes.shared import AnswerPages, Embeds, Exports
from api.http.routes.status import Sources, StatusRoute, following
from api.http.routes.suggestions import Suggestions, suggesting
from api.http.routes.watches import Watches, attending_watches
from api.http.runs import Runs
from api.http.tokens import Tokens
from api.http.writes import Writes
from api.mcp.transport import Tools
from api.webhook import Webhook
from qa.answering.answerer import Answerer
from qa.archive.archive import Archive
from qa.extras import chats_are_set, installed
from qa.settings import Settings

if TYPE_CHECKING:
    from api.chat.controller import Chats

MAX_BODY = 32 * 1024 * 1024  # bytes

OpenAnswerer = Callable[[], AbstractContextManager[tuple[Answerer, Archive]]]


def create_app(open_answerer: OpenAnswerer, settings: Settings) -> Litestar:
    """The service over whatever ``open_answerer`` opens; tests bring their own."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        opening = open_answerer()
        answerer, archive = await to_thread.run_sync(opening.__enter__)
        archive.store.hidden = access.hidden
        try:
            await to_thread.run_sync(answerer.prepare)
            app.state.archive, app.state.queue = archive, QuestionQueue(answerer, archive, settings)
            app.state.runs = Runs(archive, kept=settings.answers_kept > 0)
            async with AsyncExitStack() as stack:
                await stack.enter_async_context(working_on_jobs(archive, settings.write_wait))
                await stack.enter_async_context(
                    attending_watches(archive, app.state.queue, webhook)
                )
                await stack.enter_async_context(expiring(app.state.queue.logbook))
                if settings.suggestions:
                    await stack.enter_async_context(suggesting(archive, app.state.queue, settings))
                if settings.follow:
                    await stack.enter_async_context(following(archive, settings))
                if tools is not None:
                    await stack.enter_async_context(tools.serving(app.state.queue, archive))
                yield
        finally:
            if "queue" in app.state:
                await app.state.runs.close()
                await app.state.queue.close()
            await to_thread.run_sync(opening.__exit__, None, None, None)

    webhook = Webhook.of(settings)
    tokens = Tokens.of(settings)
    access, writes = Access(settings, tokens), Writes(settings.write_wait)
    tools = Tools(settings) if installed("mcp") else None  # without its extra there is no /mcp
    chats = _open_chats(settings)
    app = Litestar(
        [
            Page,
            Questions,
            Answers,
            FeedbackRoute,
            Audit,
            AnswerPages,
            Embeds,
            Exports,
            Robots,
            Chat,
            Responses,
            Articles,
            Passages,
            Counting,
            Suggestions,
            Jobs,
            Watches,
            Health,
            Metrics,
            StatusRoute,
            Sources,
            *([] if tools is None else [tools.handler]),
            *([] if tokens is None else [tokens.handler]),
            *([] if chats is None else chats.routers),
        ],
        # A chat's question ends before the queue closes.
        lifespan=[lifespan] if chats is None else [lifespan, chats.serving],
        plugins=[
            problems.plugin,
            # None: as each field says. False, the default, would make "3" a StrictInt.
            PydanticPlugin(validate_strict=None),  # type: ignore[arg-type]  # declared as bool
        ],
        guards=[json_only, access.guard],
        dependencies={
            "queue": Provide(_queue, sync_to_thread=False),
            "runs": Provide(_runs, sync_to_thread=False),
            "archive": Provide(_archive, sync_to_thread=False),
            "writes": Provide(lambda: writes, sync_to_thread=False),
            "access": Provide(lambda: access, sync_to_thread=False),
            "settings": Provide(lambda: settings, sync_to_thread=False),
        },
        request_max_body_size=MAX_BODY,
        logging_config=None,  # `api.http.server` configures logging; another host has its own
        cors_config=CORSConfig(
            allow_origins=list(settings.cors_origins),
            expose_headers=["RateLimit", "RateLimit-Policy", "Retry-After"],
        )
        if settings.cors_origins
        else None,
        openapi_config=OpenAPIConfig(
            title="Dateline",
            version=version("dateline"),
            description="Ask a news archive a question; get the answer, the sentence that says so,"
            " and its date.",
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
    limited = limit_request_time(app.asgi_handler, settings.request_timeout)
    app.asgi_handler = count_requests(state_quotas(harden_responses(answer_head(limited))))
    return app


def _open_chats(settings: Settings) -> "Chats | None":
    """The chats that are set up. Nothing of the chat extra is imported where none is."""
    if not chats_are_set(settings):
        return None
    from api.chat.controller import Chats

    return Chats(settings)


def _queue(state: State) -> QuestionQueue:
    queue: QuestionQueue = state.queue
    return queue


def _runs(state: State) -> Runs:
    runs: Runs = state.runs
    return runs


def _archive(state: State) -> Archive:
    archive: Archive = state.archive
    return archive


async def json_only(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """Refuse a body of another type by name, not by what goes wrong when it is read as JSON."""
    if connection.scope.get("method") not in ("POST", "PUT") or handler.opt.get("any_body"):
        return
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not (kind == "application/json" or kind.endswith("+json")):
        described = f"'{kind}'" if kind else "no content type"
        raise HTTPException(
            status_code=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            detail=f"the body must be application/json, got {described}",
        )
