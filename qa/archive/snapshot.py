"""Reading an archive: what it held at one instant, in one read transaction.

The statements are those that both stores share; see `qa.archive.database`.
"""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np

from embeddings.index import Ids, Vectors
from qa.answer import Answer, Coverage
from qa.archive import answers, browsing, copies, suggestions
from qa.archive.database import Database
from qa.archive.sources import Source, SourceRow, aliases_in, all_names, merged
from qa.archive.visibility import (
    NOT_EMBARGOED,
    NOT_RESTRICTED,
    WITHDRAWN,
    Dialect,
    Limits,
    Visible,
    readable,
    visible,
)
from qa.errors import NotFound
from qa.types import Article, Filters, Passage, StoredArticle, iso_instant

COLUMNS = (
    "v.key, v.version, v.article_id, v.source, v.language, v.title, v.published_at, v.text,"
    " v.record, v.received"
)
# The fields of an article that have no column of their own, or a column only to search by.
RECORDED = frozenset(Article.model_fields) - {
    "id", "source", "language", "title", "published_at", "text"
}  # fmt: skip
# What of the archive can be seen changes with it: the generation, how many embargoes and terms have
# ended, and the rights that are withheld.
State = tuple[int, int, frozenset[str]]
Ranked = Sequence[tuple[int, float]]  # (passage id, score), best first, ties by lower id
EARLIER = "earlier"  # in a version's record: how it was described before it was amended
FilterName = Literal["sources", "authors", "sections", "languages"]
LAST_INGESTED = "last_ingested_at"  # manifest: when an article was last stored or amended
COPIES = "copies_version"  # manifest: by which rules copies were looked for
LAST_DELETION = "last_deletion"  # manifest: the generation that the newest deletion made


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong inside an archive. A ``lexical`` index, and the ``index`` of the vectors, can
    be rebuilt from the articles. ``fix``: what to do, where it is neither that nor a backup.
    """

    part: Literal["database", "lexical", "index"]
    message: str
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is; of ``articles``, only the newest versions count."""

    articles: int
    versions: int
    passages: int


