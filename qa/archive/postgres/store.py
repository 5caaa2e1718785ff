"""The store in PostgreSQL: several hosts may read and write it at the same time.

A write locks the articles that it changes, so that two writers of one article come one after the
other, and what is compared with the stored version is compared under that lock. What has an order
of its own (the generation, which versions are copies of which) is done at the end of the
transaction, by one writer at a time.

Every lock is of a transaction, so that PgBouncer may stand between.
"""

import hashlib
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from qa.archive.claims import Step, next_articles
from qa.archive.copying import built_with, copy_archive
from qa.archive.database import Database
from qa.archive.postgres import dense, lexical
from qa.archive.postgres.connection import Connections, Transaction
from qa.archive.postgres.schema import MIGRATIONS, SCHEMA, SCHEMA_VERSION
from qa.archive.postgres.search import PostgresSnapshot, PostgresWriter
from qa.archive.sqlite.store import SqliteStore, storage_errors
from qa.archive.store import (
    UNFINISHED,
    Clock,
    Hidden,
    check_target,
    new_manifest,
    nothing_hidden,
    system_clock,
)
from qa.errors import BadInput, EmptyArchive, NotAnArchive

SCHEMA_KEY = "schema"  # manifest: the version of the tables
_ASIDE = 1  # seconds that a write beside the articles waits for another
_MIGRATING = 30
_ENDING = 30  # seconds that a write waits for others that have begun to end
_MOST_UNFOLDED = 500  # writes whose counts of terms are not summed up
_MOST_LOCKS = 500  # articles that are locked one by one: a server has some 6,000 locks in all


