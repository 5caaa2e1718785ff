"""Prompts name the tools' own arguments."""

import re

import pytest
from mcp import Client, MCPError

from qa.archive.archive import Archive
from tests.support.mcp import with_client


async def text_of(client: Client, name: str, **arguments: str) -> str:
    (message,) = (await client.get_prompt(name, arguments)).messages
    assert message.role == "user"
    text: str = getattr(message.content, "text", "")
    return text


def test_prompts_carry_what_was_asked_and_arguments_that_the_tool_has(archive: Archive) -> None:
    async def check(client: Client) -> None:
        prompts = {prompt.name: prompt for prompt in (await client.list_prompts()).prompts}
        assert prompts.keys() == {"brief_me_on", "check_this_claim", "what_changed_since"}
        texts = [
            await text_of(client, "brief_me_on", topic="the harbour", since="2024-03-01"),
            await text_of(client, "check_this_claim", claim="Nine died.", as_of="2024-03-02"),
            await text_of(client, "what_changed_since", topic="the relief", since="2024-03-01"),
        ]
        for text, word in zip(texts, ("the harbour", "Nine died.", "the relief"), strict=True):
            assert word in text
        (ask,) = [tool for tool in (await client.list_tools()).tools if tool.name == "ask"]
        named = set(re.findall(r"(\w+)=", "".join(texts)))
        assert named == {"form", "published_from", "as_of"}
        assert named <= ask.input_schema["properties"].keys()
        assert "as_of" not in await text_of(client, "check_this_claim", claim="Nine died.")

    with_client(archive, check)


def test_an_unknown_prompt_and_a_missing_argument_are_named(archive: Archive) -> None:
    async def check(client: Client) -> None:
        for name, words in (("brief_me_on", "Missing .*topic"), ("sing", "Unknown prompt: sing")):
            with pytest.raises(MCPError, match=words) as refused:
                await client.get_prompt(name, {})
            assert refused.value.error.code == -32602

    with_client(archive, check)
