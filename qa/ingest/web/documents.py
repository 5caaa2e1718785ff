"""What a fetched document is, judged by its content: a page, a feed or a sitemap."""

import json
import re
from typing import Any, Literal
from urllib.parse import urljoin

from qa.errors import FetchFailed
from qa.ingest.web.fetch import Document
from qa.ingest.web.inflate import GZIP, gunzip

Kind = Literal["page", "feed", "sitemap"]
_ROOTS: dict[str, Kind] = {
    "rss": "feed",
    "feed": "feed",
    "rdf": "feed",
    "urlset": "sitemap",
    "sitemapindex": "sitemap",
    "html": "page",
}
_HEAD = 65_536  # bytes in which the first element must begin
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ELEMENT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)[\s/>]")
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
)


def kind_of(document: Document) -> Kind:
    """Raises FetchFailed for anything else, and for XML that declares entities."""
    head = _head(document.body)
    if head.startswith("{"):
        json_feed(document)
        return "feed"
    found = _ELEMENT.search(head)
    kind = _ROOTS.get(found[1].lower()) if found is not None else None
    if kind != "page" and "<!ENTITY" in (head[: found.start()] if found is not None else head):
        raise FetchFailed("the XML declares entities, which are refused")
    if kind is None and document.content_type in _HTML_TYPES and found is not None:
        return "page"
    if kind is None:
        described = document.content_type or "no content type"
        raise FetchFailed(f"not a page, feed or sitemap ({described})")
    return kind


def json_feed(document: Document) -> dict[str, Any]:
    """The JSON Feed. Raises FetchFailed."""
    try:
        content = json.loads(document.body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FetchFailed(f"invalid JSON: {error}") from error
    version = content.get("version") if isinstance(content, dict) else None
    if not (isinstance(version, str) and "jsonfeed.org/version/" in version):
        raise FetchFailed("JSON, but not a JSON Feed")
    if not isinstance(content.get("items"), list):
        raise FetchFailed("a JSON Feed without items")
    return dict(content)


def unpacked(document: Document, limit: int) -> Document:
    """The document, decompressed where it is a .gz file: many sitemaps are. Raises FetchFailed."""
    if not document.body.startswith(GZIP):
        return document
    body = gunzip(document.body, limit)
    return Document(document.url, body, document.content_type, None, document.validators)


def declared_feeds(page: Document) -> list[str]:
    """The feeds that a page names in its head."""
    from trafilatura.utils import load_html

    tree = load_html(page.body)
    if tree is None:
        return []
    return [
        urljoin(page.url, link.get("href"))
        for link in tree.iter("link")
        if (link.get("type") or "").lower() in _FEED_TYPES and link.get("href")
    ]


def _head(body: bytes) -> str:
    """The start of the text, without byte order mark and comments."""
    encoding, start = "utf-8", 0
    for mark, name in _BYTE_ORDER_MARKS.items():
        if body.startswith(mark):
            encoding, start = name, len(mark)
    if body.startswith((b"<\0", b"\0<")):  # UTF-16 without a mark
        encoding = "utf-16-le" if body.startswith(b"<\0") else "utf-16-be"
    text = body[start : start + _HEAD].decode(encoding, "replace")
    return _COMMENT.sub("", text).lstrip()
