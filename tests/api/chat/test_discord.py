"""Discord, driven with interactions signed as Discord signs them, over a stand-in of its API."""

import json
import logging
import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient
from nacl.signing import SigningKey

from api.chat import discord
from api.chat.controller import Background
from api.chat.layout import compose
from api.chat.markup import fit, units
from api.chat.reply import BUSY, THANKS, WENT_WRONG, Reply, Source
from api.http.queue import QuestionQueue
from qa.answer import ShortAnswer
from qa.archive.archive import Archive
from qa.archive.feedback import list_feedback
from qa.errors import QueueFull
from qa.settings import Settings
from tests.support.chats import (
    ANSWER,
    CITATION,
    NOT_FOUND,
    QUESTION,
    QUOTE,
    ScriptedQueue,
    StandIn,
    chat_client,
    check_problem,
    wait_until_idle,
)
from tests.support.values import changed

KEY = SigningKey.generate()
MARKUP = discord.Discord.markup
ROUTE, TOKEN = "/integrations/discord", "aW50ZXJhY3Rpb24.x-y_z"
ORIGINAL = f"/api/v10/webhooks/4242/{TOKEN}/messages/@original"


@pytest.fixture
def platform() -> Iterator[StandIn]:
    stand_in = StandIn({"id": "1"})
    yield stand_in
    stand_in.close()


class Server:
    """Speaks to the service as Discord does."""

    def __init__(self, client: TestClient[Litestar]) -> None:
        self.client = client

    def send(
        self, body: bytes, headers: Mapping[str, str] | None = None, at: float | None = None
    ) -> Any:
        timestamp = str(int(at if at is not None else time.time()))
        signature = KEY.sign(timestamp.encode() + body).signature.hex()
        signed = {"x-signature-timestamp": timestamp, "x-signature-ed25519": signature}
        return self.client.post(ROUTE, content=body, headers={**signed, **(headers or {})})

    def ask(self, question: str, identity: str = "1", **more: Any) -> Any:
        data = {"name": "ask", "options": [{"name": "question", "type": 3, "value": question}]}
        command = {
            "id": identity,
            "application_id": "4242",
            "token": TOKEN,
            "type": 2,
            "data": data,
            **more,
        }
        return self.send(json.dumps(command).encode())


@contextmanager
def server(
    platform: StandIn, queue: QuestionQueue, background: Background | None = None
) -> Iterator[Server]:
    chosen = Settings.load(
        discord_public_key=KEY.verify_key.encode().hex(), discord_api_url=f"{platform.url}/api/v10"
    )
    with chat_client(discord.Discord, queue, chosen, background) as client:
        yield Server(client)


def check_limits(message: Mapping[str, Any]) -> None:
    assert 0 < units(message["content"]) <= 2000
    assert message["allowed_mentions"] == {"parse": []}


def test_a_ping_is_answered() -> None:
    # Discord tries the address when it is entered: it must answer a ping, and refuse a forged one.
    stand_in = StandIn({})
    try:
        with server(stand_in, ScriptedQueue(ANSWER)) as guild:
            assert guild.send(b'{"type": 1}').json() == {"type": 1}
            check_problem(guild.send(b'{"type": 1}', {"x-signature-ed25519": "0" * 128}), 401)
    finally:
        stand_in.close()


def test_a_question_is_deferred_at_once_and_answered_in_the_same_message(platform: StandIn) -> None:
    gate = threading.Event()
    queue = ScriptedQueue(ANSWER, gate=gate)
    with server(platform, queue) as guild:
        assert guild.ask(QUESTION).json() == {"type": 5}
        assert platform.so_far(ORIGINAL) == []
        gate.set()
        (posted,) = platform.posted(ORIGINAL)
    assert queue.asked == [QUESTION]
    assert posted.method == "PATCH"
    check_limits(posted.body)
    content = posted.body["content"]
    assert content.startswith(f"> {QUESTION}\n**USD 40 million**\n{QUOTE}")
    assert "Confidence 0.91" in content
    link = "[Relief for the coast](<https://coast.example/relief?a=1&b=2>)"
    assert content.endswith(f"> [1] “{QUOTE}”\n{link} · Coast Daily · 2024-03-04")


