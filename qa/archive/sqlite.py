"""The truth: one SQLite database (WAL) in the data directory. Everything else can be rebuilt from it.

Articles and their versions, passages as offsets, their vectors, the lexical index (FTS5 over the passages' text,
external content, so no text is stored twice), and a manifest. Every write raises the generation, by which caches
know what they were built from.

Readers take a `Snapshot`: one read transaction, in which everything agrees. Writers take `Store.writing()`: the
write lock (one writer at a time, across processes), a transaction, and the next generation.
"""

import errno
import hashlib
import json
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import RLock
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from embeddings.index import Ids, Vectors
from qa.answer import Answer
from qa.errors import (
    ArchiveBusy,
    BadInput,
    EmptyArchive,
    NotAnArchive,
    NotFound,
    StorageFailed,
    StoreError,
)
from qa.ingest.files import version_of
from qa.ingest.passages import CHUNKER_VERSION
from qa.language.sentences import Span
from qa.types import Article, Filters, Passage, StoredArticle, instant

DATABASE = "archive.sqlite3"
LOCK = "writer.lock"
SCHEMA_VERSION = 3
_BUSY = 30  # seconds that a connection waits for another's transaction
_APPLICATION_ID = 0x44544C4E  # "DTLN": marks the file as ours

_SCHEMA = """
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE versions (
    key INTEGER PRIMARY KEY AUTOINCREMENT,   -- ascends in the order of ingestion; never reused
    article_id TEXT NOT NULL,
    version TEXT NOT NULL,                   -- hash of title and text
    current INTEGER NOT NULL,                -- 1: the newest of its article
    origin TEXT,                             -- the path it was ingested from
    published REAL,                          -- seconds since 1970; NULL: undated
    dated REAL,                              -- when this version appeared: updated_at, else published_at
    source TEXT, language TEXT, title TEXT, published_at TEXT,
    text TEXT NOT NULL,
    record TEXT NOT NULL                     -- the article's other fields, as JSON
);
CREATE INDEX versions_by_article ON versions (article_id, key);
CREATE INDEX versions_current ON versions (current, published, key);
CREATE INDEX versions_by_origin ON versions (origin) WHERE current;

CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,    -- ascends, never reused: what an index file lacks lies above its last id
    version_key INTEGER NOT NULL REFERENCES versions (key),
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    vector BLOB NOT NULL                     -- float32, unit length
);
CREATE INDEX passages_by_version ON passages (version_key);

CREATE VIEW passage_text AS
    SELECT p.id AS id, coalesce(v.title, '') AS title, substr(v.text, p.start + 1, p.end - p.start) AS text
    FROM passages p JOIN versions v ON v.key = p.version_key;
CREATE VIRTUAL TABLE lexical USING fts5 (
    title, text, content='passage_text', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2'
);
"""

# What each schema version added, by the version before it.
_MIGRATIONS = {
    1: """
CREATE TABLE answers (
    key INTEGER PRIMARY KEY AUTOINCREMENT,   -- ascends in the order in which they were given
    id TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL                       -- the contract's Answer, as JSON
);
CREATE TABLE quoted (
    article_id TEXT NOT NULL,
    answer_key INTEGER NOT NULL REFERENCES answers (key) ON DELETE CASCADE,
    PRIMARY KEY (article_id, answer_key)
) WITHOUT ROWID;
CREATE INDEX quoted_by_answer ON quoted (answer_key);
""",
    2: """
CREATE TABLE keys (                          -- see `qa.archive.keys`
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,             -- sha256 of the secret, which is nowhere
    scopes TEXT NOT NULL,
    created_at TEXT NOT NULL,
    revoked_at TEXT
) WITHOUT ROWID;
CREATE TABLE jobs (                          -- see `qa.archive.jobs`
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    error TEXT,
    total INTEGER NOT NULL
);
CREATE TABLE job_articles (
    job INTEGER NOT NULL REFERENCES jobs (number) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    record TEXT,                             -- as it came, JSON; NULL once it is stored
    result TEXT,                             -- what became of it, JSON; NULL until then
    PRIMARY KEY (job, position)
) WITHOUT ROWID;
CREATE INDEX jobs_unfinished ON jobs (number) WHERE status IN ('queued', 'running');
""",
}

