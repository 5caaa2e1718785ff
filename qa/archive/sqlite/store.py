"""The store on disk: one SQLite database (WAL) in the data directory, from which everything else
can be rebuilt.

Articles and their versions, passages as offsets, their vectors, the lexical index (FTS5 over the
passages' text, external content, so no text is stored twice), stored answers, keys, jobs and a
manifest. Every write raises the generation, by which caches know what they were built from.

Readers take a `Snapshot`: one read transaction, in which everything agrees. Writers take
`Store.writing()`: the write lock (one writer at a time, across processes), a transaction, and the
next generation.
"""

import errno
import json
import os
import re
import sqlite3
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import RLock

from filelock import FileLock, Timeout

from qa.archive.claims import Step, next_articles, oldest_job
from qa.archive.database import Database, Values
from qa.archive.sqlite.counters import FILE as COUNTERS
from qa.archive.sqlite.counters import Counters
from qa.archive.sqlite.lexical import VOCABULARY
from qa.archive.sqlite.schema import APPLICATION_ID, MIGRATIONS, SCHEMA, SCHEMA_VERSION, statements
from qa.archive.sqlite.search import Caches, SqliteSnapshot, SqliteWriter
from qa.archive.store import (
    UNFINISHED,
    Clock,
    Hidden,
    check_target,
    new_manifest,
    nothing_hidden,
    system_clock,
)
from qa.errors import (
    ArchiveBusy,
    BadInput,
    EmptyArchive,
    NotAnArchive,
    StorageFailed,
    StoreError,
)

DATABASE = "archive.sqlite3"
LOCK = "writer.lock"
_BUSY = 30  # seconds that a connection waits for another's transaction
_ASIDE = 1  # seconds that a write beside the articles waits
_LIST = re.compile(r"\bIN :(\w+)")
_SCRUB = 1  # seconds that cutting the log waits for readers of its old content


