"""An MCP client that is connected to an archive in memory, without a server."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
from mcp import Client

from api.http.queue import QuestionQueue
from api.mcp.server import ArchiveServer
from qa.answering.answerer import Answerer
from qa.archive.archive import Archive
from qa.bootstrap import open_retriever
from qa.models.base import AnswerModel
from qa.settings import Settings
from tests.support.fakes import FirstSentenceModel


@asynccontextmanager
async def connected(
    archive: Archive, model: AnswerModel | None = None, **settings: Any
) -> AsyncIterator[Client]:
    chosen = Settings.load(**settings)
    answerer = Answerer(open_retriever(archive), model or FirstSentenceModel(), 0.0)
    queue = QuestionQueue(answerer, archive, chosen)
    async with Client(ArchiveServer(queue, archive, chosen.public_url)) as client:
        yield client
    await queue.close()


def with_client(
    archive: Archive, check: Callable[[Client], Awaitable[None]], **settings: Any
) -> None:
    """Run a check with a client of its own."""

    async def run() -> None:
        async with connected(archive, **settings) as client:
            await check(client)

    anyio.run(run)


async def call(client: Client, name: str, **arguments: Any) -> Any:
    """The structured result of a tool."""
    result = await client.call_tool(name, arguments)
    assert not result.is_error, result.content
    return result.structured_content


async def refusal(client: Client, name: str, **arguments: Any) -> str:
    """The one line of a tool's error."""
    result = await client.call_tool(name, arguments)
    assert result.is_error, result.structured_content
    (content,) = result.content
    text: str = getattr(content, "text", "")
    return text
