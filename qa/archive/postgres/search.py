"""Snapshots of an archive in PostgreSQL, and changing it."""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from embeddings.index import Vectors
from qa.archive import copies
from qa.archive.database import Database
from qa.archive.postgres import dense, lexical
from qa.archive.snapshot import Fault, Ranked, Snapshot
from qa.archive.visibility import Dialect, Visible
from qa.archive.writer import NewVersion, Writer
from qa.language.sentences import Span
from qa.types import Article, Filters

# Each table whose rows are numbered, with the column that numbers them.
_NUMBERED = (
    ("versions", "key"),
    ("passages", "id"),
    ("answers", "key"),
    ("jobs", "number"),
    ("watches", "number"),
    ("watch_events", "number"),
    ("responses", "number"),
    ("audit", "number"),
    ("asked", "number"),
)
_INDEXED_AT_ONCE = 1000  # passages
_UNREPLICATED = Fault(
    "database",
    "a standby may still show what was deleted",
    "set synchronous_commit = remote_apply, and synchronous_standby_names = 'FIRST n (*)' with the"
    " number of standbys",
)
_WAITED_FOR = re.compile(r"\s*(?:(?:FIRST|ANY)\s+)?(\d+)\s*\(", re.IGNORECASE)


class PostgresSnapshot(Snapshot):
    """A snapshot of an archive in PostgreSQL. ``hnsw``: search by the index, where there is one."""

    dialect = Dialect(
        folded=lambda column: f"{column}_folded",
        by_author="authors_folded && :authors",
        each_author="unnest(authors) AS author (value)",
        month="to_char(to_timestamp(published) AT TIME ZONE 'UTC', 'YYYY-MM')",
    )
    arrival = "v.stored"

    def __init__(
        self, database: Database, now: float, hidden: Collection[str] = (), *, hnsw: bool = False
    ) -> None:
        super().__init__(database, now, hidden)
        self._hnsw = hnsw

    def dense(self, vector: Vectors, k: int, filters: Filters) -> Ranked:
        seen = self._visible(filters)
        condition = f"p.version_key IN ({seen.keys})"
        by_index = self._hnsw and dense.has_index(self._db, len(vector))
        search = dense.search_index if by_index else dense.search
        return search(self._db, vector, k, condition, seen.values)

    def lexical(self, words: Sequence[str], k: int, filters: Filters) -> Ranked:
        seen = self._visible(filters)
        condition = f"t.version_key IN ({seen.keys})"
        return lexical.search(self._db, words, k, condition, seen.values)

    def index_fault(self) -> Fault | None:
        if not self._hnsw or dense.has_index(self._db, int(self.manifest["dimension"])):
            return None
        if (reason := dense.refusal(dense.version(self._db))) is not None:
            return Fault("index", reason, dense.UPGRADE)
        return Fault("index", "there is no HNSW index; vectors are compared one by one")

    def numbers(self) -> dict[str, int]:
        found = {}
        for table, column in _NUMBERED:
            (last,) = self._db.execute(
                "SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(?, ?) AS regclass))",
                (table, column),
            ).fetchone()
            if last is not None:
                found[table] = last
        return found

    @property
    def last_passage(self) -> int:
        """The generation: with several writers, ids do not become visible in their order."""
        return self.generation

    def faults(self) -> list[Fault]:
        """What is wrong in the database, and with its standbys. Reads everything."""
        found = super().faults()
        found += [Fault("lexical", message) for message in lexical.faults(self._db)]
        indexed, passages = self._count("passage_terms"), self._count("passages")
        if indexed != passages:
            message = f"the lexical index holds {indexed} passages of {passages}"
            found.append(Fault("lexical", message))
        invalid = self._db.execute(
            "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE NOT i.indisvalid AND c.relnamespace = CAST(current_schema() AS regnamespace)"
        )
        found += [Fault("database", f"the index {name} is not valid") for (name,) in invalid]
        standbys, commit, names = self._db.execute(
            "SELECT"
            " (SELECT count(*) FROM pg_stat_replication WHERE state IS DISTINCT FROM 'backup'),"
            " current_setting('synchronous_commit'), current_setting('synchronous_standby_names')"
        ).fetchone()
        waited_for = count_waited_for(names) if commit == "remote_apply" else 0
        if standbys > waited_for:
            found.append(_UNREPLICATED)
        return found

    def _stacked(self, stored: Sequence[Any], dimension: int) -> Vectors:
        if not stored:
            return np.empty((0, dimension), dtype=np.float32)
        return np.stack([vector.to_numpy() for vector in stored])

    def _holding(self, words: Sequence[str]) -> Visible:
        return lexical.holding(words)