class SqliteStore:
    """The archive in a data directory; see `qa.archive.store.Store`.

    A folder that cannot be written to is ``read_only``: it can be read, and writing to it raises
    StorageFailed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock: Clock = system_clock
        self.hidden: Hidden = nothing_hidden
        self.read_only = folder.is_dir() and not os.access(folder, os.W_OK)
        self._path = folder / DATABASE
        self._caches = Caches.of(folder, self.snapshot)
        self._counters = Counters(folder)
        self._idle: SimpleQueue[SqliteDatabase] = SimpleQueue()
        self._closed = False
        self._scrub_due = False
        self._lock = RLock()
        self._file_lock = FileLock(folder / LOCK, thread_local=False)

    @classmethod
    def open(cls, folder: Path) -> "SqliteStore":
        """Open an archive that exists.

        Raises EmptyArchive when there is none, NotAnArchive when it is not ours.
        """
        if not (folder / DATABASE).is_file():
            if folder.is_file():
                raise NotAnArchive(
                    f"{folder} is a file and holds no Dateline archive; choose another --data-dir"
                )
            raise EmptyArchive(
                f"no archive in {folder}; give it articles first: dateline ingest PATH"
            )
        store = cls(folder)
        try:
            store._check()
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def create(cls, folder: Path, embedder: str, digest: str, dimension: int) -> "SqliteStore":
        """Open the archive in ``folder``, or make an empty one for this embedder.

        Raises NotAnArchive when the folder holds other things, which are left alone.
        """
        with suppress(EmptyArchive):
            return cls.open(folder)
        ours = {LOCK, *(DATABASE + suffix for suffix in ("", "-wal", "-shm", "-journal"))}
        with storage_errors():
            if folder.exists() and any(entry.name not in ours for entry in folder.iterdir()):
                with suppress(EmptyArchive):  # another process has made it meanwhile
                    return cls.open(folder)
                raise NotAnArchive(
                    f"{folder} is not empty and holds no Dateline archive;"
                    " choose another --data-dir"
                )
            folder.mkdir(parents=True, exist_ok=True)
        store = cls(folder)
        with storage_errors():
            _make_private(store._path)
        manifest = new_manifest(embedder, digest, dimension)
        with store._write_lock(_BUSY):
            with storage_errors():
                database = _connect(store._path, "mode=rwc")
                database.execute("PRAGMA journal_mode = WAL")
                store._give_back(database)
            with store._transaction() as database:
                if _schema_version(database) == 0:
                    for script in (SCHEMA, *MIGRATIONS.values()):
                        _run(database, script)
                    database.executemany(
                        "INSERT INTO manifest (key, value) VALUES (?, ?)", manifest.items()
                    )
                    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        store._check()
        return store

    @contextmanager
    def reading(self) -> Iterator["SqliteDatabase"]:
        """One read transaction, for the modules that own tables beside the articles.

        Readers never wait for a writer.
        """
        with storage_errors():
            database = self._borrow()
            try:
                database.execute("BEGIN")
                yield database
            finally:
                database.rollback()
                self._give_back(database)

    @contextmanager
    def snapshot(self) -> Iterator[SqliteSnapshot]:
        """The archive as it is now, whatever is written meanwhile."""
        with self.reading() as database:
            now = self.clock().timestamp()
            yield SqliteSnapshot(database, now, self._caches, self.hidden())

    @contextmanager
    def writing(
        self,
        wait: float = 0,
        article_ids: Collection[str] | None = None,  # noqa: ARG002  # one lock for all articles
    ) -> Iterator[SqliteWriter]:
        """One write transaction under the write lock; all of it happens, durably, or nothing.

        Raises ArchiveBusy when another writer does not finish within ``wait`` seconds.
        """
        with self.locked(wait):
            with self._transaction() as database:
                now = self.clock().timestamp()
                writer = SqliteWriter(database, now, self._caches, self.hidden())
                yield writer
                writer.finish()
            self._scrub_due |= writer.deleted
            if self._scrub_due:
                self.scrub()

    @contextmanager
    def aside(
        self,
        article_ids: Collection[str] = (),  # noqa: ARG002  # nobody else writes meanwhile
    ) -> Iterator["SqliteDatabase"]:
        """A write transaction beside the articles: answers, keys, jobs.

        It takes no write lock, so it waits for a writer's transaction at most, and leaves the
        generation alone: nothing that can be found changes. Raises ArchiveBusy after a second.
        """
        with self._transaction(_ASIDE) as database:
            yield database

    @contextmanager
    def counting(self) -> Iterator[tuple[Database, Callable[[], float]]]:
        """A transaction over the counters, which have a file of their own."""
        try:
            with self._counters.transaction() as database:
                yield database, time.monotonic  # the same for all processes of the machine
        except (sqlite3.Error, OSError) as error:
            raise StorageFailed(f"{self.folder / COUNTERS} cannot be used: {error}") from error

    @contextmanager
    def locked(self, wait: float = 0) -> Iterator[None]:
        """The write lock, for work of several transactions; a thread may take it twice.

        Raises ArchiveBusy after ``wait`` seconds in all.
        """
        deadline = time.monotonic() + wait
        if not self._lock.acquire(timeout=wait if wait > 0 else 0.001):
            raise ArchiveBusy(f"the archive in {self.folder} is being written; try again shortly")
        try:
            with self._write_lock(max(0.0, deadline - time.monotonic())):
                yield
        finally:
            self._lock.release()

    @contextmanager
    def claim(self) -> Iterator[Step | None]:
        """The next articles of the oldest unfinished job; one process works at a time."""
        with self.alone("jobs") as alone:
            if not alone:
                yield None
                return
            with self.reading() as database:
                job = oldest_job(database)
                articles = [] if job is None else next_articles(database, job)
            yield None if job is None else Step(job, articles, self.aside)

    @contextmanager
    def alone(self, work: str) -> Iterator[bool]:
        """Whether no other process does this work; while this is open, none begins it."""
        lock = FileLock(self.folder / f"{work}.lock", thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        except OSError as error:
            raise StorageFailed(
                f"cannot write in {self.folder}: {error.strerror or error}"
            ) from error
        try:
            yield True
        finally:
            lock.release()

    def settle(self, *, force: bool = False) -> None:
        """Write the index file again if it cannot be used, or enough has changed since."""
        with self.snapshot() as snapshot:
            self._caches.index.refresh(snapshot, force=force)

    @property
    def place(self) -> str:
        return str(self.folder)

    @property
    def index_fault(self) -> str | None:
        return self._caches.index.load_fault

    @property
    def cached_generation(self) -> int | None:
        return self._caches.index.generation

    def size_in_bytes(self) -> int:
        """Of all files in the folder."""
        size = 0
        for file in self.folder.iterdir():
            with suppress(FileNotFoundError):  # SQLite removes its logs when it likes
                size += file.stat().st_size
        return size

    def backup(self, target: Path) -> None:
        """Copy the archive to a file, whole, while others read and write.

        The copy is compact: nothing that was deleted is left in free space.
        """
        check_target(target)
        # A copy that was cut short never has the name of a whole one.
        part = target.with_name(f"{target.name}.part")
        with storage_errors():
            part.unlink(missing_ok=True)
            _make_private(part)
            database = self._borrow()
            try:
                database.execute("VACUUM INTO ?", (str(part),))
            finally:
                self._give_back(database)
            copy = _connect(part)
            try:
                copy.execute("PRAGMA journal_mode = WAL")
                # Once restored, it diverges from the original, whose index file it must not use.
                copy.execute(
                    "UPDATE manifest SET value = ? WHERE key = 'archive_id'", (uuid.uuid4().hex,)
                )
            finally:
                copy.close()
            part.replace(target)

    def close(self) -> None:
        """Close every connection, once those in use are given back."""
        self._closed = True
        self._counters.close()
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    @contextmanager
    def _transaction(self, busy: float = _BUSY) -> Iterator["SqliteDatabase"]:
        """One write transaction, committed at the end; ``busy``: seconds to wait for another's."""
        with storage_errors():
            database = self._borrow()
            try:
                database.execute(f"PRAGMA busy_timeout = {busy * 1000:.0f}")
                database.execute("BEGIN IMMEDIATE")
                yield database
                database.execute("COMMIT")
            finally:
                if database.in_transaction:
                    database.rollback()
                database.execute(f"PRAGMA busy_timeout = {_BUSY * 1000}")
                self._give_back(database)

    @contextmanager
    def _write_lock(self, wait: float) -> Iterator[None]:
        try:
            self._file_lock.acquire(timeout=wait)
        except Timeout as error:
            raise ArchiveBusy(
                f"another process is writing to the archive in {self.folder};"
                " try again when it is done"
            ) from error
        except OSError as error:
            raise StorageFailed(f"cannot write in {self.folder}: {error.strerror}") from error
        try:
            yield
        finally:
            self._file_lock.release()

    def scrub(self) -> None:
        """Empty the write-ahead log, which still holds what was deleted.

        A reader of its old content is in the way; then the next write tries again.
        """
        with storage_errors():
            database = self._borrow()
            try:
                database.execute(f"PRAGMA busy_timeout = {_SCRUB * 1000}")
                (busy, *_) = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                self._scrub_due = bool(busy)
            finally:
                database.execute(f"PRAGMA busy_timeout = {_BUSY * 1000}")
                self._give_back(database)

    def _check(self) -> None:
        try:
            with self.reading() as database:
                application = database.execute("PRAGMA application_id").fetchone()[0]
                version = _schema_version(database)
                tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        except StorageFailed as error:
            if not self.read_only:
                raise
            raise StorageFailed(
                f"{self.folder} is read-only, and the archive in it was not closed: what is in"
                f" {DATABASE}-wal cannot be read before a command could write in the folder"
            ) from error
        if (application, version, tables) == (0, 0, 0):  # its creation was interrupted
            raise EmptyArchive(
                f"the archive in {self.folder} is empty;"
                " give it articles first: dateline ingest PATH"
            )
        if application != APPLICATION_ID or version == 0:
            raise NotAnArchive(f"{self._path} is not a Dateline archive")
        if version > SCHEMA_VERSION:
            raise NotAnArchive(
                f"the archive in {self.folder} has schema {version},"
                f" this Dateline knows {SCHEMA_VERSION}: upgrade it"
            )
        if version < SCHEMA_VERSION:
            self._migrate()
        with self.snapshot() as snapshot:
            if UNFINISHED in snapshot.manifest:
                raise NotAnArchive(
                    f"a copy to {self.folder} was interrupted: delete the folder and copy again"
                )

    def _migrate(self) -> None:
        """Bring an archive of an older version up to this one, in one transaction."""
        with self._write_lock(30), self._transaction() as database:
            # Another process may have done it meanwhile.
            for version in range(_schema_version(database), SCHEMA_VERSION):
                _run(database, MIGRATIONS[version])
            database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def _borrow(self) -> "SqliteDatabase":
        try:
            return self._idle.get_nowait()
        except Empty:
            return _connect(self._path, self._mode())

    def _mode(self) -> str:
        if not self.read_only:
            return "mode=rw"
        # Opening a WAL database makes files beside it, unless nobody can be changing it.
        log = self._path.with_name(f"{DATABASE}-wal")
        return "mode=ro" if log.exists() else "mode=ro&immutable=1"

    def _give_back(self, database: "SqliteDatabase") -> None:
        if self._closed:
            database.close()
        else:
            self._idle.put(database)


