"""A web server on loopback with pages, feeds and sitemaps that a test writes, and a log of what was
asked for.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from qa.archive.archive import Archive
from qa.ingest.web.fetch import Document, Validators
from qa.settings import Settings
from qa.types import Filters

WORDS = (
    "The council of Port Eldric met on Tuesday and agreed to rebuild the northern sea wall.",
    "Engineers had warned for years that the old stones would not bear another winter storm.",
    "The work is expected to take two years, and the harbour will stay open to fishing boats.",
    "Residents of the lower town welcomed the decision, but asked who would pay for it.",
)


@dataclass(frozen=True, slots=True)
class Reply:
    """``raw`` takes over the whole response."""

    body: bytes | str = b""
    type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: Callable[[Any], None] | None = None


@dataclass(slots=True)
class Site:
    """Change ``replies`` at any time. ``asked`` are the paths that were asked for, in order."""

    url: str
    port: int
    replies: dict[str, Reply] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def pages_asked(self) -> list[str]:
        return [path for path in self.asked if path != "/robots.txt"]


@contextmanager
def running_site() -> Iterator[Site]:
    one_by_one = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            with one_by_one:  # the three lists are read side by side
                site.asked.append(self.path)
                site.headers.append(headers)
                site.times.append(time.monotonic())
            reply = site.replies.get(self.path, Reply(b"nothing here", "text/plain", 404))
            self.close_connection = True
            if reply.raw is not None:
                reply.raw(self)
                return
            body = reply.body.encode() if isinstance(reply.body, str) else reply.body
            etag = reply.headers.get("ETag")
            if etag is not None and self.headers.get("If-None-Match") == etag:
                self.send_response(304)
                self.end_headers()
                return
            self.send_response(reply.status)
            sent = {
                "Content-Type": reply.type,
                "Content-Length": str(len(body)),
                "Connection": "close",
                **reply.headers,
            }
            for name, value in sent.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
            """Nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that has gone is often the point."""

    with Server(("127.0.0.1", 0), Handler) as server:
        port = server.server_address[1]
        site = Site(f"http://127.0.0.1:{port}", port)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


def settings(**given: Any) -> Settings:
    return Settings.load(
        **{"fetch_private_addresses": True, "fetch_delay": 0, "fetch_timeout": 20, **given}
    )


def document(body: bytes | str, type: str = "", url: str = "http://a.example/feed") -> Document:  # noqa: A002
    content = body.encode() if isinstance(body, str) else body
    return Document(url, content, type, None, Validators())


def page(
    subject: str,
    *,
    head: str = "",
    published: str | None = "2024-03-04T08:00:00+00:00",
    canonical: str | None = None,
) -> str:
    """A page with an article that begins with the subject."""
    stated = ""
    if published is not None:
        stated += f'<meta property="article:published_time" content="{published}">'
    if canonical is not None:
        stated += f'<link rel="canonical" href="{canonical}">'
    paragraphs = "".join(f"<p>{text}</p>" for text in (f"{subject} is in the news.", *WORDS))
    return (
        f"<!doctype html><html lang='en'><head><title>{subject}</title>{stated}{head}</head>"
        f"<body><article><h1>{subject}</h1>{paragraphs}</article></body></html>"
    )


def rss(*items: str, title: str = "The Herald") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{title}</title><link>http://a.example/</link><description>d</description>"
        f"<language>en-GB</language>{''.join(items)}</channel></rss>"
    )


def rss_item(link: str, *, guid: str | None = None, title: str = "A report", more: str = "") -> str:
    return (
        f"<item><title>{title}</title><link>{link}</link>"
        f'<guid isPermaLink="false">{guid or link}</guid>{more}</item>'
    )


def sitemap(*entries: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
        ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">'
        f"{''.join(entries)}</urlset>"
    )


RSS_TYPE = "application/rss+xml"
XML = "application/xml"


def publish(site: Site, *names: str, etag: str | None = None, path: str = "/feed") -> str:
    """A feed with a page for each name; its address."""
    items = [rss_item(f"{site.url}/{name}", title=name) for name in names]
    headers = {"ETag": etag} if etag is not None else {}
    site.replies[path] = Reply(rss(*items), RSS_TYPE, headers=headers)
    for name in names:
        site.replies.setdefault(f"/{name}", Reply(page(f"Report {name}")))
    return site.url + path


def ids(archive: Archive) -> list[str]:
    with archive.snapshot() as snapshot:
        found = snapshot.articles(Filters(), 1000)
        assert snapshot.counts().versions == len(found), "no article has two versions"
        return sorted(stored.article.id.rpartition("/")[2] for stored in found)
