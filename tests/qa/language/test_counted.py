"""Whole counts of a thing, in whatever words a report gives them."""

import pytest

from qa.language.counted import counts, measure

KILLED = measure(frozenset({"kill", "peopl"}))


@pytest.mark.parametrize(
    ("text", "figure", "whole"),
    [
        ("The coroner confirmed a final toll of 23.", "23", True),
        ("The number of people known to have died has risen to 17, up from nine.", "17", True),
        ("The number of people known to have died has risen to 17, up from nine.", "nine", False),
        ("The number of dead has been put at 25 rather than 26.", "25", True),
        ("The number of dead has been put at 25 rather than 26.", "26", False),
        ("Fourteen people were killed and 22 injured.", "22", False),  # the nearest word decides
        ("Twenty-one bodies have been found and seven people are missing.", "seven", False),
        ("Six of the dead were schoolchildren.", "Six", False),  # a part
        ("Four others died.", "Four", False),
        ("Officials had at one stage spoken of 13 deaths.", "13", False),  # an older count
        ("The fund has 3,100 donors.", "3,100", False),
    ],
)
def test_a_figure_counts_the_dead(text: str, figure: str, whole: bool) -> None:
    start = text.index(figure)
    assert counts(text, start, start + len(figure), KILLED) is whole


def test_what_is_not_counted_in_such_words_has_no_measure() -> None:
    assert measure(frozenset({"island", "ferri"})) == frozenset()
    assert not counts("The ferry has 23 seats.", 14, 16, frozenset())