class SqliteDatabase(sqlite3.Connection):
    """A connection that takes the statements of `qa.archive.database`."""

    def execute(  # type: ignore[override]  # lists too
        self, statement: str, values: Values = (), /
    ) -> sqlite3.Cursor:
        translated, lists = _translate(statement)
        if lists and isinstance(values, Mapping):
            values = {**values, **{name: json.dumps(values[name]) for name in lists}}
        return super().execute(translated, values)


@lru_cache(maxsize=512)
def _translate(statement: str) -> tuple[str, tuple[str, ...]]:
    """The statement as SQLite takes it, and the names of the values that must be JSON."""
    lists = tuple(_LIST.findall(statement))
    return _LIST.sub(r"IN (SELECT value FROM json_each(:\1))", statement), lists


def _connect(path: Path, mode: str = "mode=rw") -> SqliteDatabase:
    database = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}",
        uri=True,
        factory=SqliteDatabase,
        isolation_level=None,
        check_same_thread=False,
        timeout=_BUSY,
    )
    database.execute("PRAGMA foreign_keys = ON")
    # Acknowledged means on the disk, also after a power cut.
    database.execute("PRAGMA synchronous = FULL")
    # SQLite's own lower() knows only ASCII.
    database.create_function("casefold", 1, _casefold, deterministic=True)
    # Deleted content is overwritten, also in pages that become free.
    database.execute("PRAGMA secure_delete = ON")
    database.execute(VOCABULARY)
    return database


