"""What a document is, by its content and whatever its type says."""

import gzip

import pytest

from qa.errors import FetchFailed
from qa.ingest.web.documents import Kind, declared_feeds, kind_of, unpacked
from tests.support.web import document, page, rss, sitemap

ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title></feed>'
RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>'
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>'
    "<rss><channel><title>&lol2;</title></channel></rss>"
)
EXTERNAL = (
    '<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]><feed><title>&x;</title></feed>'
)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (rss(), "feed"),
        (ATOM, "feed"),
        (RDF, "feed"),
        (f"\ufeff<?xml version='1.0'?>\n<!-- <html> --><?style a?>{ATOM}", "feed"),
        (f'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "x.dtd">{rss()[38:]}', "feed"),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": []}', "feed"),
        (sitemap(), "sitemap"),
        ('<sitemapindex xmlns="x"><sitemap/></sitemapindex>', "sitemap"),
        (page("Sea wall"), "page"),
        ('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "page"),
    ],
)
def test_the_first_element_decides(body: str, kind: Kind) -> None:
    assert kind_of(document(body, "text/plain")) == kind
    assert kind_of(document(body, "text/html")) == kind


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_sixteen_bits_a_character_are_read_too(encoding: str) -> None:
    assert kind_of(document(ATOM.encode(encoding))) == "feed"


def test_a_page_without_an_html_element_is_one_by_its_type() -> None:
    assert kind_of(document("<head><title>t</title></head><p>x</p>", "text/html")) == "page"
    with pytest.raises(FetchFailed, match=r"not a page, feed or sitemap \(text/plain\)"):
        kind_of(document("<head><title>t</title></head><p>x</p>", "text/plain"))


@pytest.mark.parametrize("body", [BOMB, EXTERNAL, BOMB.encode("utf-16")])
def test_xml_that_declares_entities_is_refused(body: str | bytes) -> None:
    with pytest.raises(FetchFailed, match="declares entities"):
        kind_of(document(body, "application/rss+xml"))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "not a page, feed or sitemap"),
        ("%PDF-1.7", "not a page, feed or sitemap"),
        ("no markup at all", "not a page, feed or sitemap"),
        ("<opml></opml>", "not a page, feed or sitemap"),
        ('{"items": []}', "not a JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1"}', "without items"),
        ("{broken", "invalid JSON"),
        ('{"a": ' + "[" * 100_000, "invalid JSON"),
    ],
)
def test_anything_else_is_refused(body: str, reason: str) -> None:
    with pytest.raises(FetchFailed, match=reason):
        kind_of(document(body))


def test_a_gz_file_is_unpacked_within_the_limit() -> None:
    packed = document(gzip.compress(sitemap().encode()), "application/gzip")
    assert kind_of(unpacked(packed, 10_000)) == "sitemap"
    with pytest.raises(FetchFailed, match="longer than 10,000 bytes"):
        unpacked(document(gzip.compress(bytes(10_000_000))), 10_000)


def test_a_page_names_its_feeds() -> None:
    head = (
        '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
        '<link rel="stylesheet" type="text/css" href="/a.css">'
    )
    found = document(page("Sea wall", head=head), url="http://a.example/news/")
    assert declared_feeds(found) == ["http://a.example/feed.xml"]
