"""The embedded default: no model to load, and all text is the evidence's."""

from qa.models.base import Statement
from qa.models.local import ExtractiveModel
from qa.question import Question
from tests.support.evidence import read_closely


def test_it_answers_with_words_of_the_evidence() -> None:
    item = read_closely(3, "The flood killed 17 people.", marks={"17": 8.0})
    (found,) = ExtractiveModel().write(
        Question.parse("How many people did the flood kill?"), [item]
    )
    assert isinstance(found, Statement)
    assert (found.text, found.cites) == ("17", (3,))


def test_without_evidence_it_writes_nothing() -> None:
    assert list(ExtractiveModel().write(Question.parse("Who left?"), [])) == []
