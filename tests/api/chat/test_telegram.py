"""Telegram, driven with updates as it posts them, over a stand-in of its API."""

import html
import json
import logging
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from api.chat import drafting, telegram
from api.chat.controller import Background
from api.chat.layout import compose
from api.chat.markup import units
from api.chat.reply import BUSY, NOT_RECORDED, THANKS, WENT_WRONG, Reply, Source
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

ROUTE, TOKEN, SECRET = "/integrations/telegram", "777:AAF-secret", "webhook-secret"  # made up
SEND = f"/bot{TOKEN}/sendMessage"
MARKUP = telegram.Telegram.markup
US, ANNA = {"id": 777, "is_bot": True}, {"id": 5, "is_bot": False}
PRIVATE, GROUP = {"id": 5, "type": "private"}, {"id": -9, "type": "supergroup"}


@pytest.fixture
def platform() -> Iterator[StandIn]:
    stand_in = StandIn({"ok": True, "result": {"message_id": 500}})
    yield stand_in
    stand_in.close()


class Phone:
    """Speaks to the service as Telegram does."""

    def __init__(self, client: TestClient[Litestar]) -> None:
        self.client = client
        self._updates = 0

    def send(self, body: bytes, secret: str | None = SECRET) -> Any:
        headers = (
            {b"x-telegram-bot-api-secret-token": secret.encode()} if secret is not None else {}
        )
        return self.client.post(ROUTE, content=body, headers=headers)

    def say(
        self,
        text: str,
        chat: Mapping[str, Any] = PRIVATE,
        update_id: int | None = None,
        sender: Mapping[str, Any] = ANNA,
        **more: Any,
    ) -> Any:
        self._updates += 1
        message = {
            "message_id": 100 + self._updates,
            "from": sender,
            "chat": chat,
            "text": text,
            **more,
        }
        update = {"update_id": update_id or self._updates, "message": message}
        return self.send(json.dumps(update).encode())


@contextmanager
def phone(
    platform: StandIn, queue: QuestionQueue, background: Background | None = None, **more: Any
) -> Iterator[Phone]:
    chosen = Settings.load(
        telegram_bot_token=TOKEN,
        telegram_webhook_secret=SECRET,
        telegram_api_url=platform.url,
        **more,
    )
    with chat_client(telegram.Telegram, queue, chosen, background) as client:
        yield Phone(client)


def shown(message: str) -> str:
    """A message as it is read: without tags and the invisible joiners."""
    return html.unescape(re.sub(r"<[^>]*>", "", message)).replace("\u2060", "")


def test_a_private_message_is_acknowledged_at_once_and_answered(platform: StandIn) -> None:
    gate = threading.Event()
    queue = ScriptedQueue(ANSWER, gate=gate)
    with phone(platform, queue, public_url="https://dateline.example") as anna:
        first = anna.say(QUESTION)
        assert first.json() == {"method": "sendChatAction", "chat_id": 5, "action": "typing"}
        assert platform.so_far(SEND) == []
        gate.set()
        (posted,) = platform.posted(SEND)
    assert queue.asked == [QUESTION]
    assert posted.body["chat_id"] == 5
    assert posted.body["reply_parameters"]["message_id"] == 101
    assert posted.body["link_preview_options"] == {"is_disabled": True}
    text = posted.body["text"]
    assert text.startswith("<b>USD 40 million</b>\n")
    assert '<a href="https://coast.example/relief?a=1&amp;b=2">Relief for the coast</a>' in text
    assert f"[1] “{QUOTE}”" in shown(text)
    assert "Relief for the coast · Coast Daily · 2024-03-04" in shown(text)
    assert "Confidence 0.91" in shown(text)
    page = "https://dateline.example/?q=How+much+relief+did+the+council+pledge%3F"
    assert text.endswith(f'<a href="{page}">Read it on the web</a>')


def test_while_a_model_is_silent_typing_is_shown_again(
    platform: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "SILENCE", 0.05)
    monkeypatch.setattr(telegram.Telegram, "shows_wait", 0.05)
    gate = threading.Event()
    with phone(platform, ScriptedQueue(ANSWER, gate=gate)) as anna:
        anna.say(QUESTION)
        shown_again = platform.posted(f"/bot{TOKEN}/sendChatAction", 2)
        gate.set()
        platform.posted(SEND)
    assert shown_again[0].body == {"chat_id": 5, "action": "typing"}


