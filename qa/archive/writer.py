"""Changing an archive, inside one write transaction."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from embeddings.index import Vectors
from qa.archive import answers, copies
from qa.archive.snapshot import (
    COLUMNS,
    COPIES,
    EARLIER,
    LAST_DELETION,
    RECORDED,
    Snapshot,
    stored_article,
)
from qa.errors import NotFound
from qa.ingest.copies import COPIES_VERSION
from qa.ingest.files import version_of
from qa.language.sentences import Span
from qa.types import Article, StoredArticle, instant

_CITED = ("source", "url", "published_at", "section", "authors")  # what an answer rests on
_MOST_EARLIER = 50  # descriptions of one version, the newest
_SECURE_DELETE = sqlite3.sqlite_version_info >= (3, 42)  # FTS5's option of that name


@dataclass(frozen=True, slots=True)
class NewVersion:
    """An article ready to be stored: its passages and their vectors, row for row."""

    article: Article
    origin: str | None
    passages: Sequence[Span]
    vectors: Vectors


class Writer(Snapshot):
    """A snapshot that can also change the archive, inside one transaction of `Store.writing`."""

    def __init__(self, connection: sqlite3.Connection, now: float) -> None:
        super().__init__(connection, now)
        self.stored = False  # an article was added or amended
        self.deleted = False  # the log then holds text that must not survive in it

    def put(self, new: NewVersion) -> None:
        """Store a version; it becomes its article's newest."""
        self.stored = True
        article = new.article
        self._db.execute(
            "UPDATE versions SET current = 0 WHERE article_id = ? AND current", (article.id,)
        )
        published, dated = _instants(article)
        columns = {
            "article_id": article.id,
            "version": version_of(article),
            "current": 1,
            "received": self.now,
            "title": article.title,
            "text": article.text,
            "origin": new.origin,
            "published": published,
            "dated": dated,
            **_described(article),
        }
        key = self._insert(
            f"INSERT INTO versions ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            tuple(columns.values()),
        )
        ids = self._add_passages(key, new.passages, new.vectors)
        self._db.executemany(
            "INSERT INTO lexical (rowid, title, text) VALUES (?, ?, ?)",
            [
                (identity, article.title or "", article.text[start:end])
                for identity, (start, end) in zip(ids, new.passages, strict=True)
            ],
        )
        self._link(key)

    def amend(self, article: Article, origin: str | None) -> None:
        """Replace the metadata of an article whose title and text are unchanged.

        The earlier metadata stays on record, for answers that cite it.
        """
        self.stored = True
        current = self._stored(article.id)
        published, dated = _instants(article)
        was_published, was_dated, record = self._db.execute(
            "SELECT published, dated, record FROM versions WHERE key = ?", (current.key,)
        ).fetchone()
        if published == was_published and was_dated is not None:
            dated = (
                was_dated  # an update stamp alone does not move an unchanged text to a later day
            )
        columns = {
            "origin": origin,
            "published": published,
            "dated": dated,
            **_described(article, _earlier(current.article, article, record)),
        }
        assigned = ", ".join(f"{name} = :{name}" for name in columns)
        self._db.execute(
            f"UPDATE versions SET {assigned} WHERE key = :key", {**columns, "key": current.key}
        )
        copies.unlink(self._db, current.key)  # its source or date may have been why it was a copy
        self._link(current.key)

    def withdraw(self, article_id: str) -> None:
        """Give an article the status canceled. Raises NotFound."""
        article = self._stored(article_id).article
        canceled = article.model_copy(update={"status": "canceled"})
        self.amend(canceled, self.origin(article_id))

    def delete(self, article_id: str) -> None:
        """Remove every version of an article, and its text from stored answers. Raises NotFound."""
        self._stored(article_id)
        answers.forget_article(self._db, article_id)
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
        self._db.execute("DELETE FROM versions WHERE article_id = ?", (article_id,))
        self.note(LAST_DELETION, str(self.generation + 1))
        self.deleted = True

    def replace_passages(self, key: int, passages: Sequence[Span], vectors: Vectors) -> None:
        """Give a stored version new passages. The lexical index must be rebuilt afterwards."""
        self._db.execute("DELETE FROM passages WHERE version_key = ?", (key,))
        self._add_passages(key, passages, vectors)

    def every_version(self) -> list[StoredArticle]:
        """Every version of every article, oldest first."""
        rows = self._db.execute(f"SELECT {COLUMNS} FROM versions v ORDER BY v.key")
        return [stored_article(row) for row in rows]

    def rebuild_copies(self, on_progress: Callable[[int, int], None] = lambda *_: None) -> None:
        """Compare every version with the others again."""
        copies.forget_all(self._db)
        keys = [row[0] for row in self._db.execute("SELECT key FROM versions ORDER BY key")]
        for done, key in enumerate(keys):
            on_progress(done, len(keys))
            self._link(key)
        self.note(COPIES, str(COPIES_VERSION))

    def rebuild_lexical(self) -> None:
        """Index the text of every passage again."""
        self._db.execute("INSERT INTO lexical (lexical) VALUES ('rebuild')")

    def note(self, key: str, value: str | None) -> None:
        """Set or, with None, clear a line of the manifest."""
        self._db.execute("DELETE FROM manifest WHERE key = ?", (key,))
        if value is not None:
            self._db.execute("INSERT INTO manifest (key, value) VALUES (?, ?)", (key, value))

    def _stored(self, article_id: str) -> StoredArticle:
        """The newest version, also under embargo. Raises NotFound."""
        stored = self.find(article_id)
        if stored is None:
            raise NotFound(f"no article '{article_id}' in this archive")
        return stored

    def _link(self, key: int) -> None:
        (stored,) = self._versions([key])
        copies.link(self._db, stored, self._versions)

    def _versions(self, keys: Sequence[int]) -> list[StoredArticle]:
        rows = self._db.execute(
            f"SELECT {COLUMNS} FROM versions v WHERE key IN (SELECT value FROM json_each(?))",
            (json.dumps(keys),),
        )
        return [stored_article(row) for row in rows]

    def _add_passages(
        self, version_key: int, passages: Sequence[Span], vectors: Vectors
    ) -> list[int]:
        """The ids of the new passages, in their order."""
        ids = []
        for (start, end), vector in zip(passages, vectors, strict=True):
            row = (version_key, start, end, np.ascontiguousarray(vector, np.float32).tobytes())
            ids.append(
                self._insert(
                    "INSERT INTO passages (version_key, start, end, vector) VALUES (?, ?, ?, ?)",
                    row,
                )
            )
        return ids

    def _insert(self, statement: str, row: tuple[Any, ...]) -> int:
        """The new row's id."""
        return self._db.execute(statement, row).lastrowid or 0  # never None after an INSERT


def _instants(article: Article) -> tuple[float | None, float | None]:
    published = instant(article.published_at) if article.published_at else None
    return published, instant(article.updated_at) if article.updated_at else published


def _earlier(before: Article, article: Article, record: str) -> list[dict[str, Any]]:
    """How a version was described before, each description once, without the present one."""
    found: list[dict[str, Any]] = json.loads(record).get(EARLIER, [])
    for one in (before, article):
        described = one.model_dump(mode="json", include=set(_CITED))
        found = [other for other in found if other != described]
        found.append(described)
    return found[-_MOST_EARLIER - 1 : -1]


def _described(article: Article, earlier: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """The columns of a version's metadata, which an update of it alone replaces."""
    rest = article.model_dump(include=set(RECORDED))
    if earlier:
        rest[EARLIER] = earlier
    return {
        "source": article.source,
        "section": article.section,
        "language": article.language,
        "published_at": article.published_at,
        "status": article.status,
        "embargoed": instant(article.embargoed_until) if article.embargoed_until else None,
        # a bare day ends with the day
        "expires": instant(article.expires_at, end_of_day=True) if article.expires_at else None,
        "corrects": article.corrects,
        "record": json.dumps(rest, ensure_ascii=False),
    }
