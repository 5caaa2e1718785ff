"""Counting calls, questions and tokens for all processes at once."""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier, get_ident
from typing import Any

import pytest

from qa.archive.archive import Archive
from qa.archive.database import Database
from qa.archive.opening import open_store
from qa.archive.sqlite.counters import Counters
from qa.archive.store import Store
from qa.archive.usage import (
    UNLIMITED,
    Budget,
    Counted,
    Rate,
    Use,
    add_tokens,
    count_call,
    take_question,
    today,
    until_tomorrow,
    used_today,
)
from qa.errors import StoreError
from qa.settings import Settings
from tests.support.stores import folder_of, settings_of, wait_long

NOON = datetime(2024, 3, 5, 12, tzinfo=UTC)


@dataclass
class Moving:
    """A store whose counters go by a clock that the test moves."""

    store: Store
    now: float = 10_000.0

    @contextmanager
    def counting(self) -> Iterator[tuple[Database, Callable[[], float]]]:
        with self.store.counting() as (database, _):
            yield database, lambda: self.now


@pytest.fixture
def moving(archive: Archive) -> Any:
    return Moving(archive.store)


def test_calls_beyond_a_rate_wait_until_the_oldest_leaves_the_window(moving: Any) -> None:
    rate = Rate(2, 60)
    assert count_call(moving, "a", rate) == Counted(granted=True, left=1, reset=60)
    moving.now += 20
    assert count_call(moving, "a", rate) == Counted(granted=True, left=0, reset=40)
    assert count_call(moving, "a", rate) == Counted(granted=False, left=0, reset=40)
    assert count_call(moving, "b", rate).granted, "callers are counted apart"
    moving.now += 39.5
    assert count_call(moving, "a", rate).reset == 1
    moving.now += 0.5
    assert count_call(moving, "a", rate).granted, "exactly a window after the first"
    assert count_call(moving, "a", rate) == Counted(granted=False, left=0, reset=20)


@pytest.mark.parametrize("seed", range(3))
def test_no_window_ever_holds_more_calls_than_the_rate_allows(moving: Any, seed: int) -> None:
    """A refused caller who waits as long as it is told is always served."""
    chance = random.Random(seed)
    rate = Rate(chance.choice([1, 3, 10]), chance.choice([1, 60]))
    granted: list[float] = []
    waits = 0.0
    for _ in range(150):
        moving.now += waits or chance.choice([0, 0, rate.seconds / 97, rate.seconds / 5])
        counted = count_call(moving, "a", rate)
        assert counted.granted or not waits
        waits = 0.0 if counted.granted else chance.choice([0.0, float(counted.reset)])
        if counted.granted:
            granted.append(moving.now)
    for first, later in zip(granted, granted[rate.amount :], strict=False):
        assert later - first >= rate.seconds


def test_a_clock_that_began_anew_has_no_calls_in_the_future(moving: Any) -> None:
    assert count_call(moving, "a", Rate(1, 60)).granted
    moving.now = 5.0
    assert count_call(moving, "a", Rate(1, 60)).granted


def test_callers_who_have_gone_are_forgotten(moving: Any) -> None:
    for caller in "abc":
        count_call(moving, caller, Rate(1, 60))
    moving.now += 61
    count_call(moving, "d", Rate(1, 60))
    with moving.counting() as (database, _):
        assert database.execute("SELECT bucket FROM calls").fetchall() == [("d",)]


def test_a_budget_ends_with_its_last_question_and_begins_with_the_day(archive: Archive) -> None:
    store = archive.store
    store.clock = lambda: NOON
    budget = Budget(questions=2)
    assert take_question(store, "key_1", budget) == (True, Use(1))
    assert take_question(store, "key_1", budget) == (True, Use(2))
    assert take_question(store, "key_1", budget) == (False, Use(2)), "a refused one is not counted"
    assert take_question(store, "key_2", UNLIMITED) == (True, Use(1))
    assert used_today(store) == {"key_1": Use(2), "key_2": Use(1)}
    assert until_tomorrow(store) == 12 * 3600
    store.clock = lambda: NOON + timedelta(hours=12)
    assert today(store) == "2024-03-06"
    assert used_today(store) == {}
    assert take_question(store, "key_1", budget) == (True, Use(1))


def test_tokens_that_are_used_up_end_the_questions(archive: Archive) -> None:
    store, budget = archive.store, Budget(questions=9, tokens=100)
    assert take_question(store, "key_1", budget)[0]
    add_tokens(store, "key_1", 99)
    assert take_question(store, "key_1", budget) == (True, Use(2, 99))
    add_tokens(store, "key_1", 30)
    granted, used = take_question(store, "key_1", budget)
    assert (granted, used, used.exceeds(budget)) == (False, Use(2, 129), "tokens")


def _call(settings: dict[str, str], times: int) -> tuple[int, int]:
    """In a process of its own: the calls and the questions that were granted."""
    wait_long(setattr)
    with closing(open_store(Settings.load(**settings))) as store:
        calls = [count_call(store, "a", Rate(50, 3600)).granted for _ in range(times)]
        questions = [take_question(store, "key", Budget(questions=30))[0] for _ in range(times)]
    return sum(calls), sum(questions)


def test_four_processes_are_granted_together_what_one_would_be(archive: Archive) -> None:
    given = settings_of(archive.store)
    settings = {"store": given.store_url} if given.store_url else {"data_dir": str(given.data_dir)}
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        granted = list(pool.map(_call, [settings] * 4, [25] * 4))
    assert sum(calls for calls, _ in granted) == 50
    assert sum(questions for _, questions in granted) == 30
    assert used_today(archive.store)["key"].questions == 30


@pytest.mark.sqlite_only
@pytest.mark.usefixtures("patient_writes")
def test_those_who_count_first_at_the_same_moment_wait_for_each_other(tmp_path: Path) -> None:
    together = Barrier(8)

    def count(folder: Path) -> None:
        counters = Counters(folder)
        together.wait()
        with counters.transaction() as database:
            database.execute(
                "INSERT INTO key_use (key_id, day) VALUES (?, '')", (str(get_ident()),)
            )
        counters.close()

    with ThreadPoolExecutor(8) as pool:
        for number in range(40):
            folder = tmp_path / str(number)
            folder.mkdir()
            list(pool.map(count, [folder] * 8))
            with closing(Counters(folder)) as counters, counters.transaction() as database:
                assert database.execute("SELECT count(*) FROM key_use").fetchone() == (8,)


@pytest.mark.sqlite_only
def test_counting_waits_for_no_writer_of_articles_nor_they_for_it(archive: Archive) -> None:
    with archive.store.writing():
        assert count_call(archive.store, "a", Rate(1, 60)).granted
    with archive.store.counting(), archive.store.writing():
        pass


@pytest.mark.sqlite_only
def test_counters_that_cannot_be_written_are_an_error_of_the_store(archive: Archive) -> None:
    folder: Path = folder_of(archive.store)
    (folder / "counters.sqlite3").mkdir()
    with pytest.raises(StoreError, match=r"counters\.sqlite3"):
        count_call(archive.store, "a", Rate(1, 60))


@pytest.mark.sqlite_only("its own query plan")
def test_callers_that_have_gone_are_found_by_an_index(archive: Archive) -> None:
    """A new caller makes room: it must not read the counters of all others for that."""
    with archive.store.counting() as (database, _):
        plan = database.execute("EXPLAIN QUERY PLAN DELETE FROM calls WHERE ends < ?", (1,))
        assert "USING INDEX calls_end" in str(plan.fetchall())
