"""Freshness over HTTP: status, sources, metrics, readiness, and `serve` that polls by itself."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.http.routes import status as routes
from qa.archive.archive import Archive
from qa.archive.feeds import Checked, add_feed, note_check, remove_feed
from qa.archive.sources import add_alias
from tests.support.client import ARTICLES, check_problem
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of
from tests.support.web import RSS_TYPE, Reply, Site, page, rss, rss_item, running_site

URL = "http://a.example/feed"


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as site:
        yield site


def test_the_status_and_the_sources_are_served(filled: Archive) -> None:
    add_feed(filled.store, URL, "feed", 900)
    note_check(filled.store, URL, Checked("2 added", True, 0, 2))
    with filled.store.aside() as database:
        add_alias(database, "daily.example", "Daily")
    with client_of(filled, FirstSentenceModel()) as asking:
        status = asking.get("/v1/status").json()
        sources = asking.get("/v1/sources").json()["sources"]
    assert status["articles"] == len(ARTICLES) == sum(source["articles"] for source in sources)
    with filled.snapshot() as snapshot:
        assert status["index"]["generation"] == snapshot.generation
    assert status["index"]["cached_generation"] == filled.store.cached_generation
    assert status["index"]["fault"] is None
    (feed,) = status["feeds"]
    assert (feed["url"], feed["ok"], feed["last_outcome"]) == (URL, True, "2 added")
    assert set(sources[0]) == {
        "name", "aliases", "articles", "oldest_published_at", "newest_published_at",
        "last_received_at", "perhaps",
    }  # fmt: skip
    received = max(source["last_received_at"] for source in sources)
    assert received[:19] == status["last_ingested_at"][:19]


def test_the_metrics_say_how_old_the_news_are(filled: Archive) -> None:
    now = datetime.now(UTC) + timedelta(hours=2)
    filled.store.clock = lambda: now
    add_feed(filled.store, URL, "feed", 900)
    note_check(filled.store, URL, Checked("2 added", True, 0, 2))
    now += timedelta(hours=1)
    note_check(filled.store, URL, Checked("failed: 503", False, 0))
    with client_of(filled, FirstSentenceModel()) as asking:
        text = asking.get("/metrics").text
        assert f'dateline_feed_age_seconds{{feed="{URL}"}} 3600.0' in text
        assert f'dateline_feed_up{{feed="{URL}"}} 0.0' in text
        assert "dateline_ingest_age_seconds 3600.0" in text
        newest = max(str(article.get("published_at") or "") for article in ARTICLES)
        age = now.timestamp() - datetime.fromisoformat(newest).replace(tzinfo=UTC).timestamp()
        line = next(row for row in text.splitlines() if row.startswith("dateline_newest_report"))
        assert abs(float(line.split()[1]) - age) <= 86_400
        remove_feed(filled.store, URL)
        assert URL not in asking.get("/metrics").text


def test_the_metrics_say_how_far_the_archive_reaches_and_how_large_it_is(filled: Archive) -> None:
    with client_of(filled, FirstSentenceModel()) as asking:
        text = asking.get("/metrics").text
        status = asking.get("/v1/status").json()
    found = {row.split()[0]: float(row.split()[1]) for row in text.splitlines() if row[0] != "#"}
    reach = datetime.now(UTC) - datetime.fromisoformat(status["oldest_published_at"]).replace(
        tzinfo=UTC
    )
    assert abs(found["dateline_oldest_report_age_seconds"] - reach.total_seconds()) < 86_400
    assert found["dateline_archive_bytes"] > 10_000


def test_readiness_fails_past_the_limit_and_only_then(filled: Archive) -> None:
    now = datetime.now(UTC)
    filled.store.clock = lambda: now
    with (
        client_of(filled, FirstSentenceModel(), max_staleness="6h") as asking,
        client_of(filled, FirstSentenceModel()) as without_limit,
    ):
        assert asking.get("/health/ready").status_code == 200
        now += timedelta(hours=7)
        check_problem(asking.get("/health/ready"), 503, "longer than is allowed")
        assert asking.get("/health/live").status_code == 200
        assert without_limit.get("/health/ready").status_code == 200
        add_feed(filled.store, URL, "feed", 900)
        note_check(filled.store, URL, Checked("not modified", True, 0))
        assert asking.get("/health/ready").status_code == 200


@pytest.mark.parametrize("follow", [False, True])
def test_serve_polls_by_itself_only_if_it_is_told_to(
    filled: Archive, site: Site, follow: bool
) -> None:
    site.replies |= {
        "/feed": Reply(rss(rss_item(f"{site.url}/a")), RSS_TYPE),
        "/a": Reply(page("Sea wall")),
    }
    add_feed(filled.store, f"{site.url}/feed", "feed", 900)
    settings: dict[str, Any] = {"follow": follow, "fetch_private_addresses": True, "fetch_delay": 0}
    with client_of(filled, FirstSentenceModel(), **settings) as asking:
        ends = time.monotonic() + (30 if follow else 0.5)
        while time.monotonic() < ends:
            if asking.get("/v1/status").json()["feeds"][0]["ok"] is not None:
                break
            time.sleep(0.05)
        feed = asking.get("/v1/status").json()["feeds"][0]
    assert feed["last_outcome"] == ("1 added" if follow else None)
    assert bool(site.asked) is follow


def test_stopping_the_service_does_not_wait_for_a_long_check(
    filled: Archive, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pause between two requests to a host ends at once."""
    monkeypatch.setattr(routes, "PAUSE", 0.01)
    site.replies["/feed"] = Reply(rss(rss_item(f"{site.url}/a")), RSS_TYPE)
    add_feed(filled.store, f"{site.url}/feed", "feed", 900)
    settings: dict[str, Any] = {"follow": True, "fetch_private_addresses": True, "fetch_delay": 60}
    with client_of(filled, FirstSentenceModel(), **settings):
        ends = time.monotonic() + 30
        while not site.asked and time.monotonic() < ends:
            time.sleep(0.02)
        started = time.monotonic()
    assert site.asked
    assert time.monotonic() - started < 20
