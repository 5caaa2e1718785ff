"""Yes or no by the one figure that is asked about."""

import pytest

from qa.answering.extraction.figure_verdicts import by_figure
from qa.question import Question
from tests.support.evidence import sentence

TEXT = "The council pledged USD 40 million in relief on Monday."


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Did the council pledge USD 40 million in relief?", True),
        ("Did the council pledge $40m in relief?", True),
        ("Did the council pledge USD 40 billion in relief?", False),
        ("Did the council pledge EUR 40 million in relief?", False),
        ("Did the council pledge relief?", None),  # no figure to compare
        ("Did the airline order 40 new aircraft?", None),  # nobody speaks of it
        ("Was it between 40 and 50 million, or 30 million?", None),
    ],
)
def test_a_question_with_a_figure_is_decided_by_value(question: str, expected: bool | None) -> None:
    found = [sentence(1, TEXT, before="The rain stopped. ")]
    decided = by_figure(Question.parse(question), found)
    assert (decided.value if decided else None) == expected
    if decided is not None:
        assert decided.sentence.text == TEXT
