"""Enumerations: which spans are the members, whatever the reader marks of them."""

import pytest

from qa.answering.extraction.items import enumerate_items, members
from qa.answering.sentence import locate
from qa.question import Question
from tests.support.evidence import read_closely, sentence


@pytest.mark.parametrize(
    ("text", "marked", "items"),
    [
        (
            "Ships from Norway, Iceland and the Faroe Islands joined the search.",
            "Norway, Iceland and the Faroe Islands",
            ["Norway", "Iceland", "the Faroe Islands"],
        ),
        (
            "Ships from Norway, Iceland and Denmark.",
            "Norway",
            ["Norway", "Iceland", "Denmark"],
        ),
        (
            "The council bought bread; water; and blankets.",
            "bread; water; and blankets",
            ["bread", "water", "blankets"],
        ),
        ("It was won by Elena Voss.", "Elena Voss", ["Elena Voss"]),
        (
            "The colours are red, green, and dark blue (Hask has others).",
            "red, green, and dark blue",
            ["red", "green", "dark blue"],
        ),
        (  # what leads up to the first item: a preposition, an article behind a verb, "to"
            "They lived on melted snow, half a cake and a jar of mustard, and kept warm.",
            "a jar of mustard",
            ["melted snow", "half a cake", "a jar of mustard"],
        ),
        (
            "The union wants a raise of 8 percent and shorter night shifts.",
            "shorter night shifts",
            ["a raise of 8 percent", "shorter night shifts"],
        ),
        (
            "Keepers are advised to cage the queens, to burn old combs and not to buy bees.",
            "to burn old combs",
            ["to cage the queens", "to burn old combs", "not to buy bees"],
        ),
        (  # what follows the last
            "The Harbour Party, the Greens and two independents were against it, others not.",
            "the Greens",
            ["The Harbour Party", "the Greens", "two independents"],
        ),
        (
            "The laboratory was switched on first, then the pharmacy and last of all the office.",
            "The laboratory",
            ["The laboratory", "the pharmacy", "the office"],
        ),
        (  # the conjunction closes it
            "Trade and taxes, the minister said, are on the agenda.",
            "Trade",
            ["Trade", "taxes"],
        ),
    ],
)
def test_the_members_of_an_enumeration(text: str, marked: str, items: list[str]) -> None:
    span = locate(marked, [sentence(1, text, before="Rain fell. ")])
    assert span is not None
    found = [item.text for item in members(span)]
    assert found == items


def test_each_item_is_a_statement_with_its_place() -> None:
    text = "Ships from Norway, Iceland and Denmark joined the search."
    question = Question.parse("Which countries sent ships?", form="list")
    found = enumerate_items(
        question, [read_closely(1, text, marks={"Norway, Iceland and Denmark": 6.0})]
    )
    assert [item.text for item in found] == ["Norway", "Iceland", "Denmark"]
    assert all(item.span is not None and item.span.text == item.text for item in found)


def test_without_an_enumeration_the_list_has_one_item() -> None:
    question = Question.parse("When did the ships sail?", form="list")
    item = read_closely(1, "The ships sailed on 4 March 2022.", marks={"4 March 2022": 6.0})
    assert [found.text for found in enumerate_items(question, [item])] == ["4 March 2022"]


def test_nothing_is_listed_from_nothing() -> None:
    assert enumerate_items(Question.parse("Name the ships.", form="list"), []) == []
