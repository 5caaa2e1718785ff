"""A report about another thing of the kind that is asked about is not read."""

import pytest

from qa.answering.lookalikes import without_lookalikes
from qa.question import Question
from tests.support.evidence import sentence


def is_read(question: str, text: str, title: str | None = None) -> bool:
    found = sentence(1, text, title=title).hit
    return bool(without_lookalikes(Question.parse(question), [found]))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How many died when the ferry Castor sank?", "3 people died when the ferry Solvane sank."),
        ("What is the rate of the Bank of Tarn?", "The Bank of Corvik raised its rate."),
        ("Who was elected mayor of Gorm?", "Lena Brask was elected mayor of Hask on Thursday."),
        ("Who is the Mayor of Gorm?", "Lena Brask is the mayor of Port Eldric."),
    ],
)
def test_another_of_its_kind_is_left_out(question: str, text: str) -> None:
    assert not is_read(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        # the thing itself, also beside another, in another form, or by a part of its name
        ("When did the ferry Castor sink?", "The ferry Solvane sailed on; the Castor sank."),
        ("Who is president of Ukraine?", "He is president of Russia; the Ukrainian vote is later."),
        ("Who is mayor of Port Eldric?", "The mayor of Hask met her colleague from Eldric."),
        ("How fast was the storm Petra?", "Petra slows: the storm Rita was faster."),
        # no other of its kind
        ("When did the ferry Castor sink?", "The ferry sank on Monday."),
        ("Who is mayor of Gorm?", "The mayor of the town is Lena Brask."),
        ("Who is mayor of Gorm?", "Lena Brask has been mayor of late."),
        # the other is asked about as well
        ("Did the ferry Castor hit the ferry Solvane?", "The ferry Solvane was hit by a ship."),
        ("Did the ferry Castor hit the Solvane?", "The ferry Solvane was hit by a ship."),
        # nothing is named after its kind: part of a name, a day, a share
        ("Who won in the United Kingdom?", "She won in the United States."),
        ("Who resigned last Friday?", "The minister resigned last Thursday."),
        ("Who owns one of Tarn's mills?", "Two sisters own one of Corvik's mills."),
        ("Did Castor sink?", "Did Solvane sink?"),
        ("When did Ana Roe visit Gorm?", "She will visit Hask in May."),
    ],
)
def test_whatever_may_be_about_it_is_read(question: str, text: str) -> None:
    assert is_read(question, text)


def test_a_title_names_the_thing_too() -> None:
    question = "How many people died on the ferry Castor?"
    text = "3 people died, more than on the ferry Solvane."
    assert is_read(question, text, "The Castor sinks")
    assert not is_read(question, text, "A ferry sinks")
