"""Which versions of which articles a question may see, as SQL over the table `versions`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qa.types import Article, Filters, instant

# The articles that nobody may see now: withdrawn, or past their term. The newest version decides,
# whichever is asked for.
HIDDEN = (
    "SELECT article_id FROM versions WHERE current AND status != 'usable'"
    " UNION ALL SELECT article_id FROM versions WHERE current AND expires <= :now"
)
# A version that exists for readers by :now.
NOT_EMBARGOED = "(embargoed IS NULL OR embargoed <= :now)"


@dataclass(frozen=True, slots=True)
class Names:
    """How a store compares names without regard to case.

    ``folded``: a column's value, casefolded; ``by_author``: true of a version by one of `:authors`.
    """

    folded: Callable[[str], str]
    by_author: str


@dataclass(frozen=True, slots=True)
class Visible:
    """``keys``: a query for the keys of the versions; ``values``: its named parameters."""

    keys: str
    values: dict[str, Any]


def visible(filters: Filters, now: float, names: Names, *, hiding: bool) -> Visible:
    """The versions that a question under ``filters`` may see.

    Without ``as_of`` and ``known_at`` that is each article's newest; with them, each article's
    newest among those that had appeared and been received by then, which must itself have been
    published by then. ``hiding``: leave out what is withdrawn, expired or under embargo; False
    where nothing is, which is faster. An embargo holds under an ``as_of`` before its end as well.
    """
    values: dict[str, Any] = {"now": now}
    limits = []
    if filters.as_of is not None:
        values["as_of"] = instant(filters.as_of, end_of_day=True)
        undated = " OR (published IS NULL AND dated IS NULL)" if filters.include_undated else ""
        limits.append(
            f"((dated <= :as_of AND (published IS NULL OR published <= :as_of)){undated})"
        )
    if filters.known_at is not None:
        values["known_at"] = instant(filters.known_at, end_of_day=True)
        limits.append("(received IS NULL OR received <= :known_at)")
    if hiding:
        limits.append("(embargoed IS NULL OR embargoed <= :seen)")
        values["seen"] = seen_at(filters, now)
    if limits:
        chosen = f"SELECT max(key) FROM versions WHERE {' AND '.join(limits)} GROUP BY article_id"
    else:
        chosen = "SELECT key FROM versions WHERE current"
    conditions = _conditions(filters, names, values)
    if hiding:
        conditions.append(f"article_id NOT IN ({HIDDEN})")
    if not conditions:
        return Visible(chosen, values)
    met = " AND ".join(conditions)
    return Visible(f"SELECT key FROM versions WHERE key IN ({chosen}) AND {met}", values)


def under_embargo(article: Article, now: float) -> bool:
    """Return True if the article does not exist for readers yet. ``now``: seconds since 1970."""
    return article.embargoed_until is not None and instant(article.embargoed_until) > now


def is_withdrawn(article: Article, now: float) -> bool:
    """Return True if the article was withdrawn, or its term has ended: it is no evidence."""
    if article.status != "usable":
        return True
    return article.expires_at is not None and instant(article.expires_at, end_of_day=True) <= now


def seen_at(filters: Filters, now: float) -> float:
    """The moment that embargoes must have ended by, in seconds since 1970."""
    return now if filters.as_of is None else min(now, instant(filters.as_of, end_of_day=True))


def _conditions(filters: Filters, names: Names, values: dict[str, Any]) -> list[str]:
    """What the chosen version must fulfil besides; adds the conditions' ``values``."""
    conditions = []
    for name, column, wanted in (
        ("sources", "source", filters.sources),
        ("sections", "section", filters.sections),
        ("languages", "language", filters.languages),
    ):
        if wanted:
            conditions.append(f"{names.folded(column)} IN :{name}")
            values[name] = [value.casefold() for value in wanted]
    if filters.article_ids:
        conditions.append("article_id IN :article_ids")
        values["article_ids"] = list(filters.article_ids)
    if filters.authors:
        conditions.append(names.by_author)
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
