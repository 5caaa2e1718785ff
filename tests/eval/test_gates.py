"""Gates: a change for the worse is caught, noise is not."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.cases import EvalCase
from eval.gates import FEW, Gate, failed, few_cases, load_gates
from eval.outcome import Outcome
from eval.run import score
from eval.summary import Comparable, board_of
from eval.targets.file import adapt_answer
from qa.errors import BadInput
from tests.support.runs import comparable, noisy

FLOOR = Gate(metric="F1", at_least=0.5)


def test_a_floor_and_a_ceiling() -> None:
    run = comparable("r", {f"c{n}": {"F1": 0.45} for n in range(4)})
    (line,) = failed([FLOOR], run)
    below = "below the required 0.5\n  4 out of bounds: c0, c1, c2, c3"
    assert line == f"GATE F1: 0.45, {below}"
    assert failed([Gate(metric="F1", at_least=0.45, at_most=0.45)], run) == []
    assert (
        failed([Gate(metric="latency p95", at_most=2.5), Gate(metric="failures", at_most=1)], run)
        == []
    )
    assert failed(
        [Gate(metric="latency p95", at_most=2), Gate(metric="failures", at_most=0)], run
    ) == [
        "GATE latency p95: 2.5, above the allowed 2",
        "GATE failures: 1, above the allowed 0",
    ]
    money = failed([Gate(metric="F1", tag="money", at_least=0.5)], run)
    assert money == [f"GATE F1 (money): 0.4, {below}"]


def test_a_gate_that_fails_names_the_cases_that_went_wrong_the_new_ones_first() -> None:
    scores = {f"c{n}": {"F1": 0.4 if n < 12 else 1.0} for n in range(14)}
    now = comparable("now", scores)
    before = comparable("before", scores | {"c9": {"F1": 0.6}, "c11": {"F1": 1.0}})
    floor = Gate(metric="F1", at_least=0.5, tag="money")
    (line,) = failed([replaced(floor, tag=None, at_least=0.9)], now)
    assert line.endswith("\n  12 out of bounds: c0, c1, c2, c3, c4, c5, c6, c7, c8, c9 and 2 more")
    (line,) = failed([floor], now, before)
    assert line.endswith(
        "\n  12 out of bounds, 2 of them new: c9, c11, c0, c1, c2, c3, c4, c5, c6, c7 and 2 more"
    )
    (line,) = failed([Gate(metric="F1", not_worse=True)], noisy(1, -0.3), noisy(1))
    assert "worse than before: c" in line
    assert line.endswith(" more")
    outage = replace(now, summary={**now.summary, "failed": [{"id": "c5", "error": "timeout"}]})
    (line,) = failed([Gate(metric="failures", at_most=0)], outage, before)
    assert line.endswith("\n  1 out of bounds, 1 of them new: c5")


def test_a_gate_over_few_cases_is_doubtful_unless_all_must_meet_it() -> None:
    few = comparable("r", {f"c{n}": {"F1": 0.5, "exact": 1.0} for n in range(FEW - 1)})
    (line,) = few_cases([FLOOR, Gate(metric="exact", at_least=1)], few)
    assert line.endswith("fewer than 20 cases a gate passes and fails by chance: F1 (19)")
    assert few_cases([Gate(metric="F1", not_worse=True), Gate(metric="F1", at_most=0)], few) == []
    enough = comparable("r", {f"c{n}": {"F1": 0.5} for n in range(FEW + 5)})
    assert few_cases([FLOOR], enough) == []
    tagged = {f"c{n}": {"F1": 0.5} for n in range(10, 40)}  # those from 20 on have no tag
    (line,) = few_cases([replaced(FLOOR, tag="money")], comparable("r", tagged))
    assert line.endswith(": F1 (money) (10)")


def replaced(gate: Gate, **changes: Any) -> Gate:
    return gate.model_copy(update=changes)


def test_a_gate_on_a_form_looks_at_its_cases_alone() -> None:
    cases = [case("w1", "why"), case("w2", "why"), case("h1", "how"), case("h2", "how")]

    def run_with(*wrong: str) -> Comparable:
        board = board_of(score(one, said(one, wrong), None) for one in cases)
        header = {"target": {}, "cases": {"sha256": "s"}}
        return board.comparable("run", header, board.summary())

    one_wrong = run_with("w2")
    gate = Gate(metric="right", form="why", at_least=0.6)
    (line,) = failed([gate], one_wrong)
    assert line == "GATE right (why): 0.5, below the required 0.6\n  1 out of bounds: w2"
    assert failed([Gate(metric="right", form="how", at_least=1)], one_wrong) == []
    assert failed([Gate(metric="right", form="brief", at_least=0)], one_wrong) == [
        "GATE right (brief): the run has no such number"
    ]
    both_wrong, none_wrong = run_with("w1", "w2"), run_with()
    (line,) = failed(
        [Gate(metric="CRAG score", form="why", not_worse=True)], both_wrong, none_wrong
    )
    assert line.startswith("GATE CRAG score (why): -1 is worse than the baseline's 1")
    how = Gate(metric="CRAG score", form="how", not_worse=True)
    assert failed([how], both_wrong, none_wrong) == []


def case(name: str, form: str) -> EvalCase:
    gold = [{"article_id": name, "start": 0, "end": 9}]
    content = {"id": name, "question": "Why?", "answerable": True, "form": form, "gold": gold}
    return EvalCase.model_validate(content | {"relevant": [name]})


def said(asked: EvalCase, wrong: Collection[str]) -> Outcome:
    """An answer that cites the gold sentence, or another place for the cases that go wrong."""
    start = 50 if asked.id in wrong else 0
    citation = {"n": 1, "article_id": asked.id, "quote": "x", "start": start, "end": start + 9}
    answer, unreported = adapt_answer({"answer": "So it was.", "citations": [citation]})
    return Outcome(answer=answer, unreported=unreported)


def test_a_gate_that_cannot_be_checked_fails() -> None:
    run = comparable("r", {"c1": {"F1": 1.0}})
    assert failed([Gate(metric="hit@7", at_least=0)], run) == [
        "GATE hit@7: the run has no such number"
    ]
    assert failed([Gate(metric="F1", tag="nowhere", at_least=0)], run) == [
        "GATE F1 (nowhere): the run has no such number"
    ]
    with pytest.raises(BadInput, match="--baseline"):
        failed([Gate(metric="F1", not_worse=True)], run)
    (line,) = failed(
        [Gate(metric="F1", not_worse=True)], run, comparable("b", {"c1": {"MRR": 1.0}})
    )
    assert line == "GATE F1: the baseline has no such score"
    three = comparable("b", {f"c{n}": {"F1": 1.0} for n in (1, 2, 3)})
    (line,) = failed([Gate(metric="F1", not_worse=True)], run, three)
    assert line == "GATE F1: missing in 2 of the baseline's 3 cases, 'c2' first"


def test_cases_that_all_hang_together_have_no_interval_but_a_fall_counts() -> None:
    one, other = (
        replace(
            comparable("r", {"c1": {"F1": score}, "c2": {"F1": 1.0}}),
            relevant={"c1": ["a"], "c2": ["a"]},
        )
        for score in (0.0, 1.0)
    )
    gate = Gate(metric="F1", not_worse=True)
    assert len(failed([gate], one, other)) == 1
    assert failed([gate], other, one) == failed([gate], one, one) == []


def test_a_change_for_the_worse_is_caught_and_one_for_the_better_is_none() -> None:
    gate = Gate(metric="F1", not_worse=True)
    (line,) = failed([gate], noisy(1, -0.3), noisy(1))
    assert line.startswith("GATE F1: ")
    assert "worse than the baseline" in line
    assert failed([gate], noisy(1, 0.3), noisy(1)) == []
    declined = Gate(metric="declined, answerable (wrong)", not_worse=True)  # lower is better
    lower, higher = (noisy(1, shift, declined.metric) for shift in (-0.3, 0.0))
    assert failed([declined], lower, higher) == []
    assert len(failed([declined], higher, lower)) == 1


def test_of_forty_runs_of_the_same_quality_hardly_any_raises_an_alarm() -> None:
    gate = Gate(metric="F1", not_worse=True)
    alarms = sum(bool(failed([gate], noisy(2 * n), noisy(2 * n + 1))) for n in range(40))
    assert alarms <= 4  # one-sided, each with a chance of .025
    assert all(not failed([gate], noisy(n), noisy(n)) for n in range(10))


def test_a_gate_compares_like_with_like() -> None:
    other = comparable("b", {"c1": {"F1": 1.0}}, corpus="g")
    with pytest.raises(BadInput, match="another archive"):
        failed([Gate(metric="F1", not_worse=True)], comparable("r", {"c1": {"F1": 1.0}}), other)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "gate"),
        ("gate = 5", "gate"),
        ("[[gate]]\nmetric = 'F1'", "gate.0: needs at_least, at_most or not_worse"),
        ("[[gate]]\nat_least = 1", "gate.0.metric"),
        ("[[gate]]\nmetric = 'F1'\nat_leest = 1", "at_leest"),
        ("[[gate]]\nmetric = 'F1'\nat_least = 'high'", "at_least"),
        ("[[gate]]\nmetric = 'latency p95'\nnot_worse = true", "not a score of a case"),
        ("[[gate]]\nmetric = 'F1'\nform = 'essay'\nat_least = 1", "form"),
        ("[[gate]]\nmetric = 'F1'\nform = 'why'\ntag = 'x'\nat_least = 1", "a tag or a form"),
        ("[[gate", "invalid TOML"),
        ("x = " + "[" * 100_000, "TOML"),
        ("[[gate]]\nmetric = 'F1'\nat_least = nan", "at_least"),
        ("[[gate]]\nmetric = 'F1'\nat_least = '0.5'", "at_least"),
        ("[[gate]]\nmetric = 'F1'\nat_least = true", "at_least"),
        ("[[gate]]\nmetric = 'F1'\nnot_worse = 'yes'", "not_worse"),
        ("[[gate]]\nmetric = 'F1'\nat_least = 9\nat_most = 1", "at_least is more than at_most"),
    ],
)
def test_a_gate_file_that_is_wrong_says_where(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(content)
    with pytest.raises(BadInput, match=says):
        load_gates(path)
