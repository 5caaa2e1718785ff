"""Following feeds: what is new is stored once, whatever happens in between."""

import gzip
import itertools
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from threading import Event, Lock
from typing import Any

import anyio
import pytest

from qa.archive.archive import Archive
from qa.archive.feeds import MOST_FAILURES, find_feed, list_feeds, note_items
from qa.errors import ArchiveBusy, BadInput, StorageFailed
from qa.ingest.web import addresses, poll, read
from qa.ingest.web.articles import read_item
from qa.ingest.web.fetch import Fetcher
from qa.ingest.web.poll import Outcome, check_due, follow
from tests.support.fakes import BagOfWordsEmbedder
from tests.support.stores import opened_again
from tests.support.web import (
    RSS_TYPE,
    WORDS,
    XML,
    Reply,
    Site,
    ids,
    page,
    publish,
    rss,
    rss_item,
    settings,
    sitemap,
)


def check(archive: Archive, fetcher: Fetcher, **options: Any) -> list[Outcome]:
    return check_due(archive, fetcher, everything=True, **options)


def test_a_feed_is_read_and_read_again_for_nothing(
    site: Site, fetcher: Fetcher, archive: Archive, embedder: BagOfWordsEmbedder
) -> None:
    url = publish(site, "a", "b", etag='"1"')
    feed = follow(archive, fetcher, url, 900)
    assert (feed.kind, feed.every, feed.ok) == ("feed", 900, None)
    (outcome,) = check_due(archive, fetcher)
    assert (outcome.ok, outcome.in_words) == (True, "2 added")
    assert ids(archive) == ["a", "b"]
    embedded, asked = embedder.embedded, len(site.asked)
    (again,) = check(archive, fetcher)
    assert again.in_words == "not modified"
    assert site.asked[asked:] == ["/feed"]
    publish(site, "a", "b", etag='"2"')
    (again,) = check(archive, fetcher)
    assert again.in_words == "nothing new"
    assert site.asked[asked:] == ["/feed", "/feed"], "no page is read again"
    assert embedder.embedded == embedded
    stored = find_feed(archive.store, url)
    assert (stored.checks, stored.articles, stored.ok, stored.etag) == (3, 2, True, '"2"')


def test_a_new_entry_and_a_changed_one_are_read(
    site: Site, fetcher: Fetcher, archive: Archive
) -> None:
    url = publish(site, "a", "b")
    follow(archive, fetcher, url, 900)
    check(archive, fetcher)
    asked = len(site.asked)
    site.replies["/a"] = Reply(page("Correction"))
    changed = rss_item(f"{site.url}/a", title="a, corrected")
    items = [changed, rss_item(f"{site.url}/b", title="b"), rss_item(f"{site.url}/c", title="c")]
    site.replies |= {"/feed": Reply(rss(*items), RSS_TYPE), "/c": Reply(page("Report c"))}
    (outcome,) = check(archive, fetcher)
    assert outcome.in_words == "1 added, 1 updated"
    assert site.asked[asked:] == ["/feed", "/a", "/c"]


def test_a_deleted_article_stays_deleted_until_its_entry_changes(
    site: Site, fetcher: Fetcher, archive: Archive
) -> None:
    follow(archive, fetcher, publish(site, "a", "b") + "#top", 900)
    check(archive, fetcher)
    archive.delete(f"{site.url}/a")
    check(archive, fetcher)
    assert ids(archive) == ["b"]
    items = [rss_item(f"{site.url}/{name}", title=f"New: {name}") for name in "ab"]
    site.replies["/feed"] = Reply(rss(*items), RSS_TYPE)
    check(archive, fetcher)
    assert ids(archive) == ["a", "b"]