@pytest.mark.parametrize("secret", [None, "", "wrong", f"{SECRET}x", "geheimnisvöll"])
def test_what_does_not_carry_the_secret_is_refused(platform: StandIn, secret: str | None) -> None:
    queue = ScriptedQueue(ANSWER)
    with phone(platform, queue) as anna:
        body = json.dumps(
            {
                "update_id": 1,
                "message": {"message_id": 1, "from": ANNA, "chat": PRIVATE, "text": "a?"},
            }
        )
        check_problem(anna.send(body.encode(), secret), 401)
    assert queue.asked == []


def test_without_a_secret_nobody_gets_in(platform: StandIn) -> None:
    queue = ScriptedQueue(ANSWER)
    with chat_client(telegram.Telegram, queue, Settings.load(telegram_bot_token=TOKEN)) as client:
        check_problem(client.post(ROUTE, content=b'{"update_id": 1}'), 401)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[" * 100_000,
        b'{"update_id": "x"}',
        b'{"update_id": 1, "message": 7}',
        b'{"update_id": 1, "message": {"message_id": 1, "chat": {"id": "a", "type": "private"}}}',
    ],
)
def test_a_body_that_is_no_update_is_a_problem(platform: StandIn, body: bytes) -> None:
    with phone(platform, ScriptedQueue(ANSWER)) as anna:
        check_problem(anna.send(body), 400)


def test_in_a_group_only_what_is_for_us_is_answered(platform: StandIn) -> None:
    queue = ScriptedQueue(ANSWER)
    with phone(platform, queue) as anna:
        assert anna.say("Is lunch ready?", GROUP).text == ""
        anna.say("/weather", GROUP)
        anna.say("/asking", GROUP)
        anna.say(f"/ask {QUESTION}", GROUP, sender={"id": 8, "is_bot": True})
        anna.send(json.dumps({"update_id": 90, "edited_message": {"message_id": 1}}).encode())
        anna.send(
            json.dumps(
                {"update_id": 91, "message": {"message_id": 1, "from": ANNA, "chat": GROUP}}
            ).encode()
        )
        anna.say(f"/ask@DatelineBot\n{QUESTION}", GROUP, message_thread_id=3, is_topic_message=True)
        (posted,) = platform.posted(SEND)
    assert queue.asked == [QUESTION]
    assert (posted.body["chat_id"], posted.body["message_thread_id"]) == (-9, 3)


def test_a_command_without_a_question_says_how_to_ask(platform: StandIn) -> None:
    queue = ScriptedQueue(ANSWER)
    with phone(platform, queue) as anna:
        for reply in (anna.say("/start"), anna.say("/ask"), anna.say("/ask@DatelineBot ", GROUP)):
            assert reply.json()["method"] == "sendMessage"
            assert "for example" in reply.json()["text"]
    assert queue.asked == []


def test_a_reply_is_a_follow_up(platform: StandIn) -> None:
    queue, background = ScriptedQueue(ANSWER), Background()
    with phone(platform, queue, background) as anna:
        anna.say(f"/ask {QUESTION}", GROUP)
        platform.posted(SEND)
        wait_until_idle(background)
        answered = {"message_id": 500, "chat": GROUP, "from": US, "text": "USD 40 million"}
        anna.say("And who announced it?", GROUP, reply_to_message=answered)
        platform.posted(SEND, 2)
        # A reply to somebody's words that we were never asked.
        other = {"message_id": 44, "chat": GROUP, "from": ANNA, "text": f"/ask {QUESTION}"}
        anna.say("/ask When was that?", GROUP, reply_to_message=other)
        platform.posted(SEND, 3)
        stranger = {
            "message_id": 45,
            "chat": GROUP,
            "from": {"id": 9, "is_bot": True},
            "text": "I am a bot",
        }
        anna.say("When was that?", GROUP, reply_to_message=stranger)
        anna.say("/ask When was that?", GROUP, reply_to_message=stranger)
        platform.posted(SEND, 4)
    assert queue.asked == [
        QUESTION,
        f"who announced it? ({QUESTION})",
        f"When was that? ({QUESTION})",
        "When was that?",
    ]


