"""`search` and `fetch` in the shapes that ChatGPT expects."""

import json
from pathlib import Path
from typing import Any

from mcp import Client

from qa.archive.archive import Archive
from tests.support.archives import put
from tests.support.client import ARTICLES
from tests.support.mcp import call, refusal, with_client

ODD_IDS = ("../up", "/etc/passwd", "a b#c?d=%2F", "日本", "-1")


def test_search_and_fetch_have_the_shapes_that_deep_research_reads(filled: Archive) -> None:
    async def check(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        for name, argument in (("search", "query"), ("fetch", "id")):
            schema = tools[name].input_schema
            assert schema["required"] == [argument]
            assert schema["properties"].keys() == {argument}
            assert schema["properties"][argument]["type"] == "string"
            annotations = tools[name].annotations
            assert annotations is not None
            assert annotations.read_only_hint is True
        found: Any = await client.call_tool("search", {"query": "the council"})
        (content,) = found.content
        assert json.loads(content.text) == found.structured_content
        results = found.structured_content["results"]
        assert {frozenset(result) for result in results} == {frozenset({"id", "title", "url"})}
        assert sorted(result["id"] for result in results) == sorted(
            str(article["id"]) for article in ARTICLES
        )
        for result in results:
            fetched: Any = await client.call_tool("fetch", {"id": result["id"]})
            (content,) = fetched.content
            document = fetched.structured_content
            assert json.loads(content.text) == document
            assert document.keys() == {"id", "title", "text", "url", "metadata"}
            assert {key: document[key] for key in result} == result
            (stored,) = [one for one in ARTICLES if one["id"] == result["id"]]
            assert document["text"] == stored["text"]
            assert document["metadata"].get("source") == stored.get("source")

    with_client(filled, check)


def test_an_article_is_one_result_however_many_of_its_passages_match(
    archive: Archive, tmp_path: Path
) -> None:
    text = " ".join(f"The council met for the {n}th time and spoke of rain." for n in range(90))
    put(archive, [{"id": "long", "text": text}, {"id": "short", "text": "Rain fell."}], tmp_path)

    async def check(client: Client) -> None:
        found = await call(client, "search_articles", question="council rain", k=20)
        assert [hit["article"]["id"] for hit in found["hits"]].count("long") > 1
        results = (await call(client, "search", query="council rain"))["results"]
        assert [result["id"] for result in results] == ["long", "short"]

    with_client(archive, check)


def test_whatever_its_id_what_search_returns_can_be_fetched(
    archive: Archive, tmp_path: Path
) -> None:
    put(
        archive,
        [{"id": name, "text": f"Rain fell on {n}."} for n, name in enumerate(ODD_IDS)],
        tmp_path,
    )

    async def check(client: Client) -> None:
        results = (await call(client, "search", query="rain"))["results"]
        assert {result["id"] for result in results} == set(ODD_IDS)
        for result in results:
            document = await call(client, "fetch", id=result["id"])
            assert document["text"].startswith("Rain fell on")

    with_client(archive, check)


def test_a_url_is_the_articles_own_else_this_services(archive: Archive, tmp_path: Path) -> None:
    put(
        archive,
        [
            {"id": "a/1", "text": "Rain fell.", "url": "https://coast.example/rain"},
            {"id": "b/2", "text": "Rain fell again.", "url": "javascript:alert(1)"},
        ],
        tmp_path,
    )

    async def check(client: Client) -> None:
        results = (await call(client, "search", query="rain"))["results"]
        urls = {result["id"]: result["url"] for result in results}
        assert urls["a/1"] == "https://coast.example/rain"
        assert urls["b/2"] == "https://news.example/?view=article&id=b%2F2"

    with_client(archive, check, public_url="https://news.example/")


def test_a_report_without_a_title_is_called_by_its_first_words(
    archive: Archive, tmp_path: Path
) -> None:
    put(
        archive,
        [{"id": "1", "text": "Rain fell.\nOn Monday."}, {"id": "2", "text": "rain and " * 40}],
        tmp_path,
    )

    async def check(client: Client) -> None:
        results = (await call(client, "search", query="rain"))["results"]
        titles = {result["id"]: result["title"] for result in results}
        assert titles["1"] == "Rain fell. On Monday."
        assert titles["2"].endswith(" …")
        assert len(titles["2"]) <= 82

    with_client(archive, check)


def test_what_is_not_there_and_an_empty_query_are_errors(filled: Archive) -> None:
    async def check(client: Client) -> None:
        assert "no article 'none'" in await refusal(client, "fetch", id="none")
        assert "question" in await refusal(client, "search", query="  ")
        assert "query: Field required" in await refusal(client, "search", question="rain")

    with_client(filled, check)
