"""Questions that take for granted what the report contradicts."""

import pytest

from qa.answering.extraction.premise import contradicted
from qa.question import Question
from tests.support.evidence import read_closely

TEXT = "Mayor Elena Voss reopened the Hask ferry on Monday after 40 drivers ended their strike."


@pytest.mark.parametrize(
    ("question", "wrong"),
    [
        ("Why did Mayor Piet Maas reopen the Hask ferry on Monday?", True),  # another name
        ("Why did the 90 drivers end their strike on the Hask ferry?", True),  # another figure
        ("Why did Mayor Elena Voss reopen the Hask ferry on Monday?", False),
        ("Why did the 40 drivers end their strike on the Hask ferry?", False),
        ("Why did Piet Maas leave the bank in Brast?", False),  # the report is about other things
    ],
)
def test_a_name_or_a_figure_that_the_report_has_otherwise(question: str, wrong: bool) -> None:
    found = contradicted(Question.parse(question), [read_closely(1, TEXT)])
    assert (found is not None) is wrong
    if found is not None:
        assert (found.text, found.code) == (TEXT, "false_premise")


def test_without_evidence_nothing_is_contradicted() -> None:
    assert contradicted(Question.parse("Why did Piet Maas leave?"), []) is None