def test_what_discord_did_not_sign_just_now_is_refused(platform: StandIn) -> None:
    queue = ScriptedQueue(ANSWER)
    body = b'{"type": 1}'
    with server(platform, queue) as guild:
        for bad in (
            {"x-signature-ed25519": SigningKey.generate().sign(body).signature.hex()},
            {"x-signature-ed25519": "zz"},
            {"x-signature-ed25519": "00"},
            {"x-signature-ed25519": ""},
            {"x-signature-timestamp": str(int(time.time()) + 100)},
            {"x-signature-timestamp": "soon"},
            {"x-signature-timestamp": "9" * 400},
        ):
            check_problem(guild.send(body, bad), 401)
        check_problem(guild.send(body, at=time.time() - 301), 401)
        check_problem(guild.send(body, at=time.time() + 500), 401)
        check_problem(guild.client.post(ROUTE, content=body), 401)
        assert guild.send(body, at=time.time() - 200).status_code == 200
    assert queue.asked == []


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 100_000,
        b"{}",
        b'{"type": "one"}',
        b'{"type": 4, "data": {"name": "ask"}}',
        b'{"type": 2, "data": {"name": "ask", "options": [{"name": "question", "value": "a"}]}}',
        json.dumps({"type": 2, "token": "../../x", "application_id": "1"}).encode(),
        json.dumps({"type": 2, "token": "x", "application_id": "1/../2"}).encode(),
    ],
)
def test_a_signed_body_that_is_no_interaction_is_a_problem(platform: StandIn, body: bytes) -> None:
    with server(platform, ScriptedQueue(ANSWER)) as guild:
        check_problem(guild.send(body), 400)


def test_another_command_or_no_question_says_how_to_ask(platform: StandIn) -> None:
    queue = ScriptedQueue(ANSWER)
    with server(platform, queue) as guild:
        for reply in (guild.ask("  "), guild.ask("x", "2", data={"name": "weather"})):
            assert reply.json()["type"] == 4
            assert "/ask" in reply.json()["data"]["content"]
    assert queue.asked == []


def test_an_interaction_that_comes_again_is_answered_once(platform: StandIn) -> None:
    queue = ScriptedQueue(ANSWER)
    with server(platform, queue) as guild:
        guild.ask(QUESTION, "7")
        assert guild.ask(QUESTION, "7").text == ""
        platform.posted(ORIGINAL)
    assert queue.asked == [QUESTION]
    assert len(platform.so_far(ORIGINAL)) == 1


def test_the_text_of_an_article_is_shown_and_does_nothing(platform: StandIn) -> None:
    hostile = "@everyone <@1> **bold** [prize](https://evil.example) https://evil.example `x` # big"
    shown = (
        "\\@everyone \\<\\@1\\> \\*\\*bold\\*\\* \\[prize\\]\\(https\\://evil.example\\) https\\://evil.example"
        " \\`x\\` \\# big"
    )
    citation = changed(CITATION, quote=hostile, title=hostile, url="http://intranet/a")
    answer = changed(
        ANSWER,
        answer=hostile,
        short_answer=ShortAnswer(text=hostile, kind="text"),
        citations=(citation, changed(citation, n=2, url="javascript:alert(1)")),
    )
    with server(platform, ScriptedQueue(answer)) as guild:
        guild.ask(hostile)
        (posted,) = platform.posted(ORIGINAL)
    check_limits(posted.body)
    question, headline, *_ = posted.body["content"].splitlines()
    assert question == f"> {shown}"
    assert headline == f"**{shown}**"
    quotes = [line for line in posted.body["content"].splitlines() if line.startswith("> [")]
    assert quotes == [f"> [1] “{shown}”", f"> [2] “{shown}”"]
    links = re.findall(r"(?<!\\)\]\(<([^>]*)>\)", posted.body["content"])
    assert links == ["http://intranet/a"], "the article's own address and no other"


def test_not_found_and_a_full_desk_are_said(platform: StandIn) -> None:
    queue = ScriptedQueue(
        NOT_FOUND, QueueFull("16 questions are waiting already", 34), RuntimeError(TOKEN), NOT_FOUND
    )
    with server(platform, queue) as guild:
        for number in range(3):
            guild.ask(QUESTION, str(number))
            platform.posted(ORIGINAL, number + 1)
    found, full, broken = (posted.body["content"] for posted in platform.so_far(ORIGINAL))
    assert (
        "**Not found in the archive**\n"
        "No sentence of the archive was found that supports an answer." in found
    )
    assert BUSY in full
    assert WENT_WRONG in broken


def test_more_than_can_be_held_is_turned_away(platform: StandIn) -> None:
    gate = threading.Event()
    queue = ScriptedQueue(ANSWER, gate=gate)
    with server(platform, queue, Background(most=1)) as guild:
        guild.ask(QUESTION, "1")
        assert guild.ask("Another?", "2").json()["data"]["content"] == BUSY
        gate.set()
        platform.posted(ORIGINAL)
    assert queue.asked == [QUESTION]


