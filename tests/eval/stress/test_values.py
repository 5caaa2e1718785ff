"""Another value is of the same kind, and another."""

from random import Random

import pytest

from eval.metrics import is_right
from eval.stress.values import another, other_figures, other_value


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("USD 1,200 on 5 May", "USD 2,407 on 6 September"),
        ("1995", "1992"),
        ("12.5 percent", "13.5 percent"),
        ("three days", "six days"),
        ("Monday", "Wednesday"),
        ("Blink-182 and Kyiv", "Blink-182 and Kyiv"),
    ],
)
def test_figures_change_and_names_stay(text: str, changed: str) -> None:
    assert other_figures(text) == changed


def test_a_figure_gets_another_figure_and_a_name_a_choice_or_a_name() -> None:
    assert other_value("$40m", "How much?", ["$3m"], Random(1)) == "$13m"
    assert other_value("Kyushu", "Which island?", ["Kyushu", "Shikoku"], Random(1)) == "Shikoku"
    person = other_value("Elena Voss", "Who resigned?", [], Random(1))
    assert person is not None
    assert not is_right(person, ["Elena Voss"])
    assert other_value("because it rained again", "Why?", [], Random(1)) is None


def test_a_name_that_a_text_has_is_taken() -> None:
    assert another(["Brno", "Kigali"], Random(1), ["They met in Brno."]) == "Kigali"
