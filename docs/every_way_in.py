"""Every way into an archive, twice: a folder, ninjs, a web archive, a feed, a sitemap.

Run it with `python docs/every_way_in.py`. It makes the files, serves the feed and the sitemap on
this machine, and runs the `dateline` commands that it shows. Everything is made up, and is gone
when it ends.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Run = Callable[..., str]  # takes the words of a command, returns what it printed


def page(title: str, *paragraphs: str, published: str = "", source: str = "") -> str:
    """A page that states its date and its source, if they are given."""
    stated = {"article:published_time": published, "og:site_name": source}
    head = "".join(f'<meta property="{key}" content="{text}">' for key, text in stated.items())
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return (
        f"<!doctype html><html lang='en'><head><title>{title}</title>{head}</head>"
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    )


MILL = page(
    "Old mill burns down",
    "The old paper mill on the Arren burned down in the night to Sunday, and nobody was hurt.",
    "Sixty firefighters from four towns kept the flames from the timber yard beside it, their chief"
    " said. The mill had stood empty since its last owner closed it eleven years ago.",
    published="2019-08-11T07:15:00+02:00",
    source="Arren Courier",
)
LIGHTHOUSE = page(
    "Lighthouse goes dark",
    "The lighthouse on Cape Morrow was switched off on Monday after 143 years of service.",
    "Ships find their way by satellite today, the coast authority said, and the lamp needs spare"
    " parts that no factory makes any more. The tower is to become a museum.",
    published="2021-05-03T18:00:00Z",
    source="Morrow Observer",
)
TRAM = page(
    "Tram line reopens",
    "Trams run again between Linden Square and the hospital since Wednesday morning.",
    "The line had been closed for fourteen months while workers replaced every rail and widened"
    " nine stops. Some 31,000 people used it on a working day before the closure.",
    published="2024-03-06T06:30:00Z",
)
HARVEST = page(
    "Apple harvest halved",
    "Fruit growers in the Vell valley expect half as many apples as in a usual year.",
    "Two nights of frost in April destroyed the blossom in most orchards, their association said."
    " It asked the government for loans without interest.",
    published="2024-03-07T11:00:00Z",
    source="Vell Valley Radio",
)
LIBRARY = page(
    "Library lends tools",
    "Readers in Tarnbrook can borrow drills, ladders and sewing machines from the public library.",
    "The librarians collected 240 tools that their owners no longer wanted. A mechanic looks at"
    " each of them before it is lent again, for a week at most.",
)
BUDGET = {
    "id": "budget",
    "title": "Council passes budget",
    "text": "The council of Tarnbrook passed its budget by eleven votes to eight.",
    "published_at": "2023-12-14",
    "source": "Tarnbrook Gazette",
}
BRIDGE = {
    "id": "bridge",
    "title": "Bridge closed to lorries",
    "text": "Lorries may no longer cross the Arren bridge, whose cables have rusted.",
    "published_at": "2024-01-09T10:00:00Z",
    "source": "Arren Courier",
}
STRIKE = {
    "uri": "urn:newsml:wire.example:20220920:strike",
    "type": "text",
    "pubstatus": "usable",
    "versioncreated": "2022-09-20T14:45:00Z",
    "language": "en-GB",
    "headline": "Dockers end strike",
    "source": "Northern Wire",
    "body_html": "<p>The dockers of Port Ansel ended their strike after nine days.</p>",
}


def warc(*pages: tuple[str, str]) -> bytes:
    """The answers of a web server as a crawler stores them."""
    records = b""
    for number, (address, body) in enumerate(pages):
        answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}".encode()
        records += (
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2024-02-29T00:00:00Z\r\n"
            f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n"
            f"WARC-Target-URI: {address}\r\nContent-Type: application/http; msgtype=response\r\n"
            f"Content-Length: {len(answer)}\r\n\r\n"
        ).encode()
        records += answer + b"\r\n\r\n"
    return records


def write_files(folder: Path) -> None:
    """Write a folder of reports, an agency's file and a crawler's."""
    (folder / "newsroom" / "2019").mkdir(parents=True)
    lines = (json.dumps(report) for report in (BUDGET, BRIDGE))
    (folder / "newsroom" / "reports.jsonl").write_text("\n".join(lines), "utf-8")
    (folder / "newsroom" / "2019" / "mill.html").write_text(MILL, "utf-8")
    (folder / "wire.json").write_text(json.dumps({"items": [STRIKE]}), "utf-8")
    crawl = warc(("https://morrow.example/lighthouse", LIGHTHOUSE))
    (folder / "crawl.warc").write_bytes(crawl)


def site(url: str) -> dict[str, tuple[str, str]]:
    """Type and content by path: the feed lists two pages; the sitemap one of these and a third,
    whose date only it knows.
    """
    pages = {"/tram": TRAM, "/harvest": HARVEST, "/library": LIBRARY}
    items = "".join(
        f"<item><title>News</title><link>{url}{path}</link></item>"
        for path in ("/tram", "/harvest")
    )
    feed = f'<rss version="2.0"><channel><title>The Herald</title>{items}</channel></rss>'
    schemas = "http://www.sitemaps.org/schemas/sitemap/0.9"
    news = (
        "<n:news><n:publication><n:name>Tarnbrook Gazette</n:name><n:language>en</n:language>"
        "</n:publication><n:publication_date>2024-03-08T09:00:00Z</n:publication_date>"
        "<n:title>Library lends tools</n:title></n:news>"
    )
    sitemap = (
        f'<urlset xmlns="{schemas}" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">'
        f"<url><loc>{url}/harvest</loc></url><url><loc>{url}/library</loc>{news}</url></urlset>"
    )
    return {
        **{path: ("text/html; charset=utf-8", body) for path, body in pages.items()},
        "/feed": ("application/rss+xml", feed),
        "/sitemap.xml": ("application/xml", sitemap),
    }


@contextmanager
def served() -> Iterator[str]:
    """The address of the site, while it is served. An unchanged document is not sent again."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with the document, or 304 to whoever has it."""
            kind, text = replies.get(self.path, ("", ""))
            body = text.encode()
            tag = f'"{len(body)}"'
            known = self.headers.get("If-None-Match") == tag
            self.send_response(304 if known else 200 if kind else 404)
            self.send_header("ETag", tag)
            self.send_header("Content-Type", kind or "text/plain")
            self.send_header("Content-Length", "0" if known else str(len(body)))
            self.end_headers()
            if not known:
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        replies = site(url)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield url
        finally:
            server.shutdown()


