"""Stored answers over HTTP: whether they still hold."""

from pathlib import Path
from typing import Any

import pytest

from qa.archive.archive import Archive
from qa.archive.keys import create_key
from tests.support.archives import put
from tests.support.client import check_problem
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of

QUESTION = "How many people died on the ferry?"


def report(identity: str, count: str, day: int, **fields: Any) -> dict[str, Any]:
    text = f"{count} people died on the ferry."
    return {"id": identity, "text": text, "published_at": f"2024-05-0{day}", **fields}


@pytest.fixture
def told(archive: Archive, tmp_path: Path) -> Archive:
    put(archive, [report("first", "Seven", 1, source="Argus")], tmp_path)
    return archive


def test_an_answer_says_what_became_of_its_reports(told: Archive) -> None:
    with client_of(told, FirstSentenceModel()) as asking:
        answer = asking.post("/v1/ask", json={"question": QUESTION}).json()
        path = f"/v1/answers/{answer['id']}"
        stored = asking.get(path).json()
        assert stored.pop("currency") == {"state": "current", "since": None, "changes": []}
        assert stored == answer
        asking.put("/v1/articles/fix", json=report("fix", "Six", 2, corrects="first"))
        currency = asking.get(path).json()["currency"]
        assert currency["state"] == "changed"
        assert currency["changes"] == [
            {"kind": "correction", "article_id": "fix", "citation": 1, "published_at": "2024-05-02"}
        ]
        told.withdraw("first")
        reply = asking.get(path)
        assert reply.json()["currency"]["state"] == "withdrawn"
        assert reply.json()["citations"][0]["article_id"] == "first"
        assert "Seven" not in reply.text


def test_a_later_report_is_looked_for_on_request_under_the_same_filters(told: Archive) -> None:
    with client_of(told, FirstSentenceModel()) as asking:
        for filters, state in (({}, "changed"), ({"sources": ["Argus"]}, "current")):
            asked = {"question": QUESTION, "filters": filters}
            answer = asking.post("/v1/ask", json=asked).json()
            text = "How many people died on the ferry? Nine people died on the ferry."
            later = {**report("later", "Nine", 3, source="Post"), "text": text}
            asking.put("/v1/articles/later", json=later)
            path = f"/v1/answers/{answer['id']}"
            assert asking.get(path).json()["currency"]["state"] == "current"
            currency = asking.get(path, params={"recheck": "true"}).json()["currency"]
            assert currency["state"] == state, currency
            asking.delete("/v1/articles/later")


def test_a_recheck_needs_the_scope_to_ask(told: Archive) -> None:
    _, reader = create_key(told.store, "reader", ["read"])
    _, asker = create_key(told.store, "asker", ["read", "ask"])
    with client_of(told, FirstSentenceModel()) as asking:
        may = {"Authorization": f"Bearer {asker}"}
        answer = asking.post("/v1/ask", json={"question": QUESTION}, headers=may).json()
        path = f"/v1/answers/{answer['id']}"
        may_not = {"Authorization": f"Bearer {reader}"}
        assert asking.get(path, headers=may_not).status_code == 200
        check_problem(asking.get(f"{path}?recheck=true", headers=may_not), 403, "ask")
        assert asking.get(f"{path}?recheck=true", headers=may).status_code == 200
