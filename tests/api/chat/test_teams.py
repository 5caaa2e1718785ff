"""Teams, driven with the activities of Microsoft's SDK and tokens signed as the Bot Framework signs
them, over a stand-in of its keys, its login and its connector.
"""

import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from litestar import Litestar
from litestar.testing import TestClient
from microsoft_teams.api.activities.message import MessageActivity, MessageActivityInput
from microsoft_teams.api.activities.typing import TypingActivityInput
from microsoft_teams.api.auth.cloud_environment import with_overrides
from microsoft_teams.api.models import Account, ConversationAccount, MentionEntity

from api.chat import drafting, teams
from api.chat.controller import Background
from api.chat.delivery import Delivery
from api.chat.layout import compose
from api.chat.reply import BUSY, Reply, Source
from qa.answer import ShortAnswer
from qa.archive.archive import Archive
from qa.archive.feedback import list_feedback
from qa.settings import Settings
from tests.support.chats import (
    ANSWER,
    QUESTION,
    QUOTE,
    ScriptedQueue,
    StandIn,
    chat_client,
    check_problem,
    wait_until_idle,
)
from tests.support.values import changed

ROUTE = "/integrations/teams"
APP, TENANT = "11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"
SECRET = "made-up-secret"  # noqa: S105  # of nothing
ANNA, US = Account(id="29:anna", name="Anna"), Account(id="28:bot", name="Dateline")
KEYS, LOGIN = "/v1/.well-known/keys", f"/{TENANT}/oauth2/v2.0/token"
PERSONAL = ConversationAccount(id="a:1", conversation_type="personal")
CHANNEL = ConversationAccount(id="19:c@thread.tacv2;messageid=7", conversation_type="channel")


@pytest.fixture(scope="module")
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture
def platform(key: RSAPrivateKey) -> Iterator[StandIn]:
    stand_in = StandIn({"id": "sent-1"})
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    stand_in.routes[KEYS] = lambda _: (200, {"keys": [{**public, "kid": "k1", "alg": "RS256"}]})
    stand_in.routes[LOGIN] = lambda _: (200, {"access_token": "bot-token", "expires_in": 3600})
    yield stand_in
    stand_in.close()


def activities(chat: ConversationAccount) -> str:
    return f"/v3/conversations/{quote(chat.id, safe='')}/activities"


class Connector:
    """Speaks to the service as the Bot Framework does."""

    def __init__(self, client: TestClient[Litestar], platform: StandIn, key: RSAPrivateKey) -> None:
        self.client = client
        self._url = platform.url
        self._key = key
        self._sent = 0

    def token(self, key: RSAPrivateKey | None = None, **claims: Any) -> str:
        now = int(time.time())
        usual = {
            "iss": "https://api.botframework.com",
            "aud": APP,
            "exp": now + 3600,
            "nbf": now - 10,
            "serviceurl": self._url,
        }
        return jwt.encode(
            {name: value for name, value in {**usual, **claims}.items() if value is not None},
            key or self._key,
            algorithm="RS256",
            headers={"kid": "k1"},
        )

    def send(self, body: bytes, token: str | None = None) -> Any:
        headers = {"authorization": f"Bearer {self.token() if token is None else token}"}
        return self.client.post(ROUTE, content=body, headers=headers)

    def body(self, text: str, chat: ConversationAccount = PERSONAL, **more: Any) -> bytes:
        self._sent += 1
        message = MessageActivity(
            id=more.pop("identity", f"m{self._sent}"),
            text=text,
            from_=more.pop("sender", ANNA),
            recipient=US,
            conversation=chat,
            service_url=self._url,
            **more,
        )
        return message.model_dump_json(by_alias=True, exclude_none=True).encode()

    def say(self, text: str, chat: ConversationAccount = PERSONAL, **more: Any) -> Any:
        return self.send(self.body(text, chat, **more))


@contextmanager
def connector(
    platform: StandIn,
    key: RSAPrivateKey,
    queue: ScriptedQueue,
    background: Background | None = None,
    archive: Archive | None = None,
) -> Iterator[Connector]:
    def local(chosen: Settings, delivery: Delivery) -> teams.Teams:
        made = teams.Teams(chosen, delivery)
        metadata = f"{platform.url}/v1/.well-known/openidconfiguration"
        made.framework.cloud = with_overrides(
            made.framework.cloud, login_endpoint=platform.url, openid_metadata_url=metadata
        )
        return made

    chosen = Settings.load(teams_app_id=APP, teams_app_secret=SECRET, teams_tenant_id=TENANT)
    with chat_client(local, queue, chosen, background, archive) as client:
        yield Connector(client, platform, key)