def commands(url: str) -> tuple[list[str], list[str]]:
    """What brings everything in, and what brings it in once more."""
    files = "ingest newsroom wire.json crawl.warc"
    feed, sitemap = f"{url}/feed", f"{url}/sitemap.xml"
    first = [files, f"follow add {feed}", f"follow add {sitemap}", "follow run"]
    again = [files, "follow run --all", f"ingest {sitemap}"]
    return first, again


def demonstrate(run: Run, folder: Path) -> Iterator[tuple[str, str]]:
    """Each command with what it printed. ``run`` works in ``folder``."""
    write_files(folder)
    with served() as url:
        first, again = commands(url)
        for command in [*first, *again, "sources"]:
            yield command, run(*command.split())


def main() -> None:
    """Show it in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as name:
        environment = {
            **os.environ,
            "DATELINE_DATA_DIR": f"{name}/data",
            "DATELINE_FETCH_PRIVATE_ADDRESSES": "true",  # the site is on this machine
            "DATELINE_FETCH_DELAY": "0",
        }

        def run(*words: str) -> str:
            command = [sys.executable, "-m", "api.cli", *words]
            done = subprocess.run(  # noqa: S603  # our own command
                command, cwd=name, env=environment, capture_output=True, text=True, check=True
            )
            return done.stdout

        for command, printed in demonstrate(run, Path(name)):
            print(f"$ dateline {command}\n{printed}")


if __name__ == "__main__":
    main()
