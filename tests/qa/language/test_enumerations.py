"""Enumerations: where each item begins and ends, and what is not an item."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.language.enumerations import actions, by_line, enumerations
from qa.language.sentences import LONGEST_SENTENCE


def found(text: str) -> list[list[str]]:
    return [[text[item.start : item.end] for item in one.items] for one in enumerations(text)]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (
            "Five countries - Kenya, Djibouti and Uganda - will take part in the patrols.",
            ["Kenya", "Djibouti", "Uganda"],
        ),
        (
            "The tests found mercury, lead and the banned insecticide chlordane in the lake.",
            ["mercury", "lead", "the banned insecticide chlordane"],
        ),
        (  # a clause between commas is no item and does not end the enumeration
            "Ships will come from France, which keeps a frigate there, as well as Italy and Spain.",
            ["France", "Italy", "Spain"],
        ),
        (  # what describes a name is not another item
            "It was signed by Ann Wilk, 38, a pianist, Grace Lee and the mayor, Tom Reyes.",
            ["Ann Wilk", "Grace Lee", "the mayor, Tom Reyes"],
        ),
        (
            "He thanked the farmer Jan Holub; Eva Cerna, who runs the shop; and Pavel Urban.",
            ["the farmer Jan Holub", "Eva Cerna", "Pavel Urban"],
        ),
        (  # the preposition again
            "It has the backing of the Leather Workers' Guild and of Unity North.",
            ["the Leather Workers' Guild", "Unity North"],
        ),
        (
            "They lived on melted snow, half a cake and a jar of mustard, and kept warm.",
            ["melted snow", "half a cake", "a jar of mustard"],
        ),
        (
            "The firms are Penn & Lark, St. Marys Wool and Haul.",
            ["Penn & Lark", "St. Marys Wool", "Haul"],
        ),
    ],
)
def test_an_enumeration_has_its_items(text: str, items: list[str]) -> None:
    assert items in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "The mayor, Ann Lee, spoke on Monday.",
        "Marchetti, 37, read aloud to voters at 60 bus stops.",
        "More ships will come, officials announced on Monday.",
        "It came with the Apollo 11, 12 and 17 missions.",  # one name for three
        "",
    ],
)
def test_what_only_looks_like_an_enumeration_is_none(text: str) -> None:
    assert found(text) == []


def test_the_name_of_an_item_is_without_what_describes_it() -> None:
    text = "Aboard were the tanker Coral Venture, the carrier Hai Feng 8 and a dog."
    (enumeration,) = enumerations(text)
    names = [text[slice(*item.name)] if item.name else None for item in enumeration.items]
    assert names == ["Coral Venture", "Hai Feng 8", None]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (
            "Keepers are advised to cage the queens, to burn old combs and not to buy bees.",
            ["to cage the queens", "to burn old combs", "not to buy bees"],
        ),
        (
            "The partners will buy two tugs, dredge the channel and build a rail link.",
            ["buy two tugs", "dredge the channel", "build a rail link"],
        ),
        (  # an enumeration inside one of them
            "Owners should keep dogs and cats indoors and wash their hands.",
            ["keep dogs and cats indoors", "wash their hands"],
        ),
    ],
)
def test_actions_are_whole(text: str, items: list[str]) -> None:
    enumeration = actions(text)
    assert enumeration is not None
    assert [text[item.start : item.end] for item in enumeration.items] == items


def test_one_action_is_no_list() -> None:
    assert actions("Rain fell and the ships sailed.") is None


_WORDS = """
A and or the of , ; : ( ) - – & . Ann Lee Jan May Ohio lake who which said found not to buy 12 as
well including “ ’s é
""".split()  # noqa: SIM905  # readable as a text


@given(st.lists(st.sampled_from(_WORDS), max_size=40).map(" ".join))
def test_items_are_places_of_the_text_in_order(text: str) -> None:
    for one in (*enumerations(text), actions(text), by_line(text)):
        if one is not None:
            edges = [edge for item in one.items for edge in (item.start, item.end)]
            assert edges == sorted(edges)
            assert edges[-1] <= len(text)
            assert all(text[item.start : item.end].strip() for item in one.items)


@pytest.mark.parametrize("part", ["a ", "Ann, ", "lake of ", "(who ", "and ", "Ann Lee, a cook, "])
def test_a_long_sentence_takes_no_time(part: str) -> None:
    started = time.process_time()
    enumerations(part * (LONGEST_SENTENCE // len(part)))
    assert time.process_time() - started < 2
