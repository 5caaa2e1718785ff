"""What nouns mean and places are, by WordNet's table."""

import pytest

from qa.language.nouns import is_plural, places, senses


@pytest.mark.parametrize(
    ("noun", "sort"),
    [("mercury", "substance"), ("wolves", "animal"), ("unions", "group"), ("nurses", "person")],
)
def test_a_noun_is_of_its_sorts(noun: str, sort: str) -> None:
    assert sort in senses(noun)


def test_an_unknown_noun_has_no_sort() -> None:
    assert senses("frobnicator") == frozenset()


@pytest.mark.parametrize("name", ["Norway", "the United States", "U.S.", "Britain", "Japan"])
def test_countries_are_known(name: str) -> None:
    assert "country" in places(name)


def test_a_city_is_not_a_country() -> None:
    assert "capital" in places("Vienna")
    assert "country" not in places("Vienna")
    assert places("Quenby") == frozenset()


def test_a_plural_is_known_by_its_singular() -> None:
    plurals = ["counties", "children", "mice", "women", "glasses", "conditions"]
    others = ["gas", "bus", "actress", "news", "series", "means", "wurbles", "park"]
    assert [noun for noun in plurals + others if is_plural(noun)] == plurals
