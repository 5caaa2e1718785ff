"""Slack, driven with signed requests as Slack sends them, over a stand-in of its API; and what all
chats share.
"""

import hashlib
import hmac
import json
import logging
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient
from slack_sdk import WebClient
from slack_sdk.models.blocks import Block
from slack_sdk.signature import SignatureVerifier

from api.chat import drafting, slack
from api.chat.controller import Background
from api.chat.layout import compose
from api.chat.markup import fit, units
from api.chat.reply import BUSY, RESTARTING, THANKS, WENT_WRONG, Reply, Source
from api.chat.slack_forms import is_slacks, plain
from api.chat.slack_markup import escape
from api.http.queue import QuestionQueue
from qa.answer import AnswerFigure, Disagreement, HitOutput, ShortAnswer, TimelineEntry
from qa.answering.answerer import Answerer
from qa.answering.conversation import whole_question
from qa.archive.archive import Archive
from qa.archive.feedback import list_feedback
from qa.archive.keys import create_key
from qa.bootstrap import open_retriever
from qa.errors import AnswerModelTimeout, BadInput, EmbedderMismatch, EmptyArchive, QueueFull
from qa.question import Question
from qa.settings import Settings
from tests.support.archives import put
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
)
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of
from tests.support.values import changed

ARTICLES = [
    {
        "id": "coast-1",
        "title": "Relief for the coast",
        "text": "The harbour was flooded on Sunday. The council pledged USD 40 million in relief."
        " Work begins soon.",
        "published_at": "2024-03-04",
        "source": "Coast Daily",
    },
    {"id": "later", "text": "The council spoke again on Friday.", "published_at": "2024-03-08"},
]
SECRET, TOKEN = "8f742231b10e8888abcd99yyyzzz85a5", "xoxb-1-secret"
BOT, USER, CHANNEL = "UBOT", "UANNA", "C1"
MARKUP = slack.Slack.markup
START, APPEND, STOP = (f"/api/chat.{step}Stream" for step in ("start", "append", "stop"))
POST_MESSAGE, REPLIES, HOOK = (
    "/api/chat.postMessage",
    "/api/conversations.replies",
    "/commands/T1/2/three",
)


@pytest.fixture
def platform() -> Iterator[StandIn]:
    stand_in = StandIn({"ok": True, "ts": "2.0", "channel": CHANNEL})
    yield stand_in
    stand_in.close()


def chosen(platform: StandIn, **more: Any) -> Settings:
    return Settings.load(
        slack_signing_secret=SECRET,
        slack_bot_token=TOKEN,
        slack_api_url=f"{platform.url}/api/",
        **more,
    )


class Workspace:
    """Speaks to the service as Slack does."""

    def __init__(self, client: TestClient[Litestar], platform: StandIn) -> None:
        self.client = client
        self.platform = platform
        self._events = 0

    def send(
        self,
        route: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        at: float | None = None,
    ) -> Any:
        timestamp = str(int(at if at is not None else time.time()))
        signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
        assert signature is not None
        signed = {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature}
        return self.client.post(
            f"/integrations/slack/{route}", content=body, headers={**signed, **(headers or {})}
        )

    def event(self, event: dict[str, Any], event_id: str = "", **headers: str) -> Any:
        self._events += 1
        delivery = {
            "type": "event_callback",
            "event_id": event_id or f"Ev{self._events}",
            "team_id": "T1",
            "event": event,
            "authorizations": [{"user_id": BOT, "is_bot": True}],
        }
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send(
            "events", json.dumps(delivery).encode(), {"content-type": "application/json", **named}
        )

    def mention(self, text: str, ts: str = "100.000100", event_id: str = "", **more: str) -> Any:
        fields: dict[str, Any] = {
            key: more.pop(key) for key in ("thread_ts", "bot_id", "edited") if key in more
        }
        event = {
            "type": "app_mention",
            "channel": CHANNEL,
            "user": USER,
            "text": f"<@{BOT}> {text}",
            "ts": ts,
        }
        return self.event({**event, **fields}, event_id, **more)

    def command(self, text: str, trigger_id: str = "t1", response_url: str | None = None) -> Any:
        form = {
            "command": "/dateline",
            "text": text,
            "trigger_id": trigger_id,
            "response_url": response_url or f"{self.platform.url}{HOOK}",
        }
        return self.send(
            "commands",
            urlencode(form).encode(),
            {"content-type": "application/x-www-form-urlencoded"},
        )


@contextmanager
def workspace(
    platform: StandIn, queue: QuestionQueue, background: Background | None = None, **more: Any
) -> Iterator[Workspace]:
    with chat_client(slack.Slack, queue, chosen(platform, **more), background) as client:
        yield Workspace(client, platform)


