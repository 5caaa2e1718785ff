"""Articles and stored answers as resources.

Articles are listed, in pages. Answers are read by id alone: a list of them would show everybody
what others asked.
"""

from typing import Any
from urllib.parse import quote

from mcp.server import MCPServer
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, ListResourcesResult, Resource

from api.http.schemas import ArticleOutput
from api.mcp.errors import resource_errors
from qa.answer import StoredAnswer
from qa.answering.currency import currency
from qa.archive.archive import Archive
from qa.types import Filters, StoredArticle

_PAGE = 100
_JSON = "application/json"


def article_uri(article_id: str) -> str:
    """The address of an article's resource."""
    return f"dateline://articles/{quote(article_id, safe='', errors='replace')}"


def add_to(server: MCPServer[Any], archive: Archive) -> None:
    """Add the templates to the server."""

    @server.resource(
        "dateline://articles/{article_id}",
        name="article",
        title="Article",
        description="The newest version of an article with its whole text, as get_article.",
        mime_type=_JSON,
    )
    def article(article_id: str) -> str:
        with resource_errors(), archive.store.snapshot() as snapshot:
            return ArticleOutput.read(snapshot, article_id).model_dump_json()

    @server.resource(
        "dateline://answers/{answer_id}",
        name="answer",
        title="Stored answer",
        description="An answer that ask gave before, by its id, and whether what it cites still"
        " holds.",
        mime_type=_JSON,
    )
    def answer(answer_id: str) -> str:
        with resource_errors(), archive.store.snapshot() as snapshot:
            stored = snapshot.answer(answer_id)
            return StoredAnswer.with_currency(
                stored, currency(stored, snapshot, None)
            ).model_dump_json()


def page(archive: Archive, cursor: str | None) -> ListResourcesResult:
    """One page of the articles, in the order in which they were stored.

    Raises MCPError for a cursor that no page gave.
    """
    if cursor is not None and not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise MCPError(code=INVALID_PARAMS, message="invalid cursor")
    with archive.store.snapshot() as snapshot:
        found = snapshot.articles(Filters(), _PAGE + 1, int(cursor or 0))
    listed = found[:_PAGE]
    return ListResourcesResult(
        resources=[_resource(stored) for stored in listed],
        next_cursor=str(listed[-1].key) if len(found) > _PAGE else None,
    )


def _resource(stored: StoredArticle) -> Resource:
    article = stored.article
    known = (article.source, article.published_at)
    return Resource(
        uri=article_uri(article.id),
        name=article.id,
        title=article.title,
        description=", ".join(value for value in known if value) or None,
        mime_type=_JSON,
    )
