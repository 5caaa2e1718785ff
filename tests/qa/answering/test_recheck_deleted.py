"""Answers that lost text to a deletion are true records: verified again, nothing is wrong."""

import json
from pathlib import Path

import pytest

from qa.answer import Answer
from qa.answering.answerer import Answerer, HitsFound
from qa.answering.recheck import check_answer
from qa.answering.recording import record
from qa.answering.shaping import content_id
from qa.archive.archive import Archive
from qa.bootstrap import open_retriever
from qa.question import Question
from tests.support.archives import put
from tests.support.fakes import FirstSentenceModel

TREATY = {"id": "treaty", "text": "Zebulon Quark signed the treaty in Hask on Monday."}
BRIDGE = {"id": "bridge", "text": "The bridge of Quorl will be closed for 45 days."}
SURE, UNSURE = 0.0, 1.0


def faults(archive: Archive, answer: Answer) -> list[str]:
    with archive.snapshot() as snapshot:
        return check_answer(json.loads(answer.model_dump_json()), snapshot)


@pytest.mark.parametrize("threshold", [SURE, UNSURE])
@pytest.mark.parametrize("deleted", ["treaty", "bridge"])
def test_an_answer_whose_text_was_deleted_meanwhile_has_the_id_of_its_content(
    archive: Archive, tmp_path: Path, threshold: float, deleted: str
) -> None:
    put(archive, [TREATY, BRIDGE], tmp_path)
    answerer = Answerer(open_retriever(archive), FirstSentenceModel(), threshold)
    events = record(answerer.stream(Question.parse("Who signed the treaty?")), archive, 10)
    assert isinstance(next(events), HitsFound)
    archive.delete(deleted)
    *_, answer = events
    assert isinstance(answer, Answer)
    assert answer.candidate is None
    assert answer.id == content_id(answer)
    assert faults(archive, answer) == []


def test_a_stored_answer_whose_candidate_was_deleted_later_holds(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [TREATY, BRIDGE], tmp_path)
    answerer = Answerer(open_retriever(archive), FirstSentenceModel(), UNSURE)
    answer = answerer.answer(Question.parse("Who signed the treaty?"))
    assert answer.candidate is not None
    archive.store_answer(answer, 10)
    archive.delete("treaty")
    with archive.snapshot() as snapshot:
        stored = snapshot.answer(answer.id)
    assert stored.candidate is None
    assert faults(archive, stored) == []
