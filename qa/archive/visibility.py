"""Which versions of which articles a question may see, as SQL over the table `versions`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from qa.types import Article, Filters, instant

# The articles that nobody may see now: withdrawn, or past their term. The newest version decides,
# whichever is asked for.
WITHDRAWN = (
    "SELECT article_id FROM versions WHERE current AND status != 'usable'"
    " UNION ALL SELECT article_id FROM versions WHERE current AND expires <= :now"
)
# A version that exists for readers by :now.
NOT_EMBARGOED = "(embargoed IS NULL OR embargoed <= :now)"
# A version with none of the rights in :hidden, of an article whose newest version has none either.
# An older version that was open is hidden with its article; one that was not stays hidden when its
# article is opened. Sets of what is hidden, so that indexes without the rights still serve.
NOT_RESTRICTED = (
    "(key NOT IN (SELECT key FROM versions WHERE rights IN :hidden)"
    " AND article_id NOT IN (SELECT article_id FROM versions WHERE current AND rights IN :hidden))"
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What over a row of `versions` is written differently in the SQL of each store.

    ``folded``: a column's value, casefolded; ``by_author``: true of a version by one of `:authors`.
    ``each_author``: a version's authors as rows ``author.value``; ``month``: the month, in UTC, in
    which it was published.
    """

    folded: Callable[[str], str]
    by_author: str
    each_author: str
    month: str


