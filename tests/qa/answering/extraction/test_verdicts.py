"""Yes or no: by the one figure that is asked about, or as the reader reads the sentence."""

import pytest

from qa.answering.extraction.verdicts import by_figure, decide
from qa.answering.reader import Verdict
from qa.answering.sentence import Sentence
from qa.question import Question
from tests.support.evidence import read_closely, sentence

TEXT = "The council pledged USD 40 million in relief on Monday."


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Did the council pledge USD 40 million in relief?", True),
        ("Did the council pledge $40m in relief?", True),
        ("Did the council pledge USD 40 billion in relief?", False),
        ("Did the council pledge EUR 40 million in relief?", False),
        ("Did the council pledge relief?", None),  # no figure to compare
        ("Did the airline order 40 new aircraft?", None),  # nobody speaks of it
        ("Was it between 40 and 50 million, or 30 million?", None),
    ],
)
def test_a_question_with_a_figure_is_decided_by_value(question: str, expected: bool | None) -> None:
    found = [sentence(1, TEXT, before="The rain stopped. ")]
    decided = by_figure(Question.parse(question), found)
    assert (decided.value if decided else None) == expected
    if decided is not None:
        assert decided.sentence.text == TEXT


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