_ARTICLE_COLUMNS = "v.key, v.version, v.article_id, v.source, v.language, v.title, v.published_at, v.text, v.record"


@dataclass(frozen=True, slots=True)
class NewVersion:
    """An article ready to be stored: its passages and their vectors, row for row."""

    article: Article
    origin: str | None
    passages: Sequence[Span]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Counts:
    articles: int
    versions: int
    passages: int


class Snapshot:
    """What the archive held at one instant. All methods see the same generation."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    @property
    def manifest(self) -> dict[str, str]:
        return dict(self._db.execute("SELECT key, value FROM manifest"))

    @property
    def generation(self) -> int:
        row = self._db.execute("SELECT value FROM manifest WHERE key = 'generation'").fetchone()
        return int(row[0])

    def counts(self) -> Counts:
        articles, versions, passages = self._db.execute(
            "SELECT (SELECT count(*) FROM versions WHERE current), (SELECT count(*) FROM versions),"
            " (SELECT count(*) FROM passages)"
        ).fetchone()
        return Counts(articles, versions, passages)

    def fingerprint(self) -> str:
        """sha256 of the ids and versions of all current articles, whatever the order in which they came."""
        digest = hashlib.sha256()
        for row in self._db.execute(
            "SELECT article_id, version FROM versions WHERE current ORDER BY article_id"
        ):
            digest.update(f"{row[0]}\t{row[1]}\n".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def article(self, article_id: str, version: str | None = None) -> StoredArticle:
        """The newest version, or the newest with that hash. Raises NotFound."""
        row = self._db.execute(
            f"SELECT {_ARTICLE_COLUMNS} FROM versions v WHERE article_id = ? AND (?2 IS NULL OR version = ?2)"
            " ORDER BY key DESC LIMIT 1",
            (article_id, version),
        ).fetchone()
        if row is None:
            what = (
                f"article '{article_id}'"
                if version is None
                else f"version {version} of article '{article_id}'"
            )
            raise NotFound(f"no {what} in this archive")
        return _stored(row)

    def answer(self, answer_id: str) -> Answer:
        """A stored answer. Raises NotFound."""
        row = self._db.execute("SELECT body FROM answers WHERE id = ?", (answer_id,)).fetchone()
        if row is None:
            raise NotFound(f"no answer '{answer_id}' is stored in this archive")
        return Answer.model_validate_json(row[0])

    def find(self, article_id: str) -> StoredArticle | None:
        """The newest version, or None."""
        try:
            return self.article(article_id)
        except NotFound:
            return None

    def articles(self, filters: Filters, limit: int, after: int = 0) -> list[StoredArticle]:
        """Up to ``limit`` articles with a key above ``after``, by ascending key, which is a page's cursor."""
        visible, values = _visible(filters)
        rows = self._db.execute(
            f"SELECT {_ARTICLE_COLUMNS} FROM versions v WHERE v.key IN ({visible}) AND v.key > ?"
            " ORDER BY v.key LIMIT ?",
            [*values, after, limit],
        )
        return [_stored(row) for row in rows]

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """The passages with these ids, in the order given. An id that is not there is left out."""
        found: dict[int, Passage] = {}
        articles: dict[int, StoredArticle] = {}
        for some in _chunks(ids):
            marks = ",".join("?" * len(some))
            rows = self._db.execute(
                f"SELECT p.id, p.start, p.end, {_ARTICLE_COLUMNS}"
                f" FROM passages p JOIN versions v ON v.key = p.version_key WHERE p.id IN ({marks})",
                some,
            )
            for identity, start, end, *columns in rows:
                stored = articles.setdefault(columns[0], _stored(columns))
                found[identity] = Passage(identity, stored, start, end)
        return [found[identity] for identity in ids if identity in found]

    def passage(self, identity: int) -> Passage:
        """Raises NotFound."""
        # SQLite's integers have 64 bits
        found = self.passages([identity]) if 0 <= identity < 2**63 else []
        if not found:
            raise NotFound(f"no passage {identity} in this archive")
        return found[0]

    def searchable(self, filters: Filters) -> Ids:
        """The ids of all passages that a question under ``filters`` may see, ascending."""
        visible, values = _visible(filters)
        rows = self._db.execute(
            f"SELECT id FROM passages WHERE version_key IN ({visible}) ORDER BY id", values
        )
        return np.fromiter((row[0] for row in rows), dtype=np.int64)

    def passage_ids(self) -> Ids:
        """The ids of all passages, of every version, ascending."""
        return np.fromiter(
            (row[0] for row in self._db.execute("SELECT id FROM passages ORDER BY id")),
            dtype=np.int64,
        )

    def vectors_above(self, identity: int, dimension: int) -> tuple[Ids, Vectors]:
        """Ids and vectors of all passages with an id above ``identity``, ascending."""
        rows = self._db.execute(
            "SELECT id, vector FROM passages WHERE id > ? ORDER BY id", (identity,)
        ).fetchall()
        ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
        joined = b"".join(row[1] for row in rows)
        return ids, np.frombuffer(joined, dtype=np.float32).reshape(len(rows), dimension)

    def search_lexical(
        self, expression: str, k: int, filters: Filters, title_weight: float
    ) -> list[tuple[int, float]]:
        """The ``k`` best passages for an FTS5 ``expression`` as ``(id, BM25)``, best first, ties by lower id."""
        visible, values = _visible(filters)
        rows = self._db.execute(
            "SELECT lexical.rowid, -bm25(lexical, ?, 1.0) AS score FROM lexical JOIN passages p ON p.id = lexical.rowid"
            f" WHERE lexical MATCH ? AND p.version_key IN ({visible}) ORDER BY score DESC, lexical.rowid LIMIT ?",
            [title_weight, expression, *values, k],
        )
        return [(identity, score) for identity, score in rows]

    def origin(self, article_id: str) -> str | None:
        """The path that the article was last ingested from."""
        row = self._db.execute(
            "SELECT origin FROM versions WHERE article_id = ? AND current", (article_id,)
        ).fetchone()
        return None if row is None else row[0]

    def ids_from(self, origin: str) -> set[str]:
        """The articles that were last ingested from a path."""
        rows = self._db.execute(
            "SELECT article_id FROM versions WHERE current AND origin = ?", (origin,)
        )
        return {row[0] for row in rows}

    def sources(self) -> list[str]:
        rows = self._db.execute(
            "SELECT DISTINCT source FROM versions WHERE current AND source NOT NULL ORDER BY 1"
        )
        return [row[0] for row in rows]

    def faults(self) -> list[str]:
        """What SQLite itself and our own rules find wrong; [] when all is well. Reads everything."""
        found = [row[0] for row in self._db.execute("PRAGMA integrity_check(5)") if row[0] != "ok"]
        loose = self._db.execute(
            "SELECT count(*) FROM passages p LEFT JOIN versions v ON v.key = p.version_key WHERE v.key IS NULL"
        ).fetchone()[0]
        if loose:
            found.append(f"{loose} passages belong to no article")
        several = self._db.execute(
            "SELECT count(*) FROM (SELECT article_id FROM versions GROUP BY article_id HAVING sum(current) != 1)"
        ).fetchone()[0]
        if several:
            found.append(f"{several} articles have not exactly one newest version")
        # What the view cannot see: an index row too many or too few.
        indexed = self._db.execute("SELECT count(*) FROM lexical_docsize").fetchone()[0]
        passages = self._db.execute("SELECT count(*) FROM passages").fetchone()[0]
        if indexed != passages:
            found.append(f"the lexical index holds {indexed} passages of {passages}")
        return found


