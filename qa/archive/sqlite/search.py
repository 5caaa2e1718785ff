"""What a snapshot of a SQLite archive searches with: FTS5, and FAISS over the stored vectors.

FTS5 indexes the passages' text with external content, so no text is stored twice.
"""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import repeat
from pathlib import Path
from typing import Any, Self

import numpy as np

from embeddings.index import Mask, Vectors, mask_of
from qa.archive.bm25 import terms_of
from qa.archive.database import Database, insert
from qa.archive.recent import Recent
from qa.archive.snapshot import Fault, Ranked, Snapshot, State
from qa.archive.sqlite.index import IndexCache, OpenSnapshot
from qa.archive.sqlite.lexical import LexicalCache, phrase_query, search_by_fts5
from qa.archive.visibility import Dialect, Visible
from qa.archive.writer import NewVersion, Writer
from qa.language.sentences import Span
from qa.types import Filters

_SECURE_DELETE = sqlite3.sqlite_version_info >= (3, 42)  # FTS5's option of that name


class SqliteSnapshot(Snapshot):
    """A snapshot of a SQLite archive; ``index`` holds its vectors ready to search."""

    dialect = Dialect(
        folded=lambda column: f"casefold({column})",
        by_author="EXISTS (SELECT 1 FROM json_each(record, '$.authors') AS author"
        " WHERE casefold(author.value) IN :authors)",
        each_author="json_each(record, '$.authors') AS author",
        month="strftime('%Y-%m', published, 'unixepoch')",
    )

    def __init__(
        self, database: Database, now: float, caches: "Caches", hidden: Collection[str] = ()
    ) -> None:
        super().__init__(database, now, hidden)
        self._caches = caches

    def dense(self, vector: Vectors, k: int, filters: Filters) -> Ranked:
        return self._caches.index.search(self, vector, k, self.seen(filters))

    def lexical(self, words: Sequence[str], k: int, filters: Filters) -> Ranked:
        terms = [terms_of(word) for word in words]
        seen = self.seen(filters)
        if any(len(several) > 1 for several in terms):
            return search_by_fts5(self._db, words, k, seen)
        asked = [term for several in terms for term in several]
        return self._caches.lexical.search(self._db, self.generation, asked, k, seen)

    def seen(self, filters: Filters) -> Mask:
        """The passages that a question under these filters may see."""
        if filters.article_ids:  # few, and soon read
            return self._read_seen(filters)
        # A digest, so that what a client sent is not kept.
        key = sha256(repr(filters).encode("utf-8", "surrogatepass")).digest()
        return self._caches.masks.get((self.state, key), lambda: self._read_seen(filters))

    def _read_seen(self, filters: Filters) -> Mask:
        visible = self._visible(filters)
        rows = self._db.execute(
            f"SELECT first_passage, last_passage, key FROM versions WHERE {visible.where}",
            visible.values,
        ).fetchall()
        ranges = [(first, last) for first, last, _ in rows if first is not None]
        scattered = [key for first, _, key in rows if first is None]
        others = self._db.execute(
            "SELECT id FROM passages WHERE version_key IN :keys", {"keys": scattered}
        )
        ids = np.fromiter((row[0] for row in others), dtype=np.int64)
        return mask_of(ids, np.array(ranges, dtype=np.int64).reshape(-1, 2))

    def numbers(self) -> dict[str, int]:
        return dict(self._db.execute("SELECT name, seq FROM sqlite_sequence"))

    def index_fault(self) -> Fault | None:
        message = self._caches.index.fault(self)
        return None if message is None else Fault("index", message)

    def faults(self) -> list[Fault]:
        """Violations of SQLite's integrity rules and our own. Reads everything."""
        found = [
            Fault("database", row[0])
            for row in self._db.execute("PRAGMA integrity_check(5)")
            if row[0] != "ok"
        ]
        found += super().faults()
        # The integrity check compares the index with the view, and misses rows too many or too few.
        indexed, passages = self._count("lexical_docsize"), self._count("passages")
        if indexed != passages:
            message = f"the lexical index holds {indexed} passages of {passages}"
            found.append(Fault("lexical", message))
        return found

    def _stacked(self, stored: Sequence[Any], dimension: int) -> Vectors:
        return np.frombuffer(b"".join(stored), dtype=np.float32).reshape(len(stored), dimension)

    def _holding(self, words: Sequence[str]) -> Visible:
        values = {f"word{place}": phrase_query([word]) for place, word in enumerate(words)}
        conditions = [
            "key IN (SELECT p.version_key FROM lexical JOIN passages p ON p.id = lexical.rowid"
            f" WHERE lexical MATCH :{name})"
            for name in values
        ]
        return Visible(" AND ".join(conditions), values)


