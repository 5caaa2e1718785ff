"""The form of the question decides what the answer is made of."""

import pytest

from qa.answering.extraction.extract import extract
from qa.answering.reader import Verdict
from qa.models.base import Declined, Statement
from qa.question import Question
from qa.types import Form
from tests.support.evidence import read_closely, sentence

TEXT = "Ships from Norway, Iceland and Denmark joined the search."


@pytest.mark.parametrize(
    ("form", "texts"),
    [
        ("short", ["Norway"]),
        ("sentences", [TEXT]),
        ("yes_no", [TEXT]),
        ("list", ["Norway", "Iceland", "Denmark"]),
        ("brief", [TEXT]),
    ],
)
def test_each_form_has_its_answer(form: Form, texts: list[str]) -> None:
    question = Question.parse("Ships from where joined the search?", form=form)
    item = read_closely(1, TEXT, marks={"Norway": 8.0}, verdict=Verdict(0.02, 0.96, 0.02))
    found = list(extract(question, [item]))
    assert [statement.text for statement in found if isinstance(statement, Statement)] == texts
    assert len(found) == len(texts)


def test_what_is_said_not_to_be_known_is_the_answer_unless_something_is_surer() -> None:
    question = Question.parse("How did the warehouse fire start?")
    unknown = sentence(1, "Investigators have not said how the warehouse fire started.")
    (found,) = extract(question, [unknown])
    assert isinstance(found, Statement)
    assert found.code == "reports_say_unknown"


@pytest.mark.parametrize(
    ("form", "reason"),
    [("yes_no", "no sentence of the nearest passages decides this"), ("short", "no sentence of")],
)
def test_why_there_is_no_answer(form: Form, reason: str) -> None:
    question = Question.parse("When did it rain?", form=form)
    (found,) = extract(question, [sentence(1, "It was dry.")])
    assert isinstance(found, Declined)
    assert found.code == "not_in_archive"
    assert found.reason.startswith(reason)