@dataclass(frozen=True, slots=True)
class Visible:
    """``where``: a condition on a row of `versions`; ``values``: its named parameters."""

    where: str
    values: dict[str, Any]

    @property
    def keys(self) -> str:
        """A query for the keys of the versions."""
        return f"SELECT key FROM versions WHERE {self.where}"

    def and_also(self, other: "Visible") -> "Visible":
        """The versions that fulfil both."""
        return Visible(f"{self.where} AND {other.where}", {**self.values, **other.values})


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive holds that limits what may be seen: articles that nobody may see
    (``withdrawn``), embargoes in force, and articles with a right in ``hidden``.
    """

    withdrawn: bool
    embargoed: bool
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Dates:
    """When a version may be seen from, in seconds since 1970; None: undated, or no embargo."""

    published: float | None
    dated: float | None
    embargoed: float | None

    @property
    def undated(self) -> bool:
        return self.published is None and self.dated is None

    @property
    def appears(self) -> float:
        """From when on an ``as_of`` that has passed sees the version, or a later one: it is then
        published, dated, and no longer under embargo. An undated one was always there.
        """
        known = (self.published, self.dated, self.embargoed)
        return max((moment for moment in known if moment is not None), default=-inf)


@dataclass(frozen=True, slots=True)
class Interval:
    """An ``as_of`` sees a version where ``start <= as_of < end``.

    Where undated articles are included, ``end_undated`` takes the place of ``end``.
    """

    start: float
    end: float
    end_undated: float


def intervals(versions: Sequence[Dates]) -> list[Interval]:
    """The intervals of an article's versions, given from the oldest to the newest.

    A version is hidden by every later one that has appeared. Without undated articles an undated
    version is never seen, and hides nothing.
    """
    found = []
    end = end_undated = inf
    for dates in reversed(versions):
        found.append(Interval(dates.appears, -inf if dates.undated else end, end_undated))
        end_undated = min(end_undated, dates.appears)
        if not dates.undated:
            end = min(end, dates.appears)
    return found[::-1]


def readable(now: float, hidden: frozenset[str]) -> Visible:
    """The versions that exist for a reader from whom the rights in ``hidden`` are withheld."""
    if not hidden:
        return Visible(NOT_EMBARGOED, {"now": now})
    values = {"now": now, "hidden": sorted(hidden)}
    return Visible(f"{NOT_EMBARGOED} AND {NOT_RESTRICTED}", values)


def visible(filters: Filters, now: float, dialect: Dialect, limits: Limits) -> Visible:
    """The versions that a question under ``filters`` may see.

    Without ``as_of`` and ``known_at`` that is each article's newest; with them, each article's
    newest among those that had appeared and been received by then, which must itself have been
    published by then. An embargo holds under an ``as_of`` before its end as well.
    """
    values: dict[str, Any] = {"now": now}
    if filters.as_of is not None:
        values["as_of"] = instant(filters.as_of, end_of_day=True)
    if filters.known_at is not None:
        values["known_at"] = instant(filters.known_at, end_of_day=True)
    conditions = [
        _chosen(filters, embargoed=limits.embargoed),
        *_conditions(filters, dialect, values),
    ]
    if limits.withdrawn:
        conditions.append(f"article_id NOT IN ({WITHDRAWN})")
    if limits.hidden:
        conditions.append(NOT_RESTRICTED)
        values["hidden"] = sorted(limits.hidden)
    return Visible(" AND ".join(conditions), values)


def _chosen(filters: Filters, *, embargoed: bool) -> str:
    """Of each article the version that the moments of the filters choose.

    The intervals are those of a moment by which no embargo is in force any more. So they do not
    hold for articles with a version under embargo now, nor for what was received by a moment.
    """
    if filters.known_at is not None:
        return f"key IN ({_newest(filters)})"
    until = "visible_until_undated" if filters.include_undated else "visible_until"
    stored = "current" if filters.as_of is None else f"visible_from <= :as_of AND {until} > :as_of"
    if not embargoed:
        return stored
    waiting = "SELECT article_id FROM versions WHERE embargoed > :now"
    newest = _newest(filters, f"article_id IN ({waiting})")
    return f"({stored} AND article_id NOT IN ({waiting}) OR key IN ({newest}))"


def _newest(filters: Filters, *limits: str) -> str:
    """Of each article the newest version that had appeared and been received."""
    met = [NOT_EMBARGOED, *limits]
    if filters.as_of is not None:
        undated = " OR (published IS NULL AND dated IS NULL)" if filters.include_undated else ""
        met.append(f"((dated <= :as_of AND (published IS NULL OR published <= :as_of)){undated})")
        met.append("(embargoed IS NULL OR embargoed <= :as_of)")
    if filters.known_at is not None:
        met.append("(received IS NULL OR received <= :known_at)")
    return f"SELECT max(key) FROM versions WHERE {' AND '.join(met)} GROUP BY article_id"


def under_embargo(article: Article, now: float) -> bool:
    """Return True if the article does not exist for readers yet. ``now``: seconds since 1970."""
    return article.embargoed_until is not None and instant(article.embargoed_until) > now


def is_withdrawn(article: Article, now: float) -> bool:
    """Return True if the article was withdrawn, or its term has ended: it is no evidence."""
    if article.status != "usable":
        return True
    return article.expires_at is not None and instant(article.expires_at, end_of_day=True) <= now


def _conditions(filters: Filters, dialect: Dialect, values: dict[str, Any]) -> list[str]:
    """What the chosen version must fulfil besides; adds the conditions' ``values``."""
    conditions = []
    for name, column, wanted in (
        ("sources", "source", filters.sources),
        ("sections", "section", filters.sections),
        ("languages", "language", filters.languages),
    ):
        if wanted:
            conditions.append(f"{dialect.folded(column)} IN :{name}")
            values[name] = [value.casefold() for value in wanted]
    if filters.article_ids:
        conditions.append("article_id IN :article_ids")
        values["article_ids"] = list(filters.article_ids)
    if filters.authors:
        conditions.append(dialect.by_author)
        values["authors"] = [value.casefold() for value in filters.authors]
    bounds = []
    for name, operator, day, end_of_day in (
        ("published_to", "<=", filters.published_to, True),
        ("published_from", ">=", filters.published_from, False),
    ):
        if day is not None:
            bounds.append(f"published {operator} :{name}")
            values[name] = instant(day, end_of_day=end_of_day)
    if bounds:  # none holds for an undated article: a comparison with NULL is not true
        within = " AND ".join(bounds)
        undated = " OR published IS NULL" if filters.include_undated else ""
        conditions.append(f"({within}{undated})")
    return conditions
