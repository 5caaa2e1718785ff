"""Streams of server-sent events: silence is filled with comments that every client can read."""

import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from openai import OpenAI

from api.http.sse import COMMENT
from qa.archive.archive import Archive
from tests.support.client import QUESTION, HeldModel, until
from tests.support.server import serving


@pytest.fixture
def model() -> HeldModel:
    return HeldModel()


@pytest.fixture
def silent(filled: Archive, model: HeldModel, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A service whose model says nothing until it may; meanwhile clients are sent comments."""
    monkeypatch.setattr("api.http.sse.KEEP_ALIVE", 0.05)
    with serving(filled, model) as url:
        yield url


def test_a_keep_alive_is_a_comment_and_nothing_else() -> None:
    """An empty `data:` line would be an event, which JSON parsers of clients fail at."""
    assert COMMENT.encode() == b": still working\r\n\r\n"


def test_silence_on_a_stream_is_filled_with_comments(silent: str, model: HeldModel) -> None:
    asked = {"question": QUESTION, "stream": True}
    lines = []
    with httpx.stream("POST", f"{silent}/v1/ask", json=asked, timeout=60) as reply:
        for line in reply.iter_lines():
            lines.append(line)
            if line.startswith(":") and "event: hits" in lines:
                model.go.set()
    comments = [index for index, line in enumerate(lines) if line.startswith(":")]
    events = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    assert events == ["hits", "token", "answer"]
    assert len([line for line in lines if line.startswith("data:")]) == len(events)
    first, last = lines.index("event: hits"), lines.index("event: token")
    assert any(first < index < last for index in comments)


def test_the_official_client_reads_a_stream_that_is_silent_for_long(
    silent: str, model: HeldModel
) -> None:
    def speak_after_a_while() -> None:
        until(lambda: model.writing == 1)
        time.sleep(0.5)
        model.go.set()

    threading.Thread(target=speak_after_a_while).start()
    client = OpenAI(base_url=f"{silent}/v1", api_key="none", max_retries=0)
    chunks = client.chat.completions.create(
        model="dateline", messages=[{"role": "user", "content": QUESTION}], stream=True
    )
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text.startswith("The council pledged USD 40 million in relief.")
