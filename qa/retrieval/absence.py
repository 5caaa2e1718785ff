"""Why a question can see no article at all: which filter excludes them, and what the archive has
instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import get_args

from qa.answer import AppliedFilters, ReasonCode
from qa.archive.snapshot import FilterName, Snapshot
from qa.types import Filters

_LISTED = 8  # known values that a reason names when none is near


@dataclass(frozen=True, slots=True)
class Absence:
    """A true reason, with its code in the contract."""

    code: ReasonCode
    reason: str


def explain_absence(snapshot: Snapshot, filters: Filters, stated: Filters | None = None) -> Absence:
    """Name the first filter that alone excludes every article, with the nearest known value; or all
    of them. ``stated``: those that the question's own words state, which are named too.
    """
    if snapshot.counts().articles == 0:
        return Absence("empty_archive", "the archive is empty")
    absence = _explain(snapshot, filters)
    asked = AppliedFilters.of(stated or Filters()).in_words
    if not asked:
        return absence
    return _nothing(f"{absence.reason}; the question asks for reports {asked}")


def _explain(snapshot: Snapshot, filters: Filters) -> Absence:
    if not _any(snapshot, Filters()):
        return _nothing("every article of the archive was withdrawn or has expired")
    undated = filters.include_undated
    for name in get_args(FilterName):
        wanted = getattr(filters, name)
        if wanted and not _any(snapshot, replace(Filters(), **{name: wanted})):
            return _nothing(_unknown(name.removesuffix("s"), wanted, snapshot.values_of(name)))
    if filters.article_ids and not _any(snapshot, Filters(article_ids=filters.article_ids)):
        listed = ", ".join(f"'{identity}'" for identity in filters.article_ids[:_LISTED])
        return _nothing(f"no article has the id {listed}")
    published = replace(filters, sources=(), authors=(), sections=(), languages=(), article_ids=())
    if published != Filters(include_undated=undated) and not _any(snapshot, published):
        return _nothing(_outside(published, snapshot.publication_range()))
    return _nothing("no article matches all of the filters together")


def _nothing(reason: str) -> Absence:
    return Absence("nothing_visible", reason)


def _any(snapshot: Snapshot, filters: Filters) -> bool:
    return bool(snapshot.articles(filters, 1))


def _unknown(name: str, asked: Sequence[str], known: Sequence[str]) -> str:
    listed = ", ".join(f"'{value}'" for value in asked)
    folded = {value.casefold(): value for value in known}
    near = [
        folded[match]
        for value in asked
        for match in get_close_matches(value.casefold(), folded, n=1, cutoff=0.6)
    ]
    if near:
        return f"no article has the {name} {listed}; the nearest {name} is '{near[0]}'"
    if not known:
        return f"no article has the {name} {listed}; no article says which {name} it has"
    if len(known) <= _LISTED:
        return f"no article has the {name} {listed}; there are {', '.join(known)}"
    return f"no article has the {name} {listed}"


def _outside(filters: Filters, extent: tuple[str, str] | None) -> str:
    limits = []
    if filters.published_from is not None:
        limits.append(f"published from {filters.published_from}")
    if filters.published_to is not None:
        limits.append(f"published to {filters.published_to}")
    if filters.as_of is not None:
        limits.append(f"as of {filters.as_of}")
    if filters.known_at is not None:
        limits.append(f"known at {filters.known_at}")
    reason = f"no article is visible {' and '.join(limits)}"
    if extent is None:
        return f"{reason}; no article has a date"
    oldest, newest = extent
    return f"{reason}; the archive's articles are from {oldest} to {newest}"