def texts(message: Mapping[str, Any]) -> list[str]:
    """Every text of a message's blocks, which Slack's own SDK can read."""
    assert [block.to_dict()["type"] for block in Block.parse_all(message["blocks"])] == [
        block["type"] for block in message["blocks"]
    ]
    parts = [block["text"] for block in message["blocks"] if block["type"] != "context_actions"]
    assert all(part["type"] == "mrkdwn" and part["verbatim"] for part in parts)
    return [part["text"] for part in parts]


def whole(message: Mapping[str, Any]) -> str:
    return "\n".join(texts(message))


# What is asked and answered


def test_a_mention_is_acknowledged_at_once_and_answered_in_its_thread(platform: StandIn) -> None:
    gate = threading.Event()
    queue = ScriptedQueue(ANSWER, gate=gate)
    with workspace(platform, queue) as team:
        assert team.mention(QUESTION).status_code == 200
        assert platform.so_far(POST_MESSAGE) == []
        gate.set()
        (posted,) = platform.posted(POST_MESSAGE)
    assert queue.asked == [QUESTION]
    assert posted.headers["Authorization"] == f"Bearer {TOKEN}"
    assert (posted.body["channel"], posted.body["thread_ts"]) == (CHANNEL, "100.000100")
    said = whole(posted.body)
    assert "*USD 40 million*" in said
    assert f">[1] “{QUOTE}”" in said
    assert (
        "<https://coast.example/relief?a=1&amp;b=2|Relief for the coast> · Coast Daily · 2024-03-04"
        in said
    )
    assert "Confidence 0.91" in said
    assert posted.body["text"] == f"USD 40 million: {QUOTE}"  # the notification
    assert not posted.body["unfurl_links"]


def test_a_real_archive_answers_with_its_own_words(
    platform: StandIn, archive: Archive, tmp_path: Path
) -> None:
    put(archive, ARTICLES, tmp_path)
    queue = QuestionQueue(
        Answerer(open_retriever(archive), FirstSentenceModel(), 0.0), archive, chosen(platform)
    )
    with workspace(platform, queue, public_url="https://dateline.example") as team:
        team.mention(QUESTION)
        (posted,) = platform.posted(POST_MESSAGE)
    said = whole(posted.body)
    assert f"“{QUOTE}”\nRelief for the coast · Coast Daily · 2024-03-04" in said
    assert (
        "<https://dateline.example/?q=How+much+relief+did+the+council+pledge%3F|Read it on the web>"
        in said
    )


def test_while_a_model_is_silent_the_thread_shows_that_it_is_looked_for(
    platform: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "SILENCE", 0.05)
    gate = threading.Event()
    with workspace(platform, ScriptedQueue(ANSWER, gate=gate)) as team:
        team.mention(QUESTION)
        (shown,) = platform.posted("/api/assistant.threads.setStatus")
        gate.set()
        (posted,) = platform.posted(POST_MESSAGE)
    assert shown.body == {
        "channel_id": CHANNEL,
        "thread_ts": posted.body["thread_ts"],
        "status": "is looking in the archive …",
    }
    assert shown.headers["Authorization"] == f"Bearer {TOKEN}"
    assert [posted.path for posted in platform._posted][-1] == POST_MESSAGE, "it ends the status"
    sdk = StandIn({"ok": True})
    try:
        official = WebClient(TOKEN, base_url=f"{sdk.url}/api/")
        official.assistant_threads_setStatus(**shown.body)
        (theirs,) = sdk._posted
    finally:
        sdk.close()
    assert (theirs.path, theirs.body) == (shown.path, shown.body)


def test_an_app_that_may_not_show_a_status_answers_and_streams_all_the_same(
    platform: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "SILENCE", 0.05)
    monkeypatch.setattr(slack, "_CADENCE", 0.05)
    refused = (200, {"ok": False, "error": "missing_scope"})
    platform.routes["/api/assistant.threads.setStatus"] = lambda _: refused
    gate = threading.Event()
    queue = ScriptedQueue(
        ANSWER,
        gate=gate,
        tokens=["The council met. ", QUOTE],
        shown=lambda _: platform.so_far(START),
    )
    with workspace(platform, queue) as team:
        team.mention(QUESTION)
        platform.posted("/api/assistant.threads.setStatus")
        gate.set()
        platform.posted(STOP)
    assert platform.so_far(START)[0].body["chunks"][0]["text"] == "The council met. "


