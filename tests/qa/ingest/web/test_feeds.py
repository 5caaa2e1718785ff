"""Feeds in many shapes, after those that feedparser's own tests know."""

import json
from typing import Any

import pytest

from qa.errors import FetchFailed
from qa.ingest.web.feeds import plain_text, read_feed
from qa.ingest.web.items import Item
from tests.support.web import document, rss, rss_item

ATOM = "http://www.w3.org/2005/Atom"


def only(body: str | bytes, type: str = "", url: str = "http://a.example/feed") -> Item:  # noqa: A002
    (item,) = read_feed(document(body, type, url)).items
    return item


def atom(entry: str, attributes: str = "") -> str:
    return (
        f'<feed xmlns="{ATOM}" {attributes}><title>The Post</title>'
        f"<updated>2024-09-09T00:00:00Z</updated><entry>{entry}</entry></feed>"
    )


def json_feed(item: dict[str, Any], **more: Any) -> str:
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "The Gazette", **more}
    return json.dumps({**feed, "items": [item]})


@pytest.mark.parametrize(
    ("stated", "date"),
    [
        ("Mon, 04 Mar 2024 08:15:00 GMT", "2024-03-04T08:15:00+00:00"),
        ("Mon, 04 Mar 2024 08:15:00 +0100", "2024-03-04T08:15:00+01:00"),
        ("04 Mar 2024 08:15:00 EST", "2024-03-04T08:15:00-05:00"),
        ("Mon, 4 Mar 2024 08:15 GMT", "2024-03-04T08:15:00+00:00"),
        ("Mon, 04 Mar 24 08:15:00 GMT", "2024-03-04T08:15:00+00:00"),
        ("2024-03-04T08:15:00Z", "2024-03-04T08:15:00+00:00"),
        ("2024-03-04", "2024-03-04"),
        ("04/03/2024", None),  # March or April
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_of_rss_are_as_precise_as_stated_and_never_guessed(
    stated: str, date: str | None
) -> None:
    item = only(rss(rss_item("http://a.example/1", more=f"<pubDate>{stated}</pubDate>")))
    assert item.published_at == date
    assert bool(item.warnings) == (date is None and stated != "")


def test_an_entry_without_a_date_stays_undated() -> None:
    more = "<lastBuildDate>Mon, 04 Mar 2024 08:15:00 GMT</lastBuildDate>"
    feed = rss(more, rss_item("http://a.example/1"))
    assert (only(feed).published_at, only(feed).updated_at) == (None, None)
    undated = atom("<title>t</title><id>urn:1</id><link href='/1'/>")
    assert (only(undated).published_at, only(undated).updated_at) == (None, None)
    assert only(json_feed({"id": "1", "url": "/1"})).published_at is None


def test_published_and_updated_are_kept_apart() -> None:
    both = atom(
        "<id>urn:1</id><published>2024-03-04T08:00:00Z</published>"
        "<updated>2024-03-05T09:00:00Z</updated>"
    )
    item = only(both)
    assert item.published_at == "2024-03-04T08:00:00+00:00"
    assert item.updated_at == "2024-03-05T09:00:00+00:00"
    item = only(atom("<id>urn:1</id><updated>2024-03-05T09:00:00Z</updated>"))
    assert (item.published_at, item.updated_at) == (None, "2024-03-05T09:00:00+00:00")
    item = only(json_feed({"id": 1, "date_published": "2024-03-04", "date_modified": "2024-03-05"}))
    assert (item.published_at, item.updated_at) == ("2024-03-04", "2024-03-05")


def test_the_one_date_of_rdf_is_that_of_publication() -> None:
    feed = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<channel rdf:about="http://a.example/"><title>Old Paper</title></channel>'
        '<item rdf:about="http://a.example/1"><title>Sea wall</title>'
        "<link>http://a.example/1</link><dc:date>2004-03-04T08:00:00Z</dc:date>"
        "<dc:creator>Jane Roe</dc:creator></item></rdf:RDF>"
    )
    item = only(feed)
    assert (item.published_at, item.updated_at) == ("2004-03-04T08:00:00+00:00", None)
    assert (item.guid, item.link) == ("http://a.example/1", "http://a.example/1")
    assert (item.title, item.authors, item.source) == ("Sea wall", ("Jane Roe",), "Old Paper")


def test_rss_with_everything() -> None:
    more = (
        "<author>jane@a.example (Jane Roe)</author>"
        "<pubDate>Mon, 04 Mar 2024 08:00:00 GMT</pubDate><description>A teaser.</description>"
        "<content:encoded><![CDATA[<p>First &amp; last.</p><script>alert(1)</script>"
        "<p>Second.</p>]]></content:encoded>"
        '<source url="http://wire.example/feed">The Wire</source>'
    )
    item = only(
        rss(rss_item("http://a.example/1", guid="g-1", title="A &amp;lt;b&amp;gt;", more=more))
    )
    assert (item.guid, item.link) == ("g-1", "http://a.example/1")
    assert item.text == "First & last.\nSecond."
    assert item.source == "The Wire"
    assert item.language == "en"
    assert item.authors == ("Jane Roe",)


def test_a_guid_that_is_a_permalink_is_the_link() -> None:
    item = only(rss("<item><title>t</title><guid>http://a.example/1</guid></item>"))
    assert (item.guid, item.link) == ("http://a.example/1", "http://a.example/1")


def test_relative_links_are_resolved() -> None:
    entry = "<id>urn:1</id><link rel='alternate' href='2024/sea-wall'/>"
    feed = atom(entry, "xml:base='http://b.example/news/'")
    assert only(feed).link == "http://b.example/news/2024/sea-wall"
    assert (
        only(atom(entry), url="http://c.example/x/feed").link == "http://c.example/x/2024/sea-wall"
    )
    linked = only(json_feed({"id": "1", "url": "/1"}), url="http://c.example/x/feed")
    assert linked.link == "http://c.example/1"


def test_a_json_feed_with_everything() -> None:
    entry = {
        "id": 7,
        "url": "http://a.example/1",
        "title": "Sea <b>wall</b>",
        "content_html": "<p>First.</p><p>Second.</p>",
        "authors": [{"name": "Jane Roe"}, {"url": "http://x.example"}, "nobody"],
        "language": "de-AT",
    }
    item = only(json_feed(entry, authors=[{"name": "The desk"}], language="en"))
    assert (item.guid, item.title, item.text) == ("7", "Sea wall", "First.\nSecond.")
    assert (item.authors, item.source, item.language) == (("Jane Roe",), "The Gazette", "de")
    item = only(json_feed({"id": "1", "content_text": "a < b"}, author={"name": "The desk"}))
    assert (item.text, item.authors, item.link) == ("a < b", ("The desk",), None)


@pytest.mark.parametrize(
    "entry", [None, "text", 7, [], {}, {"id": ""}, {"id": {}, "url": 3}, {"title": "no id"}]
)
def test_entries_of_a_json_feed_that_name_nothing_are_left_out(entry: Any) -> None:
    assert read_feed(document(json_feed(entry))).items == []


def test_of_two_entries_with_one_guid_the_first_counts() -> None:
    feed = rss(
        rss_item("http://a.example/1", guid="g", title="First"),
        rss_item("http://a.example/2", guid="g", title="Second"),
        "<item><title>neither guid nor link</title></item>",
    )
    assert only(feed).title == "First"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings_that_the_xml_or_the_server_names(encoding: str) -> None:
    named = rss(rss_item("http://a.example/1", title="Café in Zürich"))
    declared = named.replace('encoding="UTF-8"', f'encoding="{encoding}"').encode(encoding)
    assert only(declared).title == "Café in Zürich"


def test_malformed_xml_is_read_as_far_as_possible_and_said() -> None:
    broken = rss(rss_item("http://a.example/1", title="A & B"), rss_item("http://a.example/2"))
    listing = read_feed(document(broken))
    assert [item.link for item in listing.items] == ["http://a.example/1", "http://a.example/2"]
    assert listing.fault is not None
    assert "invalid XML" in listing.fault
    assert read_feed(document(rss(rss_item("http://a.example/1")))).fault is None


def test_what_is_no_feed_is_refused_and_an_empty_one_is_not() -> None:
    with pytest.raises(FetchFailed, match=r"invalid XML|not a feed"):
        read_feed(document("this is no XML"))
    assert read_feed(document(rss())).items == []
    with pytest.raises(FetchFailed, match="cannot be read"):
        read_feed(document("<rss><channel><title>half a pair: &#xD800;</title></channel></rss>"))
    with pytest.raises(FetchFailed, match="more than 10,000,000 bytes"):
        read_feed(document(bytes(10_000_001)))


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("a &lt; b", "a < b"),
        ("<p>One <b>bold</b> word.</p>\n<p>Two.<br/>Three.</p>", "One bold word.\nTwo.\nThree."),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<style>p {}</style><p>a</p>", "a"),
        ("<!-- nothing -->", ""),
        ("<p>a<!-- b -->c<script>d</script>e</p>f", "ace\nf"),
        ("<p>a&#1;b</p>", "a\x01b"),
        ("<" * 5000, ""),
    ],
)
def test_markup_becomes_lines_of_text(markup: str, text: str) -> None:
    assert plain_text(markup).strip("<") == text


@pytest.mark.parametrize(
    ("categories", "section"),
    [((), None), (("Sport",), "Sport"), (("Sport", "Sport"), "Sport"), (("Sport", "Cup"), None)],
)
def test_one_category_is_the_section_and_several_are_keywords(
    categories: tuple[str, ...], section: str | None
) -> None:
    elements = "".join(f"<category>{name}</category>" for name in categories)
    assert only(rss(rss_item("http://a.example/1", more=elements))).section == section
    assert only(json_feed({"id": 1, "tags": list(categories)})).section == section


def test_rights_are_those_of_the_entry_or_else_of_the_feed() -> None:
    own = "<dc:rights>CC BY 4.0</dc:rights>"
    assert only(rss(rss_item("http://a.example/1", more=own))).rights == "CC BY 4.0"
    feed = rss(rss_item("http://a.example/1")).replace(
        "<description>d</description>", "<copyright>© The Herald</copyright>"
    )
    assert only(feed).rights == "© The Herald"
