"""The web page at `/`: static files, and headers that limit what a browser does with them."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final

from litestar import Controller, Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from api.http.conditions import unmodified

# Nothing from elsewhere, nothing inline, no frames: an article's text cannot act.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",  # cached, but checked each time: an upgrade is seen at once
    "Vary": "Accept-Encoding",
}
_TYPES: Final = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}


@dataclass(frozen=True, slots=True)
class _File:
    """``encoding``: of the content; "" for the file as it is."""

    content: bytes
    media_type: str
    etag: str
    encoding: str = ""


class Page(Controller):
    """Open to all: the files hold no article, and the page asks `/v1` as any client does."""

    opt = {"scope": None}
    include_in_schema = False

    @get("/", sync_to_thread=False)
    def index(self, request: Request[Any, Any, Any]) -> Response[bytes | None]:
        return _respond(request, "index.html")

    @get(["/static/{name:str}", "/static/{folder:str}/{name:str}"], sync_to_thread=False)
    def static(
        self, request: Request[Any, Any, Any], name: FromPath[str], folder: FromPath[str] = ""
    ) -> Response[bytes | None]:
        return _respond(request, f"{folder}/{name}" if folder else name)


def _respond(request: Request[Any, Any, Any], name: str) -> Response[bytes | None]:
    accepted = request.headers.get("accept-encoding", "").replace(" ", "").split(",")
    file = _files("gzip" if "gzip" in accepted else "").get(name)
    if file is None:
        raise NotFoundException(detail=f"no such file: '{name}'")
    headers = {**_HEADERS, "ETag": file.etag}
    if file.encoding:
        headers["Content-Encoding"] = file.encoding
    if unmodified(request, file.etag):
        return Response(None, status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


@cache
def _files(encoding: str) -> dict[str, _File]:
    """Every static file by its path in the folder: a request names one of them or gets a 404."""
    root = files("api.http") / "static"
    named = {item.name: item for item in root.iterdir() if item.is_file()}
    named |= {f"js/{item.name}": item for item in (root / "js").iterdir()}
    found = {}
    for name, item in named.items():
        content = item.read_bytes()
        if encoding:
            content = gzip.compress(content, mtime=0)
        etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        media_type = _TYPES[f".{name.rpartition('.')[2]}"]
        found[name] = _File(content, media_type, etag, encoding)
    return found