def test_a_site_with_one_canonical_address_on_all_pages_loses_no_article(
    site: Site, fetcher: Fetcher, archive: Archive
) -> None:
    for name in "abcd":
        body = page(f"Report {name}", canonical=f"{site.url}/news")
        site.replies[f"/{name}"] = Reply(body)
    follow(archive, fetcher, publish(site, "a", "b"), 900)
    assert check(archive, fetcher)[0].in_words == "2 added"
    publish(site, "b", "c", "d")
    assert check(archive, fetcher)[0].in_words == "2 added"
    assert ids(archive) == ["b", "c", "d", "news"], "the first was believed"
    # the report itself, listed again under another guid and link
    site.replies["/d2"] = Reply(page("Report a", canonical=f"{site.url}/news"))
    publish(site, "d2")
    check(archive, fetcher)
    assert ids(archive) == ["b", "c", "d", "news"]


def test_only_what_is_due_is_checked(site: Site, fetcher: Fetcher, archive: Archive) -> None:
    now = datetime(2024, 3, 4, 8, tzinfo=UTC)
    archive.store.clock = lambda: now
    url = publish(site, "a")
    follow(archive, fetcher, url, 900)
    assert len(check_due(archive, fetcher)) == 1
    assert check_due(archive, fetcher) == []
    now += timedelta(seconds=899)
    assert check_due(archive, fetcher) == []
    now += timedelta(seconds=1)
    assert len(check_due(archive, fetcher)) == 1
    site.replies["/feed"] = Reply("later", status=503, headers={"Retry-After": "7200"})
    check(archive, fetcher)
    feed = find_feed(archive.store, url)
    assert feed.next_due == now.timestamp() + 7200, "as the server asked"
    assert feed.last_success_at == now.timestamp()
    assert feed.ok is False


HOSTILE = {
    "lies": (Reply(b"<rss>", headers={"Content-Length": "999"}), "breaks off"),
    "metadata": (
        Reply(status=302, headers={"Location": "http://169.254.169.254/latest/meta-data/"}),
        "not a public address",
    ),
    "bomb": (
        Reply(gzip.compress(bytes(60_000_000), 1), headers={"Content-Encoding": "gzip"}),
        "longer than 52,428,800 bytes",
    ),
    "packed-bomb": (
        Reply(gzip.compress(bytes(60_000_000), 1), XML),
        "longer than 52,428,800 bytes",
    ),
    "no-xml": (Reply("this is no XML", XML), "not a page, feed or sitemap"),
    "cut": (Reply("<rss><channel><item", XML), "invalid XML"),
    "entities": (
        Reply('<!DOCTYPE r [<!ENTITY a "b">]><rss><channel>&a;</channel></rss>', XML),
        "declares entities",
    ),
    "loop": (Reply(status=302, headers={"Location": "/loop"}), "more than 5 redirects"),
    "now-a-page": (Reply(page("No feed any more")), "a page, not a feed or sitemap"),
    "gone": (Reply("gone", status=410), "410 Gone"),
}