def test_a_command_is_answered_to_its_asker_alone(platform: StandIn) -> None:
    gate = threading.Event()
    queue = ScriptedQueue(ANSWER, gate=gate)
    with workspace(platform, queue) as team:
        first = team.command("How much &lt;relief&gt;?")
        assert first.json()["response_type"] == "ephemeral"
        assert "Looking" in first.json()["text"]
        gate.set()
        (posted,) = platform.posted(HOOK)
    assert queue.asked == ["How much <relief>?"]
    assert (posted.body["response_type"], posted.body["replace_original"]) == ("ephemeral", True)
    said = whole(posted.body)
    assert said.startswith(">How much &lt;relief&gt;?\n*USD 40 million*")
    assert f"“{QUOTE}”" in said


def test_a_command_without_a_question_says_how_to_ask(platform: StandIn) -> None:
    queue = ScriptedQueue(ANSWER)
    with workspace(platform, queue) as team:
        assert "for example" in team.command("  ").json()["text"]
        assert team.send("commands", b"ssl_check=1&token=x").status_code == 200
        team.mention("")
        assert "for example" in platform.posted(POST_MESSAGE)[0].body["text"]
    assert queue.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/commands/T1/2/three",
        "http://hooks.slack.com/commands/T1/2/three",
        "https://hooks.slack.com@evil.example/x",
        "https://hooks.slack.com:8443/x",
        "https://evil.example\\@hooks.slack.com/x",
        "https://hooks.slack.com.evil.example/x",
        "https://nothooks.slack.com/x",
        "https://[",
        "",
    ],
)
def test_an_answer_is_posted_to_slack_only(platform: StandIn, url: str) -> None:
    assert is_slacks("https://hooks.slack.com/commands/T1/2/three", "https://slack.com/api/")
    assert not is_slacks(url, "https://slack.com/api/")
    assert is_slacks("https://hooks.slack-gov.com/commands/T1", "https://slack-gov.com/api/")
    queue = ScriptedQueue(ANSWER)
    with workspace(platform, queue) as team:
        check_problem(team.command(QUESTION, response_url=url or "x"), 400, "response_url")
    assert queue.asked == []


def test_a_direct_message_is_answered_and_other_talk_is_not(platform: StandIn) -> None:
    queue = ScriptedQueue(ANSWER)
    message = {
        "type": "message",
        "channel": "D1",
        "channel_type": "im",
        "user": USER,
        "text": QUESTION,
    }
    with workspace(platform, queue) as team:
        for ignored in (
            {**message, "ts": "1.0", "channel_type": "channel"},
            {**message, "ts": "2.0", "user": BOT},
            {**message, "ts": "3.0", "bot_id": "B1"},
            {**message, "ts": "4.0", "subtype": "message_changed"},
            {
                "type": "message",
                "channel": "D1",
                "channel_type": "im",
                "subtype": "message_deleted",
                "ts": "5.0",
            },
            {"type": "team_join", "user": {"id": USER}},
        ):
            assert team.event(ignored).status_code == 200
        team.mention(QUESTION, ts="6.0", bot_id="B1")
        team.event({**message, "ts": "7.0"})
        (posted,) = platform.posted(POST_MESSAGE)
    assert queue.asked == [QUESTION]
    assert (posted.body["channel"], posted.body["thread_ts"]) == ("D1", "7.0")


def test_a_follow_up_in_a_thread_stands_alone_at_the_desk(platform: StandIn) -> None:
    thread = [
        {"user": USER, "ts": "100.0", "text": f"<@{BOT}> {QUESTION}", "thread_ts": "100.0"},
        {"user": BOT, "bot_id": "B1", "ts": "101.0", "text": "USD 40 million"},
        {"user": "UBEN", "ts": "102.0", "text": "Is lunch ready?"},
        {"user": "UBEN", "ts": "102.5", "text": f"<@{BOT}2> And is dinner?"},
        {"user": USER, "ts": "103.0", "text": f"<@{BOT}> And who announced it?"},
        {"user": USER, "ts": "104.0", "text": f"<@{BOT}> And when was that?"},
    ]

    platform.routes[REPLIES] = lambda _: (200, {"ok": True, "messages": thread})
    queue = ScriptedQueue(ANSWER)
    with workspace(platform, queue) as team:
        team.mention("And when was that?", ts="104.0", thread_ts="100.0")
        (posted,) = platform.posted(POST_MESSAGE)
    assert queue.asked == [f"when was that? (who announced it? ({QUESTION}))"]
    assert posted.body["thread_ts"] == "100.0"
    asked = platform.so_far(REPLIES)[0].body
    assert (asked["channel"], asked["ts"], asked["latest"]) == (CHANNEL, "100.0", "104.0")