class Snapshot(ABC):
    """What the archive held at one instant, ``now`` (seconds since 1970). All methods see the same
    generation.

    A version under embargo does not exist for readers, nor does one with a right in ``hidden``:
    `article`, `versions`, `passage`, `answer`, `counts`, `corrections` and whatever takes filters
    do not show it. What writes and maintains the archive sees it: `find`, `origin`, `size`,
    `passages`, `passage_ids`.
    """

    dialect: ClassVar[Dialect]
    arrival: ClassVar[str] = "p.id"  # rises with each passage that arrives; see `last_passage`

    def __init__(self, database: Database, now: float, hidden: Collection[str] = ()) -> None:
        self._db = database
        self.now = now
        self._withheld = frozenset(hidden)

    @property
    def database(self) -> Database:
        """The transaction that it reads in."""
        return self._db

    @abstractmethod
    def dense(self, vector: Vectors, k: int, filters: Filters) -> Ranked:
        """The ``k`` nearest of the passages that may be seen, as ``(id, cosine)``.

        ``vector`` is (dimension,), of length 1.
        """

    @abstractmethod
    def lexical(self, words: Sequence[str], k: int, filters: Filters) -> Ranked:
        """The ``k`` best of the passages that may be seen and hold any of the ``words``, as
        ``(id, BM25)``; a title counts `qa.tuning.TITLE_WEIGHT`.
        """

    @abstractmethod
    def _holding(self, words: Sequence[str]) -> Visible:
        """The versions that hold all of the words, at least one, in their text or title."""

    @abstractmethod
    def numbers(self) -> dict[str, int]:
        """The last number that was given out, by the table whose rows it numbers."""

    @abstractmethod
    def index_fault(self) -> Fault | None:
        """What is wrong with the index of the vectors; None if nothing. Reads all of it."""

    @abstractmethod
    def _stacked(self, stored: Sequence[Any], dimension: int) -> Vectors:
        """Vectors as they are stored, as rows."""

    @property
    def manifest(self) -> dict[str, str]:
        """What the archive says of itself: its id, generation, embedder, splitter, notes."""
        return dict(self._db.execute("SELECT key, value FROM manifest"))

    @property
    def generation(self) -> int:
        """How many writes there have been; caches know by it what they were built from."""
        row = self._db.execute("SELECT value FROM manifest WHERE key = 'generation'").fetchone()
        return int(row[0])

    @property
    def state(self) -> State:
        """Caches of what can be seen are keyed by it."""
        ended = self._count("versions WHERE embargoed <= :now", now=self.now) + self._count(
            "versions WHERE current AND expires <= :now", now=self.now
        )
        return self.generation, ended, self.hidden

    def counts(self) -> Counts:
        """How many articles, versions and passages exist for readers."""
        if not self._embargoed and not self.hidden:
            return self.size()
        seen = self._readable
        shown = f"versions WHERE {seen.where}"
        return Counts(
            self._count(f"(SELECT DISTINCT article_id FROM {shown}) AS shown", **seen.values),
            self._count(shown, **seen.values),
            self._count(f"passages WHERE version_key IN ({seen.keys})", **seen.values),
        )

    def size(self) -> Counts:
        """How many articles, versions and passages are stored, whoever may see them."""
        return Counts(
            self._count("versions WHERE current"),
            self._count("versions"),
            self._count("passages"),
        )

    def fingerprint(self) -> str:
        """sha256 of the ids and versions of all current articles, in any order of arrival."""
        digest = hashlib.sha256()
        for row in self._db.execute(
            "SELECT article_id, version FROM versions WHERE current ORDER BY article_id"
        ):
            digest.update(f"{row[0]}\t{row[1]}\n".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def article(self, article_id: str, version: str | None = None) -> StoredArticle:
        """The newest version, or the newest with that hash, of those that readers may see.

        Also of a withdrawn article. Raises NotFound.
        """
        named = "" if version is None else " AND version = :version"
        seen = self._readable
        row = self._db.execute(
            f"SELECT {COLUMNS} FROM versions v WHERE article_id = :id AND {seen.where}{named}"
            " ORDER BY key DESC LIMIT 1",
            {**seen.values, "id": article_id, "version": version},
        ).fetchone()
        if row is None:
            what = (
                f"article '{article_id}'"
                if version is None
                else f"version {version} of article '{article_id}'"
            )
            raise NotFound(f"no {what} in this archive")
        return stored_article(row)

    def versions(self, article_id: str) -> list[StoredArticle]:
        """Every version of an article that readers may see, newest first."""
        rows = self._db.execute(
            f"SELECT {COLUMNS} FROM versions v WHERE article_id = :id AND {self._readable.where}"
            " ORDER BY key DESC",
            {**self._readable.values, "id": article_id},
        )
        return [stored_article(row) for row in rows]

    def descriptions(self, article_id: str, version: str) -> list[StoredArticle]:
        """A version under each source, address, date, section and authors that it has had.

        The present ones first. Raises NotFound.
        """
        self.article(article_id, version)
        rows = self._db.execute(
            f"SELECT {COLUMNS} FROM versions v WHERE article_id = :id AND version = :version"
            f" AND {self._readable.where} ORDER BY key DESC",
            {**self._readable.values, "id": article_id, "version": version},
        )
        found = []
        for row in rows:
            stored = stored_article(row)
            found.append(stored)
            for earlier in reversed(json.loads(row[8]).get(EARLIER, [])):
                article = Article.model_validate({**stored.article.model_dump(), **earlier})
                found.append(replace(stored, article=article))
        return found

    def answer(self, answer_id: str) -> Answer:
        """A stored answer as it may be read now. Raises NotFound.

        It holds no text of articles that were withdrawn, have expired or are under embargo, and no
        trace of those whose rights are withheld.
        """
        answer = answers.find(self._db, answer_id)
        named = answers.named_articles(self._db, answer)
        answer = answers.without_closed(answer, named, self._closed(named))
        if not self.hidden:
            return answer
        saw_more = bool(self.hidden - answers.hidden_from(self._db, answer_id))
        return answers.as_seen(answer, named, self._restricted(named), saw_more=saw_more)

    def filters_of(self, answer_id: str) -> Filters:
        """The filters of a stored answer's question."""
        return answers.filters_of(self._db, answer_id)

    def find(self, article_id: str) -> StoredArticle | None:
        """The newest version as it is stored, also under embargo; or None."""
        row = self._db.execute(
            f"SELECT {COLUMNS} FROM versions v WHERE article_id = ? AND current", (article_id,)
        ).fetchone()
        return None if row is None else stored_article(row)

    def articles(self, filters: Filters, limit: int, after: int = 0) -> list[StoredArticle]:
        """Up to ``limit`` articles with a key above ``after``, by ascending key.

        The last key is the cursor of the next page.
        """
        return self.browse(filters, limit, order="stored", after=browsing.Place(None, after))

    def browse(
        self,
        filters: Filters,
        limit: int,
        *,
        words: Sequence[str] = (),
        order: browsing.Order = "newest",
        after: browsing.Place | None = None,
    ) -> list[StoredArticle]:
        """Up to ``limit`` articles behind a place that hold all of the ``words``."""
        seen = self._visible(filters, words)
        rows = browsing.page(self._db, COLUMNS, seen, order, limit, after)
        return [stored_article(row) for row in rows]

    def count_by(
        self, by: browsing.By, filters: Filters, words: Sequence[str] = ()
    ) -> browsing.Counts:
        """How many articles there are of each month, source, author, section or language."""
        seen = self._visible(filters, words)
        return browsing.count(self._db, seen, self.dialect, by, self.aliases())

    def suggestions(self, limit: int) -> list[suggestions.Suggestion]:
        """Questions that reports which may be seen now were found to answer."""
        return suggestions.listed(self._db, self._visible(Filters()), limit)

    def copies(
        self, keys: Collection[int], filters: Filters
    ) -> Mapping[int, tuple[copies.Copy, ...]]:
        """By version, its copies among what may be seen; see `qa.archive.copies.clusters`."""
        return copies.clusters(self._db, keys, self._visible(filters))

    def are_copies(self, article_id: str, other_id: str) -> bool:
        """Return True if versions of two articles are in one cluster, whatever may be seen."""
        return copies.are_linked(self._db, article_id, other_id)

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """The passages with these ids, in the order given. An id that is not there is left out."""
        found: dict[int, Passage] = {}
        articles: dict[int, StoredArticle] = {}
        rows = self._db.execute(
            f"SELECT p.id, p.start, p.end, {COLUMNS}"
            " FROM passages p JOIN versions v ON v.key = p.version_key WHERE p.id IN :ids",
            {"ids": list(ids)},
        )
        for identity, start, end, *columns in rows:
            stored = articles.setdefault(columns[0], stored_article(columns))
            found[identity] = Passage(identity, stored, start, end)
        return [found[identity] for identity in ids if identity in found]

    def passage(self, identity: int) -> Passage:
        """Raises NotFound, also for one that readers may not see."""
        # a store's integers have 64 bits
        found = self.passages([identity]) if 0 <= identity < 2**63 else []
        seen = self._readable
        if not found or not self._exists(
            f"SELECT 1 FROM versions WHERE key = :key AND {seen.where}",
            **seen.values,
            key=found[0].stored.key,
        ):
            raise NotFound(f"no passage {identity} in this archive")
        return found[0]

    def passage_ids(self) -> Ids:
        """The ids of all passages, of every version, ascending."""
        return np.fromiter(
            (row[0] for row in self._db.execute("SELECT id FROM passages ORDER BY id")),
            dtype=np.int64,
        )

    def vectors(self, ids: Ids, dimension: int) -> Vectors:
        """The vectors of passages that are there, in the order of their ids, ascending."""
        rows = self._db.execute(
            "SELECT vector FROM passages WHERE id IN :ids ORDER BY id", {"ids": ids.tolist()}
        )
        return self._stacked([row[0] for row in rows], dimension)

    def vectors_above(
        self, identity: int, dimension: int, most: int = 2**31
    ) -> tuple[Ids, Vectors]:
        """Ids and vectors of the ``most`` passages next above ``identity``, ascending."""
        rows = self._db.execute(
            "SELECT id, vector FROM passages WHERE id > ? ORDER BY id LIMIT ?", (identity, most)
        ).fetchall()
        ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
        return ids, self._stacked([row[1] for row in rows], dimension)

    def passages_above(self, identity: int) -> int:
        """How many passages have an id above ``identity``."""
        count: int = self._db.execute(
            "SELECT count(*) FROM passages WHERE id > ?", (identity,)
        ).fetchone()[0]
        return count

    def not_embedded_anew(self, after: int, most: int) -> list[StoredArticle]:
        """The next versions, with a key above ``after``, that are not embedded anew."""
        rows = self._db.execute(
            f"SELECT {COLUMNS} FROM versions v WHERE v.key > ? AND NOT EXISTS"
            " (SELECT 1 FROM embedded_anew e WHERE e.version_key = v.key) ORDER BY v.key LIMIT ?",
            (after, most),
        )
        return [stored_article(row) for row in rows]

    def arrived(self, above: int, since: float, filters: Filters) -> Ids:
        """The visible passages that came after a `last_passage`, or whose embargo ended after
        ``since`` (seconds since 1970); ids, ascending.
        """
        seen = self._visible(filters)
        rows = self._db.execute(
            "SELECT p.id FROM passages p JOIN versions v ON v.key = p.version_key"
            f" WHERE ({self.arrival} > :above OR v.embargoed > :since) AND {seen.where}"
            " ORDER BY p.id",
            {**seen.values, "above": above, "since": since},
        )
        return np.fromiter((row[0] for row in rows), dtype=np.int64)

    def ended_since(self, since: float) -> bool:
        """Return True if an embargo or a term has ended after ``since`` (seconds since 1970)."""
        return self._exists(
            "SELECT 1 FROM versions WHERE embargoed > :since AND embargoed <= :now"
            " UNION ALL SELECT 1 FROM versions"
            " WHERE current AND expires > :since AND expires <= :now",
            since=since,
            now=self.now,
        )

    @property
    def last_passage(self) -> int:
        """The highest `arrival` of a passage; 0 without one."""
        last: int = self._db.execute("SELECT coalesce(max(id), 0) FROM passages").fetchone()[0]
        return last

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

    def values_of(self, name: FilterName) -> list[str]:
        """Every value that a visible article has in a field, in order."""
        seen = self._visible(Filters())
        column = name.removesuffix("s")
        if name == "authors":
            rows = self._db.execute(
                f"SELECT DISTINCT author.value FROM versions, {self.dialect.each_author}"
                f" WHERE versions.key IN ({seen.keys}) ORDER BY 1",
                seen.values,
            )
            return [row[0] for row in rows]
        rows = self._db.execute(
            f"SELECT DISTINCT {column} FROM versions WHERE {seen.where} ORDER BY {column}",
            seen.values,
        )
        return [row[0] for row in rows if row[0] is not None]

    def publication_range(self) -> tuple[str, str] | None:
        """When the oldest and the newest visible article were published; None without a date."""
        seen = self._visible(Filters())
        dated = f"FROM versions WHERE {seen.where} AND published IS NOT NULL"
        ends = [
            self._db.execute(
                f"SELECT published_at {dated} ORDER BY published {order}, key LIMIT 1", seen.values
            ).fetchone()
            for order in ("ASC", "DESC")
        ]
        return (ends[0][0], ends[1][0]) if ends[0] is not None else None

    def corrections(self, article_ids: Collection[str], filters: Filters) -> dict[str, list[str]]:
        """The visible articles that correct these, by the id of the one corrected, oldest first."""
        if not self._exists("SELECT 1 FROM versions WHERE corrects IS NOT NULL"):
            return {}
        seen = self._visible(filters)
        rows = self._db.execute(
            "SELECT corrects, article_id FROM versions"
            " WHERE corrects IN :corrected"
            f" AND corrects != article_id AND {seen.where} ORDER BY key",
            {**seen.values, "corrected": list(article_ids)},
        )
        found: dict[str, list[str]] = {}
        for corrected, article_id in rows:
            found.setdefault(corrected, []).append(article_id)
        return found

    def coverage(self, filters: Filters) -> Coverage:
        """How many articles a question under ``filters`` may see, and how recent they are."""
        seen = self._visible(filters)
        found = f"FROM versions WHERE {seen.where}"
        articles = self._db.execute(f"SELECT count(*) {found}", seen.values).fetchone()[0]
        # the date's text only of the newest: it lies beside the articles'
        newest = self._db.execute(
            "SELECT published_at FROM versions WHERE key ="
            f" (SELECT key {found} AND published IS NOT NULL"
            " ORDER BY published DESC, key DESC LIMIT 1)",
            seen.values,
        ).fetchone()
        return Coverage(
            articles=articles,
            newest_published_at=newest[0] if newest is not None else None,
            last_ingested_at=self.manifest.get(LAST_INGESTED),
        )

    def sources(self) -> list[Source]:
        """The sources of all articles that may be seen now, those with the most first."""
        seen = self._visible(Filters())
        found = f"FROM versions WHERE {seen.where}"
        counted = self._db.execute(
            f"SELECT source, count(*), max(received) {found} GROUP BY source", seen.values
        )
        oldest, newest = (
            dict(
                self._db.execute(
                    "SELECT source, published_at FROM (SELECT source, published_at, row_number()"
                    f" OVER (PARTITION BY source ORDER BY published {order}, key) AS place {found}"
                    " AND published IS NOT NULL) AS dated WHERE place = 1",
                    seen.values,
                )
            )
            for order in ("ASC", "DESC")
        )
        rows = [
            SourceRow(name, articles, oldest.get(name), newest.get(name), received)
            for name, articles, received in counted
        ]
        return merged(rows, self.aliases())

    def aliases(self) -> dict[str, str]:
        """Other names of sources, in lower case, with the name of each one's source."""
        return aliases_in(self._db)

    def deleted_since(self, generation: int) -> bool:
        """Return True if an article was deleted after that generation."""
        return int(self.manifest.get(LAST_DELETION, 0)) > generation

    def deleted_among(self, versions: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        """Of these (article id, version), the ones that the archive no longer holds."""
        return {
            (article_id, version)
            for article_id, version in versions
            if self._db.execute(
                "SELECT 1 FROM versions WHERE article_id = ? AND version = ?", (article_id, version)
            ).fetchone()
            is None
        }

    @property
    def withholds(self) -> bool:
        """Whether there is any article that the reader may not see now."""
        return self._withdrawn or self._embargoed or bool(self.hidden)

    def withheld_of(self, article_ids: Collection[str]) -> set[tuple[str, str]]:
        """The versions of these articles that the reader may not see now, as (id, hash)."""
        return {*self._closed(article_ids).versions, *self._restricted(article_ids).versions}

    def faults(self) -> list[Fault]:
        """What is wrong in the database. Reads everything."""
        found = []
        loose = self._count(
            "passages p LEFT JOIN versions v ON v.key = p.version_key WHERE v.key IS NULL"
        )
        if loose:
            found.append(Fault("database", f"{loose} passages belong to no article"))
        several = self._count(
            "(SELECT article_id FROM versions GROUP BY article_id"
            " HAVING count(*) FILTER (WHERE current) != 1) AS wrong"
        )
        if several:
            message = f"{several} articles have not exactly one newest version"
            found.append(Fault("database", message))
        return found

    def _closed(self, article_ids: Collection[str]) -> answers.Withheld:
        """Of these articles, what nobody may see: withdrawn, past its term or under embargo."""
        if not self._withdrawn and not self._embargoed:
            return answers.Withheld()
        # Of these alone: all that were withdrawn or have expired may be many.
        withdrawn = f"SELECT article_id FROM ({WITHDRAWN}) AS w WHERE article_id IN :named"
        return self._outside(f"{NOT_EMBARGOED} AND article_id NOT IN ({withdrawn})", article_ids)

    def _restricted(self, article_ids: Collection[str]) -> answers.Withheld:
        """Of these articles, what has rights that are withheld from the reader."""
        return self._outside(NOT_RESTRICTED, article_ids) if self.hidden else answers.Withheld()

    def _outside(self, allowed: str, article_ids: Collection[str]) -> answers.Withheld:
        """The versions of these articles for which a condition does not hold."""
        if not article_ids:
            return answers.Withheld()
        rows = self._db.execute(
            f"SELECT article_id, version, CASE WHEN {allowed} THEN 1 ELSE 0 END FROM versions"
            " WHERE article_id IN :named",
            {"named": sorted(article_ids), "now": self.now, "hidden": sorted(self.hidden)},
        ).fetchall()
        versions = frozenset((row[0], row[1]) for row in rows if not row[2])
        seen = {row[0] for row in rows if row[2]}
        return answers.Withheld(versions, frozenset(row[0] for row in rows) - seen)

    def _visible(self, filters: Filters, words: Sequence[str] = ()) -> Visible:
        if filters.sources:
            names = all_names(filters.sources, self.aliases())
            filters = replace(filters, sources=names)
        limits = Limits(self._withdrawn, self._embargoed, self.hidden)
        seen = visible(filters, self.now, self.dialect, limits)
        return seen if not words else seen.and_also(self._holding(words))

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The rights that are withheld; empty where no article has one of them."""
        if self._withheld and self._exists(
            "SELECT 1 FROM versions WHERE rights IN :hidden", hidden=sorted(self._withheld)
        ):
            return self._withheld
        return frozenset()

    @cached_property
    def _readable(self) -> Visible:
        return readable(self.now, self.hidden)

    @cached_property
    def _withdrawn(self) -> bool:
        """Whether there is any article that nobody may see."""
        return self._exists(WITHDRAWN, now=self.now)

    @cached_property
    def _embargoed(self) -> bool:
        """Whether an embargo is in force."""
        return self._exists("SELECT 1 FROM versions WHERE embargoed > :now", now=self.now)

    def _exists(self, query: str, **values: Any) -> bool:
        found: int = self._db.execute(f"SELECT EXISTS ({query})", values).fetchone()[0]
        return bool(found)

    def _count(self, rows: str, **values: Any) -> int:
        count: int = self._db.execute(f"SELECT count(*) FROM {rows}", values).fetchone()[0]
        return count


def stored_article(columns: Sequence[Any]) -> StoredArticle:
    """The article in a row of `COLUMNS`."""
    key, version, article_id, source, language, title, published_at, text, record, received = (
        columns
    )
    rest: Mapping[str, Any] = json.loads(record)
    article = Article(
        id=article_id,
        source=source,
        language=language,
        title=title,
        published_at=published_at,
        text=text,
        **{name: rest[name] for name in RECORDED if name in rest},
    )
    received_at = None if received is None else iso_instant(received)
    return StoredArticle(key, version, article, received_at)
