"""The official client over real HTTP, old protocol and new, and over stdio."""

import os
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from anyio import to_thread
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from qa.archive.archive import Archive
from qa.archive.keys import create_key
from tests.support.client import QUESTION, HeldModel, check_problem, until
from tests.support.fakes import FirstSentenceModel
from tests.support.mcp import call, refusal
from tests.support.server import client_of, serving
from tests.support.stores import folder_of

ROOT = Path(__file__).parents[3]


async def _check(client: Client) -> None:
    names = {tool.name for tool in (await client.list_tools()).tools}
    assert names == {"search", "fetch", "search_articles", "ask", "get_article"}
    answered = await call(client, "ask", question=QUESTION)
    assert answered["status"] == "answered"
    (citation,) = answered["citations"]
    document = await call(client, "fetch", id=citation["article_id"])
    assert document["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert "question" in await refusal(client, "ask", question=" ")
    resource = (await client.list_resources()).resources[0]
    assert (await client.read_resource(str(resource.uri))).contents
    assert (await client.get_prompt("brief_me_on", {"topic": "relief"})).messages


MODES = pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])


@MODES
def test_over_http(filled: Archive, mode: str) -> None:
    async def run(url: str) -> None:
        async with Client(f"{url}/mcp", mode=mode) as client:
            await _check(client)
            results = (await call(client, "search", query="oak"))["results"]
            urls = {result["id"]: result["url"] for result in results}
            assert urls["undated"] == f"{url}/?view=article&id=undated"
            async with httpx2.AsyncClient() as line:
                page = await line.get(urls["undated"])
            assert page.headers["content-type"].startswith("text/html")

    with serving(filled, FirstSentenceModel()) as url:
        anyio.run(run, url)


@pytest.mark.parametrize(
    ("mode", "leaves"), [("legacy", True), ("2026-07-28", True), ("2026-07-28", False)]
)
def test_progress_arrives_at_once_and_a_client_that_leaves_or_cancels_stops_its_question(
    filled: Archive, mode: str, leaves: bool
) -> None:
    """The old protocol's message that cancels names a session, and this server has none."""
    held = HeldModel(talks=True)

    async def run(url: str) -> None:
        heard: list[str | None] = []

        async def note(progress: float, total: float | None, message: str | None) -> None:
            heard.append(message)

        async def ask(scope: anyio.CancelScope) -> None:
            async with Client(f"{url}/mcp", mode=mode) as client:
                with nullcontext() if leaves else scope:
                    await client.call_tool("ask", {"question": QUESTION}, progress_callback=note)
                await to_thread.run_sync(until, lambda: held.given_up == 1)

        async with anyio.create_task_group() as group:
            scope = group.cancel_scope if leaves else anyio.CancelScope()
            group.start_soon(ask, scope)
            await to_thread.run_sync(until, lambda: held.writing == 1 and heard)
            scope.cancel()
        await to_thread.run_sync(until, lambda: held.given_up == 1)
        assert heard[0] == "reading 3 passages"

    with serving(filled, held) as url:
        anyio.run(run, url)


def test_a_simple_client_gets_json_and_nobody_a_stream_without_end(filled: Archive) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    json_only = {"Accept": "application/json", "MCP-Protocol-Version": "2025-11-25"}
    with client_of(filled, FirstSentenceModel()) as line:
        response = line.post("/mcp", json=call, headers=json_only)
        assert response.headers["content-type"] == "application/json"
        assert len(response.json()["result"]["tools"]) == 5
        assert line.get("/mcp", headers={"Accept": "text/event-stream"}).status_code == 405


def test_over_http_with_a_key(filled: Archive) -> None:
    _, secret = create_key(filled.store, "assistant", ["read", "ask"])
    _, other = create_key(filled.store, "other", ["ask"])

    async def run(url: str) -> None:
        for headers, status in (({}, 401), ({"Authorization": f"Bearer {other}"}, 403)):
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


@MODES
def test_with_a_key_that_may_only_read_everything_works_but_ask(filled: Archive, mode: str) -> None:
    _, secret = create_key(filled.store, "reader", ["read"])

    async def run(url: str) -> None:
        async with (
            httpx2.AsyncClient(headers={"Authorization": f"Bearer {secret}"}) as line,
            Client(streamable_http_client(f"{url}/mcp", http_client=line), mode=mode) as client,
        ):
            names = {tool.name for tool in (await client.list_tools()).tools}
            assert names == {"search", "fetch", "search_articles", "get_article"}
            (first, *_) = (await call(client, "search", query="oak"))["results"]
            assert (await call(client, "fetch", id=first["id"]))["text"]
            resource = (await client.list_resources()).resources[0]
            assert (await client.read_resource(str(resource.uri))).contents
            refused = await refusal(client, "ask", question=QUESTION)
            assert refused.endswith("ask needs a key or a token with the scope 'ask'")

    model = FirstSentenceModel()
    with serving(filled, model, read_limit="20/minute", ask_limit="1/hour") as url:
        anyio.run(run, url)


def test_pages_of_other_sites_are_refused(filled: Archive) -> None:
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    headers = {"Accept": "application/json", "MCP-Protocol-Version": "2025-11-25"}
    set_here: dict[str, Any] = {
        "cors_origins": ("https://tool.example",),
        "public_url": "https://qa.example/news",
    }
    with client_of(filled, FirstSentenceModel(), **set_here) as line:
        host = line.base_url.netloc.decode()
        for origin in (f"http://{host}", "https://tool.example", "https://qa.example"):
            allowed = line.post("/mcp", json=call, headers={**headers, "Origin": origin})
            assert allowed.status_code == 200, origin
        for origin in ("https://page.example", f"http://{host}.page.example", "null", "http://["):
            refused = line.post("/mcp", json=call, headers={**headers, "Origin": origin})
            check_problem(refused, 403, "DATELINE_CORS_ORIGINS")


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
