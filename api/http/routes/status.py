"""Freshness over HTTP: the archive's status, its sources, their metrics, and the polling task."""

import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from anyio import to_thread
from litestar import Controller, get
from litestar.di import NamedDependency
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from pydantic import BaseModel, ConfigDict

from api.http.background import repeating
from api.http.problems import documented
from qa.archive.archive import Archive
from qa.archive.feeds import list_feeds
from qa.archive.snapshot import Snapshot
from qa.archive.sources import Source
from qa.archive.status import Status, seconds_of, staleness, status_of
from qa.errors import ArchiveStale
from qa.ingest.web.fetch import Fetcher
from qa.ingest.web.poll import check_due
from qa.settings import Settings
from qa.types import instant

PAUSE = 30  # seconds between two looks for feeds that are due

_log = logging.getLogger("dateline")


class SourceListing(BaseModel):
    """The sources, those with the most articles first."""

    model_config = ConfigDict(frozen=True)

    sources: list[Source]


class StatusRoute(Controller):
    """How fresh and how large the archive is."""

    path = "/v1/status"
    tags = ["articles"]

    @get(
        operation_id="status",
        sync_to_thread=True,
        opt={"scope": "read"},
        responses=documented(HTTPStatus.SERVICE_UNAVAILABLE),
    )
    def status(self, archive: NamedDependency[Archive]) -> Status:
        """Articles, the period that they cover, the last ingest, feeds, size and index.

        What nobody may see now, such as an article under embargo, is not counted.
        """
        return status_of(archive)


class Sources(Controller):
    """The publishers."""

    path = "/v1/sources"
    tags = ["articles"]

    @get(
        operation_id="list_sources",
        sync_to_thread=True,
        opt={"scope": "read"},
        responses=documented(HTTPStatus.SERVICE_UNAVAILABLE),
    )
    def list_sources(self, archive: NamedDependency[Archive]) -> SourceListing:
        """Each source with its aliases, its articles, their period, and when one last came in."""
        with archive.snapshot() as snapshot:
            return SourceListing(sources=snapshot.sources())


class Freshness(Collector):
    """Metrics that are computed when asked for: alike in every worker, and never of a feed that is
    followed no more.
    """

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Ages in seconds; one that is not known has no sample."""
        feeds = list_feeds(self._archive.store)
        with self._archive.snapshot() as snapshot:
            now = snapshot.now
            reach = snapshot.publication_range()
            since_ingest = staleness(snapshot, feeds)
        oldest, newest = (max(0.0, now - instant(day)) for day in reach) if reach else (None, None)
        yield GaugeMetricFamily(
            "dateline_archive_bytes",
            "Size of the archive's folder",
            self._archive.store.size_in_bytes(),
        )
        for name, meaning, value in (
            ("oldest_report_age", "Age of the oldest report", oldest),
            ("newest_report_age", "Age of the newest report", newest),
            ("ingest_age", "Since an ingest or a feed's check last succeeded", since_ingest),
        ):
            yield GaugeMetricFamily(f"dateline_{name}_seconds", meaning, value)
        age = GaugeMetricFamily(
            "dateline_feed_age_seconds",
            "Since a feed was last checked with success, or added",
            labels=["feed"],
        )
        up = GaugeMetricFamily(
            "dateline_feed_up", "1 if a feed's last check succeeded", labels=["feed"]
        )
        for feed in feeds:
            success = feed.last_success_at
            age.add_metric([feed.url], max(0.0, now - (success or feed.added_at)))
            if feed.ok is not None:
                up.add_metric([feed.url], float(feed.ok))
        yield from (age, up)


def check_freshness(archive: Archive, snapshot: Snapshot, limit: str | None) -> None:
    """Raises ArchiveStale when nothing new could be read for longer than ``limit``."""
    if limit is None:
        return
    age = staleness(snapshot, list_feeds(archive.store))
    if age is None or age > seconds_of(limit):
        since = "ever" if age is None else f"for {age:.0f} s"
        raise ArchiveStale(f"no ingest and no check of a feed succeeded {since}; limit: {limit}")


@asynccontextmanager
async def following(archive: Archive, settings: Settings) -> AsyncIterator[None]:
    """While this is open, feeds are checked when they are due, by one process at a time.

    Closing it waits for the end of the fetches under way.
    """
    stop = threading.Event()
    fetcher = Fetcher(settings, stop.wait)

    def check() -> None:
        for outcome in check_due(archive, fetcher, stopped=stop.is_set):
            level = logging.INFO if outcome.ok else logging.WARNING
            _log.log(level, "feed %s: %s", outcome.feed, outcome.in_words)

    async def step() -> float:
        await to_thread.run_sync(check)
        return PAUSE

    async with repeating(step, "checking feeds", PAUSE):
        try:
            yield
        finally:
            stop.set()