class Writer(Snapshot):
    """A snapshot that may change things, inside one transaction of `Store.writing`."""

    def put(self, new: NewVersion) -> None:
        """Store a version; it becomes its article's newest."""
        article = new.article
        self._db.execute(
            "UPDATE versions SET current = 0 WHERE article_id = ? AND current", (article.id,)
        )
        published, dated = _instants(article)
        key = self._db.execute(
            "INSERT INTO versions (article_id, version, current, origin, published, dated, source, language, title,"
            " published_at, text, record) VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article.id,
                version_of(article),
                new.origin,
                published,
                dated,
                article.source,
                article.language,
                article.title,
                article.published_at,
                article.text,
                _record(article),
            ),
        ).lastrowid
        for (start, end), vector in zip(new.passages, new.vectors, strict=True):
            identity = self._db.execute(
                "INSERT INTO passages (version_key, start, end, vector) VALUES (?, ?, ?, ?)",
                (key, start, end, np.ascontiguousarray(vector, dtype=np.float32).tobytes()),
            ).lastrowid
            self._db.execute(
                "INSERT INTO lexical (rowid, title, text) VALUES (?, ?, ?)",
                (identity, article.title or "", article.text[start:end]),
            )

    def amend(self, article: Article, origin: str | None) -> None:
        """Replace what is said about an article whose title and text are unchanged."""
        current = self.article(article.id)
        published, dated = _instants(article)
        was_published, was_dated = self._db.execute(
            "SELECT published, dated FROM versions WHERE key = ?", (current.key,)
        ).fetchone()
        if published == was_published and was_dated is not None:
            dated = was_dated  # an update stamp on an unchanged text does not move the text to a later day
        self._db.execute(
            "UPDATE versions SET origin = ?, published = ?, dated = ?, source = ?, language = ?, published_at = ?,"
            " record = ? WHERE key = ?",
            (
                origin,
                published,
                dated,
                article.source,
                article.language,
                article.published_at,
                _record(article),
                current.key,
            ),
        )

    def delete(self, article_id: str) -> None:
        """Remove every version of an article, and its text from the answers that quote it. Raises NotFound."""
        self.article(article_id)
        # External content: the index must be told the very text that it is to forget.
        self._db.execute(
            "INSERT INTO lexical (lexical, rowid, title, text) SELECT 'delete', t.id, t.title, t.text"
            " FROM versions v JOIN passages p ON p.version_key = v.key JOIN passage_text t ON t.id = p.id"
            " WHERE v.article_id = ?",
            (article_id,),
        )
        self._db.execute(
            "DELETE FROM passages WHERE version_key IN (SELECT key FROM versions WHERE article_id = ?)",
            (article_id,),
        )
        self._db.execute("DELETE FROM versions WHERE article_id = ?", (article_id,))
        self._blank(article_id)

    def replace_passages(self, key: int, passages: Sequence[Span], vectors: Vectors) -> None:
        """Give a stored version new passages; for `reindex`."""
        self._db.execute("DELETE FROM passages WHERE version_key = ?", (key,))
        for (start, end), vector in zip(passages, vectors, strict=True):
            self._db.execute(
                "INSERT INTO passages (version_key, start, end, vector) VALUES (?, ?, ?, ?)",
                (key, start, end, np.ascontiguousarray(vector, dtype=np.float32).tobytes()),
            )

    def _blank(self, article_id: str) -> None:
        """Empty what stored answers quote of an article."""
        rows = self._db.execute(
            "SELECT a.key, a.body FROM quoted q JOIN answers a ON a.key = q.answer_key WHERE q.article_id = ?",
            (article_id,),
        ).fetchall()
        for key, body in rows:
            answer = json.loads(body)
            for citation in answer["citations"]:
                if citation["article_id"] == article_id:
                    citation["quote"] = ""
            self._db.execute("UPDATE answers SET body = ? WHERE key = ?", (json.dumps(answer), key))
        self._db.execute("DELETE FROM quoted WHERE article_id = ?", (article_id,))

    def keep_answer(self, answer: Answer, most: int) -> None:
        """Store an answer under its id, and forget the oldest beyond ``most``. A quote of an article that was deleted
        since it was read is stored empty.
        """
        citations = tuple(
            citation
            if self.find(citation.article_id) is not None
            else citation.model_copy(update={"quote": ""})
            for citation in answer.citations
        )
        kept = answer.model_copy(update={"citations": citations, "hits": None})
        self._db.execute("DELETE FROM answers WHERE id = ?", (answer.id,))
        key = self._db.execute(
            "INSERT INTO answers (id, body) VALUES (?, ?)", (answer.id, kept.model_dump_json())
        ).lastrowid
        self._db.executemany(
            "INSERT OR IGNORE INTO quoted (article_id, answer_key) VALUES (?, ?)",
            [(citation.article_id, key) for citation in citations if citation.quote],
        )
        self._db.execute(
            "DELETE FROM answers WHERE key <= (SELECT key FROM answers ORDER BY key DESC LIMIT 1 OFFSET ?)",
            (most,),
        )

    def every_version(self) -> list[StoredArticle]:
        rows = self._db.execute(f"SELECT {_ARTICLE_COLUMNS} FROM versions v ORDER BY v.key")
        return [_stored(row) for row in rows]

    def rebuild_lexical(self) -> None:
        self._db.execute("INSERT INTO lexical (lexical) VALUES ('rebuild')")

    def note(self, key: str, value: str | None) -> None:
        """Set or, with None, clear a line of the manifest."""
        self._db.execute("DELETE FROM manifest WHERE key = ?", (key,))
        if value is not None:
            self._db.execute("INSERT INTO manifest (key, value) VALUES (?, ?)", (key, value))