def test_a_hostile_feed_says_why_in_one_line_and_the_others_go_on(
    site: Site, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = addresses.is_public
    monkeypatch.setattr(addresses, "is_public", lambda one: one == "127.0.0.1" or real(one))
    fetcher = Fetcher(settings(fetch_private_addresses=False, fetch_timeout=60))
    for name in HOSTILE:
        follow(archive, fetcher, publish(site, path=f"/{name}"), 900)
    follow(archive, fetcher, publish(site, "a", path="/good"), 900)
    site.replies |= {f"/{name}": reply for name, (reply, _) in HOSTILE.items()}
    outcomes = {outcome.feed.rpartition("/")[2]: outcome for outcome in check(archive, fetcher)}
    for name, (_, reason) in HOSTILE.items():
        assert not outcomes[name].ok
        assert reason in outcomes[name].in_words
        assert outcomes[name].in_words.startswith("failed: ")
        assert "\n" not in outcomes[name].in_words
    assert outcomes["good"].in_words == "1 added"
    assert ids(archive) == ["a"]
    said = {feed.url.rpartition("/")[2]: feed.last_outcome for feed in list_feeds(archive.store)}
    assert said == {name: outcome.in_words for name, outcome in outcomes.items()}


def test_a_feed_that_hangs_fails(site: Site, archive: Archive) -> None:
    fetcher = Fetcher(settings(fetch_timeout=1.5))
    url = publish(site, "a")
    follow(archive, fetcher, url, 900)
    site.replies["/feed"] = Reply(raw=lambda _: time.sleep(30))
    (outcome,) = check(archive, fetcher)
    assert outcome.in_words == "failed: no whole response within 1.5 s"


def test_a_fault_of_a_parser_ends_that_feed_or_page_only(
    site: Site, fetcher: Fetcher, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(archive, fetcher, publish(site, "a", "b"), 900)
    follow(archive, fetcher, publish(site, "c", path="/other"), 900)

    def breaking(item: Any, *rest: Any) -> Any:
        if item.link.endswith("/a"):
            raise AssertionError("a parser's own fault")
        return read_item(item, *rest)

    monkeypatch.setattr(read, "read_item", breaking)
    first, _ = check(archive, fetcher)
    assert first.in_words == (f"1 added, 1 skipped; {site.url}/a: internal error: AssertionError")
    assert ids(archive) == ["b", "c"]


def test_a_page_that_fails_is_tried_again_and_then_left_alone(
    site: Site, fetcher: Fetcher, archive: Archive
) -> None:
    url = publish(site, "a", "b", etag='"1"')
    del site.replies["/b"]
    follow(archive, fetcher, url, 900)
    (outcome,) = check(archive, fetcher)
    assert outcome.ok
    assert outcome.in_words == (
        f"1 added, 1 skipped; {site.url}/b: the server answered 404 Not Found"
    )
    assert find_feed(archive.store, url).etag is None, "or the entry would never be seen again"
    for _ in range(MOST_FAILURES + 2):
        check(archive, fetcher)
    assert site.asked.count("/b") == MOST_FAILURES
    assert site.asked.count("/a") == 1
    assert find_feed(archive.store, url).etag == '"1"'


def test_what_one_check_does_not_reach_is_left_for_the_next(
    site: Site, fetcher: Fetcher, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poll, "MOST_PAGES", 3)
    url = publish(site, *"abcde", etag='"1"')
    follow(archive, fetcher, url, 900)
    (outcome,) = check(archive, fetcher)
    assert outcome.in_words == "3 added, 2 left for the next check"
    assert find_feed(archive.store, url).etag is None
    (outcome,) = check(archive, fetcher)
    assert outcome.in_words == "2 added"
    assert ids(archive) == list("abcde")
    assert find_feed(archive.store, url).etag == '"1"'


@pytest.fixture
def named_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every host under `.example` is this machine."""
    real = anyio.getaddrinfo

    async def resolving(host: str, port: int, **options: Any) -> Any:
        return await real("127.0.0.1" if host.endswith(".example") else host, port, **options)

    monkeypatch.setattr(anyio, "getaddrinfo", resolving)


def follow_at(site: Site, archive: Archive, fetcher: Fetcher, host: str, pages: str = "") -> str:
    """Follow a feed at ``host`` with one entry, whose page is there or at ``pages``."""
    name = host.partition(".")[0]
    entry = rss_item(f"http://{pages or host}:{site.port}/{name}", title=name)
    site.replies[f"/{name}.rss"] = Reply(rss(entry), RSS_TYPE)
    site.replies[f"/{name}"] = Reply(page(f"Report {name}"))
    url = f"http://{host}:{site.port}/{name}.rss"
    follow(archive, fetcher, url, 900)
    return url


@pytest.mark.usefixtures("named_hosts")
def test_a_host_that_hangs_does_not_hold_up_the_others(site: Site, archive: Archive) -> None:
    """It hangs until the others are done: checked one after another they would wait for it."""
    fetcher = Fetcher(settings(fetch_timeout=60))
    hosts = ["slow.example", "one.example", "two.example"]
    slow, one, two = [follow_at(site, archive, fetcher, host) for host in hosts]
    listing = str(site.replies["/slow.rss"].body)
    others_done = Event()

    def hang(handler: Any) -> None:
        others_done.wait(60)
        handler.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Type: {RSS_TYPE}\r\n\r\n".encode())
        handler.wfile.write(listing.encode())

    site.replies["/slow.rss"] = Reply(raw=hang)
    reported: list[str] = []

    def note(outcome: Outcome) -> None:
        reported.append(outcome.feed)
        if len(reported) == 2:
            others_done.set()

    outcomes = check(archive, fetcher, on_outcome=note)
    assert [(outcome.feed, outcome.in_words) for outcome in outcomes] == [
        (url, "1 added") for url in (slow, one, two)
    ]
    assert sorted(reported[:2]) == [one, two]
    assert reported[2:] == [slow]
    assert ids(archive) == ["one", "slow", "two"]


@pytest.mark.usefixtures("named_hosts")
def test_feeds_of_several_hosts_ask_a_third_one_by_one_and_store_one_by_one(
    site: Site, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetcher = Fetcher(settings(fetch_delay=0.1))
    for number in range(6):
        follow_at(site, archive, fetcher, f"paper-{number}.example", pages="pages.example")
    storing = Lock()

    def store_alone(*given: Any) -> None:
        assert storing.acquire(blocking=False), "another thread is storing"
        time.sleep(0.02)
        read.store_step(*given)
        storing.release()

    monkeypatch.setattr(poll, "store_step", store_alone)
    outcomes = check(archive, fetcher)
    assert [outcome.in_words for outcome in outcomes] == ["1 added"] * 6
    asked = [
        (when, path)
        for when, path, headers in zip(site.times, site.asked, site.headers, strict=True)
        if headers["host"].startswith("pages.")
    ]
    paths = [path for _, path in asked]
    assert sorted(paths) == [*(f"/paper-{number}" for number in range(6)), "/robots.txt"]
    assert paths[0] == "/robots.txt", "read once, before the first page"
    pauses = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(asked)]
    assert min(pauses) >= 0.1


@pytest.mark.usefixtures("named_hosts")
def test_trouble_of_the_archive_ends_the_checks_of_all_hosts_and_loses_nothing(
    site: Site, fetcher: Fetcher, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        follow_at(site, archive, fetcher, f"paper-{number}.example")

    def full(*_: Any) -> None:
        raise StorageFailed("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(poll, "store_step", full)
        with pytest.raises(StorageFailed, match="the disk is full"):
            check(archive, fetcher)
    assert ids(archive) == []
    assert {feed.checks for feed in list_feeds(archive.store)} == {0}
    assert [outcome.in_words for outcome in check_due(archive, fetcher)] == ["1 added"] * 12


class Killed(BaseException):
    """As `kill -9`: nothing that runs afterwards may rely on what this process would have done."""


@pytest.mark.parametrize("moment", ["before the step", "after the articles", "after the items"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_check_that_is_killed_loses_nothing_and_doubles_nothing(
    site: Site,
    fetcher: Fetcher,
    archive: Archive,
    embedder: BagOfWordsEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    step: int,
) -> None:
    monkeypatch.setattr(read, "STEP", 2)
    names = "abcde"
    url = publish(site, *names, etag='"1"')
    follow(archive, fetcher, url, 900)
    steps = 0

    def storing(*given: Any) -> None:
        nonlocal steps
        steps += 1
        if moment == "before the step" and steps == step:
            raise Killed
        read.store_step(*given)
        if moment == "after the articles" and steps == step:
            raise Killed

    def noting(*given: Any) -> None:
        note_items(*given)
        if moment == "after the items" and steps == step:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(poll, "store_step", storing)
        patch.setattr(poll, "note_items", noting)
        with pytest.raises(Killed):
            check(archive, fetcher)
    acknowledged = ids(archive)
    done = step if moment != "before the step" else step - 1
    assert acknowledged == list(names[: 2 * done])
    assert find_feed(archive.store, url).etag is None
    check_due(archive, fetcher)
    assert ids(archive) == list(names)
    with archive.snapshot() as snapshot:
        assert embedder.embedded == snapshot.counts().passages, "none was embedded twice"
    assert find_feed(archive.store, url).etag == '"1"'


def test_stopping_ends_after_the_page_and_the_rest_comes_later(
    site: Site, fetcher: Fetcher, archive: Archive
) -> None:
    url = publish(site, *"abc", etag='"1"')
    follow(archive, fetcher, url, 900)
    asked = iter([False, False, False, True, True])  # before the feed and before each page
    (outcome,) = check(archive, fetcher, stopped=lambda: next(asked))
    assert outcome.interrupted
    assert ids(archive) == ["a", "b"]
    assert find_feed(archive.store, url).checks == 0
    (outcome,) = check_due(archive, fetcher)
    assert outcome.in_words == "1 added"


def test_one_process_checks_at_a_time(site: Site, fetcher: Fetcher, archive: Archive) -> None:
    follow(archive, fetcher, publish(site, "a"), 900)
    with (
        closing(opened_again(archive.store)) as other,
        other.alone("follow"),
        pytest.raises(ArchiveBusy, match="another process is checking the feeds"),
    ):
        check(archive, fetcher)
    assert ids(archive) == []


def test_what_cannot_be_followed_is_refused(site: Site, fetcher: Fetcher, archive: Archive) -> None:
    head = '<link rel="alternate" type="application/atom+xml" href="/feed.atom">'
    site.replies["/"] = Reply(page("All the news", head=head))
    with pytest.raises(BadInput, match=f"is a page, not a feed .* names {site.url}/feed.atom"):
        follow(archive, fetcher, f"{site.url}/", 900)
    with pytest.raises(BadInput, match="at most every 60 s"):
        follow(archive, fetcher, publish(site), 59)
    with pytest.raises(BadInput, match="404"):
        follow(archive, fetcher, f"{site.url}/none", 900)
    follow(archive, fetcher, publish(site), 900)
    with pytest.raises(BadInput, match="followed already"):
        follow(archive, fetcher, publish(site), 900)


def index(*urls: str) -> str:
    entries = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in urls)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</sitemapindex>'


def test_an_index_of_sitemaps_is_read_also_where_one_of_them_is_broken(
    site: Site, fetcher: Fetcher, archive: Archive
) -> None:
    one, two = (
        sitemap(*(f"<url><loc>{site.url}/{name}</loc></url>" for name in names))
        for names in ("ab", "bc")
    )
    names = [f"{site.url}/{name}" for name in ("1.xml", "broken.xml", "2.xml.gz")]
    site.replies |= {
        "/sitemap.xml": Reply(index(*names), XML, headers={"ETag": '"1"'}),
        "/1.xml": Reply(one, XML),
        "/2.xml.gz": Reply(gzip.compress(two.encode()), "application/gzip"),
        "/broken.xml": Reply("<urlset", XML),
    }
    for name in "abc":
        site.replies[f"/{name}"] = Reply(page(f"Report {name}"))
    assert follow(archive, fetcher, f"{site.url}/sitemap.xml", 900).kind == "sitemap"
    (outcome,) = check(archive, fetcher)
    assert outcome.in_words.startswith(f"3 added; {site.url}/broken.xml: invalid XML")
    assert ids(archive) == ["a", "b", "c"]
    site.replies["/1.xml"] = Reply(sitemap(f"<url><loc>{site.url}/d</loc></url>"), XML)
    site.replies["/d"] = Reply(page("Report d"))
    (outcome,) = check(archive, fetcher)
    assert outcome.in_words.startswith("1 added"), "though the index itself has not changed"


def test_a_feed_brings_its_own_whole_reports(
    site: Site, fetcher: Fetcher, archive: Archive
) -> None:
    site.replies["/robots.txt"] = Reply("User-agent: *\nDisallow: /news/", "text/plain")
    paragraphs = "".join(f"<p>{text}</p>" for text in WORDS * 2)
    whole = f"<content:encoded><![CDATA[{paragraphs}]]></content:encoded>"
    items = rss_item(f"{site.url}/news/a", more=whole), rss_item(f"{site.url}/news/b")
    site.replies["/feed"] = Reply(rss(*items), RSS_TYPE)
    follow(archive, fetcher, f"{site.url}/feed", 900)
    (outcome,) = check(archive, fetcher)
    assert outcome.in_words == (
        f"1 added, 1 skipped; {site.url}/news/b: robots.txt of 127.0.0.1 does not allow /news/b"
    )
    with archive.snapshot() as snapshot:
        article = snapshot.article(f"{site.url}/news/a").article
    assert article.text == "\n".join(WORDS * 2)
