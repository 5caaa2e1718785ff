import pytest

from qa.language.forms import aspect_of, form_of
from qa.question import Question


@pytest.mark.parametrize(
    ("question", "form", "aspect"),
    [
        ("How many people were hurt?", "short", None),
        ("Who resigned on Monday?", "short", None),
        ("Why did the minister resign?", "sentences", "cause"),
        ("How did the fire start?", "sentences", "manner"),
        ("What did the mayor say about the bridge?", "sentences", "speech"),
        ("What happened at the port?", "sentences", "event"),
        ("Did the council approve the plan?", "yes_no", None),
        ("Name the countries that sent ships.", "list", None),
        ("What do we know about the flood in Hask?", "brief", "event"),
    ],
)
def test_the_form_is_read_off_the_question(question: str, form: str, aspect: str | None) -> None:
    assert form_of(question) == form
    if form != "brief":
        assert aspect_of(question) == aspect


def test_a_form_that_is_given_wins() -> None:
    assert Question.parse("Who resigned?", form="list").form == "list"