class Store:
    """The archive in a data directory. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / DATABASE
        self._idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        self._closed = False
        self._lock = RLock()
        self._file_lock = FileLock(folder / LOCK, thread_local=False)

    @classmethod
    def open(cls, folder: Path) -> "Store":
        """Open an archive that exists. Raises EmptyArchive when there is none, NotAnArchive when it is not ours."""
        if not (folder / DATABASE).is_file():
            if folder.is_file():
                raise NotAnArchive(
                    f"{folder} is a file and no Dateline archive; choose another --data-dir"
                )
            raise EmptyArchive(
                f"no archive in {folder}; give it articles first: dateline ingest PATH"
            )
        store = cls(folder)
        store._check()
        return store

    @classmethod
    def create(cls, folder: Path, embedder: str, digest: str, dimension: int) -> "Store":
        """Open the archive in ``folder``, making an empty one for this embedder where there is none yet.

        Raises NotAnArchive when the folder holds other things, which are left alone.
        """
        with suppress(EmptyArchive):
            return cls.open(folder)
        ours = {LOCK, *(DATABASE + suffix for suffix in ("", "-wal", "-shm", "-journal"))}
        with _storage_errors():
            if folder.exists() and any(entry.name not in ours for entry in folder.iterdir()):
                raise NotAnArchive(
                    f"{folder} is not empty and holds no Dateline archive; choose another --data-dir"
                )
            folder.mkdir(parents=True, exist_ok=True)
        store = cls(folder)
        with store._write_lock(0), _storage_errors():
            database = _connect(store._path, create=True)
            try:
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("BEGIN IMMEDIATE")
                if database.execute("PRAGMA user_version").fetchone()[0] == 0:
                    for script in (_SCHEMA, *_MIGRATIONS.values()):
                        for statement in _statements(script):
                            database.execute(statement)
                    database.executemany(
                        "INSERT INTO manifest (key, value) VALUES (?, ?)",
                        [
                            ("generation", "0"),
                            ("embedder", embedder),
                            ("embedder_digest", digest),
                            ("dimension", str(dimension)),
                            ("chunker_version", str(CHUNKER_VERSION)),
                            ("archive_id", uuid.uuid4().hex),
                            ("created_at", datetime.now(UTC).isoformat(timespec="seconds")),
                        ],
                    )
                    database.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
                    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                database.execute("COMMIT")
            finally:
                database.close()
        store._check()
        return store

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One read transaction on what stands beside the articles."""
        with self.snapshot() as snapshot:
            yield snapshot._db  # noqa: SLF001  # ours

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """One read transaction; readers never wait for a writer."""
        with _storage_errors():
            database = self._borrow()
            try:
                database.execute("BEGIN")
                yield Snapshot(database)
            finally:
                database.rollback()
                self._give_back(database)

    @contextmanager
    def writing(self, wait: float = 0) -> Iterator[Writer]:
        """One write transaction under the write lock; all of it happens, durably, or nothing.

        Raises ArchiveBusy when another writer does not finish within ``wait`` seconds.
        """
        with self.locked(wait), _storage_errors():
            database = self._borrow()
            try:
                database.execute("BEGIN IMMEDIATE")
                yield Writer(database)
                database.execute("UPDATE manifest SET value = value + 1 WHERE key = 'generation'")
                database.execute("COMMIT")
            finally:
                if database.in_transaction:
                    database.rollback()
                self._give_back(database)

    def keep_answer(self, answer: Answer, most: int) -> None:
        """Store an answer; see `Writer.keep_answer`. Raises ArchiveBusy after a second."""
        with self.aside() as database:
            Writer(database).keep_answer(answer, most)

    @contextmanager
    def aside(self) -> Iterator[sqlite3.Connection]:
        """A write transaction beside the articles: answers, keys, jobs. It takes no write lock, so it waits for a
        writer's transaction at most, and leaves the generation alone: nothing that can be found changes. Raises
        ArchiveBusy after a second.
        """
        with _storage_errors():
            database = self._borrow()
            try:
                database.execute("PRAGMA busy_timeout = 1000")
                database.execute("BEGIN IMMEDIATE")
                yield database
                database.execute("COMMIT")
            finally:
                if database.in_transaction:
                    database.rollback()
                database.execute(f"PRAGMA busy_timeout = {_BUSY * 1000}")
                self._give_back(database)

    @contextmanager
    def locked(self, wait: float = 0) -> Iterator[None]:
        """The write lock, for work of several transactions. The thread that holds it may take it again."""
        if not self._lock.acquire(timeout=wait if wait > 0 else 0.001):
            raise ArchiveBusy(f"the archive in {self.folder} is being written; try again shortly")
        try:
            with self._write_lock(wait):
                yield
        finally:
            self._lock.release()

    def backup(self, target: Path) -> None:
        """Copy the archive to a file, whole, while others read and write."""
        if target.exists():
            raise BadInput(f"{target} exists already; name a new file")
        part = target.with_name(
            f"{target.name}.part"
        )  # a copy that was cut short never has the name of a whole one
        with _storage_errors():
            part.unlink(missing_ok=True)
            source, copy = _connect(self._path), sqlite3.connect(part)
            try:
                source.backup(copy)
                # Put back, it goes another way than the original: an index file of that one is not its own.
                copy.execute(
                    "UPDATE manifest SET value = ? WHERE key = 'archive_id'", (uuid.uuid4().hex,)
                )
                copy.commit()
            finally:
                source.close()
                copy.close()
            part.replace(target)

    def close(self) -> None:
        self._closed = True
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    @contextmanager
    def _write_lock(self, wait: float) -> Iterator[None]:
        try:
            self._file_lock.acquire(timeout=wait)
        except Timeout as error:
            raise ArchiveBusy(
                f"another process is writing to the archive in {self.folder}; try again when it is done"
            ) from error
        except OSError as error:
            raise StorageFailed(f"cannot write in {self.folder}: {error.strerror}") from error
        try:
            yield
        finally:
            self._file_lock.release()

    def _check(self) -> None:
        with _storage_errors():
            database = self._borrow()
            try:
                application = database.execute("PRAGMA application_id").fetchone()[0]
                version = database.execute("PRAGMA user_version").fetchone()[0]
                tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            finally:
                self._give_back(database)
        if (application, version, tables) == (0, 0, 0):  # its making was cut short
            raise EmptyArchive(
                f"the archive in {self.folder} is empty; give it articles first: dateline ingest PATH"
            )
        if application != _APPLICATION_ID or version == 0:
            raise NotAnArchive(f"{self._path} is no Dateline archive")
        if version > SCHEMA_VERSION:
            raise NotAnArchive(
                f"the archive in {self.folder} has schema {version}, this Dateline knows {SCHEMA_VERSION}: upgrade it"
            )
        if version < SCHEMA_VERSION:
            self._migrate()

    def _migrate(self) -> None:
        """Bring an archive of an older version up to this one, in one transaction: whole, or not at all."""
        with self._write_lock(30), _storage_errors():
            database = self._borrow()
            try:
                database.execute("BEGIN IMMEDIATE")
                # Another process may have done it meanwhile.
                for version in range(
                    database.execute("PRAGMA user_version").fetchone()[0], SCHEMA_VERSION
                ):
                    for statement in _statements(_MIGRATIONS[version]):
                        database.execute(statement)
                database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
                database.execute("COMMIT")
            finally:
                if database.in_transaction:
                    database.rollback()
                self._give_back(database)

    def _borrow(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except Empty:
            return _connect(self._path)

    def _give_back(self, database: sqlite3.Connection) -> None:
        if self._closed:
            database.close()
        else:
            self._idle.put(database)


def _connect(path: Path, *, create: bool = False) -> sqlite3.Connection:
    mode = "rwc" if create else "rw"
    database = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=_BUSY,
    )
    database.execute("PRAGMA foreign_keys = ON")
    database.execute(
        "PRAGMA synchronous = FULL"
    )  # acknowledged means on the disk, also after a power cut
    return database


