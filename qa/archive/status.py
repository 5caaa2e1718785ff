"""How fresh and how large an archive is, and the state of its feeds and its index."""

import re

from pydantic import BaseModel, ConfigDict

from qa.archive.archive import Archive
from qa.archive.feeds import Feed, FeedOutput, feed_json, list_feeds
from qa.archive.snapshot import LAST_INGESTED, Snapshot
from qa.errors import BadInput
from qa.settings import PERIOD
from qa.types import Filters, instant

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class IndexState(BaseModel):
    """The cache of the vectors. ``cached_generation``: what this process has loaded, if anything;
    ``fault``: why the file cannot be used.
    """

    model_config = ConfigDict(frozen=True)

    generation: int
    cached_generation: int | None
    fault: str | None


class Status(BaseModel):
    """The state of an archive. Articles that nobody may see now are not counted.

    Ages are in seconds. ``newest_age`` is that of the newest report; ``ingest_age`` the time since
    an ingest, or the check of a feed, last succeeded. ``feeds``: as `dateline follow list --json`.
    """

    model_config = ConfigDict(frozen=True)

    articles: int
    oldest_published_at: str | None
    newest_published_at: str | None
    newest_age: float | None
    last_ingested_at: str | None
    ingest_age: float | None
    feeds: list[FeedOutput]
    bytes_on_disk: int
    index: IndexState
    embedder: str


def status_of(archive: Archive, *, read_index: bool = False) -> Status:
    """The state now. ``read_index``: check the index file too, which reads all of it."""
    with archive.snapshot() as snapshot:
        coverage = snapshot.coverage(Filters())
        reach = snapshot.publication_range()
        fault = archive.store.index_fault
        if read_index:
            found = snapshot.index_fault()
            fault = None if found is None else found.message
        index = IndexState(
            generation=snapshot.generation,
            cached_generation=archive.store.cached_generation,
            fault=fault,
        )
        manifest, now = snapshot.manifest, snapshot.now
    oldest, newest = reach or (None, None)
    feeds = list_feeds(archive.store)
    return Status(
        articles=coverage.articles,
        oldest_published_at=oldest,
        newest_published_at=newest,
        newest_age=_age(None if newest is None else instant(newest), now),
        last_ingested_at=manifest.get(LAST_INGESTED),
        ingest_age=_age(_last_success(manifest.get(LAST_INGESTED), feeds), now),
        feeds=[feed_json(feed) for feed in feeds],
        bytes_on_disk=archive.store.size_in_bytes(),
        index=index,
        embedder=manifest["embedder"],
    )


def staleness(snapshot: Snapshot, feeds: list[Feed]) -> float | None:
    """Seconds since an ingest, or the check of a feed, last succeeded; None: never."""
    return _age(_last_success(snapshot.manifest.get(LAST_INGESTED), feeds), snapshot.now)


def seconds_of(period: str) -> int:
    """A period such as "90s", "15m", "6h" or "2d" in seconds. Raises BadInput."""
    if not re.fullmatch(PERIOD, period):
        raise BadInput(f"'{period[:40]}' is not a period; expected one such as 90s, 15m, 6h, 2d")
    return int(period[:-1]) * _UNITS[period[-1]]


def _last_success(last_ingested_at: str | None, feeds: list[Feed]) -> float | None:
    moments = [feed.last_success_at for feed in feeds if feed.last_success_at is not None]
    if last_ingested_at is not None:
        moments.append(instant(last_ingested_at))
    return max(moments, default=None)


def _age(moment: float | None, now: float) -> float | None:
    """A clock that was put back, or a report dated in the future, is not younger than now."""
    return None if moment is None else max(0.0, now - moment)
