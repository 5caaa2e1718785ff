"""What tests of the HTTP service share: articles, a question about them, readers of responses."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from qa.answering.sentence import Sentence
from qa.models.base import Statement, Usage
from qa.question import Question

ARTICLES = [
    {
        "id": "https://coast.example/a/1?x=1",
        "title": "Relief for the coast",
        "text": "The harbour was flooded on Sunday. The council pledged USD 40 million in relief."
        " Work begins soon.",
        "published_at": "2024-03-04",
        "source": "Coast Daily",
    },
    {
        "id": "later",
        "text": "The council spoke again on Friday.",
        "published_at": "2024-03-08",
        "source": "Hill Times",
    },
    {"id": "undated", "text": "The council sits in a hall of oak."},
]
QUESTION = "How much relief did the council pledge?"


def check_problem(response: Any, status: int, *words: str) -> None:
    """An RFC 9457 document that names what is wrong."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/problem+json")
    problem = response.json()
    assert problem["status"] == status
    assert problem["title"]
    for word in words:
        assert word in problem["detail"], problem


def events_of(response: Any) -> list[tuple[str, Any]]:
    """The server-sent events of a whole response; comments are left out."""
    events = []
    for block in response.text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in block.splitlines() if line[:1] not in ("", ":")
        )
        if fields:
            events.append((fields["event"], json.loads(fields["data"])))
    return events


def ids_and_events(response: Any) -> list[tuple[str, str]]:
    """The id and the data of each server-sent event of a whole response."""
    assert response.status_code == 200, response.text
    events = []
    for block in response.text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "data" in fields:
            events.append((fields["id"], fields["data"]))
    return events


def until(true: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something to come true; so long only where it does not."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not come to pass"
        time.sleep(0.01)


class HeldModel:
    """Answers when ``go`` is set. Counts the answers under way, the most at once, and those that
    were given up.
    """

    name = "held"

    def __init__(self, *, talks: bool = False) -> None:
        self._talks = talks  # a sentence now and then while it is held
        self.go = threading.Event()
        self.writing = 0
        self.most = 0
        self.given_up = 0
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Nothing to load."""

    def write(
        self, question: Question, evidence: Sequence[Sentence]
    ) -> Iterator[Statement | Usage]:
        with self._lock:
            self.writing += 1
            self.most = max(self.most, self.writing)
        try:
            said = Statement(" ".join(evidence[0].text.split()), (evidence[0].n,), confidence=0.9)
            for _ in range(600):
                if self.go.wait(0.1):
                    break
                if self._talks:
                    yield said
            yield said
            yield Usage(7, 5)
        except GeneratorExit:
            self.given_up += 1
            raise
        finally:
            with self._lock:
                self.writing -= 1
