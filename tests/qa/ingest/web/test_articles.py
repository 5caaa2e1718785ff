"""One entry and its page to one article: ids, dates, and what takes the place of a page."""

import pytest

from qa.errors import BadInput
from qa.ingest.web.articles import read_item, read_page
from qa.ingest.web.fetch import Fetcher
from qa.ingest.web.items import Item
from tests.support.web import WORDS, Reply, Site, document, page

LONG = "\n".join(WORDS * 3)


def test_the_page_comes_first_and_the_entry_fills_what_it_leaves_open(
    site: Site, fetcher: Fetcher
) -> None:
    site.replies["/1"] = Reply(page("Sea wall"))
    item = Item(
        "g", f"{site.url}/1", "The feed's title", "2024-03-01", "2024-03-05", ("Jane Roe",),
        "The Herald", "en", "A teaser.",
    )  # fmt: skip
    read = read_item(item, f"{site.url}/feed", fetcher)
    article = read.article
    assert article.id == article.url == f"{site.url}/1"
    assert article.text.startswith("Sea wall is in the news.") or WORDS[0] in article.text
    assert (article.title, article.published_at) == ("Sea wall", "2024-03-04T08:00:00+00:00")
    assert (article.updated_at, article.authors) == ("2024-03-05", ("Jane Roe",))
    assert read.origin == f"{site.url}/feed"


def test_an_undated_entry_of_an_undated_page_is_undated(site: Site, fetcher: Fetcher) -> None:
    site.replies["/1"] = Reply(page("Sea wall", published=None))
    article = read_item(Item("g", f"{site.url}/1"), f"{site.url}/feed", fetcher).article
    assert (article.published_at, article.updated_at) == (None, None)
    dated = Item("g", f"{site.url}/1", published_at="2024-03-04")
    assert read_item(dated, f"{site.url}/feed", fetcher).article.published_at == "2024-03-04"


@pytest.mark.parametrize(
    ("canonical", "identity"),
    [
        (None, "http://a.example/1?id=7"),
        ("http://www.a.example/news/sea-wall?utm_source=x", "http://www.a.example/news/sea-wall"),
        ("http://b.example/theirs", "http://a.example/1?id=7"),
    ],
)
def test_the_id_is_the_canonical_address_if_it_is_of_the_pages_own_site(
    canonical: str | None, identity: str
) -> None:
    """Or any page could replace the article of another site."""
    body = page("Sea wall", canonical=canonical)
    found = document(body, "text/html", "http://a.example/1?id=7&utm_medium=rss")
    article = read_page(found, "x").article
    assert (article.id, article.url) == (identity, identity)


def test_the_feeds_own_text_takes_the_place_of_a_page_that_cannot_be_read(
    site: Site, fetcher: Fetcher
) -> None:
    feed = f"{site.url}/feed"
    gone = Item("g", f"{site.url}/gone?utm_source=x", "Sea wall", "2024-03-04", text=LONG)
    article = read_item(gone, feed, fetcher).article
    assert (article.id, article.text) == (f"{site.url}/gone", LONG)
    assert (article.title, article.published_at) == ("Sea wall", "2024-03-04")
    assert read_item(Item("g", None, text=LONG), feed, fetcher).article.id == f"{feed}#g"


def test_a_feeds_own_text_never_gets_the_address_of_another_site(
    site: Site, fetcher: Fetcher
) -> None:
    theirs = f"http://localhost:{site.port}/gone"
    article = read_item(Item("g", theirs, text=LONG), f"{site.url}/feed", fetcher).article
    assert article.id == f"{site.url}/feed#g"


def test_a_teaser_does_not(site: Site, fetcher: Fetcher) -> None:
    item = Item("g", f"{site.url}/gone", text="A teaser.")
    with pytest.raises(BadInput, match="404 Not Found"):
        read_item(item, f"{site.url}/feed", fetcher)
    with pytest.raises(BadInput, match="no link"):
        read_item(Item("g", None, text="A teaser."), f"{site.url}/feed", fetcher)


def test_a_dead_link_that_leads_to_the_front_page_is_no_article(
    site: Site, fetcher: Fetcher
) -> None:
    site.replies |= {
        "/gone": Reply(status=302, headers={"Location": "/"}),
        "/": Reply(page("All the news")),
    }
    with pytest.raises(BadInput, match="front page"):
        read_item(Item("g", f"{site.url}/gone"), f"{site.url}/feed", fetcher)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(b"%PDF-1.7", "application/pdf"), r"not a page, feed or sitemap \(application/pdf\)"),
        (Reply("<rss></rss>", "text/xml"), "not a page"),
        (Reply("<html><body></body></html>"), "no article text"),
        (Reply(bytes(10_000_001)), "longer than 10,000,000 bytes"),
    ],
)
def test_what_is_no_page_says_so(site: Site, fetcher: Fetcher, reply: Reply, reason: str) -> None:
    site.replies["/1"] = reply
    with pytest.raises(BadInput, match=reason):
        read_item(Item("g", f"{site.url}/1"), f"{site.url}/feed", fetcher)


def test_the_charset_that_the_server_names_is_believed(site: Site, fetcher: Fetcher) -> None:
    body = page("Zürich — the wall").encode("windows-1252")
    site.replies |= {
        "/1": Reply(body, "text/html; charset=windows-1252"),
        "/2": Reply(page("Zürich"), "text/html; charset=no-such-charset"),
    }
    first = read_item(Item("1", f"{site.url}/1"), site.url, fetcher).article
    second = read_item(Item("2", f"{site.url}/2"), site.url, fetcher).article
    assert (first.title, second.title) == ("Zürich — the wall", "Zürich")


@pytest.mark.parametrize(
    ("feed", "named", "source"),
    [
        ("http://bayherald.example/feed", "The Bay Herald - Politics", "The Bay Herald"),
        ("http://links.example/feed", "Links of the day", "bayherald.example"),
        (None, None, "bayherald.example"),
    ],
)
def test_a_feed_names_the_publisher_of_its_own_site_where_the_page_does_not(
    feed: str | None, named: str | None, source: str
) -> None:
    """Else one publisher has two names: its own, and its host."""
    address = "http://www.bayherald.example/1"
    item = Item("g", address, source=named) if feed is not None else None
    silent = document(page("Sea wall", canonical=address), "text/html", address)
    assert read_page(silent, feed or address, item).article.source == source
    says = '<meta property="og:site_name" content="Evening Post">'
    speaking = document(page("Sea wall", canonical=address, head=says), "text/html", address)
    assert read_page(speaking, feed or address, item).article.source == "Evening Post"


def test_the_entry_fills_section_and_rights(site: Site, fetcher: Fetcher) -> None:
    site.replies["/1"] = Reply(page("Sea wall"))
    said = '<meta property="article:section" content="Sport">'
    site.replies["/2"] = Reply(page("Sea wall", head=said))
    for path, section in (("/1", "Politics"), ("/2", "Sport"), ("/gone", "Politics")):
        item = Item("g", site.url + path, text=LONG, section="Politics", rights="© The Herald")
        article = read_item(item, f"{site.url}/feed", fetcher).article
        assert (article.section, article.rights) == (section, "© The Herald"), path
