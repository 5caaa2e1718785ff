"""A folder, a ninjs file, a WARC file, an RSS feed and a sitemap, all into one archive."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.archive.archive import Archive
from qa.archive.feeds import list_feeds
from qa.ingest.apply import IngestReport
from qa.ingest.web.fetch import Fetcher
from qa.ingest.web.poll import check_due, follow
from qa.types import Filters
from tests.support.archives import write
from tests.support.fakes import BagOfWordsEmbedder
from tests.support.web import (
    RSS_TYPE,
    XML,
    Reply,
    Site,
    rss,
    rss_item,
    running_site,
    settings,
    sitemap,
)


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as site:
        yield site


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
    (folder / "newsroom" / "2019").mkdir(parents=True)
    write(folder / "newsroom" / "reports.jsonl", BUDGET, BRIDGE)
    (folder / "newsroom" / "2019" / "mill.html").write_text(MILL, "utf-8")
    (folder / "wire.json").write_text(json.dumps(STRIKE), "utf-8")
    crawl = warc(("https://morrow.example/lighthouse", LIGHTHOUSE))
    (folder / "crawl.warc").write_bytes(crawl)


def publish_pages(site: Site) -> None:
    """The feed names two pages; the sitemap one of these and a third, whose date only it knows."""
    for name, body in (("tram", TRAM), ("harvest", HARVEST), ("library", LIBRARY)):
        site.replies[f"/{name}"] = Reply(body)
    items = (rss_item(f"{site.url}/{name}") for name in ("tram", "harvest"))
    site.replies["/feed"] = Reply(rss(*items), RSS_TYPE, headers={"ETag": '"1"'})
    news = (
        "<news:news><news:publication><news:name>Tarnbrook Gazette</news:name>"
        "<news:language>en</news:language></news:publication>"
        "<news:publication_date>2024-03-08T09:00:00Z</news:publication_date>"
        "<news:title>Library lends tools</news:title></news:news>"
    )
    entries = (("harvest", ""), ("library", news))
    site.replies["/sitemap.xml"] = Reply(
        sitemap(*(f"<url><loc>{site.url}/{name}</loc>{more}</url>" for name, more in entries)), XML
    )


def ingest_everything(
    archive: Archive, fetcher: Fetcher, folder: Path, site: Site
) -> dict[str, tuple[str, IngestReport]]:
    """Each way in with what it did, in words and in numbers."""
    done = {}

    for name in ("newsroom", "wire.json", "crawl.warc"):  # a folder, ninjs, WARC
        report = archive.ingest([folder / name])
        done[name] = (f"{report.added} added", report)

    followed = {feed.url for feed in list_feeds(archive.store)}
    for url in (f"{site.url}/feed", f"{site.url}/sitemap.xml"):
        if url not in followed:
            follow(archive, fetcher, url, every=900)
    for outcome in check_due(archive, fetcher, everything=True):
        done[outcome.feed.rpartition("/")[2]] = (outcome.in_words, outcome.report)

    return done


def stored(archive: Archive) -> dict[str, tuple[str | None, str | None, str | None]]:
    """Title, date and source by id."""
    with archive.snapshot() as snapshot:
        articles = [one.article for one in snapshot.articles(Filters(), 1000)]
        assert snapshot.counts().versions == len(articles), "no article has two versions"
    return {one.id: (one.title, one.published_at, one.source) for one in articles}


def test_every_way_in_leads_to_one_archive_and_a_second_run_changes_nothing(
    archive: Archive, embedder: BagOfWordsEmbedder, site: Site, tmp_path: Path
) -> None:
    write_files(tmp_path)
    publish_pages(site)
    fetcher = Fetcher(settings())

    first = ingest_everything(archive, fetcher, tmp_path, site)
    assert {name: words for name, (words, _) in first.items()} == {
        "newsroom": "3 added",
        "wire.json": "1 added",
        "crawl.warc": "1 added",
        "feed": "2 added",
        "sitemap.xml": "1 added, 1 unchanged",
    }
    for _, report in first.values():
        assert (report.skipped, report.warnings) == ([], [])
        assert report.passages_embedded >= report.added
    expected = {
        "budget": ("Council passes budget", "2023-12-14", "Tarnbrook Gazette"),
        "bridge": ("Bridge closed to lorries", "2024-01-09T10:00:00+00:00", "Arren Courier"),
        "2019/mill.html": ("Old mill burns down", "2019-08-11T07:15:00+02:00", "Arren Courier"),
        "urn:newsml:wire.example:20220920:strike": (
            "Dockers end strike",
            "2022-09-20T14:45:00+00:00",
            "Northern Wire",
        ),
        "https://morrow.example/lighthouse": (
            "Lighthouse goes dark",
            "2021-05-03T18:00:00+00:00",
            "Morrow Observer",
        ),
        # the feed's name, as the page has none
        f"{site.url}/tram": ("Tram line reopens", "2024-03-06T06:30:00+00:00", "The Herald"),
        f"{site.url}/harvest": (
            "Apple harvest halved",
            "2024-03-07T11:00:00+00:00",
            "Vell Valley Radio",
        ),
        f"{site.url}/library": (
            "Library lends tools",
            "2024-03-08T09:00:00+00:00",
            "Tarnbrook Gazette",
        ),
    }
    assert stored(archive) == expected

    embedded, asked = embedder.embedded, len(site.asked)
    second = ingest_everything(archive, fetcher, tmp_path, site)
    assert {name: words for name, (words, _) in second.items()} == {
        "newsroom": "0 added",
        "wire.json": "0 added",
        "crawl.warc": "0 added",
        "feed": "not modified",
        "sitemap.xml": "nothing new",
    }
    for _, report in second.values():
        assert (report.added, report.updated, report.amended) == (0, 0, 0)
        assert (report.deleted, report.passages_embedded) == (0, 0)
    assert embedder.embedded == embedded
    assert site.asked[asked:] == ["/feed", "/sitemap.xml"], "no page is read again"
    assert stored(archive) == expected
