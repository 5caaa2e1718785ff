"""Sentence support and nugget recall, by the deterministic test of support."""

from typing import Any

import pytest

from eval.cases import Nugget
from eval.metrics.reports import (
    nugget_recall,
    sentence_support,
    supported_text,
)
from eval.targets.file import adapt_answer
from qa.answer import Answer

QUESTION = "What happened to the harbour?"
WIDENED = "The harbour was widened in 2019."
PAID = "The works cost 40 million euros, paid by the port."
INVENTED = "Swimmers protested for 3 weeks."


def report(*sentences: tuple[str, list[int]], quotes: tuple[str, ...] = (WIDENED, PAID)) -> Answer:
    """An answer of sentences with the numbers of their citations."""
    record: dict[str, Any] = {
        "answer": " ".join(text for text, _ in sentences) or None,
        "statements": [{"text": text, "citations": cited} for text, cited in sentences],
        "citations": [{"n": n, "quote": quote} for n, quote in enumerate(quotes, start=1)],
    }
    return adapt_answer(record)[0]


def test_a_sentence_is_supported_by_its_own_citations() -> None:
    answer = report((WIDENED, [1]), (PAID, [2]), (INVENTED, [1, 2]), ("The port paid.", []))
    assert sentence_support(answer, QUESTION) == 0.5  # two of four
    assert supported_text(answer, QUESTION) == f"{WIDENED} {PAID}"
    crossed = report((WIDENED, [2]), (PAID, [1]))
    assert sentence_support(crossed, QUESTION) == 0


def test_a_sentence_that_claims_nothing_is_left_out() -> None:
    assert sentence_support(report(("Yes.", []), (WIDENED, [1])), QUESTION) == 1
    assert sentence_support(report(("Yes.", [])), QUESTION) is None
    assert sentence_support(report(), QUESTION) is None  # declined


def test_a_system_without_statements_is_judged_as_one_sentence() -> None:
    whole = {"answer": f"{WIDENED} {PAID}", "citations": [{"n": 1, "quote": f"{WIDENED} {PAID}"}]}
    answer, _ = adapt_answer(whole)
    assert sentence_support(answer, QUESTION) == 1


@pytest.mark.parametrize(
    ("nugget", "stated"),
    [
        (Nugget(answers=("in 2019",)), True),
        (Nugget(answers=("2020",)), False),
        (Nugget(answers=("2020", "2019")), True),  # any
        (Nugget(answers=("2020", "2019"), every=True), False),
        (Nugget(answers=("40m euros", "the port paid"), every=True), True),  # by value
        (Nugget(answers=("the swimmers protested",)), False),
        # Only words of its question: then they have to be said.
        (Nugget(question="Was the harbour widened?", answers=("widened",)), True),
        (Nugget(question="Was the harbour closed?", answers=("closed",)), False),
    ],
)
def test_a_nugget_is_stated_by_figures_and_words(nugget: Nugget, stated: bool) -> None:
    assert nugget_recall([nugget], f"{WIDENED} {PAID}", QUESTION) == float(stated)


def test_nuggets_count_by_their_weight() -> None:
    vital, okay = Nugget(answers=("2019",)), Nugget(answers=("swimmers",), weight=0.5)
    assert nugget_recall([vital, okay], WIDENED, QUESTION) == pytest.approx(1 / 1.5)
    assert nugget_recall([vital, okay], "", QUESTION) == 0
    assert nugget_recall([], WIDENED, QUESTION) is None