class SqliteWriter(Writer, SqliteSnapshot):
    """Changes a SQLite archive."""

    def _move_passages(self) -> None:
        self._db.execute(
            "INSERT INTO passages (version_key, start, end, vector)"
            " SELECT version_key, start, end, vector FROM embedded_anew ORDER BY version_key, start"
        )
        self._db.execute(
            "UPDATE versions SET (first_passage, last_passage)"
            " = (SELECT min(id), max(id) FROM passages WHERE version_key = versions.key)"
        )

    def _packed(self, vector: Vectors) -> Any:
        return np.ascontiguousarray(vector, np.float32).tobytes()

    def rebuild_lexical(self) -> None:
        self._db.execute("INSERT INTO lexical (lexical) VALUES ('rebuild')")

    def _add_passages(self, key: int, new: NewVersion, ids: Sequence[int] | None = None) -> None:
        article = new.article
        ids = self._insert_passages(key, new.passages, new.vectors, ids)
        self._db.executemany(
            "INSERT INTO lexical (rowid, title, text) VALUES (?, ?, ?)",
            [
                (identity, article.title or "", article.text[start:end])
                for identity, (start, end) in zip(ids, new.passages, strict=True)
            ],
        )

    def _remove_passages(self, article_id: str) -> None:
        if _SECURE_DELETE:  # the words leave the index now, not when its segments are merged
            self._db.execute("INSERT INTO lexical (lexical, rank) VALUES ('secure-delete', 1)")
        # With external content, FTS5 needs the very text that it is to remove.
        self._db.execute(
            "INSERT INTO lexical (lexical, rowid, title, text)"
            " SELECT 'delete', t.id, t.title, t.text FROM versions v"
            " JOIN passages p ON p.version_key = v.key JOIN passage_text t ON t.id = p.id"
            " WHERE v.article_id = ?",
            (article_id,),
        )
        self._db.execute(
            "DELETE FROM passages"
            " WHERE version_key IN (SELECT key FROM versions WHERE article_id = ?)",
            (article_id,),
        )

    def _set_numbers(self, numbers: Mapping[str, int]) -> None:
        self._db.executemany("DELETE FROM sqlite_sequence WHERE name = ?", [(n,) for n in numbers])
        self._db.executemany(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", numbers.items()
        )

    def _insert_passages(
        self,
        key: int,
        passages: Sequence[Span],
        vectors: Vectors,
        ids: Sequence[int] | None = None,
    ) -> list[int]:
        """The ids of the passages, in their order; None: new ones."""
        placed = [
            insert(
                self._db,
                "passages",
                {
                    "id": identity,
                    "version_key": key,
                    "start": start,
                    '"end"': end,
                    "vector": self._packed(vector),
                },
                "id",
            )
            for identity, (start, end), vector in zip(
                repeat(None) if ids is None else ids, passages, vectors, strict=False
            )
        ]
        whole = placed and placed[-1] - placed[0] + 1 == len(placed)
        ends = (placed[0], placed[-1]) if whole else (None, None)
        self._db.execute(
            "UPDATE versions SET first_passage = ?, last_passage = ? WHERE key = ?", (*ends, key)
        )
        return placed


@dataclass(frozen=True, slots=True)
class Caches:
    """What the searches of a store share."""

    index: IndexCache
    lexical: LexicalCache
    masks: Recent[tuple[State, bytes], Mask]  # by `Snapshot.state` and filters

    @classmethod
    def of(cls, folder: Path, snapshot: OpenSnapshot) -> Self:
        return cls(IndexCache(folder, snapshot), LexicalCache(), Recent())
