"""An answer is checked anew: what stands stands, and every change to it is seen."""

import copy
from pathlib import Path
from typing import Any

import pytest

from qa.answer import Answer, AnswerFigure
from qa.answering.answerer import Answerer
from qa.answering.recheck import check_answer
from qa.archive.archive import Archive
from qa.bootstrap import open_retriever
from qa.errors import BadInput
from tests.conftest import put
from tests.support.fakes import FirstSentenceModel
from tests.support.values import changed

ARTICLE = {
    "id": "relief",
    "text": "The harbour was flooded on Sunday. The council pledged USD 40 million in relief. Work begins soon.",
    "published_at": "2024-03-04",
}


@pytest.fixture
def answer(archive: Archive, tmp_path: Path) -> dict[str, Any]:
    put(archive, [ARTICLE], tmp_path)
    answerer = Answerer(open_retriever(archive), FirstSentenceModel(), 0.0)
    return (
        answerer.answer("How much relief did the council pledge?")
        .without_hits()
        .model_dump(mode="json")
    )


def faults(archive: Archive, content: object) -> list[str]:
    with archive.store.snapshot() as snapshot:
        return check_answer(content, snapshot)


def test_an_answer_stands(archive: Archive, answer: dict[str, Any]) -> None:
    assert faults(archive, answer) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda a: a["citations"][0].update(
                quote="The council pledged USD 41 million in relief."
            ),
            "does not stand at",
        ),
        (lambda a: a["citations"][0].update(start=0, end=4), "does not stand at"),
        (lambda a: a["citations"][0].update(start=-5), "does not stand at"),
        (lambda a: a["citations"][0].update(version="0" * 8), "no version"),
        (lambda a: a["citations"][0].update(article_id="nowhere"), "nowhere"),
        (lambda a: a["citations"][0].update(quote=""), "does not stand at"),
        (lambda a: a["citations"][0].update(quote="", start=5, end=5), "does not stand at"),
        (lambda a: (a.update(status="not_found"), a["citations"].clear()), "cites nothing"),
        (lambda a: a["citations"].clear(), "cites nothing"),
        (lambda a: a.update(answer="The council pledged USD 50 million."), "'USD 50 million'"),
        (lambda a: a["figures"].clear(), "'USD 40 million'"),
        (lambda a: a["figures"][0].update(citation=None), "'USD 40 million'"),
    ],
)
def test_whatever_was_changed_is_seen(
    archive: Archive, answer: dict[str, Any], change: Any, says: str
) -> None:
    changed = copy.deepcopy(answer)
    change(changed)
    found = faults(archive, changed)
    assert any(says in fault for fault in found), found


def test_a_figure_that_is_labelled_is_no_fault(archive: Archive, answer: dict[str, Any]) -> None:
    answer["figures"][0].update(status="unsupported", citation=None)
    assert faults(archive, answer) == []


def test_a_figure_is_what_its_quote_makes_of_it(archive: Archive, tmp_path: Path) -> None:
    """ "2000" alone looks like a year; in "2000 guests" it is none, and the answer stands."""
    from qa.answering.recheck import unlabelled

    listed = [
        AnswerFigure(
            text="2000",
            kind="number",
            value="2000",
            value_to=None,
            unit=None,
            bound="exact",
            status="supported",
            citation=1,
        )
    ]
    assert list(unlabelled("2000", listed, {1: ("The dinner had 2000 guests.", None)})) == []
    assert list(unlabelled("2000", listed, {1: ("The dinner had 12000 guests.", None)})) == ["2000"]


def test_a_later_version_does_not_change_what_was_quoted(
    archive: Archive, answer: dict[str, Any], tmp_path: Path
) -> None:
    put(archive, [ARTICLE | {"text": "All is well.", "updated_at": "2024-03-05"}], tmp_path)
    assert faults(archive, answer) == []


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        "x",
        {},
        {"status": 1},
        {"status": "banana"},
        {"status": "answered", "citations": [{}]},
    ],
)
def test_what_is_no_answer_is_refused(archive: Archive, content: object) -> None:
    with pytest.raises(BadInput, match="no answer of Dateline"):
        faults(archive, content)


def test_stored_answers_keep_their_record_and_lose_what_was_deleted(
    archive: Archive, answer: dict[str, Any]
) -> None:
    given = Answer.model_validate(answer)
    archive.store_answer(given, 10)
    with archive.store.snapshot() as snapshot:
        assert snapshot.answer(given.id) == given
        generation = snapshot.generation
    with archive.store.writing() as writer:
        writer.delete("relief")
    with archive.store.snapshot() as snapshot:
        kept = snapshot.answer(given.id)
        assert snapshot.generation == generation + 1  # the delete's; storing an answer raised none
    assert [citation.quote for citation in kept.citations] == [""]
    assert (kept.id, kept.question, kept.answer) == (given.id, given.question, None)
    assert faults(archive, kept.model_dump(mode="json"))[0].startswith(
        "citation 1: its quote is blank, and there is no version"
    )
    # An answer that was read before the delete and is stored after it brings no quote back.
    archive.store_answer(given, 10)
    with archive.store.snapshot() as snapshot:
        assert [citation.quote for citation in snapshot.answer(given.id).citations] == [""]


def test_the_oldest_answers_are_forgotten(archive: Archive, answer: dict[str, Any]) -> None:
    for number in range(5):
        archive.store_answer(changed(Answer.model_validate(answer), id=f"a{number}"), 3)
    with archive.store.snapshot() as snapshot:
        assert [snapshot.answer(f"a{number}").id for number in (2, 3, 4)] == ["a2", "a3", "a4"]
        for gone in ("a0", "a1"):
            with pytest.raises(BadInput, match=gone):
                snapshot.answer(gone)
