"""Summaries of a run."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.cases import EvalCase
from eval.outcome import Outcome
from eval.run import score
from eval.run_file import Result
from eval.summary import board_of, means, percentile, table, with_verdicts
from eval.targets.file import adapt_answer


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        # 15 20 35 40 50: 5 % of five is .25, so the first; 30 % is 1.5, so the second; 40 % is 2,
        # the second;
        # 50 % is 2.5, the third; 100 % the fifth. (The example of nearest rank in every textbook.)
        (0.05, 15.0),
        (0.30, 20.0),
        (0.40, 20.0),
        (0.50, 35.0),
        (1.0, 50.0),
        (0.0, 15.0),
    ],
)
def test_a_percentile_is_of_the_nearest_rank(share: float, expected: float) -> None:
    assert percentile([50.0, 15.0, 40.0, 20.0, 35.0], share) == expected


def test_a_mean_is_over_the_cases_to_which_a_metric_applies() -> None:
    assert means([{"F1": 1.0, "hit": None}, {"F1": 0.5, "hit": None}]) == {"F1": 0.75}


def test_there_is_no_percentile_of_nothing() -> None:
    assert percentile([], 0.5) is None


@settings(deadline=None)
@given(
    st.lists(st.integers(-1000, 1000), min_size=1, max_size=50),
    st.sampled_from([0.25, 0.5, 0.75, 1.0]),
)
def test_a_percentile_is_the_smallest_value_that_the_share_does_not_exceed(
    values: list[int], share: float
) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


def judged(name: str, said: str | None, confidence: float, **fields: Any) -> Result:
    """The result of a case whose right answer is "Voss"."""
    content = {"id": name, "question": "Who?", "answerable": True, "answers": ["Voss"]}
    case = EvalCase.model_validate(content | {"relevant": [name]} | fields)
    answer, unreported = adapt_answer({"answer": said, "confidence": confidence})
    return score(case, Outcome(answer=answer, unreported=unreported), None)


def test_the_score_and_its_shares_are_summed_up_whole_and_by_form() -> None:
    unanswerable = {"answerable": False, "answers": [], "relevant": []}
    results = [
        judged("a", "Voss", 0.9),
        judged("b", "Kestrel", 0.6),
        judged("c", "Kestrel", 0.8),
        judged("d", None, 0.0),
        judged("n", "Kestrel", 0.3, **unanswerable),
        judged("m", None, 0.0, **unanswerable),
    ]
    summary = board_of(results).summary()
    metrics = summary["metrics"]
    # right: a, m; wrong: b, c, n; declined: d
    assert metrics["CRAG score"]["mean"] == pytest.approx((2 - 3) / 6)
    assert metrics["right"]["mean"] == pytest.approx(2 / 6)
    assert metrics["wrong"]["mean"] == pytest.approx(3 / 6)
    assert metrics["declined"]["mean"] == pytest.approx(1 / 6)
    assert metrics["CRAG score"]["low"] < metrics["CRAG score"]["mean"]
    assert metrics["CRAG score"]["high"] > metrics["CRAG score"]["mean"]
    assert summary["right"] == {"count": 2, "n": 6}
    short, nowhere = summary["by_form"]["short"], summary["by_form"]["unanswerable"]
    assert (short["CRAG score"]["mean"], short["CRAG score"]["n"]) == (-0.25, 4)
    assert (nowhere["CRAG score"]["mean"], nowhere["CRAG score"]["n"]) == (0.0, 2)
    shown = table(summary)
    assert "2 of 6 right, CRAG score -0.167" in shown
    assert "short" in shown


def test_calibration_compares_confidence_with_being_right() -> None:
    results = [
        judged("a", "Voss", 0.95),
        judged("b", "Kestrel", 0.95),
        judged("c", "Voss", 0.55),
        judged("d", None, 0.0),  # nothing to judge
    ]
    metrics = board_of(results).summary()["metrics"]
    error = metrics["calibration error, right or wrong"]
    # The bin .9 to 1 has two cases, .95 sure and half right: .45; the bin .5 to .6 has one: .45
    assert error["mean"] == pytest.approx((2 * 0.45 + 0.45) / 3)
    assert error["n"] == 3
    assert error["low"] <= error["mean"] <= error["high"]
    # (.95 - 1) + (.95 - 0) + (.55 - 1) = .45, over three cases
    assert metrics["overconfidence"]["mean"] == pytest.approx(0.15)


def test_a_run_without_answers_has_no_forms_to_show() -> None:
    case = EvalCase(id="a", question="Who?", answers=("Voss",), answerable=True, relevant=("a",))
    summary = board_of([score(case, Outcome(hits=()), None)]).summary()
    assert with_verdicts(summary) == {}
    assert "CRAG" not in table(summary)
    assert with_verdicts({"metrics": {}}) == {}  # of an earlier version
