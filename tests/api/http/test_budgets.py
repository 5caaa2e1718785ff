"""Budgets over HTTP: what is left, what is refused, and what an answer costs."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar.testing import TestClient

from api.http import callers
from api.http.budgets import Meter
from api.http.callers import Caller, Identity
from api.http.queue import QuestionQueue
from qa.answering.answerer import Answerer, HitsFound, Trace
from qa.answering.sentence import Sentence
from qa.archive.archive import Archive
from qa.archive.keys import create_key
from qa.archive.usage import Budget, Use, used_today
from qa.bootstrap import open_retriever
from qa.errors import QueueFull
from qa.models.base import Statement, Usage, Written
from qa.question import Question
from qa.settings import Settings
from tests.support.client import QUESTION, HeldModel, check_problem, events_of
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of

ASKED = {"question": QUESTION}
FOLLOW_UP = "And when was that?"
CHAT = {"messages": [{"role": "user", "content": QUESTION}]}
NIGHT = datetime(2024, 3, 5, 23, 59, tzinfo=UTC)


class CountingModel(FirstSentenceModel):
    """Says what its answers cost."""

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
        if evidence:
            yield Statement(" ".join(evidence[0].text.split()), (evidence[0].n,), confidence=0.9)
        yield Usage(70, 5)


def a_key(archive: Archive, budget: Budget) -> tuple[str, dict[str, str]]:
    key, secret = create_key(archive.store, "asker", ["read", "ask"], budget=budget)
    return key.id, {"Authorization": f"Bearer {secret}"}


def client(archive: Archive, **settings: Any) -> TestClient[Any]:
    archive.store.clock = lambda: NIGHT
    return client_of(archive, CountingModel(), **settings)


def test_a_response_states_what_is_left_of_each_limit(filled: Archive) -> None:
    _, headers = a_key(filled, Budget(questions=5, tokens=1000))
    with client(filled, ask_limit="9/minute") as asking:
        for stream in (False, True):
            response = asking.post("/v1/ask", json={**ASKED, "stream": stream}, headers=headers)
            assert response.status_code == 200
        assert events_of(response)[-1][0] == "answer", "a stream has the fields too"
        policy = '"ask";q=9;w=60, "questions-a-day";q=5;w=86400'
        assert response.headers["ratelimit-policy"] == (
            f'{policy}, "tokens-a-day";q=1000;qu="tokens";w=86400'
        )
        left = response.headers["ratelimit"].split(", ")
        assert left[0].startswith('"ask";r=7;t=')
        assert left[1:] == ['"questions-a-day";r=3;t=60', '"tokens-a-day";r=925;t=60']
        reading = asking.post("/v1/retrieve", json=ASKED, headers=headers)
        assert reading.headers["ratelimit-policy"] == '"read";q=6000;w=60'
        assert "ratelimit" not in asking.get("/health/live").headers


def test_openai_clients_find_what_they_look_for(filled: Archive) -> None:
    _, headers = a_key(filled, Budget(questions=5, tokens=1000))
    with client(filled) as asking:
        said = asking.post("/v1/chat/completions", json=CHAT, headers=headers).headers
    assert said["x-ratelimit-limit-requests"] == "5", "of two limits the one that ends first"
    assert said["x-ratelimit-remaining-requests"] == "4"
    assert said["x-ratelimit-reset-requests"] == "60s"
    assert said["x-ratelimit-limit-tokens"] == "1000"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/ask", ASKED),
        ("/v1/ask", {**ASKED, "stream": True}),
        ("/v1/chat/completions", CHAT),
        ("/v1/chat/completions", {**CHAT, "stream": True}),
    ],
)
def test_a_question_over_the_budget_is_refused_until_the_day_turns(
    filled: Archive, path: str, body: dict[str, Any]
) -> None:
    key, headers = a_key(filled, Budget(questions=1))
    with client(filled) as asking:
        assert asking.post(path, json=body, headers=headers).status_code == 200
        refused = asking.post(path, json=body, headers=headers)
        assert refused.status_code == 429
        assert "1 questions of today are used up" in refused.text
        assert refused.headers["retry-after"] == "60"
        assert '"questions-a-day";r=0;t=60' in refused.headers["ratelimit"]
        assert used_today(filled.store)[key].questions == 1, "what was refused is not counted"
        assert asking.post("/v1/retrieve", json=ASKED, headers=headers).status_code == 200
        filled.store.clock = lambda: NIGHT + timedelta(minutes=1)
        assert asking.post(path, json=body, headers=headers).status_code == 200


def test_tokens_are_those_that_the_model_reports(filled: Archive) -> None:
    key, headers = a_key(filled, Budget(tokens=100))
    with client(filled) as asking:
        for used in (75, 150):
            assert asking.post("/v1/ask", json=ASKED, headers=headers).status_code == 200
            assert used_today(filled.store)[key].tokens == used
        refused = asking.post("/v1/ask", json=ASKED, headers=headers)
        check_problem(refused, 429, "100 tokens of today are used up")


def test_a_tool_call_is_a_question_of_its_key(filled: Archive) -> None:
    key, headers = a_key(filled, Budget(questions=1))
    call = {"name": "ask", "arguments": ASKED}
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    accept = {"Accept": "application/json, text/event-stream"}
    with client(filled) as asking:
        first, second = (
            asking.post("/mcp", json=request, headers={**headers, **accept}).text for _ in "12"
        )
    assert "answered" in first
    assert "used up" in second
    assert used_today(filled.store)[key] == Use(1, 75)


def test_an_answer_that_was_given_up_costs_about_what_was_read(filled: Archive) -> None:
    with filled.snapshot() as snapshot:
        passages = snapshot.passages(snapshot.passage_ids().tolist())
    hits: Any = [type("Hit", (), {"passage": passage}) for passage in passages]
    meter = Meter(None, costs=True)
    meter.see(HitsFound(hits))
    assert meter.tokens == sum(len(passage.text) for passage in passages) // 4
    free = Meter(None, costs=False)
    free.see(HitsFound(hits))
    assert free.tokens == 0, "the embedded default takes no tokens"
    meter.see(Trace([], 7, 5))
    assert meter.tokens == 12


def test_a_budget_that_cannot_be_counted_is_refused_and_no_budget_is_served(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qa.errors import StorageFailed

    def failing() -> Any:
        raise StorageFailed("the disk is full")

    _, limited = a_key(filled, Budget(questions=9))
    _, free = a_key(filled, Budget())
    with client(filled) as asking:
        monkeypatch.setattr(filled.store, "counting", failing)
        check_problem(asking.post("/v1/ask", json=ASKED, headers=limited), 503)
        assert asking.post("/v1/ask", json=ASKED, headers=free).status_code == 200


class RewritingModel(CountingModel):
    """Completes follow-ups. Counts how often."""

    def __init__(self) -> None:
        self.rewritten = 0

    def rewrite(self, question: str, earlier: Sequence[str]) -> str:
        self.rewritten += 1
        return f"{earlier[-1]} {question}"


@pytest.mark.parametrize("spent", [False, True])
@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("/v1/ask", {"question": FOLLOW_UP, "history": [QUESTION]}),
        ("/v1/ask", {"question": FOLLOW_UP, "history": [QUESTION], "stream": True}),
        (
            "/v1/responses",
            {"input": [{"role": "user", "content": q} for q in (QUESTION, FOLLOW_UP)]},
        ),
    ],
)
def test_a_follow_up_that_is_sent_again_costs_nothing(
    filled: Archive,
    monkeypatch: pytest.MonkeyPatch,
    route: str,
    body: dict[str, Any],
    spent: bool,
) -> None:
    """Not even where nothing is left of the budget."""
    identity, headers = a_key(filled, Budget(questions=1 if spent else 9))
    headers["Idempotency-Key"] = "once"
    model = RewritingModel()
    filled.store.clock = lambda: NIGHT
    monkeypatch.setenv("DATELINE_MODEL", "openai:one-that-costs")
    with client_of(filled, model) as asking:
        first = asking.post(route, json=body, headers=headers)
        used = used_today(filled.store)[identity]
        second = asking.post(route, json=body, headers=headers)
    assert (first.status_code, second.content) == (200, first.content)
    assert used_today(filled.store)[identity] == used
    assert used.tokens > 75, "its completion costs too"
    assert model.rewritten == 1


def test_adding_a_standing_question_counts_one(filled: Archive) -> None:
    """Its first answer can be read like any other: it would be a way around the budget."""
    identity, headers = a_key(filled, Budget(questions=1))
    with client(filled) as asking:
        check_problem(asking.post("/v1/watches", json={"question": " "}, headers=headers), 400)
        added = asking.post("/v1/watches", json=ASKED, headers=headers)
        assert added.status_code == 201
        assert '"questions-a-day";r=0;t=60' in added.headers["ratelimit"]
        other = {"question": "Who met on Sunday?"}
        check_problem(asking.post("/v1/watches", json=other, headers=headers), 429, "1 questions")
        assert len(asking.get("/v1/watches", headers=headers).json()["watches"]) == 1
    assert used_today(filled.store)[identity] == Use(questions=1)


def test_a_question_that_finds_the_queue_full_counts_nothing(filled: Archive) -> None:
    """Also where several come at the same moment, before any of them has a place."""
    model = HeldModel()
    answerer = Answerer(open_retriever(filled), model, 0.0)
    settings = Settings.load(answers_at_once=1, questions_waiting=1)
    who = Identity("k", "k", frozenset(["ask"]), budget=Budget(questions=9))

    async def ask(queue: QuestionQueue) -> str:
        with callers.called_by(Caller(identity=who)):
            try:
                return (await queue.answer(Question.parse(QUESTION))).status
            except QueueFull:
                return "full"

    async def ask_at_once() -> list[str]:
        queue = QuestionQueue(answerer, filled, settings)
        asking = [asyncio.ensure_future(ask(queue)) for _ in range(4)]
        for number, ended in enumerate(asyncio.as_completed(asking), start=1):
            await ended
            if number == 2:  # those that are refused end first
                model.go.set()
        return sorted(task.result() for task in asking)

    assert asyncio.run(ask_at_once()) == ["answered", "answered", "full", "full"]
    assert used_today(filled.store)["k"].questions == 2
