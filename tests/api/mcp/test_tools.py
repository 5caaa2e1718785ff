"""Dateline's own tools: answers, errors in one line, progress, and calls that are cancelled."""

from typing import Any

import anyio
import pytest
from anyio import to_thread
from mcp import Client

from api.mcp.tools import READS
from qa.archive.archive import Archive
from tests.support.client import QUESTION, HeldModel, until
from tests.support.mcp import call, connected, refusal, with_client

OURS = {"search_articles", "ask", "get_article"}


def test_answers_passages_and_articles_are_typed(filled: Archive) -> None:
    async def check(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert tools.keys() >= OURS
        assert all(tool.output_schema and tool.annotations == READS for tool in tools.values())
        answered = await call(client, "ask", question=QUESTION)
        assert answered["status"] == "answered"
        (citation,) = answered["citations"]
        assert "USD 40 million" in citation["quote"]
        article = await call(client, "get_article", article_id=citation["article_id"])
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
        as_list = await call(client, "ask", question=QUESTION, form="list")
        assert (as_list["form"], len(as_list["items"])) == ("list", 1)
        early = await call(client, "ask", question=QUESTION, as_of="2020-01-01")
        assert (early["status"], early["answer"]) == ("not_found", None)
        found = await call(
            client, "search_articles", question="the council", k=5, sources=["Hill Times"]
        )
        assert [hit["article"]["id"] for hit in found["hits"]] == ["later"]

    with_client(filled, check)


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("get_article", {"article_id": "none"}, "no article 'none'"),
        ("search_articles", {"question": "rain", "k": 0}, "k is 0"),
        ("search_articles", {"question": "rain", "k": "many"}, "k: Input should be a valid"),
        ("ask", {"question": " "}, "question"),
        ("ask", {}, "question: Field required"),
        ("ask", {"question": QUESTION, "as_of": "soon"}, "as_of"),
        ("ask", {"question": QUESTION, "form": "poem"}, "form: Input should be 'short'"),
        ("look", {}, "Unknown tool: look"),
    ],
)
def test_an_error_is_one_line_that_says_what_is_wrong(
    filled: Archive, name: str, arguments: dict[str, Any], words: str
) -> None:
    async def check(client: Client) -> None:
        line = await refusal(client, name, **arguments)
        assert words in line
        assert "\n" not in line
        assert "pydantic" not in line

    with_client(filled, check)


def test_progress_says_what_is_done_and_carries_the_verified_text(filled: Archive) -> None:
    async def check(client: Client) -> None:
        steps: list[tuple[float, str | None]] = []

        async def note(progress: float, total: float | None, message: str | None) -> None:
            steps.append((progress, message))

        result = await client.call_tool("ask", {"question": QUESTION}, progress_callback=note)
        answer: Any = result.structured_content
        assert [progress for progress, _ in steps] == list(range(1, len(steps) + 1))
        messages = [message for _, message in steps]
        assert messages[0] == "reading 3 passages"
        assert "".join(str(message) for message in messages[1:]) == answer["answer"]

    with_client(filled, check)


def test_a_cancelled_call_stops_the_question(filled: Archive) -> None:
    held = HeldModel(talks=True)

    async def run() -> None:
        async with connected(filled, held) as client:
            async with anyio.create_task_group() as group:
                group.start_soon(client.call_tool, "ask", {"question": QUESTION})
                await to_thread.run_sync(until, lambda: held.writing == 1)
                group.cancel_scope.cancel()
            await to_thread.run_sync(until, lambda: held.given_up == 1)

    anyio.run(run)
