"""Dateline's own tools: `search_articles`, `ask` and `get_article`."""

from contextlib import aclosing
from typing import Annotated, Any

from anyio import to_thread
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.types import ToolAnnotations
from pydantic import Field

from api.http.queue import QuestionQueue, Waiting
from api.http.schemas import ArticleOutput
from api.mcp.errors import tool_errors
from qa.answer import Answer, SearchOutput
from qa.answering.answerer import HitsFound, Token
from qa.archive.archive import Archive
from qa.question import Question
from qa.types import Filters, Form

READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)

Day = Annotated[str | None, Field(description="a day, such as 2024-03-05")]
AnswerForm = Annotated[
    Form | None,
    Field(
        description="short: a name, figure or date; sentences: why, how, what was said; yes_no;"
        " list; brief: several reports in time order. Leave it out to follow the question."
    ),
]
Sources = Annotated[list[str], Field(description="only these sources; empty: all")]


def add_to(server: MCPServer[Any], queue: QuestionQueue, archive: Archive) -> None:
    """Add the tools to the server."""

    @server.tool(title="Search passages", annotations=READS)
    async def search_articles(
        question: str,
        k: int = 10,
        as_of: Day = None,
        published_from: Day = None,
        published_to: Day = None,
        sources: Sources = [],  # noqa: B006  # read only; pydantic copies it
    ) -> SearchOutput:
        """Find the passages that speak of a question, best first. With as_of, nothing published
        later is seen.
        """
        with tool_errors():
            filters = _filters(as_of, published_from, published_to, sources)
            found = await queue.find(Question.parse(question, filters, k=k))
            return SearchOutput.of(question, found.hits, found.question.stated)

    @server.tool(title="Ask the archive", annotations=READS)
    async def ask(
        context: Context,
        question: str,
        form: AnswerForm = None,
        as_of: Day = None,
        published_from: Day = None,
        published_to: Day = None,
        sources: Sources = [],  # noqa: B006
    ) -> Answer:
        """Answer a question from the archive, with the sentence that says so, its source and date;
        or not_found. Ask one thing at a time. With as_of, nothing published later is seen.
        """
        with tool_errors():
            filters = _filters(as_of, published_from, published_to, sources)
            asked = Question.parse(question, filters, form=form)
            return (await _answer(queue, asked, context)).without_hits()

    @server.tool(title="Read an article", annotations=READS)
    async def get_article(article_id: str, version: str | None = None) -> ArticleOutput:
        """One article with its whole text: the newest version, or the one asked for."""

        def found() -> ArticleOutput:
            with archive.store.snapshot() as snapshot:
                return ArticleOutput.read(snapshot, article_id, version)

        with tool_errors():
            return await to_thread.run_sync(found)


async def _answer(queue: QuestionQueue, asked: Question, context: Context) -> Answer:
    """The answer, with progress for a client that asked for it. Cancelling stops the question."""
    steps = 0
    async with aclosing(queue.stream(asked)) as events:
        async for event in events:
            if isinstance(event, Answer):
                return event
            if isinstance(event, Waiting):
                message = f"waiting; {event.ahead} questions are before it"
            elif isinstance(event, HitsFound):
                message = f"reading {len(event.hits)} passages"
            elif isinstance(event, Token):
                message = event.text
            else:
                continue
            steps += 1
            await context.report_progress(steps, message=message)
    raise AssertionError("a stream ends with an answer")


def _filters(
    as_of: str | None, published_from: str | None, published_to: str | None, sources: list[str]
) -> Filters:
    return Filters(
        as_of=as_of,
        published_from=published_from,
        published_to=published_to,
        sources=tuple(sources),
    )
