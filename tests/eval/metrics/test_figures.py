"""Whether two texts give the same figure, on pairs that were labelled by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.metrics.figures import figure_match


def pairs(name: str) -> list[dict[str, Any]]:
    lines = (Path(__file__).parent / name).read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


PAIRS = pairs("figure_pairs.jsonl")
# Labelled before the judge was written; two of its faults were fixed after its first run on them.
UNSEEN = pairs("judged_pairs.jsonl")


def is_same(answer: str, reference: str) -> bool:
    match = figure_match(answer, [reference])
    return match is not None and match.same


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair['answer']} / {pair['expected']}")
def test_figures_match_by_value_and_unit(pair: dict[str, Any]) -> None:
    match = figure_match(pair["answer"], [pair["expected"]])
    assert (match is not None and match.same) == pair["same"], pair["why"]
    if match is not None and match.same:
        assert match.approximate == pair["approximate"], pair["why"]


def test_the_labelled_pairs_are_many_and_half_of_them_are_traps() -> None:
    same = [pair for pair in PAIRS if pair["same"]]
    assert len(PAIRS) >= 150
    assert len(same) * 2 <= len(PAIRS)


def test_the_judge_agrees_with_labels_that_it_was_not_written_for() -> None:
    """The system's own parser agreed on 73 of the 103, and called no different pair the same."""
    different = [pair for pair in UNSEEN if not pair["same"]]
    assert len(UNSEEN) >= 100
    assert [pair for pair in different if is_same(pair["answer"], pair["reference"])] == []
    same = [pair for pair in UNSEEN if pair["same"]]
    missed = [pair["answer"] for pair in same if not is_same(pair["answer"], pair["reference"])]
    assert missed == ["XXXII"]


def test_an_answer_that_is_no_figure_is_not_compared_as_one() -> None:
    for right in ("Boeing 737", "Elena Voss", "the M25 motorway near Hask", ""):
        assert figure_match("737", [right]) is None


def test_an_answer_whose_figure_cannot_be_read_says_so() -> None:
    match = figure_match("a lot of them", ["40"])
    assert match is not None
    assert not match.read


@pytest.mark.parametrize(
    ("answer", "right", "expected"),
    [
        ("nine years", "9", True),
        ("nine years", "9 months", False),
        ("ninety years", "9", False),
        ("$68.7\u00a0billion", "$68.7 billion", True),
        ("August 21, 2022", "August 21", True),
        ("August 22, 2022", "August 21", False),
        ("August 21", "August 21, 2022", False),  # less than was asked
        ("2022-08-21", "August 2022", False),
    ],
)
def test_an_answer_may_say_the_unit_or_the_year_that_the_right_one_lacks(
    answer: str, right: str, expected: bool
) -> None:
    assert is_same(answer, right) == expected
