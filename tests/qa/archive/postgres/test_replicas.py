"""A primary and its standby."""

import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from qa.archive.postgres.store import PostgresStore
from qa.errors import ArchiveBusy, StorageFailed
from qa.types import Article, Filters
from tests.support.postgres import Server, make_folder, url_of_both, wait_for_deletes
from tests.support.stores import DIMENSION, faults, put

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

ARTICLES = 300
QUICKLY = signal.SIGQUIT  # as in a crash
FIRST = np.eye(DIMENSION, dtype=np.float32)[0]


@contextmanager
def opened(store: PostgresStore) -> Iterator[PostgresStore]:
    try:
        yield store
    finally:
        store.close()


def create(url: str) -> PostgresStore:
    return PostgresStore.create(url, "fake", "d" * 64, DIMENSION)


def fill(store: PostgresStore) -> None:
    put(store, *[Article(id=f"{n}", text=f"Flood number{n}.") for n in range(ARTICLES)])


def wait_for_standby(primary: Server) -> None:
    deadline = time.monotonic() + 120
    while primary.execute("SELECT pg_current_wal_lsn() = replay_lsn FROM pg_stat_replication") != [
        (True,)
    ]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_found(store: PostgresStore, number: int) -> bool:
    """Return True if the article is there in any view."""
    everything = Filters()
    with store.snapshot() as snapshot:
        listed = snapshot.find(f"{number}") is not None
        ranked = [
            *snapshot.lexical([f"number{number}"], 10, everything),
            *snapshot.dense(FIRST, ARTICLES, everything),
        ]
        passages = snapshot.passages([identity for identity, _ in ranked])
    return listed or any(passage.article.id == f"{number}" for passage in passages)


def test_a_deleted_article_is_not_found_on_the_standby(
    primary_and_standby: tuple[Server, Server],
) -> None:
    primary, standby = primary_and_standby
    with opened(create(primary.url())) as store:
        fill(store)
        wait_for_standby(primary)
        with store.snapshot() as snapshot:
            (fault,) = snapshot.faults()
        assert "a standby may still show what was deleted" in fault.message
        wait_for_deletes(primary)
        with (
            opened(PostgresStore.open(standby.url())) as copy,
            opened(PostgresStore.open(primary.url())) as other,
        ):
            assert copy.read_only
            with copy.snapshot() as snapshot:
                assert snapshot.size().articles == ARTICLES
            stale = 0
            for number in range(ARTICLES):
                with store.writing(10) as writer:
                    writer.delete(f"{number}")
                stale += is_found(copy, number) + is_found(other, number)
            assert stale == 0
            with pytest.raises(StorageFailed, match="read-only"), copy.writing(1) as writer:
                writer.note("a", "b")
        with store.snapshot() as snapshot:
            assert snapshot.faults() == []


def test_a_second_standby_that_no_write_waits_for_is_a_fault(
    primary_and_standby: tuple[Server, Server],
) -> None:
    primary, _ = primary_and_standby
    wait_for_deletes(primary)
    second = primary.standby(make_folder())
    try:
        with opened(create(primary.url())) as store:
            (message,) = faults(store)
            assert message == "a standby may still show what was deleted"
            wait_for_deletes(primary, standbys=2)
            assert faults(store) == []
    finally:
        second.stop(QUICKLY)
        shutil.rmtree(second.folder)


def test_a_standby_takes_over_without_a_restart_or_a_wrong_answer(
    primary_and_standby: tuple[Server, Server],
) -> None:
    """Readers and a writer go on across the failover; what was acknowledged is there after it."""
    primary, standby = primary_and_standby
    with opened(create(url_of_both(primary, standby))) as store:
        fill(store)
        wait_for_deletes(primary)
        stop = threading.Event()
        wrong: list[BaseException] = []
        acknowledged: list[str] = []

        def read() -> None:
            while not stop.is_set():
                try:
                    with store.snapshot() as snapshot:
                        found = snapshot.lexical(["flood"], 100, Filters())
                    assert len(found) == 100
                except ArchiveBusy:
                    time.sleep(0.05)
                except BaseException as error:  # noqa: BLE001 - each is reported by the test
                    wrong.append(error)
                    return

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        deadline = time.monotonic() + 120
        number = 0
        while len(acknowledged) < 60:
            assert time.monotonic() < deadline
            number += 1
            if number == 30:
                primary.stop(QUICKLY)
                standby.execute("SELECT pg_promote()")
            try:
                put(store, Article(id=f"new{number}", text=f"Flood number{number}."))
                acknowledged.append(f"new{number}")
            except ArchiveBusy:
                time.sleep(0.1)
        stop.set()
        for reader in readers:
            reader.join(120)
        assert wrong == []
        with store.reading() as database:
            assert database.execute("SHOW data_directory").fetchone() == (f"{standby.folder}/data",)
        with store.snapshot() as snapshot:
            assert [name for name in acknowledged if snapshot.find(name) is None] == []
            assert [fault.message for fault in snapshot.faults()] == []