@contextmanager
def _storage_errors() -> Iterator[None]:
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
    except OSError as error:
        if isinstance(error, StoreError) or error.errno is None:
            raise
        full = " (the disk is full)" if error.errno == errno.ENOSPC else ""
        raise StorageFailed(
            f"{error.filename or 'the data directory'}: {error.strerror}{full}"
        ) from error


def _statements(script: str) -> Iterable[str]:
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def _visible(filters: Filters) -> tuple[str, list[Any]]:
    """A query for the keys of the versions that a question may see, and its values.

    Without ``as_of`` that is each article's newest version; with it, each article's newest among those that
    had appeared by then, which must itself have been published by then.
    """
    values: list[Any] = []
    if filters.as_of is None:
        chosen = "SELECT key FROM versions WHERE current"
        dated = "published IS NOT NULL"
    else:
        moment = instant(filters.as_of, end_of_day=True)
        undated = " OR (published IS NULL AND dated IS NULL)" if filters.include_undated else ""
        chosen = (
            "SELECT max(key) FROM versions WHERE"
            f" (dated <= ? AND (published IS NULL OR published <= ?)){undated} GROUP BY article_id"
        )
        values += [moment, moment]
        dated = "TRUE"
    conditions: list[str] = []
    for column, wanted in (("source", filters.sources), ("language", filters.languages)):
        if wanted:
            conditions.append(f"{column} IN ({','.join('?' * len(wanted))})")
            values += wanted
    bounds: list[str] = []
    for operator, text, end_of_day in (
        ("<=", filters.published_to, True),
        (">=", filters.published_from, False),
    ):
        if text is not None:
            bounds.append(f"published {operator} ?")
            values.append(instant(text, end_of_day=end_of_day))
    if bounds:
        within = " AND ".join([dated, *bounds])
        conditions.append(
            f"({within} OR published IS NULL)" if filters.include_undated else f"({within})"
        )
    if not conditions:
        return chosen, values
    return (
        f"SELECT key FROM versions WHERE key IN ({chosen}) AND {' AND '.join(conditions)}",
        values,
    )


def _instants(article: Article) -> tuple[float | None, float | None]:
    published = instant(article.published_at) if article.published_at else None
    return published, instant(article.updated_at) if article.updated_at else published


def _record(article: Article) -> str:
    rest = article.model_dump(include={"updated_at", "authors", "url", "extra"})
    return json.dumps(rest, ensure_ascii=False)


def _stored(columns: Sequence[Any]) -> StoredArticle:
    key, version, article_id, source, language, title, published_at, text, record = columns
    rest: Mapping[str, Any] = json.loads(record)
    article = Article(
        id=article_id,
        source=source,
        language=language,
        title=title,
        published_at=published_at,
        text=text,
        updated_at=rest["updated_at"],
        authors=tuple(rest["authors"]),
        url=rest["url"],
        extra=rest["extra"],
    )
    return StoredArticle(key, version, article)


def _chunks(ids: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    """SQLite limits the values of one statement."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
