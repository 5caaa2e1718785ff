"""What a snapshot of a SQLite archive searches with: FTS5, and FAISS over the stored vectors.

FTS5 indexes the passages' text with external content, so no text is stored twice.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any

import numpy as np

from embeddings.index import Vectors
from qa import tuning
from qa.archive.database import Database, insert
from qa.archive.index import IndexCache
from qa.archive.snapshot import Fault, Ranked, Snapshot
from qa.archive.visibility import Names
from qa.archive.writer import NewVersion, Writer
from qa.language.sentences import Span
from qa.types import Filters, StoredArticle

_SECURE_DELETE = sqlite3.sqlite_version_info >= (3, 42)  # FTS5's option of that name


class SqliteSnapshot(Snapshot):
    """A snapshot of a SQLite archive; ``index`` holds its vectors ready to search."""

    names = Names(
        folded=lambda column: f"casefold({column})",
        by_author="EXISTS (SELECT 1 FROM json_each(record, '$.authors') AS author"
        " WHERE casefold(author.value) IN :authors)",
    )

    def __init__(self, database: Database, now: float, index: IndexCache) -> None:
        super().__init__(database, now)
        self._index = index

    def dense(self, vector: Vectors, k: int, filters: Filters) -> Ranked:
        allowed = self._index.visible(self, filters)
        return self._index.search(self, vector, k, allowed)

    def lexical(self, words: Sequence[str], k: int, filters: Filters) -> Ranked:
        if not words:
            return []
        seen = self._visible(filters)
        rows = self._db.execute(
            "SELECT lexical.rowid, -bm25(lexical, :title_weight, 1.0) AS score"
            " FROM lexical JOIN passages p ON p.id = lexical.rowid"
            f" WHERE lexical MATCH :expression AND p.version_key IN ({seen.keys})"
            " ORDER BY score DESC, lexical.rowid LIMIT :k",
            {
                **seen.values,
                "title_weight": tuning.TITLE_WEIGHT,
                "expression": _expression(words),
                "k": k,
            },
        )
        return [(identity, score) for identity, score in rows]

    def numbers(self) -> dict[str, int]:
        return dict(self._db.execute("SELECT name, seq FROM sqlite_sequence"))

    def index_fault(self) -> str | None:
        return self._index.fault(self)

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

    def _authors(self) -> list[str]:
        seen = self._visible(Filters())
        rows = self._db.execute(
            "SELECT DISTINCT author.value FROM versions, json_each(record, '$.authors') AS author"
            f" WHERE versions.key IN ({seen.keys}) ORDER BY 1",
            seen.values,
        )
        return [row[0] for row in rows]


class SqliteWriter(Writer, SqliteSnapshot):
    """Changes a SQLite archive."""

    def __init__(self, database: Database, now: float, index: IndexCache) -> None:
        SqliteSnapshot.__init__(self, database, now, index)
        self.stored = self.deleted = False

    def replace_passages(
        self, stored: StoredArticle, passages: Sequence[Span], vectors: Vectors
    ) -> None:
        self._db.execute("DELETE FROM passages WHERE version_key = ?", (stored.key,))
        self._insert_passages(stored.key, passages, vectors)

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
                    "vector": np.ascontiguousarray(vector, np.float32).tobytes(),
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


def _expression(words: Sequence[str]) -> str:
    """An FTS5 query for any of the words. They are quoted: nothing in a question is syntax."""
    return " OR ".join(f'"{word}"' for word in words)
