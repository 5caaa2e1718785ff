"""Reports that say that something is not known."""

import pytest

from qa.answering.extraction.unknown import said_to_be
from qa.question import Question
from tests.support.evidence import sentence

HOW = Question.parse("How did the fire in the warehouse start?")


@pytest.mark.parametrize(
    "text",
    [
        "Investigators have not said how the fire started.",
        "How the fire in the warehouse started is still unclear.",
        "Police declined to say what started the warehouse fire.",
        "It wasn’t immediately known how the warehouse fire started.",
    ],
)
def test_a_sentence_that_says_so_is_the_answer(text: str) -> None:
    evidence = [sentence(1, "The harvest was good."), sentence(2, text)]
    found = said_to_be(HOW, evidence, 0.2)
    assert found is not None
    assert (found.text, found.cites, found.code) == (text, (2,), "reports_say_unknown")


@pytest.mark.parametrize(
    "text",
    [
        "The fire in the warehouse started in a heater.",  # known
        "It is unclear who will win the cup.",  # not what is asked
    ],
)
def test_other_sentences_are_not(text: str) -> None:
    assert said_to_be(HOW, [sentence(1, text), sentence(2, "Rain fell.")], 0.2) is None


def test_a_sure_answer_outweighs_it() -> None:
    evidence = [sentence(1, "Investigators have not said how the fire started.")]
    assert said_to_be(HOW, evidence, 0.9) is None


def test_a_sentence_that_names_what_is_asked_outweighs_a_fairly_sure_answer() -> None:
    who = Question.parse("Who reported the two walkers missing?")
    plain = sentence(1, "Police have not said who reported the two walkers missing.")
    vague = sentence(1, "The two walkers reported missing have not been found.")
    assert said_to_be(who, [plain], 0.7) is not None
    assert said_to_be(who, [vague], 0.7) is None


@pytest.mark.parametrize(
    ("question", "text", "found"),
    [
        ("What caused the fire in the Hask mill?", "The cause is being investigated.", True),
        ("How many people saw the fire in the Hask mill?", "The cause is not known.", False),
        ("Has oil leaked from the Hask mill?", "Nobody can say yet whether any has.", False),
    ],
)
def test_a_short_sentence_counts_where_its_report_is_about_it(
    question: str, text: str, found: bool
) -> None:
    item = sentence(1, text, before="A fire broke out in the Hask mill. ")
    assert (said_to_be(Question.parse(question), [item], 0.2) is not None) is found


def test_other_words_for_the_same_count() -> None:
    lost = Question.parse("Did the hospital lose patient records?")
    item = sentence(1, "The infirmary cannot yet say whether any records were lost.")
    assert said_to_be(lost, [item], 0.2) is not None


def test_what_is_not_known_elsewhere_is_not_meant() -> None:
    deaths = Question.parse("How many people died in the Hask fire?")
    text = "It is not known how many people died."
    elsewhere = sentence(1, text, title="A fire in Brast")
    there = sentence(1, text, title="A fire in Hask")
    assert said_to_be(deaths, [elsewhere], 0.2) is None
    assert said_to_be(deaths, [there], 0.2) is not None


def test_something_else_that_is_open_is_not_meant() -> None:
    asked = Question.parse("How many people watched the funeral in Hask?")
    watched = "The funeral in Hask was watched, but {} has not been announced."
    guests = sentence(1, watched.format("a guest list"))
    people = sentence(1, watched.format("the number of people"))
    assert said_to_be(asked, [guests], 0.2) is None
    assert said_to_be(asked, [people], 0.2) is not None


def test_of_what_is_open_one_word_is_enough() -> None:
    asked = Question.parse("How much did Nordline pay for the harbour?")
    price = sentence(1, "The price that Nordline will pay for the harbour was not disclosed.")
    assert said_to_be(asked, [price], 0.2) is not None
