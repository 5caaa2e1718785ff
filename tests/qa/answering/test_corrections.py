"""An answer that rests on corrected text cites the correction: instead, or as well."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from qa.answer import Answer
from qa.answering.answerer import Answerer
from qa.answering.recheck import check_answer
from qa.archive.archive import Archive
from qa.bootstrap import open_retriever
from qa.models.local import ExtractiveModel
from qa.question import Question
from qa.types import Filters
from tests.support.archives import put
from tests.support.fakes import ScriptedReader

REPORT = {
    "id": "ferry",
    "text": "The ferry Solvane sank on 1 May 2024 off Harrow Point."
    " Fourteen people died on the ferry Solvane.",
    "published_at": "2024-05-01",
    "source": "Argus",
}
QUESTION = "How many people died on the ferry Solvane?"
REPEATING = (
    "An earlier version of this report, published on 1 May 2024, said that fourteen people died on"
    " the ferry Solvane. Eleven people died on the ferry Solvane, the coastguard said."
)
READER = {"Fourteen": 9.0, "fourteen": 9.0, "Eleven": 7.0, "eleven": 7.0}


def ask(
    archive: Archive,
    tmp_path: Path,
    correction: str | None,
    question: str = QUESTION,
    marked: Mapping[str, float] = READER,
    **filters: Any,
) -> Answer:
    records: list[dict[str, Any]] = [REPORT]
    if correction is not None:
        fields = {"corrects": "ferry", "published_at": "2024-05-02", "source": "Argus"}
        records.append({"id": "fix", "text": correction, **fields})
    put(archive, records, tmp_path)
    reader = ScriptedReader(marked)
    answerer = Answerer(open_retriever(archive), ExtractiveModel(), 0.3, reader)
    answer = answerer.answer(Question.parse(question, Filters(**filters)))
    with archive.snapshot() as snapshot:
        assert check_answer(answer.model_dump(mode="json"), snapshot) == []
    return answer


def value(answer: Answer) -> str | None:
    assert answer.short_answer is not None, answer.reason
    return answer.short_answer.value


def test_without_a_correction_the_report_answers(archive: Archive, tmp_path: Path) -> None:
    answer = ask(archive, tmp_path, None)
    assert value(answer) == "14"
    assert [cited.article_id for cited in answer.citations] == ["ferry"]


@pytest.mark.parametrize(
    "correction",
    [
        "Eleven people died on the ferry Solvane.",
        REPEATING,
    ],
)
def test_where_both_answer_the_correction_wins(
    archive: Archive, tmp_path: Path, correction: str
) -> None:
    answer = ask(archive, tmp_path, correction)
    assert value(answer) == "11"
    (cited,) = answer.citations
    assert (cited.article_id, cited.corrects) == ("fix", "ferry")


def test_a_correction_of_something_else_is_cited_as_well(archive: Archive, tmp_path: Path) -> None:
    answer = ask(archive, tmp_path, "The captain of the ferry is called Ann Roe, not Ann Rowe.")
    assert value(answer) == "14"
    assert [(cited.article_id, cited.corrects) for cited in answer.citations] == [
        ("ferry", None),
        ("fix", "ferry"),
    ]
    assert [statement.citations for statement in answer.statements] == [(1,)]
    assert answer.independent_sources == 1


def test_only_what_a_correction_takes_back_is_left_out(archive: Archive, tmp_path: Path) -> None:
    question = "Where did the ferry Solvane sink?"
    answer = ask(archive, tmp_path, REPEATING, question, {"Harrow Point": 8.0})
    assert answer.answer is not None
    assert "Harrow Point" in answer.answer
    assert [cited.article_id for cited in answer.citations] == ["ferry", "fix"]


def test_as_of_a_day_before_the_correction_the_report_answers(
    archive: Archive, tmp_path: Path
) -> None:
    correction = "Eleven people died on the ferry Solvane."
    answer = ask(archive, tmp_path, correction, as_of="2024-05-01")
    assert value(answer) == "14"
    assert len(answer.citations) == 1