def _make_private(path: Path) -> None:
    """Make an empty file that only its owner can read; SQLite's log files take over its mode."""
    path.touch(mode=0o600)


def _casefold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def _schema_version(database: sqlite3.Connection) -> int:
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    return version


def _run(database: sqlite3.Connection, script: str) -> None:
    for statement in statements(script):
        database.execute(statement)


@contextmanager
def storage_errors() -> Iterator[None]:
    """SQLite's and the system's errors, as ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise ArchiveBusy("the archive is being written; try again shortly") from error
        raise StorageFailed(
            f"the archive cannot be used: {error}; nothing of this step was stored"
        ) from error
    except sqlite3.DatabaseError as error:
        if isinstance(
            error, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.InterfaceError
        ):
            raise
        raise NotAnArchive(f"the archive is damaged or not ours: {error}") from error
    except UnicodeEncodeError as error:  # half of a surrogate pair, in an id or a filter
        raise BadInput(f"{error.object[:40]!a} is not valid Unicode text") from error
    except OSError as error:
        if isinstance(error, StoreError) or error.errno is None:
            raise
        full = " (the disk is full)" if error.errno == errno.ENOSPC else ""
        raise StorageFailed(
            f"{error.filename or 'the data directory'}: {error.strerror}{full}"
        ) from error
