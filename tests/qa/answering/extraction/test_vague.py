"""Questions that fit several events: each is named, with its own answer."""

import pytest

from qa.answering.extraction.extract import extract
from qa.answering.extraction.vague import meant
from qa.answering.sentence import Sentence
from qa.models.base import Statement
from qa.question import Question
from qa.types import Filters
from tests.support.evidence import read_closely

VAGUE = "How many people did the flood kill?"
HASK = read_closely(
    1,
    "The flood in Hask killed 17 people, Mayor Elena Voss said.",
    marks={"17": 6.0},
    published_at="2024-03-04",
)
BRAST = read_closely(
    2,
    "The flood in Brast killed 40 people, Governor Piet Maas said.",
    marks={"40": 6.0},
    published_at="2023-05-01",
)
HASK_AGAIN = read_closely(
    3,
    "In Hask the flood killed 17 people, and Elena Voss will pay.",
    marks={"17": 6.0},
    published_at="2024-03-09",
)
FIRE = read_closely(4, "The fire in Lund killed 9 people.", marks={"9": 6.0})


def said(question: str, *evidence: Sentence, filters: Filters | None = None) -> list[int]:
    """The numbers of the sentences that are given."""
    found = meant(Question.parse(question, filters), evidence)
    assert all(item.code == "too_uncertain" for item in found)
    return [item.cites[0] for item in found]


def test_each_event_is_given_the_newest_first() -> None:
    assert said(VAGUE, BRAST, HASK, FIRE) == [1, 2]


def test_of_each_event_the_latest_count_is_given() -> None:
    final = read_closely(
        5,
        "In Hask a final toll of 23 was confirmed, Elena Voss said.",
        marks={"23": -9.0},
        published_at="2024-04-01",
    )
    assert said(VAGUE, HASK, BRAST, final) == [5, 2]


def test_a_fire_chief_makes_no_fire() -> None:
    fire = "How many people did the fire kill?"
    chief = read_closely(
        6, "A surge in Brast killed 40 people, the fire chief said.", marks={"40": 6.0}
    )
    assert said(fire, FIRE, chief) == []


def test_two_reports_of_one_event_are_one() -> None:
    assert said(VAGUE, HASK, HASK_AGAIN) == []


@pytest.mark.parametrize(
    "question",
    [
        "How many people did the flood in Hask kill?",  # named
        "How many people did the latest flood kill?",  # in time
        "How many people did the flood of March 2024 kill?",
        "How many people died?",  # no event at all
        "How many people did the storm sink?",  # no such event
    ],
)
def test_a_question_that_says_which_is_not_vague(question: str) -> None:
    assert said(question, HASK, BRAST) == []


def test_a_filter_says_which_event_is_meant() -> None:
    assert said(VAGUE, HASK, BRAST, filters=Filters(as_of="2024-06-01")) == []


def test_an_event_whose_answer_is_far_less_sure_is_not_meant() -> None:
    unsure = read_closely(2, BRAST.text, marks={"40": -12.0}, published_at="2023-05-01")
    assert said(VAGUE, HASK, unsure) == []


def test_the_answer_is_the_sentences_of_the_events() -> None:
    written = [
        item
        for item in extract(Question.parse(VAGUE), [HASK, BRAST])
        if isinstance(item, Statement)
    ]
    assert [item.text for item in written] == [HASK.text, BRAST.text]
    assert all(item.span is None for item in written)
