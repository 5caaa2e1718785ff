"""The page on which a person judges drafts: one folder, on this machine only.

Its address has a random token, so that no other page or user of this machine can read or write.
"""

import secrets
from collections.abc import Callable
from importlib.resources import files
from typing import Any, Final

from litestar import Litestar, MediaType, Response, get, post
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, NotFoundException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.plugins.problem_details import ProblemDetailsConfig, ProblemDetailsPlugin

from eval.drafting.draft import Change, DraftFolder
from qa.errors import BadInput, NotFound

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address has the token
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_TYPES: Final = {"review.css": "text/css", "review.js": "text/javascript"}
_NAMES = ("127.0.0.1", "localhost")  # another name for this machine is somebody's trick
_LARGEST = 100_000  # bytes of a decision

Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], None]


def create_page(folder: DraftFolder, token: str, port: int) -> Litestar:
    """The page, at ``/TOKEN/``. Any other address does not exist."""

    @get("/", sync_to_thread=False)
    def index() -> Response[bytes]:
        return Response(_file("index.html"), media_type="text/html", headers=_HEADERS)

    @get("/{name:str}", sync_to_thread=False)
    def static(name: FromPath[str]) -> Response[bytes]:
        if name not in _TYPES:
            raise NotFoundException(detail="no such file")
        return Response(_file(name), media_type=_TYPES[name], headers=_HEADERS)

    @get("/drafts", sync_to_thread=False)
    def drafts() -> Response[dict[str, Any]]:
        listed = [draft.model_dump(mode="json") for draft in folder.drafts]
        content = {"folder": str(folder.path), "drafts": listed}
        return Response(content, headers=_HEADERS)

    @post("/drafts/{case_id:str}", status_code=200, sync_to_thread=True)
    def decide(case_id: FromPath[str], data: JSONBody[Change]) -> Response[dict[str, Any]]:
        try:
            decided = folder.decide(case_id, data)
        except NotFound as error:
            raise NotFoundException(detail=str(error)) from error
        return Response(decided.model_dump(mode="json"), headers=_HEADERS)

    return Litestar(
        [index, static, drafts, decide],
        path="/{token:str}",
        guards=[_guard(token, port)],
        allowed_hosts=AllowedHostsConfig([f"{name}:{port}" for name in _NAMES]),
        plugins=[ProblemDetailsPlugin(ProblemDetailsConfig(enable_for_all_http_exceptions=True))],
        exception_handlers={BadInput: _refused},
        request_max_body_size=_LARGEST,
        openapi_config=None,
        logging_config=None,
    )


def _guard(token: str, port: int) -> Guard:
    """Admit who knows the token, and no page of another origin."""
    own = {f"http://{name}:{port}" for name in _NAMES}

    def check(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        given = str(connection.path_params.get("token", "")).encode()
        if not secrets.compare_digest(given, token.encode()):
            raise NotFoundException(detail="no such page")
        origin = connection.headers.get("origin")
        if origin is not None and origin not in own:
            raise PermissionDeniedException(detail="another page may not write here")
        kind = connection.headers.get("content-type", "")
        if connection.scope.get("method") == "POST" and kind.split(";")[0] != MediaType.JSON:
            raise HTTPException(detail="a decision is JSON", status_code=415)

    return check


def _refused(_: object, error: Exception) -> Response[dict[str, Any]]:
    content = {"status": 400, "title": "Bad Request", "detail": str(error)}
    return Response(content, status_code=400, media_type="application/problem+json")


def _file(name: str) -> bytes:
    return (files("eval.drafting") / "static" / name).read_bytes()