class PostgresWriter(Writer, PostgresSnapshot):
    """Changes an archive in PostgreSQL.

    What depends on the order of writes (copies, the generation) waits for `finish`, which lets one
    writer pass at a time; ``order`` is the number of that lock.
    """

    def __init__(self, database: Database, now: float, hidden: Collection[str], order: int) -> None:
        super().__init__(database, now, hidden)
        self._order = order
        self._added: list[int] = []  # keys of versions
        self._to_link: dict[int, None] = {}
        self._removed: list[int] = []
        self._to_index: list[tuple[bytes, int, int, lexical.Terms]] = []

    def finish(self) -> None:
        self._index_passages()
        self._db.execute("SELECT pg_advisory_xact_lock(?)", (self._order,))
        for key in self._removed:
            copies.forget(self._db, key)
        for key in self._to_link:
            super()._link(key)
        if self._added:
            self._db.execute(
                "UPDATE versions SET stored = :stored WHERE key IN :keys",
                {"stored": self.generation + 1, "keys": self._added},
            )
        super().finish()

    def _move_passages(self) -> None:
        self._db.execute(
            'INSERT INTO passages (article, version_key, start, "end", vector)'
            ' SELECT v.article, e.version_key, e.start, e."end", e.vector'
            " FROM embedded_anew e JOIN versions v ON v.key = e.version_key"
            " ORDER BY e.version_key, e.start"
        )

    def _packed(self, vector: Vectors) -> Any:
        return np.asarray(vector, np.float32)

    def rebuild_lexical(self) -> None:
        self._to_index = []
        lexical.remove(self._db, "TRUE", {})
        self._db.execute("DELETE FROM term_counts")
        for stored in self.every_version():
            rows = self._db.execute(
                'SELECT id, start, "end" FROM passages WHERE version_key = ? ORDER BY id',
                (stored.key,),
            ).fetchall()
            ids = [row[0] for row in rows]
            self._index(stored.key, stored.article, ids, [(row[1], row[2]) for row in rows])
            if len(self._to_index) >= _INDEXED_AT_ONCE:
                self._index_passages()
        self._index_passages()
        lexical.fold(self._db)

    def _add_passages(self, key: int, new: NewVersion, ids: Sequence[int] | None = None) -> None:
        article = digest(new.article.id)
        placed = self._insert_passages(key, article, new.passages, new.vectors, ids)
        self._index(key, new.article, placed, new.passages)
        if ids is None:
            self._added.append(key)

    def _remove_passages(self, article_id: str) -> None:
        keys = [
            row[0]
            for row in self._db.execute(
                "SELECT key FROM versions WHERE article_id = ?", (article_id,)
            )
        ]
        self._index_passages()
        lexical.remove(self._db, "version_key IN :keys", {"keys": keys})
        self._db.execute("DELETE FROM passages WHERE version_key IN :keys", {"keys": keys})
        self._removed += keys
        self._to_link = {key: None for key in self._to_link if key not in keys}

    def _insert_passages(
        self,
        key: int,
        article: bytes,
        passages: Sequence[Span],
        vectors: Vectors,
        ids: Sequence[int] | None = None,
    ) -> Sequence[int]:
        """The ids of the passages, in their order; None: new ones."""
        if ids is None:
            rows = self._db.execute(
                "SELECT nextval(CAST(pg_get_serial_sequence('passages', 'id') AS regclass))"
                " FROM generate_series(1, CAST(? AS INTEGER))",
                (len(passages),),
            )
            ids = sorted(row[0] for row in rows)
        self._db.executemany(
            'INSERT INTO passages (id, article, version_key, start, "end", vector)'
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                (identity, article, key, start, end, self._packed(vector))
                for identity, (start, end), vector in zip(ids, passages, vectors, strict=True)
            ],
        )
        return ids

    def _index(
        self, key: int, article: Article, ids: Sequence[int], passages: Sequence[Span]
    ) -> None:
        texts = [(article.title or "", article.text[start:end]) for start, end in passages]
        terms = lexical.tokenizer().passages(texts)
        place = digest(article.id), key
        self._to_index += [(*place, *both) for both in zip(ids, terms, strict=True)]

    def _index_passages(self) -> None:
        """Store the terms of many passages at once: then each term is counted in one row."""
        lexical.add(self._db, self._to_index)
        self._to_index = []

    def _link(self, key: int) -> None:
        self._to_link[key] = None

    def _set_numbers(self, numbers: Mapping[str, int]) -> None:
        for table, column in _NUMBERED:
            if numbers.get(table):
                self._db.execute(
                    "SELECT setval(CAST(pg_get_serial_sequence(?, ?) AS regclass), ?)",
                    (table, column, numbers[table]),
                )

    def _derived(self, article: Article) -> dict[str, Any]:
        names = {
            f"{name}_folded": None if value is None else value.casefold()
            for name, value in (
                ("source", article.source),
                ("section", article.section),
                ("language", article.language),
            )
        }
        authors = list(article.authors)
        folded = [author.casefold() for author in authors]
        return {
            "article": digest(article.id),
            "authors": authors,
            "authors_folded": folded,
            **names,
        }


def count_waited_for(names: str) -> int:
    """How many standbys a commit waits for, by ``synchronous_standby_names``.

    A list without a number waits for one of them, also where it is ``*``.
    """
    if not names.strip():
        return 0
    numbered = _WAITED_FOR.match(names)
    return int(numbered[1]) if numbered else 1


def digest(article_id: str) -> bytes:
    """The key of an article, whose id may be too long for an index."""
    return hashlib.sha256(article_id.encode("utf-8", "surrogatepass")).digest()
