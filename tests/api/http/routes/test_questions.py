"""Questions over HTTP: a follow-up is completed by the questions before it."""

from typing import Any

import pytest

from qa.archive.archive import Archive
from tests.support.client import QUESTION, check_problem, events_of
from tests.support.fakes import FirstSentenceModel, ScriptedAnswerModel
from tests.support.server import client_of

FOLLOW_UP = "And when was that?"


def test_a_follow_up_is_completed_by_its_history(filled: Archive) -> None:
    with client_of(filled, FirstSentenceModel()) as client:
        asked = {"question": FOLLOW_UP, "history": [QUESTION]}
        answer = client.post("/v1/ask", json=asked).json()
        streamed = events_of(client.post("/v1/ask", json={**asked, "stream": True}))
    assert answer["question"] == f"when was that? ({QUESTION})"
    assert answer["citations"][0]["title"] == "Relief for the coast"
    assert streamed[-1][1]["question"] == answer["question"]


def test_a_question_that_needs_no_other_is_left_as_it_is(filled: Archive) -> None:
    with client_of(filled, FirstSentenceModel()) as client:
        asked = {"question": QUESTION, "history": ["Who opened the bridge?"]}
        assert client.post("/v1/ask", json=asked).json()["question"] == QUESTION


def test_filters_and_form_hold_for_the_completed_question(filled: Archive) -> None:
    model = ScriptedAnswerModel([])
    with client_of(filled, model) as client:
        asked = {
            "question": FOLLOW_UP,
            "history": [QUESTION],
            "form": "sentences",
            "filters": {"sources": ["Coast Daily"]},
        }
        assert client.post("/v1/ask", json=asked).status_code == 200
    ((question, _),) = model.seen
    assert question.form == "sentences"
    assert question.filters.sources == ("Coast Daily",)


@pytest.mark.parametrize(
    "history", ["one", [1], ["x" * 2001], ["x"] * 101, [{"question": QUESTION}]]
)
def test_what_is_no_history_is_refused(filled: Archive, history: Any) -> None:
    with client_of(filled, FirstSentenceModel()) as client:
        refused = client.post("/v1/ask", json={"question": FOLLOW_UP, "history": history})
        check_problem(refused, 400, "history")
        empty = client.post("/v1/ask", json={"question": " ", "history": [QUESTION]})
        check_problem(empty, 400, "empty")
