"""Changing an archive, inside one write transaction."""

import json
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from embeddings.index import Vectors
from qa.archive import answers, copies, suggestions
from qa.archive.database import insert, raise_generation
from qa.archive.snapshot import (
    COLUMNS,
    COPIES,
    EARLIER,
    LAST_DELETION,
    LAST_INGESTED,
    RECORDED,
    Snapshot,
    stored_article,
)
from qa.archive.visibility import Dates, intervals
from qa.errors import NotFound
from qa.ingest.copies import COPIES_VERSION
from qa.ingest.files import version_of
from qa.language.sentences import Span
from qa.types import Article, StoredArticle, instant, iso_instant

EMBEDDING_ANEW = "embedding_anew"  # manifest: by what, while a reindex has not ended
_PAGE = 500  # articles read at a time
_CITED = ("source", "url", "published_at", "section", "authors")  # what an answer rests on
_MOST_EARLIER = 50  # descriptions of one version, the newest


@dataclass(frozen=True, slots=True)
class NewVersion:
    """An article ready to be stored: its passages and their vectors, row for row."""

    article: Article
    origin: str | None
    passages: Sequence[Span]
    vectors: Vectors


class Writer(Snapshot):
    """A snapshot that can also change the archive, inside one transaction of `Store.writing`."""

    stored = False  # an article was added or amended
    aside = False  # only passages were set aside, which nobody sees
    deleted = False  # the log then holds text that must not survive in it

    def put(self, new: NewVersion) -> None:
        """Store a version; it becomes its article's newest."""
        self.stored = True
        article = new.article
        self._db.execute(
            "UPDATE versions SET current = FALSE WHERE article_id = ? AND current", (article.id,)
        )
        published, dated = _instants(article)
        columns = {
            "article_id": article.id,
            "version": version_of(article),
            "current": True,
            "received": self.now,
            "title": article.title,
            "text": article.text,
            "origin": new.origin,
            "published": published,
            "dated": dated,
            **self._described(article),
        }
        key = insert(self._db, "versions", columns)
        self._set_intervals(article.id)
        self._add_passages(key, new)
        self._link(key)

    def restore(
        self,
        columns: Mapping[str, Any],
        ids: Sequence[int],
        passages: Sequence[Span],
        vectors: Vectors,
    ) -> None:
        """Store a version as another archive holds it, under the same key and ids."""
        names = COLUMNS.replace("v.", "").split(", ")
        article = stored_article([columns[name] for name in names]).article
        row = {**columns, "current": bool(columns["current"]), **self._derived(article)}
        insert(self._db, "versions", row)
        new = NewVersion(article, columns["origin"], passages, vectors)
        self._add_passages(columns["key"], new, ids)
        self._set_intervals(article.id)

    def resume(self, numbers: Mapping[str, int], last_passage: int) -> None:
        """Go on where another archive stopped, all of whose rows are here.

        ``numbers``: its `numbers`; ``last_passage``: its `last_passage`.
        """
        self._set_numbers(numbers)
        # A watch that had seen everything has; others compare everything once more.
        self._db.execute(
            "UPDATE watches SET passages = CASE WHEN passages >= :last THEN :here ELSE -1 END",
            {"last": last_passage, "here": self.last_passage},
        )

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
        # an update stamp alone does not move an unchanged text to a later day
        if published == was_published and was_dated is not None:
            dated = was_dated
        columns = {
            "origin": origin,
            "published": published,
            "dated": dated,
            **self._described(article, _earlier(current.article, article, record)),
        }
        assigned = ", ".join(f"{name} = :{name}" for name in columns)
        self._db.execute(
            f"UPDATE versions SET {assigned} WHERE key = :key", {**columns, "key": current.key}
        )
        self._forget_anew("key = ?", current.key)  # its language may have changed its passages
        self._set_intervals(article.id)
        self._link(current.key)

    def withdraw(self, article_id: str) -> None:
        """Give an article the status canceled. Raises NotFound."""
        article = self._stored(article_id).article
        canceled = article.model_copy(update={"status": "canceled"})
        self.amend(canceled, self.origin(article_id))

    def delete(self, article_id: str) -> None:
        """Remove every version of an article, and its text from stored answers and what readers
        said of them. Raises NotFound.
        """
        self._stored(article_id)
        answers.forget_article(self._db, article_id)
        texts = self._db.execute(
            "SELECT coalesce(title, '') || ' ' || text FROM versions WHERE article_id = ?",
            (article_id,),
        )
        answers.forget_copied(self._db, (text for (text,) in texts), self._runs_of_readers)
        suggestions.forget_article(self._db, article_id)
        self._remove_passages(article_id)
        self._forget_anew("article_id = ?", article_id)
        self._db.execute("DELETE FROM versions WHERE article_id = ?", (article_id,))
        self.deleted = True

    @cached_property
    def _runs_of_readers(self) -> answers.Runs:
        """Read once, however many articles this transaction deletes."""
        return answers.runs_of_readers(self._db)

    def finish(self) -> None:
        """Note in the manifest what was done, and raise the generation."""
        if self.aside:
            return
        if self.stored:
            self.note(LAST_INGESTED, iso_instant(self.now))
        if self.deleted:
            self.note(LAST_DELETION, str(self.generation + 1))
        raise_generation(self._db)

    def begin_anew(self, mark: str) -> int:
        """Begin to embed all versions anew, or go on with it where the ``mark`` is the same.

        Returns how many versions are embedded.
        """
        self.aside = True
        if self.manifest.get(EMBEDDING_ANEW) != mark:
            self._db.execute("DELETE FROM embedded_anew")
            self.note(EMBEDDING_ANEW, mark)
        return self._count("(SELECT DISTINCT version_key FROM embedded_anew) AS done")

    def embed_anew(self, key: int, passages: Sequence[Span], vectors: Vectors) -> None:
        """Set the passages of a version aside until `end_anew`. Nothing can be found by them."""
        self.aside = True
        self._db.executemany(
            'INSERT INTO embedded_anew (version_key, start, "end", vector) VALUES (?, ?, ?, ?)',
            [
                (key, start, end, self._packed(vector))
                for (start, end), vector in zip(passages, vectors, strict=True)
            ],
        )

    def end_anew(self) -> None:
        """Replace all passages by those set aside. The lexical index must be rebuilt afterwards."""
        self.aside = False
        self._db.execute("DELETE FROM passages")
        self._move_passages()
        self._db.execute("DELETE FROM embedded_anew")
        self.note(EMBEDDING_ANEW, None)

    def every_version(self) -> Iterator[StoredArticle]:
        """Every version of every article, oldest first; read in pages.

        The caller may change what it was given, not what is still to come.
        """
        after = 0
        while True:
            rows = self._db.execute(
                f"SELECT {COLUMNS} FROM versions v WHERE v.key > ? ORDER BY v.key LIMIT ?",
                (after, _PAGE),
            ).fetchall()
            if not rows:
                return
            yield from (stored_article(row) for row in rows)
            after = rows[-1][0]

    def rebuild_copies(self, on_progress: Callable[[int, int], None] = lambda *_: None) -> None:
        """Compare every version with the others again."""
        copies.forget_all(self._db)
        keys = [row[0] for row in self._db.execute("SELECT key FROM versions ORDER BY key")]
        for done, key in enumerate(keys):
            on_progress(done, len(keys))
            self._link(key)
        self.note(COPIES, str(COPIES_VERSION))

    @abstractmethod
    def rebuild_lexical(self) -> None:
        """Index the text of every passage again."""

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

    def _forget_anew(self, condition: str, value: object) -> None:
        self._db.execute(
            "DELETE FROM embedded_anew"
            f" WHERE version_key IN (SELECT key FROM versions WHERE {condition})",
            (value,),
        )

    def _set_intervals(self, article_id: str) -> None:
        """Store from when until when each version of an article may be seen."""
        rows = self._db.execute(
            "SELECT key, visible_from, visible_until, visible_until_undated,"
            " published, dated, embargoed FROM versions WHERE article_id = ? ORDER BY key",
            (article_id,),
        ).fetchall()
        found = intervals([Dates(*row[4:]) for row in rows])
        changed = [
            (interval.start, interval.end, interval.end_undated, key)
            for (key, *stored), interval in zip((row[:4] for row in rows), found, strict=True)
            if stored != [interval.start, interval.end, interval.end_undated]
        ]
        self._db.executemany(
            "UPDATE versions SET visible_from = ?, visible_until = ?, visible_until_undated = ?"
            " WHERE key = ?",
            changed,
        )

    def _link(self, key: int) -> None:
        """Compare a version with the others, again if its source or date has changed."""
        copies.unlink(self._db, key)
        (stored,) = self._versions([key])
        copies.link(self._db, stored, self._versions)

    def _versions(self, keys: Sequence[int]) -> list[StoredArticle]:
        rows = self._db.execute(
            f"SELECT {COLUMNS} FROM versions v WHERE v.key IN :keys", {"keys": list(keys)}
        )
        return [stored_article(row) for row in rows]

    @abstractmethod
    def _add_passages(self, key: int, new: NewVersion, ids: Sequence[int] | None = None) -> None:
        """Store the passages of a version, and index their text; None: under new ids."""

    @abstractmethod
    def _set_numbers(self, numbers: Mapping[str, int]) -> None:
        """Have each table go on after its last number."""

    def _derived(self, article: Article) -> dict[str, Any]:  # noqa: ARG002  # others need it
        """Columns that only this kind of store has."""
        return {}

    @abstractmethod
    def _move_passages(self) -> None:
        """Make passages, with new ids, of those that were set aside."""

    @abstractmethod
    def _packed(self, vector: Vectors) -> Any:
        """A vector as it is stored."""

    @abstractmethod
    def _remove_passages(self, article_id: str) -> None:
        """Remove the passages of every version of an article, and their text from the index."""

    def _described(
        self, article: Article, earlier: Sequence[Mapping[str, Any]] = ()
    ) -> dict[str, Any]:
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
            "rights": article.rights,
            "record": json.dumps(rest, ensure_ascii=False),
            **self._derived(article),
        }


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