def test_a_personal_message_is_answered_with_label_citations_and_feedback(
    platform: StandIn, key: RSAPrivateKey
) -> None:
    queue = ScriptedQueue(ANSWER)
    with connector(platform, key, queue) as teams_:
        assert teams_.say(f"{QUESTION}&nbsp;").status_code == 200
        (posted,) = platform.posted(activities(PERSONAL))
    assert queue.asked == [QUESTION]
    assert posted.headers["Authorization"] == "Bearer bot-token"
    (login,) = platform.so_far(LOGIN)
    assert (login.body["client_id"], login.body["client_secret"]) == (APP, SECRET)
    assert login.body["scope"] == "https://api.botframework.com/.default"
    sent = MessageActivityInput.model_validate(posted.body)
    assert sent.reply_to_id == "m1"
    assert sent.text is not None
    assert sent.text.startswith("**USD 40 million**\n\n")
    assert f"> [1] “{QUOTE}”" in sent.text
    assert posted.body["channelData"]["feedbackLoop"] == {"type": "default"}
    (entity,) = posted.body["entities"]
    assert (entity["type"], entity["@type"]) == ("https://schema.org/Message", "Message")
    assert entity["additionalType"] == ["AIGeneratedContent"]
    (claim,) = entity["citation"]
    assert (claim["@type"], claim["position"]) == ("Claim", 1)
    assert claim["appearance"]["name"] == "Relief for the coast"
    assert claim["appearance"]["abstract"] == QUOTE
    assert claim["appearance"]["url"] == "https://coast.example/relief?a=1&b=2"


def test_what_the_bot_framework_did_not_sign_for_us_is_refused(
    platform: StandIn, key: RSAPrivateKey, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    queue, now = ScriptedQueue(ANSWER), int(time.time())
    with connector(platform, key, queue) as teams_:
        body = teams_.body(QUESTION)
        bad = [
            teams_.token(generate_private_key(65537, 2048)),
            teams_.token(aud="another-bot"),
            teams_.token(iss="https://sts.windows.net/x/"),
            teams_.token(exp=now - 301),
            teams_.token(nbf=now + 400),
            teams_.token(exp=None),
            teams_.token(serviceurl="https://evil.example/"),
            teams_.token(serviceurl=None),
            jwt.encode({"aud": APP}, "secret-of-somebody-else-32-bytes", algorithm="HS256"),
            jwt.encode({"aud": APP}, "", algorithm="none", headers={"kid": "k1"}),
            "not.a.token",
            "",
        ]
        for token in bad:
            check_problem(teams_.send(body, token), 401, "token of the Bot Framework")
        check_problem(teams_.client.post(ROUTE, content=body), 401)
        assert teams_.send(body, teams_.token(exp=now - 200)).status_code == 200
        platform.posted(activities(PERSONAL))
    assert queue.asked == [QUESTION]
    assert SECRET not in caplog.text
    assert "bot-token" not in caplog.text


def test_without_the_keys_nobody_gets_in(
    platform: StandIn, key: RSAPrivateKey, caplog: pytest.LogCaptureFixture
) -> None:
    platform.routes[KEYS] = lambda _: (500, {})
    with connector(platform, key, ScriptedQueue(ANSWER)) as teams_:
        check_problem(teams_.say(QUESTION), 401)
    assert "PyJWKClient" in caplog.text


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"{}", b'{"type": 7}', b'{"type": "message"}'])
def test_a_signed_body_that_is_no_activity_is_a_problem(
    platform: StandIn, key: RSAPrivateKey, body: bytes
) -> None:
    with connector(platform, key, ScriptedQueue(ANSWER)) as teams_:
        token = teams_.token(serviceurl="")
        check_problem(teams_.send(body, token), 400)


def test_an_activity_that_comes_again_is_answered_once(
    platform: StandIn, key: RSAPrivateKey
) -> None:
    queue = ScriptedQueue(ANSWER)
    with connector(platform, key, queue) as teams_:
        for _ in range(2):
            assert teams_.say(QUESTION, identity="same").status_code == 200
        platform.posted(activities(PERSONAL))
    assert queue.asked == [QUESTION]
    assert len(platform.so_far(activities(PERSONAL))) == 1


