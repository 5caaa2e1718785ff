"""Connections to PostgreSQL: transactions, what goes wrong, and that it recovers."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import pytest

from qa.archive.postgres import connection as module
from qa.archive.postgres.connection import Connections, check, translate
from qa.archive.postgres.dense import version
from qa.errors import (
    ArchiveBusy,
    ArchiveUnreachable,
    BadInput,
    EmptyArchive,
    StorageFailed,
)
from tests.support.client import until
from tests.support.postgres import PASSWORD, Server, create_server, remove

pytestmark = pytest.mark.postgres


@pytest.fixture
def numbers(connections: Connections) -> Connections:
    """With a table of one number."""
    with connections.writing(1) as transaction:
        transaction.run("CREATE TABLE numbers (n integer PRIMARY KEY, t text)")
        transaction.execute("INSERT INTO numbers VALUES (?, ?)", (1, "one"))
    return connections


@contextmanager
def opened(url: str) -> Iterator[Connections]:
    connections = Connections(url)
    try:
        yield connections
    finally:
        connections.close()


def count(connections: Connections) -> int:
    with connections.reading() as transaction:
        ((found,),) = transaction.execute("SELECT count(*) FROM numbers").fetchall()
    return int(found)


def test_a_reader_sees_one_instant(numbers: Connections) -> None:
    with numbers.reading() as reader:
        reader.execute("SELECT 1")
        with numbers.writing(1) as writer:
            writer.execute("INSERT INTO numbers VALUES (2)")
        assert reader.execute("SELECT count(*) FROM numbers").fetchone() == (1,)
    assert count(numbers) == 2


def test_a_writer_that_fails_changes_nothing(numbers: Connections) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero), numbers.writing(1) as writer:
        writer.run("DELETE FROM numbers; SELECT 1 / 0")
    assert count(numbers) == 1


def test_a_reader_cannot_write(numbers: Connections) -> None:
    with pytest.raises(StorageFailed, match="read-only"), numbers.reading() as reader:
        reader.execute("DELETE FROM numbers")


def test_statements_of_both_stores() -> None:
    for ours, theirs in {
        "SELECT ? , ?": "SELECT %s , %s",
        "a = :a AND b <= :b_2": "a = %(a)s AND b <= %(b_2)s",
        "n IN :keys AND m NOT IN :others": "n = ANY(%(keys)s) AND m <> ALL(%(others)s)",
        "a LIKE '50 %: :x ?' AND b % 2": "a LIKE '50 %%: :x ?' AND b %% 2",
        "'[1]'::vector": "'[1]'::vector",
        "IN (SELECT 1)": "IN (SELECT 1)",
    }.items():
        assert translate(ours) == theirs.encode()


def test_lists_and_many_rows(numbers: Connections) -> None:
    with numbers.writing(1) as writer:
        writer.executemany("INSERT INTO numbers VALUES (?, ?)", [(n, f"t{n}") for n in range(2, 9)])
        chosen = writer.execute(
            "SELECT n FROM numbers WHERE n IN :some AND n NOT IN :none AND t NOT IN :texts",
            {"some": [1, 3, 5], "none": [], "texts": ["t5"]},
        )
        assert chosen.fetchall() == [(1,), (3,)]


def test_a_nul_finds_what_was_stored_with_it_and_half_a_pair_is_refused(
    numbers: Connections,
) -> None:
    with numbers.writing(1) as writer:
        writer.execute("INSERT INTO numbers VALUES (2, ?)", ("a\0b",))
        found = writer.execute("SELECT n FROM numbers WHERE t IN :t", {"t": ["a\0b"]}).fetchall()
    assert found == [(2,)]
    with pytest.raises(BadInput, match="not valid Unicode"), numbers.reading() as reader:
        reader.execute("SELECT n FROM numbers WHERE t = ?", ("\ud800",))


def test_a_vector_goes_there_and_back(numbers: Connections) -> None:
    import numpy as np

    vector = np.random.default_rng(1).standard_normal(384).astype(np.float32)
    with numbers.reading() as reader:
        ((back,),) = reader.execute("SELECT ?::vector", (vector,)).fetchall()
    assert np.array_equal(back.to_numpy(), vector)


def test_a_table_that_is_missing_is_an_empty_archive(connections: Connections) -> None:
    with pytest.raises(EmptyArchive, match="dateline ingest"), connections.reading() as reader:
        reader.execute("SELECT * FROM versions")


def test_waiting_for_a_lock_ends(numbers: Connections) -> None:
    with numbers.writing(1) as first:
        first.execute("UPDATE numbers SET t = 'a'")
        started = time.monotonic()
        with pytest.raises(ArchiveBusy, match="being written"), numbers.writing(0.2) as second:
            second.execute("UPDATE numbers SET t = 'b'")
        assert 0.1 < time.monotonic() - started < 60


def test_a_deadlock_is_busy(numbers: Connections) -> None:
    with numbers.writing(1) as writer:
        writer.execute("INSERT INTO numbers VALUES (2)")
    barrier = threading.Barrier(2)
    raised: list[Exception] = []

    def update(first: int, second: int) -> None:
        try:
            with numbers.writing(60) as writer:
                writer.execute("UPDATE numbers SET t = 'x' WHERE n = ?", (first,))
                barrier.wait(60)
                writer.execute("UPDATE numbers SET t = 'x' WHERE n = ?", (second,))
        except ArchiveBusy as error:
            raised.append(error)

    threads = [threading.Thread(target=update, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(raised) == 1
    assert type(raised[0]) is ArchiveBusy


def test_a_write_between_two_that_read_the_same_is_busy(numbers: Connections) -> None:
    def write_twice() -> None:
        with numbers.single() as connection, connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
            connection.execute("SELECT * FROM numbers")
            with numbers.writing(1) as other:
                other.execute("UPDATE numbers SET t = 'x'")
            connection.execute("UPDATE numbers SET t = 'y'")

    with pytest.raises(ArchiveBusy):
        write_twice()


def test_a_killed_session_is_unreachable_and_the_next_one_works(numbers: Connections) -> None:
    def write_and_be_killed() -> None:
        with numbers.writing(1) as writer:
            writer.execute("DELETE FROM numbers")
            ((number,),) = writer.execute("SELECT pg_backend_pid()").fetchall()
            with numbers.single() as other:
                other.execute("SELECT pg_terminate_backend(%s)", (number,))
            writer.execute("SELECT 1")

    with pytest.raises(ArchiveUnreachable, match="no connection"):
        write_and_be_killed()
    assert count(numbers) == 1


def test_an_idle_session_that_was_killed_is_not_noticed(numbers: Connections) -> None:
    with numbers.reading() as reader:
        ((number,),) = reader.execute("SELECT pg_backend_pid()").fetchall()
    with numbers.single() as other:
        other.execute("SELECT pg_terminate_backend(%s)", (number,))
    assert count(numbers) == 1


def test_a_restarted_server_is_used_again(
    private_postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WAIT", 1)
    with opened(private_postgres.url()) as connections:
        with connections.reading() as reader:
            reader.execute("SELECT 1")
        private_postgres.stop()
        try:
            started = time.monotonic()
            with pytest.raises(ArchiveUnreachable), connections.reading():
                pass
            assert time.monotonic() - started < 60
            with pytest.raises(ArchiveUnreachable, match="cannot use postgresql://postgres@"):
                Connections(private_postgres.url())
        finally:
            private_postgres.start()

        def is_used() -> bool:
            with suppress(ArchiveUnreachable), connections.reading() as reader:
                return reader.execute("SELECT 1").fetchone() == (1,)
            return False

        until(is_used)


def test_a_wrong_password_is_refused_without_repeating_it(private_postgres: Server) -> None:
    with opened(private_postgres.url(user="guarded", password=PASSWORD)) as connections:
        assert connections.place.startswith("postgresql://guarded@/tmp/")
        assert "correct" not in connections.place
    for secret in ("wrong one", None):
        with pytest.raises(StorageFailed, match="cannot use postgresql://guarded@") as caught:
            Connections(private_postgres.url(user="guarded", password=secret))
        message = str(caught.value)
        assert "password" in message
        assert "wrong" not in message
        assert "\n" not in message


def test_a_database_that_is_missing_is_refused(private_postgres: Server) -> None:
    with pytest.raises(StorageFailed, match='database "nowhere" does not exist'):
        Connections(private_postgres.url("nowhere"))


def test_an_address_that_is_not_valid_does_not_repeat_the_password() -> None:
    for url in (
        "postgresql://me:secret word@host:x:y/z",
        "postgresql://h/?password=a&secret=1",
        "postgresql://h/?sslpassword=a&secret=1",
        "postgresql://me:a?secret=word",  # the host was forgotten
    ):
        with pytest.raises(BadInput, match="postgresql://USER@HOST") as caught:
            Connections(url)
        assert "secret" not in str(caught.value)


def test_an_option_that_postgresql_does_not_know_is_named() -> None:
    for url in (
        "postgresql://me:sec?ret=1@h/x?sslmod=require",
        "postgresql:///x?sslmode=a&sslmod=",
        "postgresql://h:5432/x?ssl=true&sslmod=a",
    ):
        with pytest.raises(BadInput, match="the option 'sslmod', which PostgreSQL does not know"):
            Connections(url)


def test_two_processes_may_enable_pgvector_at_the_same_moment(private_postgres: Server) -> None:
    """PostgreSQL looks whether it is there, and then finds that it is there already."""
    gate = threading.Barrier(4)
    failed: list[BaseException] = []

    def connect(url: str) -> None:
        gate.wait(60)
        try:
            Connections(url).close()
        except StorageFailed as error:
            failed.append(error)

    for round_ in range(5):
        database = f"bare{round_}"
        private_postgres.execute(f"CREATE DATABASE {database} TEMPLATE template0")
        url = private_postgres.url(database)
        threads = [threading.Thread(target=connect, args=(url,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        private_postgres.execute(f"DROP DATABASE {database} WITH (FORCE)")
    assert failed == []


def test_nobody_listening_is_unreachable() -> None:
    with pytest.raises(ArchiveUnreachable, match=r"cannot use postgresql://127\.0\.0\.1:1/x"):
        Connections("postgresql://127.0.0.1:1/x")


def test_a_database_in_another_encoding_is_refused(private_postgres: Server) -> None:
    private_postgres.execute(
        "CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    try:
        with pytest.raises(StorageFailed, match="encoding SQL_ASCII: create one with UTF8"):
            Connections(private_postgres.url("ascii"))
    finally:
        private_postgres.execute("DROP DATABASE ascii")


def test_a_server_that_is_set_read_only_can_be_read(private_postgres: Server) -> None:
    private_postgres.execute("CREATE ROLE reader LOGIN")
    private_postgres.execute("ALTER ROLE reader SET default_transaction_read_only = on")
    with opened(private_postgres.url(user="reader")) as connections:
        assert connections.server.read_only
        with connections.reading() as reader:
            assert reader.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(StorageFailed, match="read-only"), connections.writing(1) as writer:
            writer.run("CREATE TABLE t (n integer)")


def test_pgvector_is_enabled_where_that_is_allowed(private_postgres: Server) -> None:
    private_postgres.execute("CREATE DATABASE bare TEMPLATE template0")
    private_postgres.execute("CREATE ROLE nobody LOGIN")
    try:
        with pytest.raises(StorageFailed, match="must run there: CREATE EXTENSION vector"):
            Connections(private_postgres.url("bare", user="nobody"))
        with opened(private_postgres.url("bare")) as connections:
            with connections.reading() as reader:
                assert version(reader) >= (0, 7, 0)
            assert not connections.server.read_only
    finally:
        private_postgres.execute("DROP DATABASE bare")


def test_a_server_without_pgvector_and_ones_that_are_too_old_are_refused(
    postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(postgres_server) as connection:
        monkeypatch.setattr(module, "OLDEST_PGVECTOR", (99, 0, 0))
        with pytest.raises(StorageFailed, match=r"has pgvector 0\.\d+\.\d+, which is too old"):
            check(connection, "here")
        monkeypatch.setattr(module, "OLDEST_SERVER", 99)
        with pytest.raises(StorageFailed, match=r"here is PostgreSQL \d+, which is too old"):
            check(connection, "here")
        monkeypatch.undo()
        # These come first in the search path only when they are named there before the catalog.
        connection.execute("CREATE TEMP TABLE pg_extension (extname text, extversion text)")
        connection.execute("CREATE TEMP TABLE pg_available_extensions (name text)")
        connection.execute("SET LOCAL search_path = pg_temp, pg_catalog")
        with pytest.raises(StorageFailed, match="the server of here has no pgvector: install it"):
            check(connection, "here")
        connection.rollback()


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("40001", ArchiveBusy),
        ("40P01", ArchiveBusy),
        ("55P03", ArchiveBusy),
        ("57P01", ArchiveUnreachable),
        ("57P02", ArchiveUnreachable),
        ("57P03", ArchiveUnreachable),
        ("08006", ArchiveUnreachable),
        ("53300", ArchiveUnreachable),
        ("53100", StorageFailed),
        ("42501", StorageFailed),
        ("28P01", StorageFailed),
        ("3D000", StorageFailed),
        ("25006", StorageFailed),
        ("42P01", EmptyArchive),
        ("54000", BadInput),
        ("42601", None),
        ("23505", None),
    ],
)
def test_every_error_of_the_server_has_its_meaning(
    numbers: Connections, state: str, kind: type[Exception] | None
) -> None:
    statement = f"DO $$ BEGIN RAISE EXCEPTION 'what happened' USING ERRCODE = '{state}'; END $$"
    expected: Any = kind or psycopg.Error
    with pytest.raises(expected) as caught, numbers.writing(1) as writer:
        writer.run(statement)
    if kind is not None:
        assert type(caught.value) is kind
        assert "\n" not in str(caught.value)


def test_more_than_there_are_connections_wait_for_one(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_WAIT", 0.2)
    connections = Connections(postgres, size=1)
    try:
        with connections.reading(), pytest.raises(ArchiveUnreachable), connections.reading():
            pass
        with connections.reading() as reader:
            assert reader.execute("SELECT 1").fetchone() == (1,)
    finally:
        connections.close()


def test_another_server_takes_over() -> None:
    """Two hosts in one address: the one that can be written to is used, whichever that is."""
    first, second = create_server(), create_server()
    try:
        hosts = f"{first.folder},{second.folder}"
        url = first.url(target_session_attrs="read-write").replace(
            first.url().partition("host=")[2], hosts.replace("/", "%2F").replace(",", "%2C")
        )
        with opened(url) as connections:
            for server in (first, second):
                with connections.reading() as reader:
                    ((folder,),) = reader.execute("SHOW data_directory").fetchall()
                assert folder == f"{server.folder}/data"
                server.stop()
    finally:
        remove(first)
        remove(second)
