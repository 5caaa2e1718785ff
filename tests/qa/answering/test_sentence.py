"""Places in sentences."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.answering.sentence import locate
from tests.support.evidence import sentence
from tests.support.fakes import ScriptedReader


@pytest.mark.parametrize(
    ("short", "text", "found"),
    [
        ("five ships", "On Monday five ships came.", "five ships"),
        ("FIVE ships", "On Monday Five Ships came.", "Five Ships"),
        ("five  ships", "On Monday five\n ships came.", "five\n ships"),
        ("$3.5 million", "It cost $3.5 million.", "$3.5 million"),
        ("51.3 %", "Turnout was 51.3 % there.", "51.3 %"),
        ("(AP)", "KYIV (AP) - Ships came.", "(AP)"),
        ("U.S.", "The U.S. sent ships.", "U.S."),
        ("200", "Of 1,200 ships, 200 came.", "200"),
        ("3", "It rose by 3.5 and then by 3.", "3"),
    ],
)
def test_a_short_answer_is_found_where_it_stands(short: str, text: str, found: str) -> None:
    item = sentence(1, text, before="Before. ")
    at = locate(short, [item])
    assert at is not None
    start, end = at.start, at.end
    assert at.sentence is item
    assert item.hit.passage.article.text[start:end] == found
    assert item.start <= start < end <= item.end
    if short in ("200", "3"):
        assert start - item.start == text.rindex(short), "not inside a longer number"


@pytest.mark.parametrize(
    ("short", "text"),
    [
        ("art", "The party won."),
        ("five", "Twenty-fivefold."),
        ("5", "In 15 ships."),
        ("5", "In 2015."),
        ("200", "Some 1,200 ships came."),
        ("3", "It rose by 3.5 per cent."),
        ("$3", "It cost $3.5 million."),
        ("5", "It rose by 3.5 per cent."),
        ("", "Ships came."),
        ("   ", "Ships came."),
        ("trains", "Ships came."),
    ],
)
def test_a_short_answer_that_is_not_there_is_not_found(short: str, text: str) -> None:
    assert locate(short, [sentence(1, text)]) is None


def test_a_short_answer_is_located_in_its_sentence_and_not_before_it() -> None:
    item = sentence(1, "Later five came.", before="At first five came. ")
    at = locate("five", [item])
    assert at is not None
    assert (at.start, at.end) == (26, 30)  # "At first five came. " is 20 characters, "Later " six


def test_the_first_sentence_that_has_the_short_answer_wins() -> None:
    items = [sentence(1, "Ships came."), sentence(2, "Five came."), sentence(3, "Five left.")]
    at = locate("five", items)
    assert at is not None
    assert at.sentence.n == 2


@settings(deadline=None)
@given(st.text(max_size=20), st.text(max_size=40))
def test_what_is_located_is_the_short_answer_but_for_case_and_white_space(
    short: str, text: str
) -> None:
    item = sentence(1, text, before="Before. ")
    at = locate(short, [item])
    if at is not None:
        assert len(at.text.split()) == len(short.split())
        assert item.start <= at.start < at.end <= item.end


# odds


def test_odds_are_the_mean_of_all_readings_each_within_bounds() -> None:
    item = sentence(1, "Five ships came.")
    wide, near, alone = (
        ScriptedReader({"Five": odds}).read("How many?", [item.hit])[0]
        for odds in (-9.0, 3.0, 99.0)
    )
    place = (item.start, item.start + len("Five"))
    assert item.odds(*place) is None  # nothing was read
    assert replace(item, reading=wide).odds(*place) == -9.0
    # (-9 + 3 + 15) / 3: 99 counts as 15
    assert replace(item, reading=wide, closer=(near, alone)).odds(*place) == 3.0


def test_a_reading_that_does_not_see_the_span_counts_as_silent() -> None:
    item = sentence(1, "Five ships came.", before="It rained. ")
    wide = ScriptedReader({"Five": 6.0}).read("How many?", [item.hit])[0]
    elsewhere = replace(item.hit, passage=replace(item.hit.passage, end=9))
    blind = ScriptedReader({"It": 6.0}).read("How many?", [elsewhere])[0]
    found = replace(item, reading=wide, closer=(blind,))
    assert found.odds(item.start, item.start + len("Five")) == (6.0 - 15.0) / 2
