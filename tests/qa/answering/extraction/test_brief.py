"""A brief: several reports in the order of time, no fact twice."""

from qa import tuning
from qa.answering.extraction.brief import compose
from qa.question import Question
from tests.support.evidence import read_closely

ABOUT = Question.parse("What do we know about the flood in Hask?")


def test_a_brief_is_in_the_order_of_time_and_says_nothing_twice() -> None:
    found = [
        read_closely(1, "The flood killed 23 people.", published_at="2024-03-06"),
        read_closely(2, "Rain began to fall on Hask.", published_at="2024-03-01"),
        read_closely(3, "The flood killed 23 people.", published_at="2024-03-07"),
        read_closely(4, "The council met in the school.", published_at="2024-03-03"),
    ]
    assert [(item.text, item.cites) for item in compose(ABOUT, found)] == [
        ("Rain began to fall on Hask.", (2,)),
        ("The council met in the school.", (4,)),
        ("The flood killed 23 people.", (1,)),
    ]


def test_a_brief_has_a_longest_length() -> None:
    names = "anchor bell cable dune engine ferry gale hull island jetty keel lamp mast"
    found = [read_closely(n, f"The {name} broke.") for n, name in enumerate(names.split(), 1)]
    assert len(compose(ABOUT, found)) == tuning.MOST_BRIEF


def test_there_is_no_brief_of_nothing() -> None:
    assert compose(ABOUT, []) == []