def test_a_thread_that_cannot_be_read_leaves_the_question_as_it_stands(
    platform: StandIn, caplog: Any
) -> None:
    platform.routes[REPLIES] = lambda _: (200, {"ok": False, "error": "missing_scope"})
    queue = ScriptedQueue(ANSWER)
    with workspace(platform, queue) as team:
        team.mention("And when was that?", ts="104.0", thread_ts="100.0")
        platform.posted(POST_MESSAGE)
    assert queue.asked == ["And when was that?"]
    assert "missing_scope" in caplog.text


# Who may ask


@pytest.mark.parametrize("route", ["events", "commands"])
def test_what_slack_did_not_sign_just_now_is_refused(platform: StandIn, route: str) -> None:
    queue = ScriptedQueue(ANSWER)
    body = json.dumps({"type": "url_verification", "challenge": "c"}).encode()
    with workspace(platform, queue) as team:
        for bad in (
            {"x-slack-signature": "v0=" + "0" * 64},
            {"x-slack-signature": "v0=sämtlich"},
            {"x-slack-signature": ""},
            {"x-slack-request-timestamp": str(int(time.time()) + 100)},
            {"x-slack-request-timestamp": "soon"},
            {"x-slack-request-timestamp": "9" * 400},
            {"x-slack-request-timestamp": ""},
        ):
            headers: Any = {name: value.encode() for name, value in bad.items()}
            check_problem(team.send(route, body, headers), 401)
        check_problem(team.send(route, body, at=time.time() - 301), 401)
        check_problem(team.send(route, body, at=time.time() + 500), 401)
        check_problem(team.client.post(f"/integrations/slack/{route}", content=body), 401)
        assert team.send(route, body, at=time.time() - 200).status_code != 401
    assert queue.asked == []


def test_slack_finds_its_challenge(platform: StandIn) -> None:
    with workspace(platform, ScriptedQueue(ANSWER)) as team:
        reply = team.send(
            "events", json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}).encode()
        )
    assert reply.json() == {"challenge": "3eZbrw1a"}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[" * 100_000,
        b"[]",
        b'{"type": 7}',
        b'{"type": "event_callback", "event": 5}',
        b'{"type":"event_callback","event":{"type":"app_mention","ts":"soon","user":"U","text":"a"}}',
        b'{"type":"event_callback","event":{"type":"app_mention","user":{"id":"U"},"ts":"1.0"}}',
        b'{"type": "url_verification", "challenge": "\\ud800"}',
        "{“type”: 1}".encode(),
    ],
)
def test_a_signed_body_that_is_no_event_is_a_problem(platform: StandIn, body: bytes) -> None:
    with workspace(platform, ScriptedQueue(ANSWER)) as team:
        check_problem(team.send("events", body, {"content-type": "application/json"}), 400)


def test_a_signed_form_that_is_no_command_is_a_problem(platform: StandIn) -> None:
    with workspace(platform, ScriptedQueue(ANSWER)) as team:
        check_problem(team.send("commands", b"text=hello"), 400, "response_url", "trigger_id")
        check_problem(team.send("commands", b"\xc3\xa9%ff=&&&="), 400, "response_url")
        large = team.send("events", b"x" * (1024 * 1024 + 1))
        check_problem(large, 413)


# Deliveries that come again


def test_a_delivery_that_comes_again_is_answered_once(platform: StandIn) -> None:
    queue = ScriptedQueue(ANSWER)
    retried = {"x_slack_retry_num": "1", "x_slack_retry_reason": "http_error"}
    with workspace(platform, queue) as team:
        team.mention(QUESTION, event_id="Ev-one")
        assert team.mention(QUESTION, event_id="Ev-one", **retried).status_code == 200
        team.mention(f"{QUESTION} (edited)", edited="yes")  # a new event about the same message
        team.command(QUESTION, trigger_id="t-one")
        assert team.command(QUESTION, trigger_id="t-one").text == ""
        platform.posted(POST_MESSAGE)
        platform.posted(HOOK)
    # The service has ended, so nothing more comes.
    assert queue.asked == [QUESTION, QUESTION]
    assert len(platform.so_far(POST_MESSAGE)) == len(platform.so_far(HOOK)) == 1


def test_a_first_delivery_that_was_lost_is_answered_but_not_one_that_only_took_long(
    platform: StandIn,
) -> None:
    queue = ScriptedQueue(ANSWER)
    with workspace(platform, queue) as team:
        team.mention("Late?", ts="1.0", x_slack_retry_num="1", x_slack_retry_reason="http_timeout")
        team.mention(
            "Lost?", ts="2.0", x_slack_retry_num="1", x_slack_retry_reason="connection_failed"
        )
        platform.posted(POST_MESSAGE)
    assert queue.asked == ["Lost?"]


# What an article's text cannot do


