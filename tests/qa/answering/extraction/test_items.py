"""Lists: which enumeration answers, what its items are, and when there is none."""

import pytest

from qa.answering.choice import candidates
from qa.answering.extraction.items import enumerate_items
from qa.answering.sentence import Sentence
from qa.question import Question
from tests.support.evidence import read_closely


def listed(question: str, *evidence: Sentence) -> list[str]:
    found = enumerate_items(Question.parse(question, form="list"), evidence)
    return [item.text for item in found]


@pytest.mark.parametrize(
    ("question", "text", "marked", "items"),
    [
        (
            "Which countries sent ships?",
            "Ships from Norway, Iceland and the Faroe Islands joined the search.",
            "Norway",
            ["Norway", "Iceland", "Faroe Islands"],
        ),
        (  # what leads up to the first item, and what follows the last
            "What did the walkers eat?",
            "They lived on melted snow, half a cake and a jar of mustard, and kept warm.",
            "a jar of mustard",
            ["melted snow", "half a cake", "a jar of mustard"],
        ),
        (
            "Which parties voted against it?",
            "The Harbour Party, the Greens and two independents were against it, others not.",
            "the Greens",
            ["Harbour Party", "Greens", "two independents"],
        ),
        (  # a capital makes an article or a numeral part of the name
            "Which plays were cancelled?",
            "The theatre cancelled Seven Gates, The Long Wait and A Quiet Season.",
            "Seven Gates, The Long Wait and A Quiet Season",
            ["Seven Gates", "The Long Wait", "A Quiet Season"],
        ),
        (  # nor does such an article make it a description of the name beside it
            "Which cities sent singers?",
            "The choir had singers from The Hague, Rotterdam and Basel.",
            "The Hague, Rotterdam and Basel",
            ["The Hague", "Rotterdam", "Basel"],
        ),
        (  # the words for all of them are no item
            "Which companies gave money?",
            "Two companies, Penn & Lark and Haul, gave money.",
            "Haul",
            ["Penn & Lark", "Haul"],
        ),
        (  # a country is no county, an event nobody
            "Which counties were flooded?",
            "The rain reached Tolland, Burke and France.",
            "Tolland",
            ["Tolland", "Burke"],
        ),
        (
            "What are keepers told to do?",
            "Keepers are advised to cage the queens, to burn old combs and not to buy bees.",
            "to burn old combs",
            ["to cage the queens", "to burn old combs", "not to buy bees"],
        ),
        (
            "What are the demands?",
            "The demands are:\n- New fans\n- A canteen.\n",
            "New fans",
            ["New fans", "A canteen"],
        ),
    ],
)
def test_a_list_has_the_items_of_an_enumeration(
    question: str, text: str, marked: str, items: list[str]
) -> None:
    assert listed(question, read_closely(1, text, marks={marked: 6.0})) == items


def test_each_item_is_a_statement_with_its_place() -> None:
    text = "Ships from Norway, Iceland and Denmark joined the search."
    question = Question.parse("Which countries sent ships?", form="list")
    found = enumerate_items(
        question, [read_closely(1, text, marks={"Norway, Iceland and Denmark": 6.0})]
    )
    assert [item.text for item in found] == ["Norway", "Iceland", "Denmark"]
    assert all(item.span is not None and item.span.text == item.text for item in found)


def test_the_enumeration_that_the_reader_marks_answers() -> None:
    ships = read_closely(
        1,
        "Ships from Norway, Iceland and Denmark came.",
        marks={"Norway, Iceland and Denmark": 6.0},
    )
    money = read_closely(2, "Money came from France, Spain and Italy.", marks={"Spain": -6.0})
    assert listed("Which countries sent ships?", money, ships) == ["Norway", "Iceland", "Denmark"]


@pytest.mark.parametrize(
    "text",
    [
        "A ship from Norway joined the search.",  # one would be a piece of the answer
        "Rain, wind and a storm delayed the ship from Norway.",  # none is a country
        "No ships of Norway or Iceland joined the search.",
        "Meanwhile, officials said, the ship from Norway had turned back.",
    ],
)
def test_without_an_enumeration_of_the_class_one_item_is_half_as_sure(text: str) -> None:
    evidence = [read_closely(1, text, marks={"Norway": 6.0})]
    question = "Which countries sent ships?"
    (one,) = enumerate_items(Question.parse(question, form="list"), evidence)
    best = candidates(Question.parse(question, form="list"), evidence)[0]
    assert one.text == best.span.text
    assert one.confidence == pytest.approx(best.confidence / 2, abs=1e-4)


def test_a_surer_single_item_comes_before_an_enumeration_that_is_too_unsure() -> None:
    ships = read_closely(1, "A ship from Norway joined the search.", marks={"Norway": 15.0})
    money = read_closely(2, "Money came from France, Spain and Italy.", marks={"Spain": -15.0})
    asked = Question.parse("Which countries sent ships?", form="list", min_confidence=0.35)
    assert [item.text for item in enumerate_items(asked, [ships, money])] == ["Norway"]


def test_a_question_of_one_figure_has_one_item() -> None:
    item = read_closely(1, "The ships sailed on 4 March 2022.", marks={"4 March 2022": 6.0})
    assert listed("When did the ships sail?", item) == ["4 March 2022"]


def test_nothing_is_listed_from_nothing() -> None:
    assert listed("Name the ships.") == []
