"""What the server says of itself."""

from pathlib import Path

from mcp import Client

from qa.archive.archive import Archive
from tests.support.archives import put
from tests.support.mcp import with_client


async def descriptions(client: Client) -> list[str]:
    return [str(tool.description) for tool in (await client.list_tools(cache_mode="bypass")).tools]


def test_every_description_says_what_the_archive_holds_now(filled: Archive, tmp_path: Path) -> None:
    async def check(client: Client) -> None:
        for text in await descriptions(client):
            assert text.endswith(
                "The archive holds 3 articles, published from 2024-03-04 to 2024-03-08."
            )
        put(filled, [{"id": "new", "text": "Rain.", "published_at": "2024-04-01"}], tmp_path)
        for text in await descriptions(client):
            assert text.endswith("4 articles, published from 2024-03-04 to 2024-04-01.")

    with_client(filled, check)


def test_an_archive_without_dates_names_none(archive: Archive, tmp_path: Path) -> None:
    put(archive, [{"id": "undated", "text": "Rain."}], tmp_path)

    async def check(client: Client) -> None:
        assert {text.partition("\n\n")[2] for text in await descriptions(client)} == {
            "The archive holds 1 article."
        }

    with_client(archive, check)


def test_nothing_is_offered_that_would_never_end(archive: Archive) -> None:
    async def check(client: Client) -> None:
        offered = client.server_capabilities
        assert offered.tools
        assert offered.resources
        assert offered.prompts
        assert not offered.resources.subscribe
        assert not offered.tools.list_changed

    with_client(archive, check)
