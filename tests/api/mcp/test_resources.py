"""Articles and stored answers as resources."""

import json
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError

from api.mcp.resources import article_uri
from qa.archive.archive import Archive
from tests.support.archives import put
from tests.support.client import ARTICLES, QUESTION
from tests.support.mcp import call, with_client


async def read(client: Client, uri: str) -> Any:
    (content,) = (await client.read_resource(uri)).contents
    assert content.mime_type == "application/json"
    return json.loads(getattr(content, "text", ""))


def test_listed_articles_can_be_read(filled: Archive) -> None:
    async def check(client: Client) -> None:
        listed = (await client.list_resources()).resources
        assert [resource.name for resource in listed] == [one["id"] for one in ARTICLES]
        assert listed[0].title == "Relief for the coast"
        assert listed[0].description is not None
        assert listed[0].description.startswith("Coast Daily, 2024-03-04")
        for resource, stored in zip(listed, ARTICLES, strict=True):
            assert (await read(client, str(resource.uri)))["text"] == stored["text"]

    with_client(filled, check)


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "a b#c?d=%2F", "日本"])
def test_an_article_has_an_address_whatever_its_id(
    archive: Archive, tmp_path: Path, name: str
) -> None:
    put(archive, [{"id": name, "text": "Rain fell."}], tmp_path)

    async def check(client: Client) -> None:
        assert (await read(client, article_uri(name)))["id"] == name

    with_client(archive, check)


def test_the_list_has_pages(archive: Archive, tmp_path: Path) -> None:
    put(archive, [{"id": str(n), "text": f"Rain {n}."} for n in range(230)], tmp_path)

    async def check(client: Client) -> None:
        names: list[str] = []
        sizes: list[int] = []
        cursor: str | None = None
        while cursor is not None or not sizes:
            page = await client.list_resources(cursor=cursor)
            names += [resource.name for resource in page.resources]
            sizes.append(len(page.resources))
            cursor = page.next_cursor
        assert sizes == [100, 100, 30]
        assert names == [str(n) for n in range(230)]
        for wrong in ("x", "-1", "٣", "9" * 40):
            with pytest.raises(MCPError, match="invalid cursor"):
                await client.list_resources(cursor=wrong)

    with_client(archive, check)


def test_a_stored_answer_is_read_with_whether_it_still_holds(filled: Archive) -> None:
    async def check(client: Client) -> None:
        answered = await call(client, "ask", question=QUESTION)
        stored = await read(client, f"dateline://answers/{answered['id']}")
        assert stored["answer"] == answered["answer"]
        assert stored["currency"]["state"] == "current"

    with_client(filled, check)


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("dateline://articles/none", "no article 'none'"),
        ("dateline://answers/none", "no answer 'none'"),
        ("dateline://other/none", "Unknown resource"),
        ("file:///etc/passwd", "Unknown resource"),
    ],
)
def test_what_is_not_there_is_refused(filled: Archive, uri: str, words: str) -> None:
    async def check(client: Client) -> None:
        with pytest.raises(MCPError, match=words) as refused:
            await client.read_resource(uri)
        assert refused.value.error.code == -32602

    with_client(filled, check)
