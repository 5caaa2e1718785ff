"""Who asks is known at every interface, whichever way the question takes to the queue."""

from collections.abc import Iterator
from typing import Any

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from api.http import callers
from api.http.callers import Identity, state_quotas
from qa.archive.archive import Archive
from qa.archive.audit import Caller, list_lines
from qa.archive.keys import create_key
from tests.support.chats import StandIn
from tests.support.client import QUESTION, until
from tests.support.fakes import FirstSentenceModel
from tests.support.openai_clients import client_at
from tests.support.server import client_of, serving

NEWSROOM = Identity("key_1", "newsroom", frozenset({"ask"}))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/ask", Caller("http", "key_1", "newsroom")),
        ("/v1/answers/x", Caller("http", "key_1", "newsroom")),
        ("/v1/chat/completions", Caller("openai", "key_1", "newsroom")),
        ("/v1/responses", Caller("openai", "key_1", "newsroom")),
        ("/mcp", Caller("mcp", "key_1", "newsroom")),
        ("/integrations/slack/events", Caller("chat", None, "slack")),
    ],
)
def test_the_path_names_the_interface(path: str, expected: Caller) -> None:
    asked = []

    async def app(*_: object) -> None:
        callers.current().identity = NEWSROOM
        asked.append(callers.asking())

    scope: Any = {"type": "http", "path": path}
    wrapped: Any = state_quotas(app)
    anyio.run(wrapped, scope, None, None)
    assert asked == [expected]
    assert callers.asking() is None


def test_every_interface_leads_into_the_audit_log(filled: Archive) -> None:
    key, secret = create_key(filled.store, "newsroom", ["read", "ask"])
    headers = {"Authorization": f"Bearer {secret}"}

    async def by_mcp(url: str) -> None:
        async with (
            httpx2.AsyncClient(headers=headers) as line,
            Client(streamable_http_client(f"{url}/mcp", http_client=line)) as client,
        ):
            await client.call_tool("ask", {"question": QUESTION})

    with serving(filled, FirstSentenceModel(), audit_days=1) as url:
        for stream in (False, True):
            asked = {"question": QUESTION, "stream": stream}
            httpx2.post(f"{url}/v1/ask", json=asked, headers=headers).raise_for_status()
        said: Any = [{"role": "user", "content": QUESTION}]
        with client_at(url, api_key=secret) as client:
            client.chat.completions.create(model="dateline", messages=said)
            for _ in client.chat.completions.create(model="dateline", messages=said, stream=True):
                pass
        anyio.run(by_mcp, url)
    lines = list_lines(filled.store)[::-1]
    assert [line.interface for line in lines] == ["http", "http", "openai", "openai", "mcp"]
    assert {(line.key_id, line.name, line.status) for line in lines} == {
        (key.id, "newsroom", "answered")
    }
    assert len({line.answer_id for line in lines}) == 1


@pytest.fixture
def telegram() -> Iterator[StandIn]:
    stand_in = StandIn({"ok": True, "result": {"message_id": 500}})
    yield stand_in
    stand_in.close()


def test_a_question_from_a_chat_is_noted_though_it_is_answered_later(
    filled: Archive, telegram: StandIn
) -> None:
    settings = {
        "telegram_bot_token": "777:AAF-made-up",
        "telegram_webhook_secret": "made-up",
        "telegram_api_url": telegram.url,
    }
    message = {
        "message_id": 1,
        "from": {"id": 5, "is_bot": False},
        "chat": {"id": 5, "type": "private"},
        "text": QUESTION,
    }
    with client_of(filled, FirstSentenceModel(), audit_days=1, **settings) as client:
        accepted = client.post(
            "/integrations/telegram",
            json={"update_id": 1, "message": message},
            headers={"X-Telegram-Bot-Api-Secret-Token": "made-up"},
        )
        assert accepted.status_code == 200
        until(lambda: [line.status for line in list_lines(filled.store)] == ["answered"])
    (line,) = list_lines(filled.store)
    assert (line.interface, line.key_id, line.question) == ("chat", None, QUESTION)
    assert (line.name or "").startswith("telegram")
