"""RAMDocs' rule: every right answer, and no wrong one."""

from typing import Any

import pytest

from eval.metrics.every_answer import answers_said
from eval.targets.file import adapt_answer
from qa.answer import Answer

NORN, RILL = ("Ada Norn", "Norn"), ("Tomas Rill",)


def answer(text: str | None, **fields: Any) -> Answer:
    return adapt_answer({"answer": text} | fields)[0]


@pytest.mark.parametrize(
    ("text", "share", "wrong"),
    [
        ("Ada Norn by the lake, Tomas Rill on the coast.", 1, False),
        ("Mayor Norn and TOMAS RILL", 1, False),  # another spelling, another case
        ("Ada Norn", 0.5, False),
        ("Ada Norn, Tomas Rill or Greta Pold", 1, True),
        ("Nornia", 0, False),  # whole words
        (None, 0, False),
    ],
)
def test_answers_count_where_they_occur(text: str | None, share: float, wrong: bool) -> None:
    assert answers_said(answer(text), [NORN, RILL], ["Greta Pold"]) == (share, wrong)


def test_listed_items_and_the_short_answer_count_too() -> None:
    listed = answer("They are two.", items=["Ada Norn"], short_answer="Tomas Rill")
    assert answers_said(listed, [NORN, RILL], []) == (1, False)


def test_a_longer_answer_does_not_give_the_shorter_one_within_it() -> None:
    paris = [("Paris",)]
    assert answers_said(answer("Paris, Texas"), paris, ["Paris, Texas"]) == (0, True)
    assert answers_said(answer("Paris"), paris, ["Paris, Texas"]) == (1, False)
    assert answers_said(answer("Paris, Texas"), [("Paris, Texas",)], ["Paris"]) == (1, False)
    both = answer("Paris, Texas; Paris")
    assert answers_said(both, paris, ["Paris, Texas"]) == (1, True)


def test_neighbours_are_both_found() -> None:
    assert answers_said(answer("Norn Rill"), [("Norn",), ("Rill",)], []) == (1, False)


def test_an_answer_that_is_right_and_wrong_counts_as_right() -> None:
    assert answers_said(answer("Norn"), [NORN], ["norn"]) == (1, False)


def test_nothing_is_measured_without_right_answers() -> None:
    assert answers_said(answer("Norn"), [], ["Rill"]) is None
