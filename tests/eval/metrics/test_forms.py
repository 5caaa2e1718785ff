"""Metrics of the forms of answers, against values worked out by hand."""

from typing import Any

import pytest

from eval.cases import GoldSpan
from eval.metrics.forms import (
    brief_shares,
    cites_gold,
    is_confirmed,
    item_shares,
    repeats,
    shares_half,
    states_a_value,
    verdict_said,
)
from eval.targets.file import adapt_answer
from qa.answer import Answer

GOLD = GoldSpan(article_id="a", start=100, end=200)


def answer_with(*places: tuple[str, int, int], **fields: Any) -> Answer:
    citations = [
        {"n": n, "quote": "x", "article_id": name, "start": start, "end": end}
        for n, (name, start, end) in enumerate(places, start=1)
    ]
    return adapt_answer({"answer": "Text.", "citations": citations} | fields)[0]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (100, 200, True),
        (0, 1000, True),  # holds it: all 100 of the shorter are shared
        (150, 250, True),  # both are 100 long and share 50: just half
        (151, 251, False),  # 49 of 100
        (190, 210, True),  # the shorter is 20 long, 10 are shared
        (191, 211, False),  # 9 of 20
        (120, 121, True),  # one character, inside
        (200, 300, False),  # begins where the gold ends
        (0, 100, False),
        (150, 150, False),  # no place at all
    ],
)
def test_a_place_is_gold_if_half_of_the_shorter_one_is_shared(
    start: int, end: int, expected: bool
) -> None:
    assert shares_half("a", start, end, GOLD) == expected
    assert not shares_half("b", start, end, GOLD)


def test_one_citation_on_any_gold_sentence_is_enough() -> None:
    other = GoldSpan(article_id="b", start=0, end=10)
    citations = answer_with(("c", 0, 50), ("b", 0, 10)).citations
    assert cites_gold(citations, [GOLD, other]) == 1.0
    assert cites_gold(citations, [GOLD]) == 0.0
    assert cites_gold((), [GOLD]) == 0.0
    assert cites_gold(citations, ()) is None


def test_quotes_without_a_place_cannot_be_scored_by_places() -> None:
    assert cites_gold(answer_with(("a", 0, 0)).citations, [GOLD]) is None
    assert cites_gold(answer_with(("a", 0, 0), ("a", 100, 200)).citations, [GOLD]) == 1.0


def test_a_brief_is_measured_by_gold_found_and_by_sound_citations() -> None:
    gold = [
        GOLD,
        GoldSpan(article_id="a", start=300, end=400),
        GoldSpan(article_id="b", start=0, end=9),
    ]
    # Cited: one gold sentence, one of a relevant article, two of neither.
    citations = answer_with(("a", 100, 200), ("r", 5, 9), ("x", 0, 9), ("a", 500, 600)).citations
    shares = brief_shares(citations, gold, relevant=["r"])
    assert shares is not None
    assert shares.recall == pytest.approx(1 / 3)
    assert shares.precision == pytest.approx(2 / 4)
    assert shares.f1 == pytest.approx(2 * (1 / 3) * (1 / 2) / (5 / 6))  # 0.4
    nothing = brief_shares((), gold, ["r"])
    assert nothing is not None
    assert (nothing.recall, nothing.precision, nothing.f1) == (0.0, 0.0, 0.0)
    assert brief_shares(citations, (), ["r"]) is None


ITEMS = (("Dallas/Fort Worth", "DFW"), ("Houston",), ("Atlanta", "Hartsfield-Jackson"))


@pytest.mark.parametrize(
    ("text", "listed", "recall", "precision"),
    [
        ("Atlanta, DFW and Houston.", (), 1.0, 1.0),
        ("It was Houston.", (), 1 / 3, 1.0),  # a text: what is wrong in it cannot be counted
        ("It was Denver.", (), 0.0, 0.0),
        ("These.", ("Houston", "Dallas/Fort Worth", "Denver"), 2 / 3, 2 / 3),
        ("These.", ("Houston airport", "Hartsfield-Jackson International"), 2 / 3, 1.0),
        ("These.", ("Fort Worth",), 0.0, 0.0),  # only a part of a spelling
        ("In Houstonville.", (), 0.0, 0.0),  # whole words only
    ],
)
def test_a_list_is_measured_by_its_items(
    text: str, listed: tuple[str, ...], recall: float, precision: float
) -> None:
    shares = item_shares(answer_with(answer=text, items=list(listed)), ITEMS)
    assert shares is not None
    assert shares.recall == pytest.approx(recall)
    assert shares.precision == pytest.approx(precision)


def test_items_are_not_measured_where_none_are_known() -> None:
    assert item_shares(answer_with(), ()) is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"short_answer": {"text": "yes", "kind": "boolean", "value": "true"}}, "yes"),
        ({"short_answer": {"text": "no", "kind": "boolean", "value": "false"}}, "no"),
        ({"short_answer": "No"}, "no"),
        ({"answer": "Yes, the council agreed."}, "yes"),
        ({"answer": "No. It was closed."}, "no"),
        ({"answer": "No one knows."}, None),
        ({"answer": "Yesterday it was."}, None),
        ({"answer": "The council agreed."}, None),
    ],
)
def test_a_verdict_is_a_value_or_the_first_word(fields: dict[str, Any], expected: str) -> None:
    assert verdict_said(answer_with(**fields)) == expected


@pytest.mark.parametrize(
    ("fields", "confirmed", "repeated"),
    [
        ({"answer": "Under Mario Draghi.", "short_answer": "Mario Draghi"}, True, True),
        ({"answer": "Yes, he did."}, True, True),
        ({"answer": "He served Mario Draghi."}, False, True),
        ({"answer": "He served Berlusconi.", "short_answer": "Berlusconi"}, False, False),
        (
            {"answer": "It was not Mario Draghi.", "short_answer": "It was not Mario Draghi"},
            False,
            True,
        ),
        ({"answer": "Not Mario Draghi.", "reason_code": "false_premise"}, False, False),
        ({"answer": None, "short_answer": None}, False, False),
    ],
)
def test_an_untrue_value_is_confirmed_as_short_answer_and_repeated_anywhere(
    fields: dict[str, Any], confirmed: bool, repeated: bool
) -> None:
    answer = answer_with(**fields)
    assert is_confirmed(answer, "Mario Draghi") == confirmed
    assert repeats(answer, "Mario Draghi") == repeated


def test_a_value_is_stated_unless_the_reports_are_said_not_to_know() -> None:
    money = {"text": "$5m", "kind": "money", "value": "5000000"}
    assert states_a_value(answer_with(short_answer=money))
    assert not states_a_value(answer_with(short_answer=money, reason_code="reports_say_unknown"))
    assert not states_a_value(answer_with(short_answer={"text": "unclear", "kind": "text"}))
    assert not states_a_value(answer_with(short_answer=None))