def test_an_update_that_comes_again_is_answered_once(platform: StandIn) -> None:
    queue = ScriptedQueue(ANSWER)
    with phone(platform, queue) as anna:
        anna.say(QUESTION, update_id=7)
        assert anna.say(QUESTION, update_id=7).text == ""
        platform.posted(SEND)
    assert queue.asked == [QUESTION]
    assert len(platform.so_far(SEND)) == 1


def test_the_text_of_an_article_is_shown_and_does_nothing(platform: StandIn) -> None:
    hostile = (
        'See <b>@durov</b> & <a href="https://evil.example">evil.example</a>,'
        " /start #now or t.me/x, $ABC"
    )
    citation = changed(
        CITATION, quote=hostile, title=hostile, source=hostile, url='https://a.example/"><b>'
    )
    answer = changed(
        ANSWER,
        answer=hostile,
        short_answer=ShortAnswer(text=hostile, kind="text"),
        citations=(citation, changed(citation, n=2, url="javascript:alert(1)")),
    )
    with phone(platform, ScriptedQueue(answer)) as anna:
        anna.say(QUESTION)
        text = platform.posted(SEND)[0].body["text"]
    assert f"[1] “{hostile}”" in shown(text)
    assert re.findall(r"<a [^>]*>", text) == ['<a href="https://a.example/%22%3E%3Cb%3E">']
    assert "&lt;b&gt;" in text
    for live in ("@durov", "evil.example<", "//evil", "/start", "#now", "t.me", "$ABC"):
        assert live not in text.replace("&lt;", "<")


def test_not_found_and_a_full_desk_are_said(platform: StandIn) -> None:
    queue = ScriptedQueue(
        NOT_FOUND, QueueFull("16 questions are waiting already", 34), RuntimeError(TOKEN), NOT_FOUND
    )
    with phone(platform, queue) as anna:
        for number in range(3):
            anna.say(QUESTION)
            platform.posted(SEND, number + 1)
    found, full, broken = (shown(posted.body["text"]) for posted in platform.so_far(SEND))
    assert found.startswith(
        "Not found in the archive\nNo sentence of the archive was found that supports an answer."
    )
    assert full == BUSY
    assert broken == WENT_WRONG


def test_more_than_can_be_held_is_turned_away(platform: StandIn) -> None:
    gate = threading.Event()
    queue = ScriptedQueue(ANSWER, gate=gate)
    with phone(platform, queue, Background(most=1)) as anna:
        anna.say(QUESTION)
        reply = anna.say("Another?").json()
        assert (reply["method"], reply["text"]) == ("sendMessage", BUSY)
        gate.set()
        platform.posted(SEND)
    assert queue.asked == [QUESTION]


def test_no_token_is_logged(platform: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    platform.routes[SEND] = lambda _: (
        403,
        {"ok": False, "description": "bot was blocked by the user"},
    )
    with phone(platform, ScriptedQueue(RuntimeError(TOKEN))) as anna:
        anna.say(QUESTION)
        platform.posted(SEND)
    assert "Telegram did not take a message: status 403" in caplog.text
    assert "HTTP Request: POST http://testserver.local" in caplog.text, (
        "other requests are logged as ever"
    )
    assert TOKEN not in caplog.text
    assert SECRET not in caplog.text


def test_a_platform_that_is_away_is_logged_without_its_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stand_in = StandIn({})
    stand_in.close()
    with phone(stand_in, ScriptedQueue(ANSWER)) as anna:
        assert anna.say(QUESTION).status_code == 200
    assert "Telegram cannot be reached: ConnectError" in caplog.text
    assert TOKEN not in caplog.text


def test_a_message_that_is_too_much_for_telegram_now_is_sent_again(platform: StandIn) -> None:
    busy = (429, {"ok": False, "parameters": {"retry_after": 0.01}})
    replies = iter([busy, busy, (200, {"ok": True, "result": {"message_id": 1}})])
    platform.routes[SEND] = lambda _: next(replies)
    with phone(platform, ScriptedQueue(ANSWER)) as anna:
        anna.say(QUESTION)
        assert len(platform.posted(SEND, 3)) == 3


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=5000), st.lists(st.text(max_size=5000), max_size=14))
def test_whatever_is_said_fits(text: str, quotes: list[str]) -> None:
    sources = tuple(
        Source(quote[:400] or "t", "d", None, n, quote) for n, quote in enumerate(quotes, start=1)
    )
    reply = Reply(text, text[:1500], (text, text), sources, "https://dateline.example/")
    for part in compose(reply, MARKUP):
        message = part.text(MARKUP)
        assert 0 < units(message) <= 4096
        for tag in ("b", "i", "blockquote", "a"):
            opened = len(re.findall(rf"<{tag}[ >]", message))
            assert opened == message.count(f"</{tag}>")


