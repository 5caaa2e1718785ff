"""How fresh an archive is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qa.archive.archive import Archive
from qa.archive.feeds import Checked, add_feed, note_check
from qa.archive.snapshot import Snapshot
from qa.archive.sqlite.index import FILE
from qa.archive.status import seconds_of, status_of
from qa.errors import BadInput
from tests.support.archives import put
from tests.support.stores import folder_of

NOW = datetime(2024, 3, 4, 12, tzinfo=UTC)
RECORDS = [
    {"id": "1", "text": "Out.", "source": "Herald", "published_at": "2024-03-01"},
    {"id": "2", "text": "New.", "source": "Post", "published_at": "2024-03-04T11:00:00+00:00"},
    {"id": "3", "text": "Secret.", "published_at": "2024-03-04", "embargoed_until": "2024-03-05"},
    {"id": "4", "text": "Killed.", "published_at": "2020-03-04", "status": "canceled"},
    {"id": "5", "text": "Undated."},
]


def test_a_status_counts_what_may_be_seen_now(archive: Archive, tmp_path: Path) -> None:
    now = NOW
    archive.store.clock = lambda: now
    put(archive, RECORDS, tmp_path)
    status = status_of(archive)
    assert status.articles == 3
    assert status.oldest_published_at == "2024-03-01"
    assert status.newest_published_at == "2024-03-04T11:00:00+00:00"
    assert status.newest_age == 3600
    assert (status.last_ingested_at, status.ingest_age) == ("2024-03-04T12:00:00+00:00", 0)
    assert status.embedder == "bag-of-words"
    assert status.bytes_on_disk > 50_000
    now += timedelta(days=1)
    later = status_of(archive)
    assert (later.articles, later.newest_age) == (4, 25 * 3600), "the embargo is over"
    assert later.ingest_age == 24 * 3600


def test_a_status_does_not_group_all_articles_by_source(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page asks for it at each visit: that grouping took 0.85 s of 100,000 articles."""
    put(archive, RECORDS, tmp_path)
    monkeypatch.delattr(Snapshot, "sources")
    assert status_of(archive).articles == 4


def test_an_empty_archive_has_a_status(archive: Archive) -> None:
    status = status_of(archive, read_index=True)
    assert (status.articles, status.newest_age, status.ingest_age) == (0, None, None)
    assert status.feeds == []


def test_a_feed_that_was_checked_counts_as_news_also_where_nothing_was_new(
    archive: Archive, tmp_path: Path
) -> None:
    now = NOW
    archive.store.clock = lambda: now
    put(archive, RECORDS, tmp_path)
    add_feed(archive.store, "http://a.example/feed", "feed", 900)
    now += timedelta(hours=2)
    assert status_of(archive).ingest_age == 7200
    note_check(archive.store, "http://a.example/feed", Checked("failed: 503", False, 0))
    assert status_of(archive).ingest_age == 7200
    note_check(archive.store, "http://a.example/feed", Checked("not modified", True, 0))
    status = status_of(archive)
    assert status.ingest_age == 0
    assert status.feeds[0]["last_outcome"] == "not modified"
    assert status.feeds[0]["last_success_at"] == "2024-03-04T14:00:00+00:00"


@pytest.mark.sqlite_only("the FAISS file")
def test_the_index_is_reported_with_what_this_process_has_loaded(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, RECORDS, tmp_path)
    archive.prepare()
    index = status_of(archive).index
    assert index.generation == index.cached_generation
    assert index.fault is None
    (folder_of(archive.store) / FILE).write_bytes(b"no index")
    assert status_of(archive).index.fault is None, "not read: it is loaded already"
    assert "no readable header" in str(status_of(archive, read_index=True).index.fault)


def test_a_report_dated_in_the_future_is_not_younger_than_now(
    archive: Archive, tmp_path: Path
) -> None:
    archive.store.clock = lambda: NOW
    put(archive, [{"id": "1", "text": "Out.", "published_at": "2024-03-09"}], tmp_path)
    assert status_of(archive).newest_age == 0


def test_periods_are_read_or_refused() -> None:
    assert [seconds_of(text) for text in ("90s", "15m", "6h", "2d")] == [90, 900, 21600, 172_800]
    for text in ("", "15", "m", "0m", "-1h", "1.5h", "15 m", "1w", "9999999s"):
        with pytest.raises(BadInput, match="is not a period"):
            seconds_of(text)
