"""Which articles a list or a count is about, from the query of its address."""

from dataclasses import dataclass, replace

from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery

from qa.archive.browsing import search_words
from qa.question import check_filters
from qa.types import Filters


@dataclass(frozen=True, slots=True)
class Selection:
    """Articles under ``filters`` that hold all of the ``words``."""

    filters: Filters
    words: list[str]


def _names(
    source: FromQuery[list[str] | None] = None,
    author: FromQuery[list[str] | None] = None,
    section: FromQuery[list[str] | None] = None,
    language: FromQuery[list[str] | None] = None,
) -> Filters:
    """A name that is given twice means either."""
    return Filters(
        sources=tuple(source or ()),
        authors=tuple(author or ()),
        sections=tuple(section or ()),
        languages=tuple(language or ()),
    )


def _selected(
    named: NamedDependency[Filters],
    published_from: FromQuery[str | None] = None,
    published_to: FromQuery[str | None] = None,
    as_of: FromQuery[str | None] = None,
    include_undated: FromQuery[bool] = False,
    q: FromQuery[str | None] = None,
) -> Selection:
    """Raises BadInput."""
    filters = replace(
        named,
        published_from=published_from,
        published_to=published_to,
        as_of=as_of,
        include_undated=include_undated,
    )
    check_filters(filters)
    return Selection(filters, search_words(q))


# What a route needs for a parameter `selected: NamedDependency[Selection]`.
SELECTED = {
    "named": Provide(_names, sync_to_thread=False),
    "selected": Provide(_selected, sync_to_thread=False),
}