def test_a_message_that_is_too_much_for_discord_now_is_sent_again(platform: StandIn) -> None:
    replies = iter([(429, {"retry_after": 0.01, "global": False}), (200, {})])
    platform.routes[ORIGINAL] = lambda _: next(replies)
    with server(platform, ScriptedQueue(ANSWER)) as guild:
        guild.ask(QUESTION)
        first, second = platform.posted(ORIGINAL, 2)
    assert first.body == second.body


def test_no_token_is_logged(platform: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    platform.routes[ORIGINAL] = lambda _: (404, {"message": "Unknown Webhook"})
    with server(platform, ScriptedQueue(RuntimeError(TOKEN))) as guild:
        guild.ask(QUESTION)
        platform.posted(ORIGINAL)
    assert "Discord did not take a message: status 404" in caplog.text
    assert "RuntimeError" in caplog.text
    assert TOKEN not in caplog.text


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=3000),
    st.text(max_size=3000),
    st.lists(st.text(max_size=9000), max_size=14),
)
def test_whatever_is_said_fits(question: str, text: str, quotes: list[str]) -> None:
    sources = tuple(
        Source(quote[:400] or "t", "d", None, n, quote) for n, quote in enumerate(quotes, start=1)
    )
    reply = Reply(text, text[:1500], (text, text), sources, "https://dateline.example/")
    for part in compose(reply, MARKUP, question):
        assert 0 < units(part.text(MARKUP)) <= 2000


def test_a_long_answer_comes_in_several_messages(platform: StandIn) -> None:
    long = changed(ANSWER, answer="The council met again. " * 150, short_answer=None)
    with server(platform, ScriptedQueue(long)) as guild:
        guild.ask(QUESTION)
        first = platform.posted(ORIGINAL)[0]
        others = platform.posted(f"/api/v10/webhooks/4242/{TOKEN}", 1)
    assert first.method == "PATCH"
    for posted in (first, *others):
        check_limits(posted.body)
    assert first.body["content"].endswith("The council met again.")
    assert "components" not in first.body
    assert "components" in others[-1].body
    assert fit("a*b*c", 4, discord.escape) == "a\\*…"


def test_a_pressed_button_is_feedback(platform: StandIn, archive: Archive) -> None:
    archive.store_answer(ANSWER, 10)
    chosen = Settings.load(
        discord_public_key=KEY.verify_key.encode().hex(), discord_api_url=f"{platform.url}/api/v10"
    )
    with chat_client(discord.Discord, ScriptedQueue(ANSWER), chosen, archive=archive) as client:
        guild = Server(client)
        guild.ask(QUESTION)
        (posted,) = platform.posted(ORIGINAL)
        right, wrong = posted.body["components"][0]["components"]
        assert (right["type"], right["label"]) == (2, "👍 Right")
        pressed = {"type": 3, "id": "9", "token": TOKEN, "application_id": "4242"}
        by = {"member": {"user": {"id": "5"}}, "data": {"custom_id": wrong["custom_id"]}}
        reply = guild.send(json.dumps({**pressed, **by}).encode()).json()
        assert reply["data"]["content"] == THANKS
        assert reply["data"]["flags"] == 64, "only the one who pressed it sees it"
        other = {**pressed, "data": {"custom_id": "menu"}}
        check_problem(guild.send(json.dumps(other).encode()), 400)
    (said,) = list_feedback(archive.store)
    assert (said.answer_id, said.verdict) == (ANSWER.id, "wrong")
    assert re.fullmatch(r"Discord [0-9a-f]{24}", said.by)


def test_a_thread_is_a_conversation_and_a_channel_is_none(platform: StandIn) -> None:
    queue, background = ScriptedQueue(ANSWER), Background()
    with server(platform, queue, background) as guild:
        for identity, kind in (("1", 0), ("2", 11)):
            channel = {"id": f"8{identity}", "type": kind}
            guild.ask(QUESTION, f"{identity}0", channel=channel)
            platform.posted(ORIGINAL, 2 * int(identity) - 1)
            wait_until_idle(background)
            guild.ask("And when was that?", f"{identity}1", channel=channel)
            platform.posted(ORIGINAL, 2 * int(identity))
    assert queue.asked == [
        QUESTION, "And when was that?", QUESTION, f"when was that? ({QUESTION})"
    ]  # fmt: skip
