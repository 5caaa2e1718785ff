"""Sitemaps, news sitemaps and indexes."""

import pytest

from qa.errors import FetchFailed
from qa.ingest.web.sitemaps import read_sitemap
from tests.support.web import document, sitemap

NEWS = (
    "<url><loc>http://a.example/1</loc><lastmod>2024-03-06</lastmod><news:news>"
    "<news:publication><news:name>The Herald</news:name><news:language>en</news:language>"
    "</news:publication><news:publication_date>2024-03-04T08:00:00Z</news:publication_date>"
    "<news:title>Sea wall</news:title></news:news>"
    "<image:image><image:loc>http://a.example/1.jpg</image:loc>"
    "<image:title>A photo</image:title></image:image></url>"
)


def test_a_news_sitemap_gives_title_source_and_date() -> None:
    (item,) = read_sitemap(document(sitemap(NEWS))).items
    assert (item.link, item.title, item.source) == ("http://a.example/1", "Sea wall", "The Herald")
    assert (item.published_at, item.language) == ("2024-03-04T08:00:00+00:00", "en")


def test_lastmod_says_when_to_look_again_and_dates_nothing() -> None:
    entry = "<url><loc>http://a.example/1</loc><lastmod>2024-03-06</lastmod></url>"
    (item,) = read_sitemap(document(sitemap(entry))).items
    assert (item.published_at, item.updated_at, item.changed) == (None, None, "2024-03-06")


def test_the_newest_come_first_and_those_without_a_date_last() -> None:
    entries = [
        f"<url><loc>http://a.example/{name}</loc>{more}</url>"
        for name, more in (
            ("undated", ""),
            ("old", "<lastmod>2020-01-01</lastmod>"),
            ("new", "<lastmod>2024-01-01T08:00:00Z</lastmod>"),
            ("unreadable", "<lastmod>soon</lastmod>"),
        )
    ]
    found = read_sitemap(document(sitemap(*entries, "<url><loc> </loc></url>")))
    assert [item.guid.rpartition("/")[2] for item in found.items] == [
        "new", "old", "undated", "unreadable"
    ]  # fmt: skip
    assert found.sitemaps == []


def test_an_index_names_its_sitemaps_newest_first() -> None:
    index = (
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        "<sitemap><loc>http://a.example/2023.xml</loc><lastmod>2023-12-31</lastmod></sitemap>"
        "<sitemap><loc>http://a.example/2024.xml.gz</loc><lastmod>2024-12-31</lastmod></sitemap>"
        "</sitemapindex>"
    )
    found = read_sitemap(document(index))
    assert found.sitemaps == ["http://a.example/2024.xml.gz", "http://a.example/2023.xml"]
    assert found.items == []


def test_entities_are_not_resolved() -> None:
    body = (
        '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/hostname"><!ENTITY y "http://b.example/">]>'
        + sitemap("<url><loc>&x;&y;</loc></url>")[38:]
    )
    assert read_sitemap(document(body)).items == []


@pytest.mark.parametrize("body", ["", "no XML", "<urlset><url><loc>http://a.example/"])
def test_what_is_no_xml_is_refused(body: str) -> None:
    with pytest.raises(FetchFailed, match="invalid XML"):
        read_sitemap(document(body))
