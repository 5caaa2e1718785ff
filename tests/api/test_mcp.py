"""The archive as tools, asked by the official MCP client: over HTTP and over stdio."""

import os
import sys
from pathlib import Path
from typing import Any

import anyio
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from qa.archive.archive import Archive
from qa.archive.keys import create_key
from tests.support.client import QUESTION
from tests.support.fakes import FirstSentenceModel
from tests.support.server import serving
from tests.support.stores import folder_of

ROOT = Path(__file__).parents[2]


async def _check(client: Client) -> None:
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == {"search_articles", "ask", "get_article"}
    assert all(tool.output_schema for tool in tools.values()), "typed output"
    answered: Any = (await client.call_tool("ask", {"question": QUESTION})).structured_content
    assert answered["status"] == "answered"
    (citation,) = answered["citations"]
    article: Any = (
        await client.call_tool("get_article", {"article_id": citation["article_id"]})
    ).structured_content
    assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert "USD 40 million" in citation["quote"]
    as_list: Any = (
        await client.call_tool("ask", {"question": QUESTION, "form": "list"})
    ).structured_content
    assert (as_list["form"], len(as_list["items"])) == ("list", 1)
    early: Any = (
        await client.call_tool("ask", {"question": QUESTION, "as_of": "2020-01-01"})
    ).structured_content
    assert (early["status"], early["answer"]) == ("not_found", None)
    found: Any = (
        await client.call_tool(
            "search_articles", {"question": "the council", "k": 5, "sources": ["Hill Times"]}
        )
    ).structured_content
    assert [hit["article"]["id"] for hit in found["hits"]] == ["later"]
    for name, arguments, word in (
        ("get_article", {"article_id": "none"}, "no article 'none'"),
        ("search_articles", {"question": "rain", "k": 0}, "k is 0"),
        ("ask", {"question": " "}, "question"),
        ("ask", {"question": QUESTION, "as_of": "soon"}, "as_of"),
        ("ask", {"question": QUESTION, "form": "poem"}, "form"),
    ):
        refused = await client.call_tool(name, arguments)
        assert refused.is_error
        assert word in str(refused.content)


def test_over_http(filled: Archive) -> None:
    async def run(url: str) -> None:
        async with Client(f"{url}/mcp") as client:
            await _check(client)

    with serving(filled, FirstSentenceModel()) as url:
        anyio.run(run, url)


def test_over_http_with_a_key(filled: Archive) -> None:
    _, secret = create_key(filled.store, "assistant", ["read", "ask"])
    _, half = create_key(filled.store, "half", ["read"])

    async def run(url: str) -> None:
        for headers, status in (({}, 401), ({"Authorization": f"Bearer {half}"}, 403)):
            async with httpx2.AsyncClient(headers=headers) as line:
                body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
                assert (await line.post(f"{url}/mcp", json=body)).status_code == status
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {secret}"}) as line,
            Client(streamable_http_client(f"{url}/mcp", http_client=line)) as client,
        ):
            await _check(client)

    with serving(filled, FirstSentenceModel()) as url:
        anyio.run(run, url)


# `dateline mcp` with fakes for the models.
STDIO = """
import sys
from contextlib import nullcontext
from pathlib import Path

import qa.bootstrap
from api.cli import main
from qa.answering.answerer import Answerer
from qa.archive.archive import Archive
from qa.archive.sqlite.store import SqliteStore
from tests.support.fakes import BagOfWordsEmbedder, FirstSentenceModel
from tests.support.stores import folder_of

folder = Path(sys.argv[1])
archive = Archive(SqliteStore.open(folder), BagOfWordsEmbedder())
answerer = Answerer(qa.bootstrap.open_retriever(archive), FirstSentenceModel(), 0.0)
qa.bootstrap.open_answerer = lambda settings: nullcontext((answerer, archive))
sys.argv = ["dateline", "mcp"]
main()
"""


def test_over_stdio(filled: Archive) -> None:
    """A process of its own: the protocol is all that its standard output carries."""

    async def run() -> None:
        server = StdioServerParameters(
            command=sys.executable,
            args=["-c", STDIO, str(folder_of(filled.store))],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        async with Client(server) as client:
            await _check(client)

    anyio.run(run)
