"""A system over real HTTP, sound or broken."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from eval.cases import EvalCase, Turn
from eval.outcome import Outcome
from eval.run import run_cases
from eval.targets.base import TargetFailed
from eval.targets.local import LocalTarget
from eval.targets.served import TRIES, ServedTarget
from qa.answer import Answer
from qa.answering.answerer import Answerer
from qa.archive.archive import Archive
from qa.archive.keys import create_key
from qa.bootstrap import open_retriever
from qa.errors import BadInput
from qa.settings import Settings
from tests.support.archives import put
from tests.support.fakes import FirstSentenceModel
from tests.support.server import serving

ARTICLES = [
    {
        "id": "https://coast.example/a/1?x=1",
        "title": "Relief for the coast",
        "text": "The harbour was flooded on Sunday."
        " The council pledged USD 40 million in relief. Work begins soon.",
        "published_at": "2024-03-04",
        "source": "Coast Daily",
    },
    {"id": "later", "text": "The council spoke again on Friday.", "published_at": "2024-03-08"},
]
CASE = EvalCase(
    id="c1",
    question="How much relief did the council pledge?",
    answers=("USD 40 million",),
    answerable=True,
    relevant=(ARTICLES[0]["id"],),
    as_of="2024-03-05",
)


def test_a_served_system_and_one_in_this_process_are_the_same(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, ARTICLES, tmp_path)
    retriever = open_retriever(archive)
    inside = LocalTarget(
        Settings.load(), archive, retriever, Answerer(retriever, FirstSentenceModel(), 0.0)
    )
    with (
        serving(archive, FirstSentenceModel()) as url,
        ServedTarget.opened(url, retrieval_only=False) as outside,
    ):
        one, other = inside.ask(CASE), outside.ask(CASE)
        assert _untimed(one) == _untimed(other)
        assert one.hits == other.hits
        assert one.evidence
        assert other.evidence is None  # the contract does not tell
        (check,) = other.quotes
        assert check.exact is True
        assert (check.before, check.after) == (
            "The harbour was flooded on Sunday. ",
            " Work begins soon.",
        )
        assert outside.ingested({ARTICLES[0]["id"], "nowhere"}) == {ARTICLES[0]["id"]}
        assert outside.describe()["corpus"]["articles"] == 2
    with (
        serving(archive, FirstSentenceModel()) as url,
        ServedTarget.opened(url, retrieval_only=True) as rankings,
    ):
        found = rankings.ask(CASE)
        assert found.answer is None
        assert [hit.article.id for hit in found.hits or ()] == [ARTICLES[0]["id"]]


Reply = Callable[[int], tuple[int, dict[str, str], bytes]]
READY = json.dumps({"status": "ready", "articles": 1}).encode()


@contextmanager
def stand_in(reply: Reply) -> Iterator[tuple[str, list[str]]]:
    """A server that is ready, and answers the n-th question with ``reply(n)``."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/health/ready":
                self._send(200, {}, READY)
            else:
                self._send(200, {}, json.dumps(ARTICLES[0]).encode())

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            asked.append(self.path)
            self._send(*reply(len(asked)))

        def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in (headers | {"content-length": str(len(content))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


GOOD = json.dumps(
    {"status": "answered", "answer": "USD 40 million", "citations": [], "hits": []}
).encode()
NOW = {"retry-after": "0.01"}


def test_a_follow_up_is_asked_as_it_is_completed(archive: Archive, tmp_path: Path) -> None:
    put(archive, ARTICLES, tmp_path)
    retriever = open_retriever(archive)
    model = FirstSentenceModel()
    settings = Settings.load()
    turns = (
        Turn(speaker="user", text="What did the council say about the harbour?"),
        Turn(speaker="agent", text="It pledged relief."),
    )
    case = CASE.model_copy(update={"question": "And how much is it?", "history": turns})
    whole = "how much is it? (What did the council say about the harbour?)"
    inside = LocalTarget(settings, archive, retriever, Answerer(retriever, model, 0.0))
    answered = inside.ask(case).answer
    assert answered is not None
    assert answered.question == whole
    searched = LocalTarget(settings, archive, retriever, None).ask(case)
    assert (
        searched.hits
        == LocalTarget(settings, archive, retriever, None)
        .ask(CASE.model_copy(update={"question": whole}))
        .hits
    )
    with (
        serving(archive, model) as url,
        ServedTarget.opened(url, retrieval_only=False) as outside,
    ):
        served = outside.ask(case).answer
        with pytest.raises(TargetFailed, match="the limit is 2,000"):
            outside.ask(CASE.model_copy(update={"question": "why " * 600}))
    assert served is not None
    assert served.question == whole


def test_a_busy_server_is_asked_again_and_the_retries_are_counted() -> None:
    with stand_in(lambda n: (429, NOW, b"{}") if n < 3 else (200, {}, GOOD)) as (url, asked):
        with ServedTarget.opened(url, retrieval_only=False) as target:
            summary = run_cases([CASE], target, cases_name="cases").summary
        assert (summary["failures"], summary["retries"], len(asked)) == (0, 2, 3)
        assert summary["metrics"]["exact match"]["mean"] == 1.0


@pytest.mark.parametrize(
    ("status", "content", "says", "tries"),
    [
        (500, b'{"detail": "the disk is gone"}', "status 500: the disk is gone", TRIES),
        (503, b"<html>", "status 503", TRIES),
        (400, b'{"detail": "no such filter"}', "status 400: no such filter", 1),
        (200, b"<html>hello</html>", "invalid JSON", 1),
        (200, b"[]", "expected a JSON object", 1),
        (200, b'{"answer": 5}', "not a Dateline answer", 1),
        (200, b'{"answer": "x", "citations": [{"quote": 1}]}', "not a Dateline answer", 1),
        (200, b'{"answer": "x", "timeline": [7]}', "not a Dateline answer", 1),
    ],
)
def test_a_broken_server_fails_its_cases_and_the_run_goes_on(
    status: int, content: bytes, says: str, tries: int
) -> None:
    other = CASE.model_copy(update={"id": "c2"})

    def reply(n: int) -> tuple[int, dict[str, str], bytes]:
        return (200, {}, GOOD) if n > tries else (status, NOW, content)

    with stand_in(reply) as (url, asked):
        with ServedTarget.opened(url, retrieval_only=False) as target:
            summary = run_cases([CASE, other], target, cases_name="cases").summary
        assert (summary["cases"], summary["failures"], len(asked)) == (2, 1, tries + 1)
        assert summary["failed"][0]["id"] == "c1"
        assert says in summary["failed"][0]["error"]


def test_a_server_that_never_answers_is_given_up() -> None:
    waiting = threading.Event()

    def never(_: int) -> tuple[int, dict[str, str], bytes]:
        waiting.wait(60)
        return 200, {}, GOOD

    try:
        with (
            stand_in(never) as (url, asked),
            ServedTarget.opened(url, retrieval_only=False, timeout=1.5) as target,
        ):
            with pytest.raises(TargetFailed, match="no reply in time"):
                target.ask(CASE)
            assert len(asked) == 1  # asking again would only add to its load
            waiting.set()
    finally:
        waiting.set()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "nonsense", "ftp://x", "http://", "http://[::1"]
)
def test_where_nothing_is_served_the_run_is_refused(url: str) -> None:
    with pytest.raises(BadInput), ServedTarget.opened(url, retrieval_only=False):
        pass


def test_a_service_that_wants_a_key_gets_it_or_the_run_says_so(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, ARTICLES, tmp_path)
    _, secret = create_key(archive.store, "evaluation", ["read", "ask"])
    with serving(archive, FirstSentenceModel()) as url:
        with ServedTarget.opened(url, retrieval_only=False, key=SecretStr(secret)) as target:
            assert target.ask(CASE).answer is not None
            assert secret not in json.dumps(target.describe())
        with (
            ServedTarget.opened(url, retrieval_only=False) as target,
            pytest.raises(BadInput, match="DATELINE_API_KEY"),
        ):
            target.ask(CASE)


def _untimed(outcome: Outcome) -> Answer:
    assert outcome.answer is not None
    return outcome.answer.model_copy(update={"timings_ms": {}})
