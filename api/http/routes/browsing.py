"""What the archive holds, counted: for a histogram, and for lists of sources, authors, sections."""

from http import HTTPStatus
from typing import Annotated

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from pydantic import BaseModel, ConfigDict

from api.http.problems import documented
from api.http.selection import SELECTED, Selection
from qa.archive.archive import Archive
from qa.archive.browsing import By, Count


class CountListing(BaseModel):
    """The values with the most articles first, months in their order; null: without one.

    ``articles``: all of them. One by several authors counts for each. ``others``: how many values
    were left off.
    """

    model_config = ConfigDict(frozen=True)

    by: By
    articles: int
    counts: list[Count]
    others: int


class Counting(Controller):
    """How many articles there are of each kind. Not below /v1/articles, where any id may be."""

    path = "/v1/counts"
    tags = ["articles"]

    @get(
        operation_id="count_articles",
        sync_to_thread=True,
        dependencies=SELECTED,
        responses=documented(HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE),
        opt={"scope": "read"},
    )
    def count_articles(
        self,
        archive: NamedDependency[Archive],
        selected: NamedDependency[Selection],
        by: FromQuery[By],
        limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
    ) -> CountListing:
        """How many articles there are by month (UTC), source, author, section or language.

        Filters and ``q`` as in the list of articles. Of months, the latest ``limit`` are given.
        """
        with archive.snapshot() as snapshot:
            found = snapshot.count_by(by, selected.filters, selected.words)
        counts = found.counts[-limit:] if by == "month" else found.counts[:limit]
        return CountListing(
            by=by,
            articles=found.articles,
            counts=list(counts),
            others=len(found.counts) - len(counts),
        )
