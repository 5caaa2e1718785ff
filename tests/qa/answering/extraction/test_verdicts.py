"""Yes or no as the reader reads the sentence, and what decides nothing."""

import pytest

from qa.answering.extraction.verdicts import decide
from qa.answering.reader import Verdict
from qa.answering.sentence import Sentence
from qa.question import Question
from tests.support.evidence import read_closely, sentence

TEXT = "The council pledged USD 40 million in relief on Monday."


@pytest.mark.parametrize(
    ("verdict", "value"),
    [(Verdict(0.02, 0.96, 0.02), True), (Verdict(0.01, 0.001, 0.989), False)],
)
def test_the_reader_decides_where_no_figure_does(verdict: Verdict, value: bool) -> None:
    question = Question.parse("Did the council pledge relief?")
    (statement,) = decide(question, [read_closely(1, TEXT, verdict=verdict)])
    assert statement.verdict is value
    assert statement.text == TEXT
    assert statement.cites == (1,)


def test_the_sentence_that_leaves_less_open_decides() -> None:
    question = Question.parse("Did the council pledge relief?")
    found: list[Sentence] = [
        read_closely(1, "The council met.", verdict=Verdict(0.9, 0.02, 0.08)),
        read_closely(2, "The council refused relief.", verdict=Verdict(0.01, 0.001, 0.989)),
    ]
    (statement,) = decide(question, found)
    assert (statement.verdict, statement.cites) == (False, (2,))


def test_the_surer_the_reader_the_surer_the_verdict() -> None:
    question = Question.parse("Did the council pledge relief?")
    confidences = []
    for no in (0.05, 0.01, 0.001):
        verdict = Verdict(0.02, 0.98 - no, no)
        (statement,) = decide(question, [read_closely(1, TEXT, verdict=verdict)])
        assert statement.confidence is not None
        confidences.append(statement.confidence)
    assert confidences == sorted(confidences)
    assert confidences[0] < confidences[-1]


def test_a_reader_that_leans_too_little_decides_nothing() -> None:
    question = Question.parse("Did the council pledge relief?")
    assert decide(question, [read_closely(1, TEXT, verdict=Verdict(0.1, 0.5, 0.4))]) == []


def test_nothing_is_decided_without_a_close_reading() -> None:
    assert decide(Question.parse("Did the council pledge relief?"), [sentence(1, TEXT)]) == []


@pytest.mark.parametrize(
    "text",
    [
        "How to pledge relief",
        "Did the council pledge relief?",
        "The council has not said whether it will pledge relief.",
    ],
)
def test_what_asks_or_leaves_it_open_decides_nothing(text: str) -> None:
    question = Question.parse("Did the council pledge relief?")
    assert decide(question, [read_closely(1, text, verdict=Verdict(0.02, 0.96, 0.02))]) == []


def test_of_what_is_known_such_a_sentence_decides() -> None:
    question = Question.parse("Did police know the driver?")
    text = "Police do not know who the driver was."
    (statement,) = decide(question, [read_closely(1, text, verdict=Verdict(0.01, 0.001, 0.989))])
    assert statement.verdict is False


def test_what_somebody_denies_is_given_without_a_verdict() -> None:
    question = Question.parse("Did the mayor take money?")
    found = [
        read_closely(1, "The Gazette said that he took it.", verdict=Verdict(0.02, 0.96, 0.02)),
        sentence(2, "The mayor denied that he took any money."),
    ]
    (statement,) = decide(question, found)
    assert (statement.text, statement.cites) == (found[1].text, (2,))
    assert statement.verdict is None


@pytest.mark.parametrize(
    "text",
    [
        "The mayor was denied bail and took the money.",
        "A court denied Mayor Roe an appeal, as he took the money.",
        "The mayor, who took the money, denies all other charges.",
    ],
)
def test_who_is_refused_something_or_denies_something_else_denies_it_not(text: str) -> None:
    assert decide(Question.parse("Did the mayor take money?"), [sentence(1, text)]) == []
