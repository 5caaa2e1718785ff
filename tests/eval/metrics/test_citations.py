"""Scores of citations, against values worked out by hand."""

from typing import Any

import pytest

from eval.metrics import citations
from eval.metrics.citations import (
    citation_precision,
    citation_recall,
    digits_without_quote,
    figures_without_quote,
    supports,
)
from eval.targets.file import adapt_answer
from qa.answer import Answer
from qa.answering.shaping import cite
from tests.support.evidence import sentence
from tests.support.values import an_answer

QUESTION = "How much was pledged for the bridge?"


@pytest.mark.parametrize(
    ("statement", "quotes", "recall", "precision"),
    [
        ("USD 40 million", ["The council pledged $40m for it."], 1.0, 1.0),
        ("USD 40 million", ["The council pledged $40bn for it."], 0.0, 0.0),
        ("USD 40 million", [], 0.0, None),
        # the second quote says nothing of it, and the first does without it
        ("USD 40 million", ["It pledged $40m.", "Work begins soon."], 1.0, 0.5),
        # each alone is not enough, together they are
        (
            "The mayor pledged 40 million in Hask",
            ["The mayor spoke in Hask.", "40 million was the sum."],
            1.0,
            1.0,
        ),
        ("Elena Voss", ["The minister, Elena Voss, resigned."], 1.0, 1.0),
        # the same figure, of which the quote says more
        ("80", ["The mayor turns 80 years old."], 1.0, 1.0),
        ("$231", ["The price is $231 a tonne."], 1.0, 1.0),
        ("Three", ["HASK (Meridian Press) - Three people came."], 1.0, 1.0),
        ("$68.7\u00a0billion", ["It paid $68.7 billion."], 1.0, 1.0),
        ("Elena Voss", ["The minister resigned."], 0.0, 0.0),
    ],
)
def test_citations_are_scored_as_in_alce(
    statement: str, quotes: list[str], recall: float, precision: float | None
) -> None:
    assert citation_recall(statement, quotes, QUESTION) == recall
    assert citation_precision(statement, quotes, QUESTION) == precision


def test_a_bare_yes_can_neither_be_supported_nor_not() -> None:
    assert supports(["The bridge stands."], "Yes", "Was the bridge built?") is None
    assert citation_precision("Yes", ["The bridge stands."], "Was the bridge built?") is None


def answer_with(text: str, quote: str, **more: Any) -> Answer:
    citation = {"n": 1, "article_id": "a", "quote": quote}
    record = {"answer": text, "figures": [], "citations": [citation]}
    return adapt_answer(record | more)[0]


@pytest.mark.parametrize(
    ("text", "quote", "expected"),
    [
        ("USD 40 million", "It pledged $40m.", 0.0),
        ("USD 40 million", "It pledged $41m.", 1.0),
        ("1,200.50 euros", "It cost 1200.5 euros.", 0.0),
        ("1.5 %", "It rose by 15 %.", 1.0),
        ("in 2024 it was 7", "It was 7.", 0.0),  # the question says 2024
        ("Elena Voss", "It was 7.", None),
        ("forty million", "It pledged $40m.", None),  # words are the parser's business
    ],
)
def test_digits_are_looked_up_without_a_parser(
    text: str, quote: str, expected: float | None
) -> None:
    assert digits_without_quote(answer_with(text, quote), "How much in 2024?") == expected


def test_digits_that_are_labelled_as_unsupported_are_left_out() -> None:
    figure = {"text": "41", "status": "derived"}
    answer = answer_with("41 of 40", "There were 40.", figures=[figure])
    assert digits_without_quote(answer, "How many?") == 0.0


def test_a_fault_of_the_parser_shows_in_the_metric_that_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(citations, "read", lambda *_: [])
    answer = answer_with("USD 40 million", "It pledged $41m.")
    assert figures_without_quote(answer) == 0.0
    assert digits_without_quote(answer, "How much?") == 1.0


def test_a_figure_is_read_as_its_quote_reads_it() -> None:
    """ "2000" alone looks like a year; in "2000 guests" it is a count, and the answer holds."""
    figure = {
        "text": "2000",
        "kind": "number",
        "value": "2000",
        "value_to": None,
        "unit": None,
        "bound": "exact",
        "status": "supported",
        "citation": 1,
    }

    def said(quote: str) -> float:
        citation = cite(1, sentence(1, quote))
        return figures_without_quote(
            an_answer(status="answered", answer="2000", figures=(figure,), citations=(citation,))
        )

    assert said("The dinner had 2000 guests.") == 0
    assert said("The dinner had 12000 guests.") == 1