def test_in_a_channel_only_what_mentions_us_is_answered_and_its_thread_is_a_conversation(
    platform: StandIn, key: RSAPrivateKey
) -> None:
    queue, background = ScriptedQueue(ANSWER), Background()
    us = MentionEntity(mentioned=US, text="<at>Dateline</at>")
    with connector(platform, key, queue, background) as teams_:
        teams_.say("Is lunch ready?", CHANNEL)
        teams_.send(b'{"type": "conversationUpdate", "serviceUrl": "%s"}' % platform.url.encode())
        teams_.say(f"<at>Dateline</at> {QUESTION}", CHANNEL, entities=[us])
        platform.posted(activities(CHANNEL))
        wait_until_idle(background)
        teams_.say("<at>Dateline</at> And when was that?", CHANNEL, entities=[us])
        platform.posted(activities(CHANNEL), 2)
        teams_.say("<at>Dateline</at>", CHANNEL, entities=[us])
        helped = platform.posted(activities(CHANNEL), 3)[2]
    assert queue.asked == [QUESTION, f"when was that? ({QUESTION})"]
    assert "for example" in helped.body["text"]
    assert "channelData" not in helped.body


def test_an_answer_grows_in_a_personal_chat_as_microsoft_documents(
    platform: StandIn, key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teams, "_CADENCE", 0.05)
    tokens = ["The council met. ", "It pledged USD 40 million. ", "Work begins."]
    answer = changed(ANSWER, answer="".join(tokens))  # with a headline, which would come first

    def shown(n: int) -> bool:
        return len(platform.so_far(activities(PERSONAL))) >= n

    queue = ScriptedQueue(answer, tokens=tokens, shown=shown)
    with connector(platform, key, queue) as teams_:
        teams_.say(QUESTION)
        posted = platform.posted(activities(PERSONAL), 4)
    *updates, final = [message.body for message in posted]
    infos = [
        next(entity for entity in update["entities"] if entity["type"] == "streaminfo")
        for update in updates
    ]
    assert [update["type"] for update in updates] == ["typing"] * 3
    assert [info["streamSequence"] for info in infos] == [1, 2, 3]
    assert {info["streamType"] for info in infos} == {"streaming"}
    assert [info.get("streamId") for info in infos] == [None, "sent-1", "sent-1"]
    texts = [TypingActivityInput.model_validate(update).text or "" for update in updates]
    assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
    assert (final["type"], final["id"]) == ("message", "sent-1")
    ended = [entity for entity in final["entities"] if entity["type"] == "streaminfo"]
    assert [(info["streamId"], info["streamType"]) for info in ended] == [("sent-1", "final")]
    assert final["text"].startswith(f"{texts[-1]}\n\n")
    assert texts[-1] == "The council met. It pledged USD 40 million. Work begins."
    assert final["channelData"]["feedbackLoop"] == {"type": "default"}


@pytest.mark.parametrize("chat", [PERSONAL, CHANNEL])
def test_while_a_model_is_silent_the_bot_types(
    platform: StandIn,
    key: RSAPrivateKey,
    monkeypatch: pytest.MonkeyPatch,
    chat: ConversationAccount,
) -> None:
    monkeypatch.setattr(drafting, "SILENCE", 0.05)
    monkeypatch.setattr(teams.Teams, "shows_wait", 0.05)
    gate, background = threading.Event(), Background()
    with connector(platform, key, ScriptedQueue(ANSWER, gate=gate), background) as teams_:
        mention = [MentionEntity(mentioned=US, text="<at>Dateline</at>")]
        teams_.say(f"<at>Dateline</at> {QUESTION}", chat, entities=mention)
        platform.posted(activities(chat), 2)
        gate.set()
        wait_until_idle(background)
    *typing, whole = [posted.body for posted in platform.so_far(activities(chat))]
    assert {activity["type"] for activity in typing} == {"typing"}
    assert "entities" not in typing[0], "it is not part of a stream"
    assert QUOTE in whole["text"]


def test_where_streaming_is_refused_the_whole_answer_is_a_message(
    platform: StandIn, key: RSAPrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teams, "_CADENCE", 0.05)

    def connector_says(body: Any) -> tuple[Any, ...]:
        streams = any(entity["type"] == "streaminfo" for entity in body.get("entities", ()))
        return (403, {"error": {"code": "ContentStreamNotAllowed"}}) if streams else (201, {})

    platform.routes[activities(PERSONAL)] = connector_says

    def shown(n: int) -> bool:
        return n > 1 or platform.so_far(activities(PERSONAL)) != []

    queue = ScriptedQueue(ANSWER, tokens=["The council met. ", "Twice."], shown=shown)
    with connector(platform, key, queue) as teams_:
        teams_.say(QUESTION)
        *_, whole = platform.posted(activities(PERSONAL), 2)
    assert whole.body["type"] == "message"
    assert QUOTE in whole.body["text"]


