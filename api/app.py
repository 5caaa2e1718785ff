"""The HTTP service: routes, problems, lifespan."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from http import HTTPStatus
from importlib.metadata import version

from anyio import to_thread
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin

from api import problems
from api.answers import Answers
from api.articles import Articles, Passages
from api.chat import Chat
from api.health import Health
from api.questions import Questions
from qa.answerer import Answerer
from qa.bootstrap import Archive
from qa.settings import Settings

MAX_BODY = 32 * 1024 * 1024  # bytes

OpenAnswerer = Callable[[], AbstractContextManager[tuple[Answerer, Archive]]]


def create_app(open_answerer: OpenAnswerer, settings: Settings) -> Litestar:
    """The service over whatever ``open_answerer`` opens; tests bring their own."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        opening = open_answerer()
        app.state.answerer, app.state.archive = await to_thread.run_sync(opening.__enter__)
        try:
            await to_thread.run_sync(app.state.answerer.prepare)
            yield
        finally:
            await to_thread.run_sync(opening.__exit__, None, None, None)

    return Litestar(
        [Questions, Answers, Chat, Articles, Passages, Health],
        lifespan=[lifespan],
        plugins=[problems.plugin],
        guards=[json_only],
        dependencies={
            "answerer": Provide(_answerer, sync_to_thread=False),
            "archive": Provide(_archive, sync_to_thread=False),
            "settings": Provide(lambda: settings, sync_to_thread=False),
        },
        request_max_body_size=MAX_BODY,
        openapi_config=OpenAPIConfig(
            title="Dateline",
            version=version("dateline"),
            description="Ask a news archive a question; get the answer, the sentence that says so, and its date.",
            path="/schema",
            render_plugins=[JsonRenderPlugin(path=["/", "/openapi.json"]), YamlRenderPlugin()],
        ),
    )


def _answerer(state: State) -> Answerer:
    answerer: Answerer = state.answerer
    return answerer


def _archive(state: State) -> Archive:
    archive: Archive = state.archive
    return archive


async def json_only(connection: ASGIConnection, _: BaseRouteHandler) -> None:  # type: ignore[type-arg]  # litestar's four parameters say nothing here
    """A body of another form is refused by name, not by what goes wrong when it is read as JSON."""
    kind = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if connection.scope.get("method") in ("POST", "PUT") and not (kind == "application/json" or kind.endswith("+json")):
        raise HTTPException(
            status_code=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            detail=f"the body must be application/json, this is '{kind or 'of no content type'}'",
        )
