"""Answers on their way out: nothing that was deleted during the question is cited."""

import json
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from qa.answer import Answer
from qa.answering.answerer import Answerer, Event, HitsFound, Token, Trace
from qa.answering.recording import record
from qa.archive.archive import Archive
from qa.bootstrap import open_retriever
from qa.question import Question
from tests.support.archives import put
from tests.support.fakes import FirstSentenceModel
from tests.support.stores import opened_again

TREATY = {"id": "treaty", "text": "Zebulon Quark signed the treaty in Hask on Monday."}
BRIDGE = {"id": "bridge", "text": "The bridge of Quorl will be closed for 45 days."}
QUESTION = "Who signed the treaty?"


def asked(archive: Archive, most: int = 10) -> Generator[Event, None, None]:
    answerer = Answerer(open_retriever(archive), FirstSentenceModel(), 0.0)
    return record(answerer.stream(Question.parse(QUESTION)), archive, most)


def after(archive: Archive, kind: type, deleted: str) -> list[Event]:
    """The events that follow the first of a kind, if an article is deleted just then."""
    events = asked(archive)
    for event in events:
        if isinstance(event, kind):
            break
    archive.delete(deleted)
    return list(events)


@pytest.fixture
def filled(archive: Archive, tmp_path: Path) -> Archive:
    put(archive, [TREATY, BRIDGE], tmp_path)
    return archive


def test_the_answer_is_stored_as_it_is_sent(filled: Archive) -> None:
    *_, answer = asked(filled)
    assert isinstance(answer, Answer)
    assert answer.citations[0].article_id == "treaty"
    with filled.snapshot() as snapshot:
        assert snapshot.answer(answer.id).citations == answer.citations


@pytest.mark.parametrize("moment", [HitsFound, Token, Trace])
def test_an_article_that_is_deleted_meanwhile_is_not_cited(filled: Archive, moment: type) -> None:
    rest = after(filled, moment, "treaty")
    assert not any(isinstance(event, Token) for event in rest)
    answer = rest[-1]
    assert isinstance(answer, Answer)
    assert (answer.status, answer.answer, answer.citations, answer.confidence) == (
        "not_found",
        None,
        (),
        0.0,
    )
    assert "was deleted while the question was answered" in (answer.reason or "")
    assert "Zebulon" not in json.dumps(answer.model_dump(mode="json"))
    assert [hit.article.id for hit in answer.hits or ()] == ["bridge"]
    with filled.snapshot() as snapshot:
        assert "Zebulon" not in snapshot.answer(answer.id).model_dump_json()


@pytest.mark.parametrize("moment", [HitsFound, Token, Trace])
def test_an_article_that_is_withdrawn_meanwhile_is_not_cited(filled: Archive, moment: type) -> None:
    events = asked(filled)
    for event in events:
        if isinstance(event, moment):
            break
    filled.withdraw("treaty")
    answer = list(events)[-1]
    assert isinstance(answer, Answer)
    assert (answer.status, answer.answer, answer.citations) == ("not_found", None, ())
    assert "was withheld while the question was answered" in (answer.reason or "")
    assert "Zebulon" not in json.dumps(answer.model_dump(mode="json"))


def test_the_deletion_of_another_article_delays_the_text_and_changes_nothing(
    filled: Archive,
) -> None:
    rest = after(filled, HitsFound, "bridge")
    assert [type(event) for event in rest] == [Trace, Token, Answer]
    answer = rest[-1]
    assert isinstance(answer, Answer)
    assert (answer.status, answer.answer) == ("answered", TREATY["text"])
    assert [hit.article.id for hit in answer.hits or ()] == ["treaty"]


def test_other_writes_do_not_delay_the_text(filled: Archive, tmp_path: Path) -> None:
    events = asked(filled)
    assert isinstance(next(events), HitsFound)
    put(filled, [{"id": "new", "text": "Rain fell."}], tmp_path)
    assert isinstance(next(events), Token)


def test_an_answer_that_cannot_be_stored_is_sent_and_logged(
    filled: Archive, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.archive.sqlite.store._ASIDE", 0)
    monkeypatch.setattr("qa.archive.postgres.store._ASIDE", 0)
    with closing(opened_again(filled.store)) as other, other.locked(), other.aside():
        *_, answer = asked(filled)
    assert isinstance(answer, Answer)
    assert answer.status == "answered"
    assert f"answer {answer.id} is not stored" in caplog.text


def test_with_none_to_be_stored_none_is(filled: Archive) -> None:
    *_, answer = asked(filled, most=0)
    assert isinstance(answer, Answer)
    with filled.store.reading() as database:
        assert database.execute("SELECT count(*) FROM answers").fetchone() == (0,)


@pytest.mark.parametrize("moment", [HitsFound, Token, Trace])
def test_an_article_that_is_withheld_meanwhile_is_not_cited(
    filled: Archive, tmp_path: Path, moment: type
) -> None:
    filled.store.hidden = lambda: frozenset(["board"])
    events = asked(filled)
    for event in events:
        if isinstance(event, moment):
            break
    put(filled, [{**TREATY, "rights": "board"}], tmp_path)
    rest = list(events)
    assert not any(isinstance(event, Token) for event in rest)
    answer = rest[-1]
    assert isinstance(answer, Answer)
    assert (answer.status, answer.citations) == ("not_found", ())
    assert "was withheld while the question was answered" in (answer.reason or "")
    assert "Zebulon" not in answer.model_dump_json()
    assert [hit.article.id for hit in answer.hits or ()] == ["bridge"]
