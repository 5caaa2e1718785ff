"""Events are delivered once, signed as Standard Webhooks says, and `watch run` sends them."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from api.webhook import Webhook
from qa.archive.archive import Archive
from qa.archive.watches import Seen, add_watch, list_watches, note_answer
from qa.errors import BadInput
from qa.settings import Settings
from qa.types import Filters
from tests.support.cli import LocalCli

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the specification's own example
START = datetime(2024, 5, 10, 12, tzinfo=UTC)


class Receiver:
    """Takes webhooks on loopback, and answers each with the next of its statuses."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.received: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append((headers, body))
                self.send_response(receiver.statuses.pop(0) if receiver.statuses else 204)
                self.send_header("location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Not into the tests' output."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver()
    thread = threading.Thread(target=opened.server.serve_forever, args=(0.01,))
    thread.start()
    yield opened
    opened.server.shutdown()
    thread.join()
    opened.server.server_close()


def settings(url: str | None, secret: str | None = SECRET) -> Settings:
    return Settings.load(webhook_url=url, webhook_secret=secret)


def webhook(url: str) -> Webhook:
    made = Webhook.of(settings(url))
    assert made is not None
    return made


@pytest.fixture
def changed(archive: Archive) -> Archive:
    """An archive with one event."""
    store = archive.store
    store.clock = lambda: START
    watch = add_watch(store, "How many were hurt?", Filters())
    note_answer(store, watch, Seen(1, 1.0, 1), "old", "7")
    note_answer(store, list_watches(store)[0], Seen(2, 2.0, 2), "new", "9")
    return archive


def test_a_signature_is_that_of_the_specification() -> None:
    signed = webhook("http://localhost/").sign(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_event_is_sent_once_with_a_signature_over_what_was_sent(
    changed: Archive, receiver: Receiver
) -> None:
    hook = webhook(receiver.url)
    assert hook.deliver_due(changed) == 1
    changed.store.clock = lambda: START + timedelta(days=10)
    assert hook.deliver_due(changed) == 0
    ((headers, body),) = receiver.received
    identity, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    assert int(timestamp) == START.timestamp()
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, f"{identity}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    content = json.loads(body)
    assert (content["type"], content["data"]["event_id"]) == ("answer.changed", identity)
    assert content["data"]["question"] == "How many were hurt?"
    assert content["data"]["after"]["answer_id"] == "new"


@pytest.mark.parametrize("status", [302, 404, 410, 500])
def test_what_was_not_taken_is_sent_again_later_under_the_same_id(
    changed: Archive, receiver: Receiver, status: int
) -> None:
    receiver.statuses = [status]
    hook = webhook(receiver.url)
    assert hook.deliver_due(changed) == 0
    assert hook.deliver_due(changed) == 0  # not at once
    changed.store.clock = lambda: START + timedelta(minutes=1)
    assert hook.deliver_due(changed) == 1
    first, second = (headers["webhook-id"] for headers, _ in receiver.received)
    assert first == second


def test_an_address_that_nobody_answers_is_tried_again(changed: Archive) -> None:
    assert webhook("http://127.0.0.1:9/").deliver_due(changed) == 0
    changed.store.clock = lambda: START + timedelta(minutes=1)
    assert webhook("http://127.0.0.1:9/").deliver_due(changed) == 0


@pytest.mark.parametrize(
    "secret", [None, "whsec_", "whsec_short", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
)
def test_an_address_without_a_proper_secret_is_refused(secret: str | None) -> None:
    with pytest.raises(BadInput, match="DATELINE_WEBHOOK_SECRET") as refused:
        Webhook.of(settings("https://example.org/hook", secret))
    assert "short" not in str(refused.value)
    assert Webhook.of(settings(None, secret)) is None


def test_the_command_line_adds_asks_delivers_and_removes(
    cli: LocalCli, tmp_path: Path, receiver: Receiver
) -> None:
    def ingest(identity: str, count: str, day: int) -> None:
        text = f"{count} people were killed when the ferry Solvane sank off Harrow Point."
        line = {"id": identity, "text": text, "published_at": f"2024-05-0{day}"}
        (tmp_path / "a.jsonl").write_text(json.dumps(line) + "\n")
        cli("ingest", "a.jsonl")

    def run() -> str:
        hook = {"DATELINE_WEBHOOK_URL": receiver.url, "DATELINE_WEBHOOK_SECRET": SECRET}
        return cli("watch", "run", code=0, **hook).stdout

    ingest("first", "Seven", 1)
    question = "How many people were killed when the ferry Solvane sank?"
    identity = cli("watch", "add", question).stdout.split("\t")[0]
    assert question in cli("watch", "list").stdout
    assert run() == "1 asked, 0 changed, 0 events delivered\n"
    ingest("second", "Nine", 3)
    assert run().endswith("1 asked, 1 changed, 1 events delivered\n")
    assert run() == "0 asked, 0 changed, 0 events delivered\n"
    ((_, body),) = receiver.received
    data = json.loads(body)["data"]
    said = [data[side]["short_answer"]["value"] for side in ("before", "after")]
    assert said == ["7", "9"]
    assert cli("watch", "remove", identity).stdout == f"removed {identity}\n"
    assert cli("watch", "list").stdout == "no standing questions\n"
    assert identity in cli.refused("watch", "remove", identity)
    assert "as_of" in cli.refused("watch", "add", question, "--as-of", "2024-05-01")
