"""The rules of public benchmarks, applied to a case and its answer."""

from typing import Any

import pytest

from eval.benchmark_scores import benchmark_scores
from eval.cases import EvalCase
from eval.outcome import Outcome
from eval.scoring import scores_of
from eval.targets.file import adapt_answer

QUOTE = "Ada Norn was elected mayor of Vell in 2021."


def scores(case: EvalCase, **record: Any) -> dict[str, float | None]:
    answer, unreported = adapt_answer(record)
    return scores_of(case, Outcome(answer=answer, unreported=unreported))


def case(**fields: Any) -> EvalCase:
    content = {"id": "c", "question": "Who is the mayor of Vell?", "answerable": True}
    return EvalCase.model_validate(content | fields)


def test_the_rule_of_ramdocs() -> None:
    asked = case(form="every_answer", items=[["Norn"], ["Rill"]], wrong_answers=["Pold"])
    both = scores(asked, answer="Norn and Rill")
    assert (both["right"], both["right answers said"], both["wrong answer said"]) == (1, 1, 0)
    one = scores(asked, answer="Norn")
    assert (one["wrong"], one["right answers said"], one["wrong answer said"]) == (1, 0.5, 0)
    fooled = scores(asked, answer="Norn, Rill or Pold")
    assert (fooled["wrong"], fooled["wrong answer said"]) == (1, 1)
    assert scores(asked, answer=None)["declined"] == 1


@pytest.mark.parametrize(
    ("text", "relaxed", "strict"),
    [
        ("Ada Norn was elected in 2021.", 1, 1),
        ("Ada Norn was elected in 2021 with 70 percent.", 1, 0),  # the share is invented
        ("Greta Pold was elected in 2021.", 0, 0),
        (None, 0, 0),
    ],
)
def test_the_rules_of_freshqa(text: str | None, relaxed: float, strict: float) -> None:
    found = scores(case(answers=["Ada Norn"]), answer=text, citations=[{"n": 1, "quote": QUOTE}])
    assert (found["relaxed right"], found["strict right"]) == (relaxed, strict)


def test_a_false_premise_must_be_pointed_out() -> None:
    asked = case(form="false_premise", answers=["Vell has no king"])
    silent = scores(asked, answer="He attended Tosca.")
    assert (silent["right"], silent["relaxed right"]) == (0, 0)
    assert scores(asked, answer="Vell has no king.")["relaxed right"] == 1
    objects = scores(asked, answer=None, reason_code="false_premise")
    assert (objects["relaxed right"], objects["strict right"]) == (1, 1)
    assert scores(asked, answer=None)["relaxed right"] == 0


def test_the_rules_of_ragtime() -> None:
    asked = case(nuggets=[{"answers": ["elected in 2021"]}, {"answers": ["with 70 percent"]}])
    first = {"text": "Ada Norn was elected in 2021.", "citations": [1]}
    second = {"text": "She won with 70 percent.", "citations": [1]}
    found = scores(
        asked,
        answer=f"{first['text']} {second['text']}",
        statements=[first, second],
        citations=[{"n": 1, "quote": QUOTE}],
    )
    assert found["sentence support"] == 0.5
    assert found["nugget recall"] == 1
    assert found["nugget recall, supported sentences"] == 0.5  # the share rests on nothing
    assert found["report F1"] == 0.5
    assert found["right"] is None  # a report has no verdict
    declined = scores(asked, answer=None)
    assert (declined["nugget recall"], declined["report F1"]) == (0, 0)


def test_what_does_not_apply_is_left_out() -> None:
    answer, _ = adapt_answer({"answer": "Norn"})
    found = benchmark_scores(case(), answer, None)
    assert {name for name, score in found.items() if score is not None} == {"sentence support"}
