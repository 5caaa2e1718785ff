"""The names that a question may write for what the archive has."""

import pytest

from qa.language.limits import KnownNames, stated_limits
from qa.types import Filters

BOTH = ("The Bay Herald", "bayherald.example")


@pytest.fixture
def known() -> KnownNames:
    return KnownNames(
        sources=[*BOTH, "Hill Post"],
        aliases={"bayherald.example": "The Bay Herald", "the herald": "The Bay Herald"},
    )


def sources(question: str, known: KnownNames) -> tuple[str, ...]:
    return stated_limits(question, known, None).filters.sources


@pytest.mark.parametrize(
    "name", ["the Bay Herald", "Bay Herald", "bayherald.example", "the Herald", "Herald"]
)
def test_every_name_of_a_publisher_finds_all_its_spellings(known: KnownNames, name: str) -> None:
    """Also an alias that no article bears, and a domain, which has no capital."""
    assert sources(f"According to {name}, who resigned?", known) == BOTH
    assert sources("According to the Hill Post, who resigned?", known) == ("Hill Post",)


def test_an_alias_of_a_source_that_the_archive_lacks_limits_nothing() -> None:
    known = KnownNames(sources=["Hill Post"], aliases={"herald": "The Bay Herald"})
    assert sources("According to the Herald, who resigned?", known) == ()


def test_a_domain_is_not_a_name_without_its_ending() -> None:
    known = KnownNames(sources=["sun.example"])
    assert sources("What was said about spots in the sun?", known) == ()
    assert sources("What was reported about bees in sun.example?", known) == ("sun.example",)


def test_names_that_filters_allow_are_known_by_each_name(known: KnownNames) -> None:
    allowed = known.among(Filters(sources=("The Bay Herald", "bayherald.example")))
    assert sources("According to the Herald, who resigned?", allowed) == BOTH
    assert sources("According to the Hill Post, who resigned?", allowed) == ()
