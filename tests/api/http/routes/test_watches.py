"""Standing questions over HTTP, and the feed of their events."""

from pathlib import Path

import pytest
from lxml import etree

from api.http.routes import watches
from api.http.routes.watches import atom_feed
from qa.answering.standing import due
from qa.archive.archive import Archive
from qa.archive.watches import Seen, add_watch, list_events, list_watches, note_answer
from qa.errors import AnswerModelTimeout
from qa.models.base import Statement
from qa.types import Filters
from tests.support.archives import put
from tests.support.client import check_problem, until
from tests.support.fakes import FirstSentenceModel, ScriptedAnswerModel
from tests.support.server import client_of
from tests.support.values import an_answer

ATOM = {"a": "http://www.w3.org/2005/Atom"}
QUESTION = "How many people died on the ferry?"


def test_a_question_is_added_listed_and_removed(archive: Archive) -> None:
    with client_of(archive, FirstSentenceModel()) as asking:
        asked = {"question": QUESTION, "filters": {"sources": ["Argus"]}}
        added = asking.post("/v1/watches", json=asked)
        assert added.status_code == 201
        watch = added.json()
        assert watch["filters"] == {"sources": ["Argus"]}
        (listed,) = asking.get("/v1/watches").json()["watches"]
        assert listed["id"] == watch["id"]
        assert asking.delete(f"/v1/watches/{watch['id']}").status_code == 204
        check_problem(asking.delete(f"/v1/watches/{watch['id']}"), 404, watch["id"])
        check_problem(asking.post("/v1/watches", json={"question": " "}), 400)
        check_problem(
            asking.post("/v1/watches", json={"question": QUESTION, "as_of": "2024-05-01"}), 400
        )


def test_the_service_asks_again_and_shows_the_change_in_the_feed(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watches, "PAUSE", 0.05)
    first = {"id": "a", "text": "Seven people died on the ferry.", "published_at": "2024-05-01"}
    put(archive, [first], tmp_path)
    with client_of(archive, FirstSentenceModel()) as asking:
        asking.post("/v1/watches", json={"question": QUESTION})
        until(lambda: asking.get("/v1/watches").json()["watches"][0]["answer_id"])
        asking.put("/v1/articles/a", json={**first, "text": "Nine people died on the ferry."})
        until(lambda: list_events(archive.store, 1))
        feed = asking.get("/v1/watches/events.atom")
        assert feed.headers["content-type"].startswith("application/atom+xml")
        (entry,) = etree.fromstring(feed.content).findall("a:entry", ATOM)
        assert entry.findtext("a:title", namespaces=ATOM) == QUESTION
        summary = entry.findtext("a:summary", namespaces=ATOM)
        assert summary == "Seven people died on the ferry. → Nine people died on the ferry."
        link = entry.find("a:link", ATOM)
        assert link is not None
        answer = asking.get(link.attrib["href"]).json()
        assert answer["answer"] == "Nine people died on the ferry."
        assert answer["currency"]["state"] == "current"


def test_a_question_that_cannot_be_answered_stays_due_and_holds_up_no_other(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [{"id": "a", "text": "Seven people died on the ferry."}], tmp_path)
    said = Statement("Seven people died on the ferry.", (1,), confidence=0.9)
    model = ScriptedAnswerModel(AnswerModelTimeout("too slow"), [said])
    first = add_watch(archive.store, QUESTION, Filters())
    add_watch(archive.store, "Who died on the ferry?", Filters())
    with client_of(archive, model) as asking:
        until(lambda: asking.get("/v1/watches").json()["watches"][1]["answer_id"])
    assert [watch.answer_id is None for watch in list_watches(archive.store)] == [True, False]
    assert [item.watch.id for item in due(archive)] == [first.id]


def test_a_feed_is_xml_whatever_was_asked(archive: Archive) -> None:
    odd = "Who said <b>&\x0b\ufffe?"
    watch = add_watch(archive.store, odd, Filters())
    archive.store_answer(an_answer(id="old"), 10)
    note_answer(archive.store, watch, Seen(1, 1.0, 1), "old", "x")
    note_answer(archive.store, list_watches(archive.store)[0], Seen(2, 2.0, 2), "gone", "y")
    (entry,) = etree.fromstring(atom_feed(archive, "http://h")).findall("a:entry", ATOM)
    assert entry.findtext("a:title", namespaces=ATOM) == "Who said <b>&\ufffd\ufffd?"
    summary = entry.findtext("a:summary", namespaces=ATOM)
    assert summary == "not_found → no longer stored"
