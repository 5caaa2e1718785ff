"""What a key's rights withhold is not there in any tool, resource or description."""

from pathlib import Path

import anyio
import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client

from qa.archive.archive import Archive
from qa.archive.keys import create_key, set_key
from tests.support.archives import put
from tests.support.fakes import FirstSentenceModel
from tests.support.issuer import issuing
from tests.support.mcp import call, refusal
from tests.support.server import free_port, serving

REPORTS = [
    {"id": "open", "text": "Rain fell on the harbour.", "published_at": "2024-01-01"},
    {
        "id": "shut",
        "text": "Rain fell on the harbour zqsecret.",
        "published_at": "2024-02-02",
        "rights": "board",
    },
]


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
@pytest.mark.parametrize("by_token", [False, True])
def test_withheld_articles_are_in_no_tool_resource_or_description(
    archive: Archive, tmp_path: Path, mode: str, by_token: bool
) -> None:
    put(archive, REPORTS, tmp_path)
    key, secret = create_key(archive.store, "reader", ["read", "ask"])
    port = free_port()
    settings = {"public_url": f"http://127.0.0.1:{port}", "restricted_rights": ["board"]}

    async def run(url: str, bearer: str) -> None:
        headers = {"Authorization": f"Bearer {bearer}"}
        async with (
            httpx2.AsyncClient(headers=headers) as line,
            Client(streamable_http_client(f"{url}/mcp", http_client=line), mode=mode) as client,
        ):
            await _check(client)
            set_key(archive.store, key.id, rights=["board"])
            if not by_token:  # a token has no rights
                assert (await call(client, "fetch", id="shut"))["text"] == REPORTS[1]["text"]

    with (
        issuing() as issuer,
        serving(
            archive, FirstSentenceModel(), port=port, oauth_issuer=issuer.url, **settings
        ) as url,
    ):
        anyio.run(run, url, issuer.token(f"{url}/mcp") if by_token else secret)


async def _check(client: Client) -> None:
    tools = (await client.list_tools()).tools
    assert "1 article, published from 2024-01-01 to 2024-01-01" in str(tools[0].description)
    found = await call(client, "search", query="harbour")
    assert [result["id"] for result in found["results"]] == ["open"]
    assert "no article" in await refusal(client, "fetch", id="shut")
    assert "no article" in await refusal(client, "get_article", article_id="shut")
    listed = (await client.list_resources()).resources
    assert [resource.name for resource in listed] == ["open"]
    with pytest.raises(MCPError, match="no article"):
        await client.read_resource("dateline://articles/shut")
    answered = await call(client, "ask", question="What fell on the harbour?")
    passages = await call(client, "search_articles", question="harbour")
    assert "zqsecret" not in f"{answered}{passages}"
