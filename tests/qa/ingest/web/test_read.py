"""Pages, feeds and sitemaps ingested once, without following them."""

import random

import pytest

from qa.archive.archive import Archive
from qa.errors import BadInput
from qa.ingest.apply import IngestReport
from qa.ingest.web.fetch import Fetcher
from qa.ingest.web.read import ingest_reads, list_items, read_urls
from tests.support.fakes import BagOfWordsEmbedder
from tests.support.web import (
    XML,
    Reply,
    Site,
    document,
    ids,
    page,
    publish,
    rss,
    rss_item,
    sitemap,
)


def ingest(archive: Archive, fetcher: Fetcher, *urls: str, limit: int = 500) -> IngestReport:
    report = IngestReport()
    ingest_reads(archive, read_urls(fetcher, urls, limit), report)
    return report


def test_pages_feeds_and_sitemaps_are_ingested_and_again_for_nothing(
    site: Site, fetcher: Fetcher, archive: Archive, embedder: BagOfWordsEmbedder
) -> None:
    """One page by three ways is one article: its id is its address."""
    feed = publish(site, "a", "b")
    site.replies["/sitemap.xml"] = Reply(
        sitemap(*(f"<url><loc>{site.url}/{name}</loc></url>" for name in "abc")), XML
    )
    site.replies["/c"] = Reply(page("Report c"))
    assert ingest(archive, fetcher, f"{site.url}/a").added == 1
    report = ingest(archive, fetcher, feed)
    assert (report.added, report.unchanged + report.amended) == (1, 1)
    report = ingest(archive, fetcher, f"{site.url}/sitemap.xml")
    assert (report.added, report.updated, report.skipped) == (1, 0, [])
    assert ids(archive) == ["a", "b", "c"]
    embedded = embedder.embedded
    again = ingest(archive, fetcher, feed)
    assert (again.added, again.updated, again.passages_embedded) == (0, 0, 0)
    assert embedder.embedded == embedded


def test_an_ingest_reads_up_to_its_limit_and_says_what_it_left(
    site: Site, fetcher: Fetcher, archive: Archive
) -> None:
    report = ingest(archive, fetcher, publish(site, *"abcd"), limit=3)
    assert report.added == 3
    assert [item.reason for item in report.skipped] == ["1 more pages; --limit reads them too"]


def test_an_ingest_of_nothing_is_refused_and_one_of_something_names_the_rest(
    site: Site, fetcher: Fetcher, archive: Archive
) -> None:
    with pytest.raises(BadInput, match=r"no article found in .*/none: .*404 Not Found"):
        ingest(archive, fetcher, f"{site.url}/none")
    report = ingest(archive, fetcher, f"{site.url}/none", publish(site, "a"))
    assert report.added == 1
    assert [item.place for item in report.skipped] == [f"{site.url}/none"]


def test_no_damage_to_a_document_raises_anything_but_a_reason(fetcher: Fetcher) -> None:
    """300 documents with bytes changed, cut out or put in, the same each time."""
    drawn = random.Random(5)
    entry = rss_item("http://a.example/1", more="<pubDate>Mon, 04 Mar 2024 08:15:00 GMT</pubDate>")
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:1</id>'
        "<content type='html'>&lt;p&gt;x&lt;/p&gt;</content></entry></feed>"
    )
    whole = [
        rss(entry),
        atom,
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "authors": [{}]}]}',
        sitemap("<url><loc>http://a.example/1</loc><lastmod>2024-01-01</lastmod></url>"),
    ]
    inserted = [b"<", b"]]>", b"<![CDATA[", b"&#x0;", b"&#xD800;", b"<!--", b"\xff\xfe", b"null"]
    listed = refused = 0
    for _ in range(300):
        body = bytearray(drawn.choice(whole).encode())
        for _ in range(drawn.choice([1, 3, 9])):
            place = drawn.randrange(len(body))
            body[place : place + drawn.choice([0, 1, 9])] = drawn.choice(inserted)
        try:
            listing = list_items(document(bytes(body)), fetcher)
            listed += all(item.digest for item in listing.items)
        except BadInput:
            refused += 1
    assert min(listed, refused) > 30
