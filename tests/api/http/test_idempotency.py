"""Idempotency-Key and Last-Event-ID: what is the same request, and what a stream still owes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from qa.archive.archive import Archive
from qa.archive.keys import create_key
from qa.errors import AnswerModelTimeout
from tests.support.client import QUESTION, check_problem, ids_and_events
from tests.support.fakes import FirstSentenceModel, ScriptedAnswerModel
from tests.support.server import client_of

ASKED = {"question": QUESTION}
KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}
SAID = [{"role": "user", "content": QUESTION}]
STREAMED: dict[str, dict[str, Any]] = {
    "/v1/ask": {**ASKED, "stream": True},
    "/v1/chat/completions": {"messages": SAID, "stream": True},
    "/v1/responses": {"input": SAID, "stream": True},
}


@pytest.fixture
def model() -> ScriptedAnswerModel:
    return ScriptedAnswerModel()


@pytest.fixture
def service(filled: Archive, model: ScriptedAnswerModel) -> Iterator[TestClient[Any]]:
    with client_of(filled, model) as client:
        yield client


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("/v1/ask", ASKED),
        ("/v1/ask", {**ASKED, "stream": True}),
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": QUESTION}]}),
        ("/v1/responses", {"input": QUESTION}),
        ("/v1/responses", {"input": QUESTION, "stream": True}),
    ],
)
def test_the_same_request_gets_the_same_response(
    service: TestClient[Any], model: ScriptedAnswerModel, route: str, body: dict[str, Any]
) -> None:
    first, second = [service.post(route, json=STREAMED[route], headers=KEY) for _ in range(2)]
    assert first.status_code == 200
    assert second.content == first.content
    assert [reply.headers.get("idempotent-replayed") for reply in (first, second)] == [None, "true"]
    assert len(model.seen) == 1
    service.post(route, json=STREAMED[route])
    assert len(model.seen) == 2, "without the key it is another question"


def test_a_key_with_another_request_is_refused(
    service: TestClient[Any], model: ScriptedAnswerModel
) -> None:
    service.post("/v1/ask", json=ASKED, headers=KEY)
    other = service.post("/v1/ask", json={**ASKED, "k": 3}, headers=KEY)
    check_problem(other, 422, "sent with another request")
    elsewhere = service.post("/v1/responses", json={"input": QUESTION}, headers=KEY)
    assert elsewhere.status_code == 422
    assert "another request" in elsewhere.json()["error"]["message"]
    bare = {"Idempotency-Key": KEY["Idempotency-Key"].strip('"')}
    assert service.post("/v1/ask", json=ASKED, headers=bare).status_code == 200
    assert len(model.seen) == 1, "quoted or not, it is the same key"


def test_a_key_is_its_caller_s_own(filled: Archive, model: ScriptedAnswerModel) -> None:
    secrets = [create_key(filled.store, name, ["ask"])[1] for name in ("one", "two")]
    with client_of(filled, model) as service:
        for number, secret in enumerate(secrets):
            headers = {**KEY, "Authorization": f"Bearer {secret}"}
            asked = {"question": f"{QUESTION} {number}"}
            assert service.post("/v1/ask", json=asked, headers=headers).status_code == 200
    assert len(model.seen) == 2


@pytest.mark.parametrize("key", ["", '""', "a b", "x" * 256, "caf\u00e9"])
def test_an_invalid_key_is_refused(service: TestClient[Any], key: str) -> None:
    headers = {"Idempotency-Key": key.encode("latin-1")}
    reply = service.post("/v1/ask", json=ASKED, headers=headers)  # type: ignore[arg-type]
    check_problem(reply, 400, "Idempotency-Key must have 1 to 255")


def test_what_fails_may_be_tried_again(filled: Archive) -> None:
    model = ScriptedAnswerModel(AnswerModelTimeout("late"))
    with client_of(filled, model) as service:
        check_problem(service.post("/v1/ask", json=ASKED, headers=KEY), 503, "late")
        assert service.post("/v1/ask", json=ASKED, headers=KEY).status_code == 200
    assert len(model.seen) == 2


def test_a_write_is_done_once(service: TestClient[Any]) -> None:
    article = {"text": "The mill burned down.", "id": "mill"}
    first, second = [service.post("/v1/articles", json=article, headers=KEY) for _ in range(2)]
    assert (first.status_code, first.json()["added"]) == (201, 1)
    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["idempotent-replayed"] == "true"
    other = service.post("/v1/articles", json={**article, "title": "Fire"}, headers=KEY)
    check_problem(other, 422)
    async_key = {"Idempotency-Key": "job", "Prefer": "respond-async"}
    jobs = [service.post("/v1/articles", json=article, headers=async_key) for _ in range(2)]
    assert [job.status_code for job in jobs] == [202, 202]
    assert jobs[0].headers["location"] == jobs[1].headers["location"]
    wrong = {"Idempotency-Key": "wrong"}
    check_problem(service.post("/v1/articles", json={"id": "x"}, headers=wrong), 400)


@pytest.mark.parametrize("route", STREAMED)
def test_a_stream_goes_on_behind_the_last_event(service: TestClient[Any], route: str) -> None:
    whole = ids_and_events(service.post(route, json=STREAMED[route], headers=KEY))
    assert len({identity for identity, _ in whole}) == len(whole) >= 2
    for place, (identity, _) in enumerate(whole):
        headers = {**KEY, "Last-Event-ID": identity}
        rest = ids_and_events(service.post(route, json=STREAMED[route], headers=headers))
        assert rest == whole[place + 1 :]
    other = {**KEY, "Last-Event-ID": "another-run-1"}
    assert ids_and_events(service.post(route, json=STREAMED[route], headers=other)) == whole


def test_events_can_be_resumed_with_a_key_only(service: TestClient[Any]) -> None:
    streamed = {**ASKED, "stream": True}
    assert "\nid: " not in service.post("/v1/ask", json=streamed).text
    resumed = service.post("/v1/ask", json=streamed, headers={"Last-Event-ID": "x-1"})
    check_problem(resumed, 400, "needs the Idempotency-Key")


def test_a_stream_is_sent_again_without_what_was_deleted(filled: Archive) -> None:
    streamed = {**ASKED, "stream": True}
    with client_of(filled, FirstSentenceModel()) as service:
        first = service.post("/v1/ask", json=streamed, headers=KEY)
        assert "USD 40 million" in first.text
        filled.delete("https://coast.example/a/1?x=1")
        again = service.post("/v1/ask", json=streamed, headers=KEY)
    assert "USD 40 million" not in again.text
    (*_, (_, last)) = ids_and_events(again)
    assert "was deleted" in json.loads(last)["reason"]


@pytest.mark.parametrize("route", STREAMED)
def test_a_stream_that_was_begun_before_a_withdrawal_is_sent_from_its_beginning(
    filled: Archive, route: str
) -> None:
    """What is left has fewer events: behind the last number there might be none."""
    with client_of(filled, FirstSentenceModel()) as service:
        first = ids_and_events(service.post(route, json=STREAMED[route], headers=KEY))
        filled.withdraw("https://coast.example/a/1?x=1")
        came_back = {**KEY, "Last-Event-ID": first[-2][0]}
        reply = service.post(route, json=STREAMED[route], headers=came_back)
        left = ids_and_events(reply)
        resumed = {**KEY, "Last-Event-ID": left[0][0]}
        rest = ids_and_events(service.post(route, json=STREAMED[route], headers=resumed))
    assert "USD 40 million" in str(first)
    assert "USD 40 million" not in reply.text
    assert "may not be shown now" in reply.text
    assert reply.headers["idempotent-replayed"] == "true"
    assert rest == left[1:]


def test_what_is_answered_anew_is_not_called_replayed(
    filled: Archive, model: ScriptedAnswerModel
) -> None:
    with client_of(filled, model, answers_kept=1) as service:
        service.post("/v1/ask", json=ASKED, headers=KEY)
        service.post("/v1/ask", json={"question": "Who opened the mill?"})
        anew = service.post("/v1/ask", json=ASKED, headers=KEY)
        again = service.post("/v1/ask", json=ASKED, headers=KEY)
    assert len(model.seen) == 3, "the first answer is no longer stored"
    headers = [reply.headers.get("idempotent-replayed") for reply in (anew, again)]
    assert headers == [None, "true"]