def test_a_long_answer_is_shown_while_it_grows_and_split_at_the_end(
    platform: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram, "_PRIVATE_CADENCE", 0.05)
    tokens = [
        f"The council pledged <b>USD {n} million</b>. " + "It said so. " * 60 for n in range(8)
    ]
    long = changed(ANSWER, answer="".join(tokens), short_answer=None)
    edit = f"/bot{TOKEN}/editMessageText"

    def drafted(n: int) -> bool:
        return n > 3 or len(platform.so_far(SEND)) + len(platform.so_far(edit)) >= n

    with phone(platform, ScriptedQueue(long, tokens=tokens, shown=drafted)) as anna:
        anna.say(QUESTION)
        wait_for_parts = platform.posted(SEND, 2)
    edits = platform.so_far(edit)
    first, *others = [posted.body["text"] for posted in (*edits, *wait_for_parts[1:])]
    assert len(edits) >= 2
    assert all(posted.body["message_id"] == 500 for posted in edits)
    assert shown(first).startswith("The council pledged <b>USD 0 million</b>.")
    assert not any("<b>USD" in text for text in (first, *others)), "an article's markup is escaped"
    whole = [shown(edits[-1].body["text"]), *(shown(p.body["text"]) for p in wait_for_parts[1:])]
    assert len(whole) >= 2
    for text in whole[:-1]:
        assert text.rstrip().endswith("."), "split between two sentences"
    assert " ".join(whole).count("It said so.") == 8 * 60
    assert "reply_markup" not in edits[-1].body, "asked for once, below the last message"
    assert "reply_markup" in wait_for_parts[-1].body


def test_a_pressed_button_is_feedback_of_nobody_in_particular(
    platform: StandIn, archive: Archive
) -> None:
    archive.store_answer(ANSWER, 10)
    chosen = Settings.load(
        telegram_bot_token=TOKEN, telegram_webhook_secret=SECRET, telegram_api_url=platform.url
    )
    with chat_client(telegram.Telegram, ScriptedQueue(ANSWER), chosen, archive=archive) as client:
        anna = Phone(client)
        anna.say(QUESTION)
        (posted,) = platform.posted(SEND)
        buttons = posted.body["reply_markup"]["inline_keyboard"][0]
        assert all(len(button["callback_data"].encode()) <= 64 for button in buttons)

        def press(data: str, user: int = 5) -> Any:
            pressed = {"id": "77", "from": {"id": user}, "data": data}
            return anna.send(json.dumps({"update_id": 9, "callback_query": pressed}).encode())

        thanks = press(buttons[0]["callback_data"]).json()
        assert thanks == {
            "method": "answerCallbackQuery", "callback_query_id": "77", "text": THANKS
        }  # fmt: skip
        press(buttons[1]["callback_data"])  # the same person thinks again
        press(buttons[0]["callback_data"], user=6)
        assert press("wrong gone").json()["text"] == NOT_RECORDED
        assert press("something else").text == ""
    said = list_feedback(archive.store)
    assert sorted(item.verdict for item in said) == ["right", "wrong"]
    assert all(re.fullmatch(r"Telegram [0-9a-f]{24}", item.by) for item in said)


def test_each_user_has_a_limit(platform: StandIn) -> None:
    queue = ScriptedQueue(ANSWER)
    with phone(platform, queue, chat_limit="2/minute") as anna:
        for _ in range(2):
            anna.say(QUESTION, GROUP | {"type": "private"})
        refused = anna.say(QUESTION)
        anna.say(QUESTION, sender={"id": 6})
        platform.posted(SEND, 3)
    assert refused.json()["method"] == "sendMessage"
    assert "2 per minute" in refused.json()["text"]
    assert len(queue.asked) == 3
