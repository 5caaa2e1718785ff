"""Where a system and the metrics read the same answer differently."""

from typing import Any

import pytest

from eval.cases import EvalCase
from eval.disagreements import disagreements
from eval.outcome import Outcome
from eval.targets.file import adapt_answer
from qa.answering.shaping import cite
from tests.support.evidence import sentence
from tests.support.values import an_answer

CASE = EvalCase(id="c1", question="How much was pledged?", answers=("$40m",), answerable=True)
QUOTE = "The council pledged $40 million for the bridge."
FIGURE = {
    "text": "$40 million",
    "kind": "money",
    "value": "40000000",
    "value_to": None,
    "unit": None,
    "bound": "exact",
    "status": "supported",
    "citation": 1,
}
SHORT = {"text": "$40 million", "kind": "money", "value": "40000000"}


def problems(**fields: Any) -> list[str]:
    given = {
        "status": "answered",
        "answer": "$40 million",
        "short_answer": SHORT,
        "citations": (cite(1, sentence(1, QUOTE)),),
        "figures": (FIGURE,),
    }
    answer = an_answer(**(given | fields))
    return [found.problem for found in disagreements(CASE, Outcome(answer=answer))]


def statement(text: str) -> dict[str, Any]:
    return {"text": text, "start": 0, "end": len(text), "citations": (1,)}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        (
            {"figures": ({**FIGURE, "text": "$41 million"}, FIGURE)},
            ["supported figure is not in its quote"],
        ),
        ({"figures": ({**FIGURE, "status": "unsupported"},)}, ["unsupported figure is in a quote"]),
        ({"figures": ()}, ["figure is not listed"]),
        ({"short_answer": {**SHORT, "value": "40000"}}, ["typed value is another"]),
        ({"short_answer": {**SHORT, "value": "many"}}, ["typed value is not a number"]),
        ({"short_answer": {**SHORT, "value": "1/0"}}, ["typed value is not a number"]),
        (
            {"short_answer": {**SHORT, "text": "a lot"}},
            ["typed value, where not one figure is read"],
        ),
        ({"statements": (statement("$40 million"),)}, []),
        (
            {"statements": (statement("The minister resigned"),)},
            ["statement is not in its quotes"],
        ),
        ({"status": "not_found", "answer": None}, []),
    ],
)
def test_each_claim_of_the_system_is_judged_anew(
    fields: dict[str, Any], expected: list[str]
) -> None:
    assert problems(**fields) == expected


def test_what_a_system_does_not_report_is_not_judged() -> None:
    answer, unreported = adapt_answer({"answer": "It was $40 million."})
    assert not list(disagreements(CASE, Outcome(answer=answer, unreported=unreported)))
