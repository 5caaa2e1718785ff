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


@pytest.mark.parametrize(
    ("question", "text", "wrong"),
    [
        (
            "Who were the seven workers killed at the Hask mill?",
            "An explosion at the Hask mill killed four workers and hurt fifteen.",
            True,
        ),
        (
            "How will Voss spend her prize of CHF 50,000?",
            "For the prize Voss got CHF 90,000 to spend.",
            True,
        ),
        (
            "Who were the four workers killed at the Hask mill?",
            "An explosion at the Hask mill killed four workers and hurt fifteen.",
            False,
        ),
        (
            "Who were the seven workers killed at the Hask mill?",
            "An explosion at the Hask mill hurt fifteen.",  # says nothing of the dead
            False,
        ),
        (
            "How many of the seven workers at the Hask mill were killed?",  # asks for a part
            "An explosion at the Hask mill killed four workers.",
            False,
        ),
        (
            "Which two workers were killed at the Hask mill?",  # "two" is how many to name
            "An explosion at the Hask mill killed four workers.",
            False,
        ),
        (
            "For which two workers was the Hask mill a grave?",
            "The Hask mill was a grave for four workers.",
            False,
        ),
    ],
)
def test_a_figure_of_another_value_for_the_same_thing(
    question: str, text: str, wrong: bool
) -> None:
    found = contradicted(Question.parse(question), [read_closely(1, text)])
    assert (found is not None) is wrong


def test_a_figure_that_any_report_has_is_not_contradicted() -> None:
    question = Question.parse("Why were nine workers killed at the Hask mill?")
    early = read_closely(1, "Nine workers were killed at the Hask mill.", published_at="2024-03-01")
    late = read_closely(2, "Ten workers were killed at the Hask mill.", published_at="2024-03-04")
    assert contradicted(question, [early, late]) is None
    assert contradicted(question, [late]) is not None


def test_the_newest_report_says_what_is_true() -> None:
    question = Question.parse("Why were seven workers killed at the Hask mill?")
    early = read_closely(1, "Nine workers were killed at the Hask mill.", published_at="2024-03-01")
    late = read_closely(2, "Ten workers were killed at the Hask mill.", published_at="2024-03-04")
    found = contradicted(question, [early, late])
    assert found is not None
    assert found.cites == (2,)


def test_without_evidence_nothing_is_contradicted() -> None:
    assert contradicted(Question.parse("Why did Piet Maas leave?"), []) is None
