"""Browsing: articles by their day, and how many there are by month, source, author, section or
language. Every function works inside the caller's transaction.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from embeddings.texts import whole_characters
from qa.archive.bm25 import terms_of
from qa.archive.database import Database
from qa.archive.sources import SourceRow, merged
from qa.archive.visibility import Dialect, Visible
from qa.errors import BadInput
from qa.types import StoredArticle, instant

Order = Literal["stored", "newest", "oldest"]
By = Literal["month", "source", "author", "section", "language"]
ORDERS: tuple[Order, ...] = get_args(Order)
MOST_WORDS = 20
_LONGEST = 500  # characters of a search
_WORD = re.compile(r'[^\s"\0]+')  # what FTS5 can take inside quotation marks
_PLACE = re.compile(r"(-?\d{1,15}(?:\.\d{1,9})?)?:(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: when its last article was published (seconds since 1970; None: undated),
    and that article's key.
    """

    published: float | None
    key: int

    @classmethod
    def of(cls, stored: StoredArticle) -> Self:
        published = stored.article.published_at
        return cls(None if published is None else instant(published), stored.key)

    @classmethod
    def parse(cls, cursor: str) -> Self:
        """Raises BadInput for anything that `text` did not give."""
        found = _PLACE.fullmatch(cursor)
        if found is None:
            given = cursor.removeprefix(":")[:40]
            raise BadInput(f"invalid cursor '{given}'; take next_cursor of the page before")
        return cls(None if found[1] is None else float(found[1]), int(found[2]))

    @property
    def text(self) -> str:
        return f"{'' if self.published is None else f'{self.published:.6f}'}:{self.key}"


@dataclass(frozen=True, slots=True)
class Count:
    """How many articles have a value; None: those without one."""

    value: str | None
    articles: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The most frequent values first; months in their order. An article by several authors counts
    for each of them. ``articles``: how many there are in all.
    """

    by: By
    articles: int
    counts: tuple[Count, ...]


def search_words(query: str | None) -> list[str]:
    """The words that an article must hold, all of them. Raises BadInput."""
    if query is None or not query.strip():
        return []
    if len(query) > _LONGEST:
        raise BadInput(f"q has {len(query):,} characters; the limit is {_LONGEST}")
    words = [word for word in _WORD.findall(whole_characters(query)) if terms_of(word)]
    if not words:
        raise BadInput(f"q is '{query.strip()[:40]}', which holds no word to search for")
    return words[:MOST_WORDS]


def page(
    database: Database,
    columns: str,
    seen: Visible,
    order: Order,
    limit: int,
    after: Place | None,
) -> list[Any]:
    """Up to ``limit`` rows of `versions` (alias ``v``) behind a place, undated ones last."""
    values = {**seen.values, "limit": limit}
    listed = f"SELECT {columns} FROM versions v WHERE {seen.where}"
    if order == "stored":
        key = 0 if after is None else after.key
        statement = f"{listed} AND v.key > :after ORDER BY v.key LIMIT :limit"
        return database.execute(statement, {**values, "after": key}).fetchall()
    direction, behind = ("DESC", "<") if order == "newest" else ("ASC", ">")
    rows: list[Any] = []
    if after is None or after.published is not None:
        dated = f"{listed} AND v.published IS NOT NULL"
        if after is not None:
            dated += f" AND (v.published, v.key) {behind} (:published, :key)"
            values |= {"published": after.published, "key": after.key}
        dated += f" ORDER BY v.published {direction}, v.key {direction} LIMIT :limit"
        rows = database.execute(dated, values).fetchall()
        after = None
    if len(rows) < limit:
        undated = f"{listed} AND v.published IS NULL"
        if after is not None:
            undated += f" AND v.key {behind} :key"
            values["key"] = after.key
        undated += f" ORDER BY v.key {direction} LIMIT :limit"
        values["limit"] = limit - len(rows)
        rows += database.execute(undated, values).fetchall()
    return rows


def count(
    database: Database, seen: Visible, dialect: Dialect, by: By, aliases: Mapping[str, str]
) -> Counts:
    """Count the articles that may be seen. ``aliases``: other names of sources."""
    (articles,) = database.execute(
        f"SELECT count(*) FROM versions v WHERE {seen.where}", seen.values
    ).fetchone()
    rows = database.execute(_grouped(seen, dialect, by), seen.values).fetchall()
    if by == "month":
        counts = [Count(*row) for row in sorted(rows, key=lambda row: row[0] or "")]
    elif by == "source":
        sources = merged(
            [SourceRow(name, number, None, None, None) for name, number in rows], aliases
        )
        counts = [Count(source.name, source.articles) for source in sources]
    else:
        counts = _folded(rows)
    return Counts(by, articles, tuple(counts))


def _grouped(seen: Visible, dialect: Dialect, by: By) -> str:
    if by == "author":
        return (
            f"SELECT author.value, count(*) FROM versions, {dialect.each_author}"
            f" WHERE versions.key IN ({seen.keys})"
            " GROUP BY author.value"
        )
    value = dialect.month if by == "month" else by
    return f"SELECT {value}, count(*) FROM versions v WHERE {seen.where} GROUP BY 1"


def _folded(rows: Sequence[tuple[str | None, int]]) -> list[Count]:
    """Values that differ in case only are one, by their most frequent spelling, as for filters."""
    totals: Counter[str | None] = Counter()
    spelled: dict[str | None, str | None] = {}
    for value, articles in sorted(rows, key=lambda row: (-row[1], row[0] or "")):
        folded = None if value is None else value.casefold()
        spelled.setdefault(folded, value)
        totals[folded] += articles
    counts = [Count(spelled[folded], articles) for folded, articles in totals.items()]
    return sorted(counts, key=lambda one: (-one.articles, one.value or ""))
