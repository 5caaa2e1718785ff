"""The tools `search` and `fetch`, in the shapes that ChatGPT's deep research and company knowledge
expect.

An id is an article's own: it outlives a reindex, which a passage's does not.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from anyio import to_thread
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from pydantic import BaseModel, ConfigDict

from api.chat.markup import web_address
from api.http.queue import QuestionQueue
from api.http.schemas import ArticleOutput
from api.mcp.errors import tool_errors
from api.mcp.resources import article_uri
from api.mcp.tools import READS
from qa.archive.archive import Archive
from qa.question import Question
from qa.types import Article

_PASSAGES = 40  # an article may have several among the best
_MOST_RESULTS = 10
_LONGEST_TITLE = 80  # characters, of one that is made from the text


class Result(BaseModel):
    """One report, by the id that `fetch` takes."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    url: str


class Results(BaseModel):
    """Reports, best first."""

    model_config = ConfigDict(frozen=True)

    results: list[Result]


class Document(BaseModel):
    """One report with its whole text. ``metadata``: what is known of source, dates, corrections."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, str]


def add_to(
    server: MCPServer[Any], queue: QuestionQueue, archive: Archive, public_url: str | None
) -> None:
    """Add both tools to the server."""

    @server.tool(title="Search the archive", annotations=READS)
    async def search(context: Context, query: str) -> Results:
        """Find news reports by a question or keywords, best first. Dates and sources that the query
        names limit the search. Read a result with fetch.
        """
        with tool_errors():
            found = await queue.find(Question.parse(query, k=_PASSAGES))
        articles = {hit.passage.article.id: hit.passage.article for hit in found.hits}
        base = _base(context, public_url)
        results = [
            Result(id=article.id, title=title_of(article), url=url_of(article, base))
            for article in list(articles.values())[:_MOST_RESULTS]
        ]
        return Results(results=results)

    @server.tool(title="Fetch a report", annotations=READS)
    async def fetch(context: Context, id: str) -> Document:  # noqa: A002  # the shape's own name
        """Read one news report by an id that search returned: its whole text, its web address, its
        source and dates.
        """

        def read() -> ArticleOutput:
            with archive.store.snapshot() as snapshot:
                return ArticleOutput.read(snapshot, id)

        with tool_errors():
            article = await to_thread.run_sync(read)
        return Document(
            id=article.id,
            title=title_of(article),
            text=article.text,
            url=url_of(article, _base(context, public_url)),
            metadata=dict(_metadata(article)),
        )


def title_of(article: Article | ArticleOutput) -> str:
    """The title, else how the text begins."""
    if article.title and article.title.strip():
        return article.title
    beginning = " ".join(article.text[: 4 * _LONGEST_TITLE].split())
    if len(beginning) <= _LONGEST_TITLE:
        return beginning or article.id
    return beginning[:_LONGEST_TITLE].rpartition(" ")[0] + " …"


def url_of(article: Article | ArticleOutput, base: str | None) -> str:
    """An address that a person can open: the article's own, else this service's page of it.

    Over stdio without a public address, which has no service: the address of the resource.
    """
    if address := web_address(article.url):
        return address
    if base is None:
        return article_uri(article.id)
    return f"{base}/?view=article&id={quote(article.id, safe='', errors='replace')}"


def _base(context: Context, public_url: str | None) -> str | None:
    """Where this service is: as set, else as the client addressed it; None over stdio."""
    if public_url is not None:
        return public_url.rstrip("/")
    request = context.request_context.request
    if request is None:
        return None
    return f"{request.url.scheme}://{request.url.netloc}"


def _metadata(article: ArticleOutput) -> Iterator[tuple[str, str]]:
    for name in (
        "source",
        "published_at",
        "updated_at",
        "section",
        "language",
        "rights",
        "corrects",
        "status",
        "version",
    ):
        value = getattr(article, name)
        if value:
            yield name, str(value)
    if article.authors:
        yield "authors", ", ".join(article.authors)
    if article.corrected_by:
        yield "corrected_by", ", ".join(article.corrected_by)