def test_the_text_of_an_article_is_shown_and_does_nothing(platform: StandIn) -> None:
    hostile = "<!channel> & <@U1> saw <https://evil.example|prizes> at https://evil.example now"
    shown = (
        "&lt;!channel&gt; &amp; &lt;@U1&gt; saw &lt;https://evil.example|prizes&gt;"
        " at https://evil.example now"
    )
    citation = changed(
        CITATION, quote=hostile, title=hostile, source=hostile, url="https://a.example/x|y>z"
    )
    answer = changed(
        ANSWER,
        answer=hostile,
        short_answer=ShortAnswer(text=hostile, kind="text"),
        citations=(citation, changed(citation, n=2, url="javascript:alert(1)")),
        disagreements=(Disagreement(text=hostile, citations=(2,)),),
        reason=hostile,
    )
    with workspace(platform, ScriptedQueue(answer)) as team:
        team.mention(QUESTION)
        team.command(QUESTION)
        messages = [platform.posted(POST_MESSAGE)[0].body, platform.posted(HOOK)[0].body]
    for message in messages:
        said = whole(message)
        for text in (said, message["text"]):
            assert shown in text
            assert "<!" not in text
            assert "<@" not in text
            assert "<https://evil" not in text
        # `texts` has seen to it that no bare address becomes a link: every text is verbatim.
        links = [part for part in said.split("<") if part.startswith("http")]
        assert [link.split("|")[0] for link in links] == ["https://a.example/x%7Cy%3Ez"]


# What is said when all is not well


def test_not_found_is_said_with_its_reason_and_what_is_near(
    platform: StandIn, archive: Archive, tmp_path: Path
) -> None:
    put(archive, ARTICLES, tmp_path)
    found = open_retriever(archive).retrieve(Question.parse(QUESTION, k=3)).hits
    hits = tuple(HitOutput.of(hit) for hit in found)
    with workspace(platform, ScriptedQueue(changed(NOT_FOUND, hits=hits))) as team:
        team.mention(QUESTION)
        said = whole(platform.posted(POST_MESSAGE)[0].body)
    assert (
        "*Not found in the archive*\nNo sentence of the archive was found that supports an answer."
        in said
    )
    assert "Relief for the coast · Coast Daily · 2024-03-04" in said
    assert "Confidence" not in said


