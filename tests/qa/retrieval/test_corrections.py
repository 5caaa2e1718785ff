"""Corrections are ranked beside what they correct."""

from pathlib import Path
from typing import Any

import pytest

from qa.archive.archive import Archive
from qa.bootstrap import open_retriever
from qa.question import Question
from qa.types import Filters, Hit
from tests.support.archives import put

REPORTS = [
    {"id": "ferry", "text": "Fourteen people died on the ferry.", "published_at": "2024-05-01"},
    {
        "id": "fix",
        "text": "It was eleven.",
        "corrects": "ferry",
        "published_at": "2024-05-02",
        "source": "Argus",
    },
    {"id": "fix2", "text": "It was ten.", "corrects": "fix", "published_at": "2024-05-04"},
    *(
        {"id": f"other{n}", "text": f"The ferry was late, people said on day {n}.",
         "published_at": "2024-05-01"}
        for n in range(30)
    ),
]  # fmt: skip
QUESTION = "How many people died on the ferry?"


@pytest.fixture
def told(archive: Archive, tmp_path: Path) -> Archive:
    put(archive, REPORTS, tmp_path)
    return archive


def hits(archive: Archive, k: int = 5, **filters: Any) -> list[Hit]:
    question = Question.parse(QUESTION, Filters(**filters), k=k)
    return list(open_retriever(archive).retrieve(question).hits)


def ids(found: list[Hit]) -> list[str]:
    return [hit.passage.article.id for hit in found]


def test_a_correction_and_its_correction_rank_just_before_the_report(told: Archive) -> None:
    found = hits(told)
    assert ids(found)[:3] == ["fix", "fix2", "ferry"]
    assert found[0].score == found[1].score == found[2].score > found[3].score
    assert all(hit.scores.dense is not None for hit in found[:3])


def test_corrections_are_those_that_the_question_may_see(told: Archive) -> None:
    assert ids(hits(told, as_of="2024-05-01"))[0] == "ferry"
    assert ids(hits(told, as_of="2024-05-03"))[:2] == ["fix", "ferry"]
    assert ids(hits(told, article_ids=("ferry",))) == ["ferry"]


def test_a_report_that_nothing_corrects_ranks_as_before(told: Archive) -> None:
    found = ids(hits(told, k=30))
    assert len(found) == len(set(found)) == 30
