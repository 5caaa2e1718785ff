"""The web page at `/`: three static files, and headers that keep a browser from doing more with them than is meant."""

import hashlib
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final

from litestar import Controller, Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

# Nothing comes from elsewhere, nothing stands inline, nobody frames the page: an article's text has no way to act.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",  # kept, but asked about each time: an upgrade is seen at once
}
_TYPES: Final = {"index.html": "text/html", "page.css": "text/css", "page.js": "text/javascript"}


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    media_type: str
    etag: str


class Page(Controller):
    """Open to all: the files hold no article, and what the page shows it asks of `/v1` as any client does."""

    opt = {"scope": None}
    include_in_schema = False

    @get("/", sync_to_thread=False)
    def index(self, request: Request[Any, Any, Any]) -> Response[bytes | None]:
        return _served(request, "index.html")

    @get("/static/{name:str}", sync_to_thread=False)
    def static(
        self, request: Request[Any, Any, Any], name: FromPath[str]
    ) -> Response[bytes | None]:
        return _served(request, name)


def _served(request: Request[Any, Any, Any], name: str) -> Response[bytes | None]:
    if name not in _TYPES:
        raise NotFoundException(detail=f"there is no file '{name}'")
    file = _read(name)
    headers = {**_HEADERS, "ETag": file.etag}
    if _holds(request.headers.get("if-none-match", ""), file.etag):
        return Response(None, status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


def _holds(if_none_match: str, etag: str) -> bool:
    """Whether the client's copy is this one; a proxy that compressed it may have made the tag a weak one."""
    return etag in (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))


@cache
def _read(name: str) -> _File:
    content = (files("api.http") / "static" / name).read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:32]
    return _File(content, _TYPES[name], f'"{digest}"')
