"""Rate limits: the process's own counts, with a clock that the test moves, when others fail."""

import logging
import sqlite3

import pytest

from api.http.limits import Limit, _OwnCounts
from qa.archive.archive import Archive
from qa.archive.sqlite.counters import FILE
from qa.archive.usage import Counted, Rate
from tests.support.stores import folder_of


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("api.http.limits.time.monotonic", clock)
    return clock


def test_calls_beyond_the_limit_wait_until_the_oldest_leaves_the_window(clock: Clock) -> None:
    counts = _OwnCounts(Rate(2, 60))
    assert counts.count("a") == Counted(granted=True, left=1, reset=60)
    clock.now += 20
    assert counts.count("a") == Counted(granted=True, left=0, reset=40)
    assert counts.count("a") == Counted(granted=False, left=0, reset=40)
    assert counts.count("b").granted, "callers are counted apart"
    clock.now += 39.5
    assert counts.count("a").reset == 1, "rounded up: after the given wait a call is counted"
    clock.now += 0.5
    assert counts.count("a").granted
    assert counts.count("a") == Counted(granted=False, left=0, reset=20)


def test_only_so_many_callers_are_remembered(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.http.limits._MOST_CALLERS", 2)
    counts = _OwnCounts(Rate(1, 3600))
    for caller in ("a", "b", "c"):
        assert counts.count(caller).granted
    assert counts.count("c").reset == 3600
    assert counts.count("a").granted, "the one that was quiet for longest was forgotten"


@pytest.mark.parametrize("text", ["", "60", "60/fortnight", "many/minute", "1/minute/2"])
def test_a_limit_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        Limit.parse(text)


def test_two_processes_share_a_limit(archive: Archive) -> None:
    """Two objects share nothing but the store, as two processes do."""
    here, there = Limit.parse("3/minute"), Limit.parse("3/minute")
    granted = [limit.count(archive.store, "a").granted for limit in (here, there, here, there)]
    assert granted == [True, True, True, False]


@pytest.mark.sqlite_only
def test_without_the_shared_counters_each_process_still_holds_to_the_limit(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    counters = folder_of(archive.store) / FILE
    counters.write_bytes(b"not a database, but long enough to be looked at as one" * 100)
    limit = Limit.parse("2/minute")
    with caplog.at_level(logging.WARNING, logger="dateline"):
        granted = [limit.count(archive.store, "a").granted for _ in range(3)]
    assert granted == [True, True, False]
    assert len(caplog.records) == 1, "the log says it once"
    assert "by itself" in caplog.text
    counters.unlink()
    assert limit.count(archive.store, "a").granted, "counted together again"
    with sqlite3.connect(counters) as database:
        assert database.execute("SELECT count(*) FROM calls").fetchone() == (1,)
