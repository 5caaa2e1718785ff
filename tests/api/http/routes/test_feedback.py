"""Feedback over HTTP: who may give it, whose verdict it is, and what is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from qa.archive.archive import Archive
from qa.archive.feedback import LONGEST_TEXT, list_feedback
from qa.archive.keys import create_key
from tests.support.client import QUESTION, check_problem
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of

WRONG = {"verdict": "wrong", "correction": "USD 41 million", "reason": "raised on Friday"}


@pytest.fixture
def asking(filled: Archive) -> Iterator[TestClient[Any]]:
    with client_of(filled, FirstSentenceModel()) as client:
        yield client


@pytest.fixture
def path(asking: TestClient[Any]) -> str:
    """Where feedback on an answer is sent."""
    answer = asking.post("/v1/ask", json={"question": QUESTION}).json()
    return f"/v1/answers/{answer['id']}/feedback"


def test_a_verdict_is_stored_and_replaced(
    filled: Archive, asking: TestClient[Any], path: str
) -> None:
    given = asking.post(path, json=WRONG)
    assert given.status_code == 201
    assert given.json() == {
        "answer_id": path.split("/")[3],
        "by": "local",
        **WRONG,
        "given_at": given.json()["given_at"],
    }
    assert asking.post(path, json={"verdict": "right"}).status_code == 201
    (only,) = list_feedback(filled.store)
    assert (only.verdict, only.correction, only.reason) == ("right", None, None)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "verdict"),
        ({"verdict": "good"}, "verdict"),
        ({"verdict": "right", "stars": 5}, "stars"),
        ({"verdict": "wrong", "correction": 7}, "correction"),
        ({"verdict": "wrong", "reason": "x" * (LONGEST_TEXT + 1)}, "reason"),
        ({"verdict": "right", "correction": "ten"}, "no correction"),
        ([], "body"),
    ],
)
def test_bad_feedback_is_refused_and_changes_nothing(
    filled: Archive, asking: TestClient[Any], path: str, body: Any, word: str
) -> None:
    check_problem(asking.post(path, json=body), 400, word)
    assert list_feedback(filled.store) == []


def test_an_answer_that_is_not_stored_is_not_found(asking: TestClient[Any]) -> None:
    for unknown in ("none", "%00", "x" * 3000):
        missing = f"/v1/answers/{unknown}/feedback"
        check_problem(asking.post(missing, json={"verdict": "right"}), 404, "no answer")


def test_each_key_that_may_ask_has_its_own_verdict(
    filled: Archive, asking: TestClient[Any], path: str
) -> None:
    keys = [create_key(filled.store, name, ["ask"]) for name in ("ann", "bo")]
    _, reader = create_key(filled.store, "reader", ["read"])
    for _, secret in keys:
        sent = asking.post(
            path, json={"verdict": "right"}, headers={"Authorization": f"Bearer {secret}"}
        )
        assert sent.status_code == 201
    refused = asking.post(
        path, json={"verdict": "wrong"}, headers={"Authorization": f"Bearer {reader}"}
    )
    check_problem(refused, 403, "ask")
    assert {one.by for one in list_feedback(filled.store)} == {key.id for key, _ in keys}
