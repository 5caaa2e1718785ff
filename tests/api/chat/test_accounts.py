"""On whose account chats ask: the rights and the budget of the key that is set for them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qa.archive.archive import Archive
from qa.archive.doctor import examine
from qa.archive.keys import create_key, revoke_key
from qa.archive.usage import Budget, used_today
from tests.support.archives import put
from tests.support.chats import StandIn
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of

TOKEN, SECRET = "777:AAF-secret", "webhook-secret"  # made up
SEND = f"/bot{TOKEN}/sendMessage"
REPORTS = [
    {"id": "open", "text": "The harbour was closed by a storm."},
    {"id": "inner", "text": "The harbour was closed by zqboardxv.", "rights": "board"},
]


@pytest.fixture
def platform() -> Iterator[StandIn]:
    stand_in = StandIn({"ok": True, "result": {"message_id": 500}})
    yield stand_in
    stand_in.close()


def asked(archive: Archive, platform: StandIn, key_id: str | None, times: int = 1) -> list[Any]:
    """The responses to a question that is asked in a private chat, once all were answered."""
    with client_of(
        archive,
        FirstSentenceModel(),
        telegram_bot_token=TOKEN,
        telegram_webhook_secret=SECRET,
        telegram_api_url=platform.url,
        restricted_rights=("board",),
        chat_key=key_id,
    ) as client:
        responses = []
        for number in range(times):
            message = {
                "message_id": 100 + number,
                "from": {"id": 5, "is_bot": False},
                "chat": {"id": 5, "type": "private"},
                "text": "What closed the harbour?",
            }
            responses.append(
                client.post(
                    "/integrations/telegram",
                    json={"update_id": number + 1, "message": message},
                    headers={"X-Telegram-Bot-Api-Secret-Token": SECRET},
                )
            )
            if responses[-1].json()["method"] == "sendChatAction":
                platform.posted(SEND, number + 1)
    return responses


def test_a_chat_has_the_rights_and_the_budget_of_its_key(
    archive: Archive, platform: StandIn, tmp_path: Path
) -> None:
    put(archive, REPORTS, tmp_path)
    key, _ = create_key(archive.store, "chats", ["ask"], rights=["board"], budget=Budget(1))
    asked(archive, platform, key.id, times=2)
    first, second = (posted.body["text"] for posted in platform.posted(SEND, 2))
    assert "zqboardxv" in first
    assert "used up" in second
    assert used_today(archive.store)[key.id].questions == 1


def test_a_chat_without_a_key_sees_what_is_open(
    archive: Archive, platform: StandIn, tmp_path: Path
) -> None:
    put(archive, REPORTS, tmp_path)
    asked(archive, platform, None)
    (posted,) = platform.posted(SEND)
    assert "by a storm" in posted.body["text"]
    assert "zqboardxv" not in str(posted.body)


@pytest.mark.parametrize(
    ("scope", "revoked", "fault"),
    [
        ("ask", True, "was revoked"),
        ("read", False, "lacks the scope 'ask'"),
        (None, False, "does not exist"),
    ],
)
def test_a_key_that_cannot_ask_is_named_at_the_start_and_its_chats_say_so(
    archive: Archive,
    platform: StandIn,
    caplog: pytest.LogCaptureFixture,
    scope: str | None,
    revoked: bool,
    fault: str,
) -> None:
    key_id = "key_0"
    if scope is not None:
        key_id = create_key(archive.store, "chats", [scope])[0].id
    if revoked:
        revoke_key(archive.store, key_id)
    assert asked(archive, platform, key_id, times=0) == []
    named = f"no chat can ask: DATELINE_CHAT_KEY names the key '{key_id}', which {fault}"
    assert caplog.messages.count(named) == 1
    (refused,) = asked(archive, platform, key_id)
    assert refused.status_code == 200
    assert refused.json()["text"].startswith("This chat has no access to the archive now.")
    assert key_id not in refused.text
    (check,) = [check for check in examine(archive, None, key_id) if check.name == "chat_key"]
    assert fault in check.message
    assert check.fix.endswith("dateline keys list")
