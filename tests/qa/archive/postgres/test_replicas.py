"""A primary and its standby."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import numpy as np
import pytest

from qa.archive.postgres.store import PostgresStore
from qa.errors import ArchiveBusy, StorageFailed
from qa.types import Article, Filters
from tests.support.postgres import Server, create_server, make_folder, remove
from tests.support.stores import DIMENSION, put

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

ARTICLES = 300
QUICKLY = signal.SIGQUIT  # as in a crash
FIRST = np.eye(DIMENSION, dtype=np.float32)[0]


@pytest.fixture
def servers() -> Iterator[tuple[Server, Server]]:
    """A primary and a standby, which it does not wait for."""
    primary = create_server()
    folder = make_folder()
    standby = None
    try:
        standby = primary.standby(folder)
        yield primary, standby
    finally:
        # The primary waits for its standby when it shuts down.
        remove(primary)
        if standby is not None:
            remove(standby)


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


def wait_for_deletes(primary: Server) -> None:
    """Have each write wait until the standby shows it."""
    primary.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
    primary.execute("ALTER SYSTEM SET synchronous_commit = 'remote_apply'")
    primary.execute("SELECT pg_reload_conf()")
    deadline = time.monotonic() + 30
    while primary.execute("SELECT sync_state FROM pg_stat_replication") != [("sync",)]:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_for_standby(primary: Server) -> None:
    deadline = time.monotonic() + 30
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


def test_a_deleted_article_is_not_found_on_the_standby(servers: tuple[Server, Server]) -> None:
    primary, standby = servers
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


def test_a_standby_takes_over_without_a_restart_or_a_wrong_answer(
    servers: tuple[Server, Server],
) -> None:
    """Readers and a writer go on across the failover; what was acknowledged is there after it."""
    primary, standby = servers
    url = primary.url(target_session_attrs="read-write", connect_timeout="2").replace(
        quote(f"{primary.folder}", ""), quote(f"{primary.folder},{standby.folder}", "")
    )
    with opened(create(url)) as store:
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
        deadline = time.monotonic() + 60
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
            reader.join(30)
        assert wrong == []
        with store.reading() as database:
            assert database.execute("SHOW data_directory").fetchone() == (f"{standby.folder}/data",)
        with store.snapshot() as snapshot:
            assert [name for name in acknowledged if snapshot.find(name) is None] == []
            assert [fault.message for fault in snapshot.faults()] == []
