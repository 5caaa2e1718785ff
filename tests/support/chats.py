"""For the tests of all chats: an answer, a scripted queue, a platform's stand-in, one mounted."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest.mock import Mock
from urllib.parse import parse_qs

from litestar import Litestar
from litestar.di import Provide
from litestar.testing import TestClient

from api.chat.controller import Background, Chats
from api.chat.platform import Platform
from api.http import problems
from api.http.queue import Progress, QuestionQueue
from qa.answer import Answer, Citation, IndexState, ShortAnswer
from qa.answering.answerer import Token
from qa.answering.conversation import whole_question
from qa.archive.archive import Archive
from qa.archive.store import Store
from qa.errors import ArchiveBusy
from qa.question import Question
from qa.settings import Settings
from tests.support.values import changed

QUESTION = "How much relief did the council pledge?"
QUOTE = "The council pledged USD 40 million in relief."

CITATION = Citation(
    n=1,
    article_id="coast-1",
    version="v",
    title="Relief for the coast",
    source="Coast Daily",
    url="https://coast.example/relief?a=1&b=2",
    published_at="2024-03-04T08:00:00Z",
    passage_id=1,
    quote=QUOTE,
    start=0,
    end=len(QUOTE),
)
ANSWER = Answer(
    id="a",
    question=QUESTION,
    as_of=None,
    status="answered",
    reason=None,
    answer=QUOTE,
    short_answer=ShortAnswer(
        text="USD 40 million", kind="money", value="40000000", unit="USD", bound="exact"
    ),
    confidence=0.91,
    candidate=None,
    citations=(CITATION,),
    figures=(),
    timeline=(),
    disagreements=(),
    model="scripted",
    index=IndexState(generation=1, embedder="bag-of-words"),
    timings_ms={},
)
NOT_FOUND = changed(
    ANSWER, status="not_found", answer=None, short_answer=None, citations=(), confidence=0.0,
    reason="no sentence of the archive was found that supports an answer",
)  # fmt: skip


def check_problem(response: Any, status: int, *words: str) -> None:
    """An RFC 9457 document that names what is wrong."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/problem+json")
    problem = response.json()
    assert problem["status"] == status
    for word in words:
        assert word in problem["detail"], problem


class ScriptedQueue(QuestionQueue):
    """Gives each question the next of its answers, the last one for good; waits for its gate, if it
    has one. Before each answer its ``tokens``: after the nth it waits until ``shown`` is true of n.
    """

    def __init__(
        self,
        *answers: Answer | Exception,
        gate: threading.Event | None = None,
        tokens: Sequence[str] = (),
        shown: Callable[[int], object] = lambda _: True,
    ) -> None:
        self._answers = list(answers)
        self._gate = gate
        self._tokens = tokens
        self._shown = shown
        self.asked: list[str] = []

    async def complete(self, question: str, earlier: Sequence[str]) -> str:
        return whole_question(question, earlier)

    async def stream(self, question: Question) -> AsyncGenerator[Progress, None]:
        self.asked.append(question.text)
        while self._gate is not None and not self._gate.is_set():  # noqa: ASYNC110  # set in the test's thread
            await asyncio.sleep(0.01)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        for n, token in enumerate(self._tokens, start=1):
            yield Token(token, answer.confidence if isinstance(answer, Answer) else 1.0)
            ends = time.monotonic() + 60
            while not self._shown(n):  # seen by the stand-in's thread
                assert time.monotonic() < ends, f"token {n} was not shown"
                await asyncio.sleep(0.01)
        if isinstance(answer, Exception):
            raise answer
        yield answer


@dataclass(frozen=True, slots=True)
class Posted:
    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


Route = Callable[[Any], tuple[Any, ...]]  # to a status, JSON, and headers if any


class StandIn:
    """A platform's API on loopback. Records requests; replies by its routes, else ``usual``."""

    def __init__(self, usual: Any) -> None:
        self.usual = usual
        self.routes: dict[str, Route] = {}
        self._posted: list[Posted] = []
        self._news = threading.Condition()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
                form = self.headers.get("content-type", "").startswith(
                    "application/x-www-form-urlencoded"
                )
                body = (
                    {name: values[0] for name, values in parse_qs(raw).items()}
                    if form
                    else json.loads(raw or "null")
                )
                usual = stand_in.usual
                route = stand_in.routes.get(self.path, lambda _: (200, usual))
                status, content, *headers = route(body)
                # Before the reply: who has it may look at once.
                with stand_in._news:
                    stand_in._posted.append(
                        Posted(self.command, self.path, dict(self.headers), body)
                    )
                    stand_in._news.notify_all()
                reply = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(reply)))
                for name, value in (headers[0] if headers else {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply)

            do_GET = do_PATCH = do_POST  # noqa: N815  # the server's names

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def posted(self, path: str, count: int = 1) -> list[Posted]:
        """What was sent there, once it is so many."""
        with self._news:
            arrived = self._news.wait_for(lambda: len(self.so_far(path)) >= count, timeout=60)
            assert arrived, f"{count} wanted at {path}, got {self._posted}"
            return self.so_far(path)

    def so_far(self, path: str) -> list[Posted]:
        return [posted for posted in self._posted if posted.path == path]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(60)


def wait_until_idle(background: Background) -> None:
    """Until all answers are delivered: a stand-in has a message before its sender knows so."""
    deadline = time.monotonic() + 60
    while background._tasks:
        assert time.monotonic() < deadline, "still busy"
        time.sleep(0.01)


def chat_client(
    platform: Callable[..., Platform],
    queue: QuestionQueue,
    chosen: Settings,
    background: Background | None = None,
    archive: Archive | None = None,
) -> TestClient[Litestar]:
    """One platform as the service mounts it. ``archive``: where feedback goes."""
    chats = Chats(chosen, [platform])
    if background is not None:
        chats.background = background
    app = Litestar(
        chats.routers,
        lifespan=[chats.serving],
        plugins=[problems.plugin],
        logging_config=None,  # litestar's takes the records away from pytest
        dependencies={
            "queue": Provide(lambda: queue, sync_to_thread=False),
            "archive": Provide(lambda: archive or no_archive(), sync_to_thread=False),
        },
    )
    return TestClient(app)


def no_archive() -> Mock:
    """Stands in where nothing is read: its counters fail, so that each limit counts by itself."""
    archive = Mock(spec=Archive)
    archive.store = Mock(spec=Store)
    archive.store.counting.side_effect = ArchiveBusy("there is no archive")
    return archive