class PostgresStore:
    """An archive in a PostgreSQL database; see `qa.archive.store.Store`.

    Its tables are in the first schema of the connection's ``search_path``.
    """

    def __init__(self, url: str, *, hnsw: bool = False) -> None:
        """``hnsw``: search vectors by an index, which `settle` makes; see the setting."""
        self.url = url
        self._hnsw = hnsw
        self.clock: Clock = system_clock
        self.hidden: Hidden = nothing_hidden
        self._connections = Connections(url)
        self.place = self._connections.place
        self.read_only = self._connections.server.read_only
        self._thread = threading.local()

    @classmethod
    def open(cls, url: str, *, hnsw: bool = False) -> "PostgresStore":
        """Open an archive that exists.

        Raises EmptyArchive when there is none, NotAnArchive when it is not ours, and what
        `Connections` raises.
        """
        store = cls(url, hnsw=hnsw)
        try:
            store._check()
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def create(
        cls, url: str, embedder: str, digest: str, dimension: int, *, hnsw: bool = False
    ) -> "PostgresStore":
        """Open the archive, or make an empty one for this embedder.

        Raises NotAnArchive when the schema holds tables of others with our names.
        """
        with suppress(EmptyArchive):
            return cls.open(url, hnsw=hnsw)
        manifest = {
            **new_manifest(embedder, digest, dimension),
            SCHEMA_KEY: str(SCHEMA_VERSION),
        }
        store = cls(url, hnsw=hnsw)
        try:
            with store._connections.writing(_MIGRATING) as database:
                ((schema,),) = database.execute("SELECT current_schema()").fetchall()
                _lock(database, [_number("create", str(schema))])
                if not _has_table(database, "manifest"):
                    store._make_tables(database, manifest)
            store._check()
        except BaseException:
            store.close()
            raise
        return store

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """One read transaction, for the modules that own tables beside the articles."""
        with self._connections.reading() as database:
            self._refuse_newer(database)
            yield database

    @contextmanager
    def snapshot(self) -> Iterator[PostgresSnapshot]:
        """The archive as it is now, whatever is written meanwhile."""
        with self._connections.reading() as database:
            self._refuse_newer(database)
            now = self.clock().timestamp()
            yield PostgresSnapshot(database, now, self.hidden(), hnsw=self._hnsw)

    @contextmanager
    def writing(
        self, wait: float = 0, article_ids: Collection[str] | None = None
    ) -> Iterator[PostgresWriter]:
        """One write transaction; all of it happens, durably, or nothing.

        A commit whose confirmation is lost raises ArchiveUnreachable though it may have happened;
        storing the same again changes nothing.
        """
        with self._connections.writing(wait) as database:
            self._refuse_newer(database)
            self._lock_articles(database, article_ids)
            # What is waited for now are ends of transactions, which are near.
            database.run(f"SET LOCAL lock_timeout = {round(1000 * max(wait, _ENDING))}")
            order = self._number("order")
            if not article_ids:  # the manifest is changed by one at a time
                _lock(database, [order])
            writer = PostgresWriter(database, self.clock().timestamp(), self.hidden(), order)
            yield writer
            writer.finish()

    @contextmanager
    def aside(self, article_ids: Collection[str] = ()) -> Iterator[Database]:
        """A write transaction beside the articles: answers, keys, jobs."""
        with self._connections.writing(_ASIDE) as database:
            self._refuse_newer(database)
            if article_ids:
                self._lock_articles(database, article_ids, mode="_shared")
            yield database

    def scrub(self) -> None:
        """Nothing to do: the server's vacuum and its write-ahead log are its operator's."""

    @contextmanager
    def counting(self) -> Iterator[tuple[Database, Callable[[], float]]]:
        """A transaction over the counters, and the server's clock, which is the same for all hosts.

        A crash of the server may take the last calls back; nobody waits for its disk.
        """
        with self._connections.writing(_ASIDE) as database:
            database.run("SET LOCAL synchronous_commit = off")

            def clock() -> float:
                ((now,),) = database.execute(
                    "SELECT CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)"
                ).fetchall()
                return float(now)

            yield database, clock

    @contextmanager
    def locked(self, wait: float = 0) -> Iterator[None]:
        """Keep other writers away; a thread may write meanwhile, and may take the lock twice."""
        if self._is_locked:
            yield
            return
        with self._connections.writing(wait) as database:
            self._lock_articles(database, None)
            self._thread.locked = True
            try:
                yield
            finally:
                self._thread.locked = False

    @contextmanager
    def claim(self) -> Iterator[Step | None]:
        """The next articles of the oldest job that nobody works on.

        A job waits for older ones that have an article of the same id: the newest must win. The
        claim ends with its transaction, also where its host dies.
        """
        with self._connections.writing(_ASIDE) as database:
            self._refuse_newer(database)
            row = database.execute(
                "SELECT number FROM jobs WHERE status IN ('queued', 'running') AND NOT EXISTS"
                " (SELECT 1 FROM job_articles mine JOIN job_articles older"
                " ON older.article_id = mine.article_id AND older.job < mine.job"
                " WHERE mine.job = number AND mine.result IS NULL AND older.result IS NULL)"
                " ORDER BY number LIMIT 1 FOR UPDATE OF jobs SKIP LOCKED"
            ).fetchone()
            if row is None:
                yield None
                return

            @contextmanager
            def noting() -> Iterator[Database]:
                yield database
                database.run("COMMIT")  # whatever becomes of the claim

            yield Step(row[0], next_articles(database, row[0]), noting)

    @contextmanager
    def alone(self, work: str) -> Iterator[bool]:
        """Whether no other process does this work; while this is open, none begins it."""
        with self._connections.writing(_ASIDE) as database:
            ((alone,),) = database.execute(
                "SELECT pg_try_advisory_xact_lock(?)", (self._number("alone", work),)
            ).fetchall()
            yield bool(alone)

    def settle(self, *, force: bool = False) -> None:
        """Sum up the counts of terms, once there are many rows of each."""
        with self.alone("fold") as alone:
            if alone and (force or self._rows_of_totals() > _MOST_UNFOLDED):
                with self.aside() as database:
                    lexical.fold(database)
        if force:
            self._settle_index()
            with self._connections.single() as connection:
                connection.execute("ANALYZE")

    def _settle_index(self) -> None:
        """Make the HNSW index, or remove it, as is set."""
        with self._connections.writing(_MIGRATING) as database:
            self._lock_articles(database, None)
            if not self._hnsw:
                dense.drop_index(database)
                return
            if (reason := dense.refusal(dense.version(database))) is not None:
                raise BadInput(f"{reason}: {dense.UPGRADE}")
            ((dimension,),) = database.execute(
                "SELECT CAST(value AS INTEGER) FROM manifest WHERE key = 'dimension'"
            ).fetchall()
            dense.create_index(database, dimension)

    def _rows_of_totals(self) -> int:
        with self.reading() as database:
            (rows,) = database.execute(
                "SELECT count(*) FROM (SELECT 1 FROM term_counts WHERE term = -1 LIMIT ?)"
                " AS counted",
                (_MOST_UNFOLDED + 1,),
            ).fetchone()
        return int(rows)

    @property
    def index_fault(self) -> str | None:
        return None

    @property
    def cached_generation(self) -> int | None:
        return None

    def size_in_bytes(self) -> int:
        """Of the tables with their indexes."""
        with self.reading() as database:
            (size,) = database.execute(
                "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
            ).fetchone()
        return int(size)

    def backup(self, target: Path) -> None:
        """Copy the archive to a file, whole, as a Dateline archive in SQLite."""
        check_target(target)
        with storage_errors():
            beside = TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent)
        with storage_errors(), beside as folder, self.snapshot() as snapshot:
            copy = SqliteStore.create(Path(folder) / "new", *built_with(snapshot))
            with closing(copy):
                copy_archive(snapshot, copy)
                copy.backup(target)

    def close(self) -> None:
        """Close every connection, once those in use are given back."""
        self._connections.close()

    @cached_property
    def _archive_id(self) -> str:
        with self._connections.reading() as database:
            ((archive_id,),) = database.execute(
                "SELECT value FROM manifest WHERE key = 'archive_id'"
            ).fetchall()
        return str(archive_id)

    def _number(self, *names: str) -> int:
        """The number of a lock of this archive: a server has one set of numbers for all."""
        return _number(self._archive_id, *names)

    @property
    def _is_locked(self) -> bool:
        """Whether this thread holds the lock of all articles, in another transaction."""
        return getattr(self._thread, "locked", False)

    def _lock_articles(
        self,
        database: Database,
        article_ids: Collection[str] | None,
        mode: Literal["", "_shared"] = "",
    ) -> None:
        """Lock some articles, or with None all."""
        if self._is_locked:
            return
        every = self._number("articles")
        if article_ids is None or len(article_ids) > _MOST_LOCKS:
            _lock(database, [every], mode)
            return
        _lock(database, [every], "_shared")
        # in order, so that two writers cannot wait for each other
        _lock(database, sorted({self._number("article", name) for name in article_ids}), mode)

    def _make_tables(self, database: Transaction, manifest: dict[str, str]) -> None:
        names = [name for name in ("versions", "passages", "keys") if _has_table(database, name)]
        if names:
            raise NotAnArchive(
                f"{self.place} holds tables of something else ({', '.join(names)});"
                " choose another database, or a schema of its own"
            )
        database.run(SCHEMA)
        database.executemany("INSERT INTO manifest (key, value) VALUES (?, ?)", manifest.items())

    def _check(self) -> None:
        with self._connections.reading() as database:
            if not _has_table(database, "manifest"):
                raise EmptyArchive(
                    f"no archive in {self.place}; give it articles first: dateline ingest PATH"
                )
            version = _schema_version(database)
            if version is None:
                raise NotAnArchive(f"the tables in {self.place} are not a Dateline archive")
            unfinished = database.execute(
                "SELECT 1 FROM manifest WHERE key = ?", (UNFINISHED,)
            ).fetchone()
        if unfinished:
            raise NotAnArchive(
                f"a copy to {self.place} was interrupted: empty it (DROP SCHEMA … CASCADE) and"
                " copy again"
            )
        if version < SCHEMA_VERSION and not self.read_only:
            self._migrate()
        self._refuse_version(version)

    def _migrate(self) -> None:
        """Bring an archive of an older version up to this one, in one transaction."""
        with self._connections.writing(_MIGRATING) as database:
            _lock(database, [self._number("articles")])
            # Another process may have done it meanwhile.
            for version in range(_schema_version(database) or 0, SCHEMA_VERSION):
                database.run(MIGRATIONS[version])
            database.execute(
                "UPDATE manifest SET value = ? WHERE key = ?", (str(SCHEMA_VERSION), SCHEMA_KEY)
            )

    def _refuse_newer(self, database: Transaction) -> None:
        """Another host may have brought the archive up to a newer version since it was opened."""
        self._refuse_version(_schema_version(database) or 0)

    def _refuse_version(self, version: int) -> None:
        if version > SCHEMA_VERSION:
            raise NotAnArchive(
                f"the archive in {self.place} has schema {version},"
                f" this Dateline knows {SCHEMA_VERSION}: upgrade it"
            )


def _schema_version(database: Database) -> int | None:
    row = database.execute("SELECT value FROM manifest WHERE key = ?", (SCHEMA_KEY,)).fetchone()
    return None if row is None else int(row[0])


def _has_table(database: Database, name: str) -> bool:
    return bool(
        database.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relname = ?"
            " AND relnamespace = current_schema()::regnamespace)",
            (name,),
        ).fetchone()[0]
    )


def _lock(database: Database, numbers: Sequence[int], mode: Literal["", "_shared"] = "") -> None:
    """Take locks in the order given; the end of the transaction releases them."""
    database.execute(
        f"SELECT pg_advisory_xact_lock{mode}(number) FROM unnest(CAST(? AS BIGINT[])) AS number",
        (list(numbers),),
    )


def _number(*names: str) -> int:
    digest = hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