@pytest.mark.parametrize("reaction", ["like", "dislike"])
def test_teams_own_thumbs_are_feedback_with_its_words(
    platform: StandIn, key: RSAPrivateKey, archive: Archive, reaction: str
) -> None:
    archive.store_answer(ANSWER, 10)
    background = Background()
    with connector(platform, key, ScriptedQueue(ANSWER), background, archive) as teams_:
        teams_.say(QUESTION)
        platform.posted(activities(PERSONAL))
        wait_until_idle(background)
        words = json.dumps({"feedbackText": "It was pounds."})
        invoke = {
            "type": "invoke",
            "name": "message/submitAction",
            "id": "f:1",
            "replyToId": "sent-1",
            "serviceUrl": platform.url,
            "from": {"id": ANNA.id},
            "recipient": {"id": US.id},
            "conversation": {"id": PERSONAL.id},
            "value": {
                "actionName": "feedback",
                "actionValue": {"reaction": reaction, "feedback": words},
            },
        }
        assert teams_.send(json.dumps(invoke).encode()).status_code == 200
        unknown = {**invoke, "replyToId": "another"}
        assert teams_.send(json.dumps(unknown).encode()).status_code == 200
    (said,) = list_feedback(archive.store)
    verdict = "right" if reaction == "like" else "wrong"
    assert (said.answer_id, said.verdict, said.reason) == (ANSWER.id, verdict, "It was pounds.")
    assert re.fullmatch(r"Teams [0-9a-f]{24}", said.by)


def test_the_text_of_an_article_is_shown_and_does_nothing(
    platform: StandIn, key: RSAPrivateKey
) -> None:
    hostile = "<at>Everyone</at> **won** [a prize](https://evil.example) https://evil.example"
    citation = changed(ANSWER.citations[0], quote=hostile, title=hostile, url="javascript:alert(1)")
    answer = changed(
        ANSWER,
        answer=hostile,
        short_answer=ShortAnswer(text=hostile, kind="text"),
        citations=(citation,),
    )
    with connector(platform, key, ScriptedQueue(answer)) as teams_:
        teams_.say(QUESTION)
        (posted,) = platform.posted(activities(PERSONAL))
    text = posted.body["text"]
    assert "<at>" not in text.replace("\\<at\\>", "")
    assert "\\*\\*won\\*\\*" in text
    assert "[a prize](" not in text
    assert "//evil" not in text
    assert [entity["type"] for entity in posted.body["entities"]] == ["https://schema.org/Message"]
    assert "url" not in posted.body["entities"][0]["citation"][0]["appearance"]


def test_a_marker_leads_to_its_citation_but_is_never_a_link() -> None:
    assert teams.escape("Ada Lind [1][2]") == "Ada Lind [1][2]"
    assert teams.escape("see [1](https://x) [2]: y") == "see \\[1\\](https://\u2060x) \\[2\\]: y"


def test_more_than_can_be_held_is_turned_away(platform: StandIn, key: RSAPrivateKey) -> None:
    with connector(platform, key, ScriptedQueue(ANSWER), Background(most=0)) as teams_:
        assert teams_.say(QUESTION).status_code == 200  # Teams delivers nothing again
        (posted,) = platform.posted(activities(PERSONAL))
    assert BUSY in posted.body["text"]


def test_long_titles_and_quotes_fit_a_citation(platform: StandIn, key: RSAPrivateKey) -> None:
    long = changed(ANSWER.citations[0], title="word " * 100, quote="word " * 900)
    answer = changed(ANSWER, citations=tuple(changed(long, n=n) for n in range(1, 31)))
    with connector(platform, key, ScriptedQueue(answer)) as teams_:
        teams_.say(QUESTION)
        posted = platform.posted(activities(PERSONAL), 2)
    for message in posted:
        assert len(json.dumps(message.body).encode()) < 28_000
        for entity in message.body.get("entities", ()):
            for claim in entity.get("citation", ()):
                assert len(claim["appearance"]["name"]) <= 80
                assert len(claim["appearance"]["abstract"]) <= 160
    sources = (Source("t", "d", None, 1, "q"),)
    assert len(compose(Reply("text", sources=sources), teams.Teams.markup)) == 1
