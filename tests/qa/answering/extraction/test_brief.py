"""A brief: several reports in the order of time, no fact twice."""

from qa import tuning
from qa.answering.extraction.brief import compose
from qa.question import Question
from tests.support.evidence import read_closely

ABOUT = Question.parse("What do we know about the flood in Hask?")


def test_a_brief_is_in_the_order_of_time_and_says_nothing_twice() -> None:
    found = [
        read_closely(1, "The Hask flood killed 23 people.", published_at="2024-03-06"),
        read_closely(2, "Rain began to fall on Hask.", published_at="2024-03-01"),
        read_closely(3, "The Hask flood has killed 23 people.", published_at="2024-03-05"),
        read_closely(4, "The council of Hask met.", published_at="2024-03-03"),
    ]
    assert [(item.text, item.cites) for item in compose(ABOUT, found)] == [
        ("Rain began to fall on Hask.", (2,)),
        ("The council of Hask met.", (4,)),
        ("The Hask flood killed 23 people.", (1,)),
    ]


def test_a_brief_has_a_longest_length() -> None:
    names = "anchor bell cable dune engine ferry gale hull island jetty keel lamp mast"
    found = [
        read_closely(n, f"The {name} of Hask broke.") for n, name in enumerate(names.split(), 1)
    ]
    assert len(compose(ABOUT, found)) == tuning.MOST_BRIEF


def test_of_two_figures_for_the_same_the_later_one_is_given() -> None:
    early = read_closely(1, "The flood in Hask killed 17 people.", published_at="2024-03-06")
    late = read_closely(2, "The flood in Hask killed 23 people.", published_at="2024-03-09")
    for found in ([early, late], [late, early]):
        assert [item.text for item in compose(ABOUT, found)] == [late.text]


def test_a_brief_is_as_sure_as_its_reports_are_about_the_matter() -> None:
    (all_words,) = compose(ABOUT, [read_closely(1, "The flood in Hask killed 17 people.")])
    (name_alone,) = compose(ABOUT, [read_closely(1, "A fair in Hask drew 17 people.")])
    assert all_words.confidence == tuning.BRIEF_SUREST
    assert name_alone.confidence == tuning.BRIEF_SUREST / 2  # "Hask" of "flood" and "Hask"


def test_reports_without_the_names_asked_about_are_on_another_matter() -> None:
    leaks = Question.parse("What do we know about the Nord Stream leaks?")
    music = read_closely(1, "Her album leaked on a music stream.")
    assert compose(leaks, [music]) == []
    pipes = read_closely(2, "Gas bubbled up above Nord Stream.")
    assert [item.cites for item in compose(leaks, [music, pipes])] == [(2,)]
    dated = Question.parse("What do we know about the Nord Stream leaks of September 2022?")
    assert [item.cites for item in compose(dated, [music, pipes])] == [(2,)]


def test_there_is_no_brief_of_nothing() -> None:
    assert compose(ABOUT, []) == []


def test_a_byline_is_no_news() -> None:
    bylines = ["By Marta Halych", "By Zoë Kjærgaard and Bo Vane"]
    news = ["By Monday the flood in Hask had killed 17 people.", "By Hask stands a mill."]
    found = [read_closely(n, text) for n, text in enumerate([*bylines, *news], 1)]
    assert {item.text for item in compose(ABOUT, found)} == set(news)