def test_doubts_are_said(platform: StandIn) -> None:
    answer = changed(
        ANSWER,
        confidence=0.42,
        reason="sources disagree; Hill Times: USD 30 million",
        citations=(CITATION, changed(CITATION, n=2, source="Hill Times", published_at=None)),
        disagreements=(Disagreement(text="Hill Times: USD 30 million", citations=(2,)),),
        timeline=(
            TimelineEntry(
                value="10000000",
                unit="USD",
                text="USD 10 million",
                published_at="2024-03-01",
                citation=2,
            ),
            TimelineEntry(
                value="40000000",
                unit="USD",
                text="USD 40 million",
                published_at="2024-03-04T08:00:00Z",
                citation=1,
            ),
        ),
        figures=(
            AnswerFigure(
                text="half",
                kind="number",
                value="0.5",
                value_to=None,
                unit=None,
                bound="exact",
                status="derived",
                citation=None,
            ),
            AnswerFigure(
                text="90 %",
                kind="percent",
                value="90",
                value_to=None,
                unit=None,
                bound="exact",
                status="unsupported",
                citation=None,
            ),
        ),
    )
    with workspace(platform, ScriptedQueue(answer)) as team:
        team.mention(QUESTION)
        said = whole(platform.posted(POST_MESSAGE)[0].body)
    assert "*Not sure: USD 40 million*" in said
    assert "Confidence 0.42: this may be wrong" in said
    assert "Sources disagree. Hill Times: USD 30 million [2]" in said
    assert "Over time: 2024-03-01 USD 10 million [2]; 2024-03-04 USD 40 million [1]" in said
    assert "Worked out, not quoted: half" in said
    assert "Found in no quote: 90 %" in said
    assert "Hill Times · undated" in said


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (QueueFull("16 questions are waiting already", 34), BUSY),
        (
            AnswerModelTimeout("no reply within 60 s from http://10.0.0.5"),
            "The language model behind the archive failed",
        ),
        (EmptyArchive("no archive in /srv/data"), "The archive is empty"),
        (EmbedderMismatch("dim 384 against 768"), "The archive cannot answer right now"),
        (
            BadInput("the question has 9,000 characters; at most 2,000 are taken"),
            "at most 2,000 are taken",
        ),
        (RuntimeError(f"broken at {TOKEN} {SECRET}"), WENT_WRONG),
    ],
)
def test_a_failure_is_told_in_a_plain_sentence(
    platform: StandIn, caplog: pytest.LogCaptureFixture, error: Exception, words: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with workspace(platform, ScriptedQueue(error)) as team:
        team.mention(QUESTION)
        team.command(QUESTION)
        for posted in (*platform.posted(POST_MESSAGE), *platform.posted(HOOK)):
            assert words in whole(posted.body)
            assert "10.0.0.5" not in str(posted.body)
            assert "/srv" not in str(posted.body)
    if not isinstance(error, BadInput):
        assert type(error).__name__ in caplog.text
    for secret in (TOKEN, SECRET, HOOK):
        assert secret not in caplog.text


def test_a_message_that_slack_refuses_is_logged_by_slacks_own_word(
    platform: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    platform.routes[POST_MESSAGE] = lambda _: (200, {"ok": False, "error": "not_in_channel"})
    platform.routes[HOOK] = lambda _: (404, {"ok": False})
    with workspace(platform, ScriptedQueue(ANSWER)) as team:
        team.mention(QUESTION)
        team.command(QUESTION)
        platform.posted(POST_MESSAGE)
        platform.posted(HOOK)
    assert "not_in_channel" in caplog.text
    assert "status 404" in caplog.text
    assert TOKEN not in caplog.text
    assert HOOK not in caplog.text


def test_more_than_can_be_held_is_turned_away_and_slack_asks_again(platform: StandIn) -> None:
    gate = threading.Event()
    queue = ScriptedQueue(ANSWER, gate=gate)
    with workspace(platform, queue, Background(most=1)) as team:
        team.mention(QUESTION, ts="1.0")
        assert team.command("Another?").json() == {"response_type": "ephemeral", "text": BUSY}
        check_problem(team.mention("A third?", ts="2.0", event_id="Ev-third"), 503)
        gate.set()
        platform.posted(POST_MESSAGE)
        deadline = time.monotonic() + 60
        again = {"x_slack_retry_num": "1", "x_slack_retry_reason": "http_error"}
        while team.mention("A third?", ts="2.0", event_id="Ev-third", **again).status_code == 503:
            assert time.monotonic() < deadline
        platform.posted(POST_MESSAGE, 2)
    assert queue.asked == [QUESTION, "A third?"]


def test_a_question_that_is_cut_off_by_the_end_is_told_so(platform: StandIn) -> None:
    queue = ScriptedQueue(ANSWER, gate=threading.Event())
    with workspace(platform, queue, Background(timeouts=(0.05, 60, 60))) as team:
        team.mention(QUESTION)
    (posted,) = platform.so_far(POST_MESSAGE)
    assert RESTARTING in whole(posted.body)


# Limits


def within_limits(blocks: Sequence[Mapping[str, Any]]) -> str:
    said = texts({"blocks": blocks})
    assert len(blocks) <= 50
    assert all(0 < units(text) <= 3000 for text in said)
    assert len(json.dumps(blocks, ensure_ascii=False)) <= 13_000
    return "\n".join(said)


def test_a_long_answer_is_split_and_a_long_quote_is_cut(platform: StandIn) -> None:
    long = changed(CITATION, quote="A & B spoke. " * 400, url=None)
    answer = changed(
        ANSWER,
        answer="The word was given. " * 500,
        citations=tuple(changed(long, n=n) for n in range(1, 9)),
    )
    with workspace(platform, ScriptedQueue(answer)) as team:
        team.mention(QUESTION)
        posted = platform.posted(POST_MESSAGE, 4)
    said = [within_limits(message.body["blocks"]) for message in posted]
    whole_text = "\n".join(said)
    assert whole_text.count("The word was given.") == 500
    assert whole_text.count("[1] “A &amp; B spoke.") == 1
    assert "…”\nRelief for the coast · Coast Daily · 2024-03-04" in whole_text
    assert said[0].endswith("The word was given.")
    assert all(units(message.body["text"]) <= 3000 for message in posted)


def test_many_sources_are_counted_where_they_cannot_be_shown() -> None:
    few = Source("t", "d", None, 1, "q" * 500)
    parts = compose(Reply("text", sources=(few,) * 60, page="https://dateline.example/"), MARKUP)
    assert len(parts) <= 6
    shown = sum(len(part.sources) for part in parts)
    last = parts[-1].text(MARKUP)
    assert last.endswith(
        f"… and {60 - shown} more sources\n<https://dateline.example/|Read it on the web>"
    )


# Streams, and feedback


def test_an_answer_that_takes_long_is_streamed_as_slacks_own_helper_does(
    platform: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack, "_CADENCE", 0.05)
    tokens = ["The council <!channel> met. ", "It pledged *USD 40 million*. ", "Work begins."]
    answer = changed(ANSWER, answer="".join(tokens), short_answer=None)

    def shown(n: int) -> bool:
        return len(platform.so_far(START)) + len(platform.so_far(APPEND)) >= n

    with workspace(platform, ScriptedQueue(answer, tokens=tokens, shown=shown)) as team:
        team.mention(QUESTION)
        (stopped,) = platform.posted(STOP)
    (started,), appended = platform.so_far(START), platform.so_far(APPEND)
    assert platform.so_far(POST_MESSAGE) == []
    assert started.body["thread_ts"] == "100.000100"
    assert (started.body["recipient_user_id"], started.body["recipient_team_id"]) == (USER, "T1")
    streamed = "".join(posted.body["chunks"][0]["text"] for posted in (started, *appended)).replace(
        "\\", ""
    )
    assert streamed == (
        "The council &lt;!channel&gt; met. It pledged *USD 40 million*. Work begins."
    )
    assert "\\*USD 40 million\\*" in str(appended[0].body["chunks"][0]["text"])
    said = whole(stopped.body)
    assert "It pledged" not in said, "the text is above the blocks already"
    assert f">[1] “{QUOTE}”" in said

    ours = [(posted.path, set(posted.body)) for posted in (started, appended[0], stopped)]
    sdk = StandIn({"ok": True, "ts": "2.0"})
    try:
        client = WebClient(TOKEN, base_url=f"{sdk.url}/api/")
        stream = client.chat_stream(
            channel=CHANNEL,
            thread_ts="100.000100",
            recipient_team_id="T1",
            recipient_user_id=USER,
            buffer_size=1,
        )
        stream.append(markdown_text=tokens[0])
        stream.append(markdown_text=tokens[1])
        stream.stop(blocks=stopped.body["blocks"])
        theirs = [(posted.path, set(posted.body) - {"token", "chunks"}) for posted in sdk._posted]
    finally:
        sdk.close()
    assert [(path, keys - {"chunks"}) for path, keys in ours] == theirs


@pytest.mark.parametrize(
    "broken", ["/api/chat.startStream", "/api/chat.appendStream", "/api/chat.stopStream"]
)
def test_where_streaming_fails_the_whole_answer_is_a_message(
    platform: StandIn, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setattr(slack, "_CADENCE", 0.05)
    platform.routes[broken] = lambda _: (200, {"ok": False, "error": "channel_type_not_supported"})
    tokens = ["The council met. ", "It pledged USD 40 million."]
    answer = changed(ANSWER, answer="".join(tokens), short_answer=None)

    def shown(n: int) -> bool:
        return n > 1 or platform.so_far(START) != []

    with workspace(platform, ScriptedQueue(answer, tokens=tokens, shown=shown)) as team:
        team.mention(QUESTION)
        (posted,) = platform.posted(POST_MESSAGE)
    assert "The council met. It pledged USD 40 million." in whole(posted.body)


def test_a_quick_answer_is_one_message(platform: StandIn) -> None:
    with workspace(platform, ScriptedQueue(ANSWER, tokens=[QUOTE])) as team:
        team.mention(QUESTION)
        platform.posted(POST_MESSAGE)
    assert platform.so_far(START) == []


def test_a_model_that_fails_half_way_leaves_what_was_shown(
    platform: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack, "_CADENCE", 0.05)
    queue = ScriptedQueue(
        AnswerModelTimeout("60 s"),
        tokens=["The council met. "],
        shown=lambda _: platform.so_far(START),
    )
    with workspace(platform, queue) as team:
        team.mention(QUESTION)
        (stopped,) = platform.posted(STOP)
    assert platform.so_far(START)[0].body["chunks"][0]["text"] == "The council met. "
    assert "The language model behind the archive failed" in whole(stopped.body)


def test_slack_is_asked_again_when_it_says_so(platform: StandIn) -> None:
    limited = (429, {"ok": False, "error": "ratelimited"}, {"retry-after": "1"})
    replies = iter([limited, (200, {"ok": True, "ts": "2.0"})])
    platform.routes[POST_MESSAGE] = lambda _: next(replies)
    with workspace(platform, ScriptedQueue(ANSWER)) as team:
        started = time.monotonic()
        team.mention(QUESTION)
        platform.posted(POST_MESSAGE, 2)
    assert time.monotonic() - started >= 1


def test_a_user_over_the_limit_reads_so_in_the_thread(platform: StandIn) -> None:
    queue = ScriptedQueue(ANSWER)
    with workspace(platform, queue, chat_limit="1/hour") as team:
        team.mention(QUESTION, ts="1.0")
        platform.posted(POST_MESSAGE)
        team.mention(QUESTION, ts="2.0")
        refused = platform.posted(POST_MESSAGE, 2)[1].body
        team.command(QUESTION)
        platform.posted(HOOK)
    assert "Please ask again in" in whole(refused)
    assert refused["thread_ts"] == "2.0"
    assert queue.asked.count(QUESTION) == 2, "a mention by one user, a command by another"


def test_a_pressed_button_is_feedback_of_nobody_in_particular(
    platform: StandIn, archive: Archive
) -> None:
    archive.store_answer(ANSWER, 10)
    queue = ScriptedQueue(ANSWER)
    with chat_client(slack.Slack, queue, chosen(platform), archive=archive) as client:
        team = Workspace(client, platform)
        team.mention(QUESTION)
        (posted,) = platform.posted(POST_MESSAGE)
        actions = posted.body["blocks"][-1]
        assert actions["type"] == "context_actions"
        (buttons,) = actions["elements"]
        assert buttons["type"] == "feedback_buttons"
        value = buttons["negative_button"]["value"]
        pressed = {
            "type": "block_actions",
            "user": {"id": USER, "username": "anna"},
            "trigger_id": "t",
            "response_url": f"{platform.url}{HOOK}",
            "actions": [{"type": "feedback_buttons", "action_id": "vote", "value": value}],
        }
        form = {"content-type": "application/x-www-form-urlencoded"}
        body = urlencode({"payload": json.dumps(pressed)}).encode()
        assert team.send("actions", body, form).status_code == 200
        (thanks,) = platform.posted(HOOK)
        elsewhere = {**pressed, "response_url": "https://evil.example/"}
        body = urlencode({"payload": json.dumps(elsewhere)}).encode()
        check_problem(team.send("actions", body, form), 400, "response_url")
        check_problem(team.send("actions", b"payload=%7B", form), 400)
    assert thanks.body["text"] == THANKS
    assert (thanks.body["response_type"], thanks.body["replace_original"]) == ("ephemeral", False)
    (said,) = list_feedback(archive.store)
    assert (said.answer_id, said.verdict) == (ANSWER.id, "wrong")
    assert re.fullmatch(r"Slack [0-9a-f]{24}", said.by)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.integers(0, 120))
def test_a_cut_text_fits_and_breaks_no_entity(text: str, most: int) -> None:
    cut = fit(text, most, escape)
    assert units(cut) <= most
    if cut != escape(text) and cut:
        assert cut.endswith("…")
        kept = cut[:-1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        assert text.startswith(kept)
        assert escape(kept) == cut[:-1]


def test_a_follow_up_leans_on_no_more_than_fits() -> None:
    earlier = [f"How did {'x' * 1500} end?", QUESTION]
    assert whole_question("And when was that?", earlier) == f"when was that? ({QUESTION})"
    assert whole_question("And when was that?", [f"And {'x' * 1990}?"]) == "And when was that?"


@pytest.mark.parametrize(
    ("written", "question"),
    [
        ("<@UBOT> who won?", "who won?"),
        ("<@UBOT|dateline>: who won <!here>?", "who won ?"),
        (
            "who won in <#C1|berlin>, see <https://a.example|this> &amp; &lt;that&gt;?",
            "who won in #berlin, see this & <that>?",
        ),
        ("see <https://a.example>", "see https://a.example"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_a_question_is_read_as_its_user_wrote_it(written: str, question: str) -> None:
    assert plain(written) == question


@pytest.mark.parametrize("keyed", [False, True])
def test_the_service_mounts_a_chat_that_is_set_up_and_no_other(
    archive: Archive, keyed: bool
) -> None:
    """The signature is the key: an archive's own keys neither help nor hinder, and a proxy may
    stand in front.
    """
    if keyed:
        create_key(archive.store, "queue", ["admin"])
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}).encode()
    timestamp = str(int(time.time()))
    signature = hmac.new(
        SECRET.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256
    ).hexdigest()
    signed = {
        "content-type": "application/json",
        "x-forwarded-for": "203.0.113.9",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": f"v0={signature}",
    }
    route = "/integrations/slack/events"
    outside = {"client": "203.0.113.9", "host": "archive.example.org"}
    with client_of(
        archive, FirstSentenceModel(), slack_signing_secret=SECRET, slack_bot_token=TOKEN, **outside
    ) as service:
        assert "3eZbrw1a" in service.post(route, content=body, headers=signed).text
        check_problem(service.post(route, content=b"{}", headers=signed), 401, "signature of Slack")
        assert (
            service.post("/integrations/discord", content=body, headers=signed).status_code == 404
        )
    with client_of(archive, FirstSentenceModel(), **outside) as service:
        assert service.post(route, content=body, headers=signed).status_code == 404
