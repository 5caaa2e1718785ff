"""The errors of metrics against labels, worked out by hand."""

from pathlib import Path

import pytest

from eval.cases import EvalCase
from eval.judgement import as_json, judge, markdown, misjudged
from eval.labels import Label, Labelled, answered, digest, read_labels
from eval.run import run_cases
from eval.run_file import Stored, open_run
from qa.errors import BadInput
from tests.support.targets import Parrot

# By the verdict: a to f are right, g to j wrong.
RIGHTNESS = dict.fromkeys("abcdj", "right") | {"e": "partly"} | dict.fromkeys("fghi", "wrong")


@pytest.fixture
def run(tmp_path: Path) -> Stored:
    cases = [
        EvalCase(id=name, question=f"{name}?", answers=(name,), answerable=True, relevant=(name,))
        for name in RIGHTNESS
    ]
    path = tmp_path / "run.json"
    run_cases(cases, Parrot(wrong="ghij"), cases_name="made up", out=path)
    return open_run(path)


def labels_of(run: Stored, **weights: float) -> list[Labelled]:
    return [
        Labelled.model_validate(
            {
                "run": "run",
                "case": case.id,
                "answer": digest(answer),
                "stratum": "short",
                "weight": weights.get(case.id, 1.0),
                "first": {"right": RIGHTNESS[case.id], "supported": True},
            }
        )
        for case, _, answer in answered(run)
    ]


def shares(run: Stored, **weights: float) -> tuple[float | None, float | None, float | None]:
    judgement = judge(labels_of(run, **weights), [run])
    error = next(error for error in judgement.errors if error.claim.metric == "right")
    return error.accuracy.value, error.precision.value, error.recall.value


def test_a_verdict_is_measured_against_labels(run: Stored) -> None:
    """6 are called right, 4 of them are; 5 are right, 4 of them are called so; 7 of 10 agree."""
    assert shares(run) == pytest.approx((7 / 10, 4 / 6, 4 / 5))


def test_answers_count_as_often_as_they_weigh(run: Stored) -> None:
    """j, right and called wrong, weighs 11: of 20 it makes 11 more or less."""
    assert shares(run, j=11.0) == pytest.approx((7 / 20, 4 / 6, 4 / 15))


def test_verdicts_are_counted_by_label_and_those_that_differ_are_listed(run: Stored) -> None:
    judgement = judge(labels_of(run), [run])
    assert judgement.table == {
        ("right", "right"): 4,
        ("right", "partly"): 1,
        ("right", "wrong"): 1,
        ("wrong", "wrong"): 3,
        ("wrong", "right"): 1,
    }
    assert sorted(misjudged(judgement)) == [
        "run e: right by the metric, partly by the label",
        "run f: right by the metric, wrong by the label",
        "run j: wrong by the metric, right by the label",
    ]


def test_partly_right_counts_half_in_the_score_by_the_labels(run: Stored) -> None:
    """By the verdicts (6 - 4) / 10; by the labels (5 + .5 - 4) / 10."""
    crag = judge(labels_of(run), [run]).crag
    assert crag["by the verdicts"].value == pytest.approx(0.2)
    assert crag["by the labels"].value == pytest.approx(0.15)
    assert crag["difference"].value == pytest.approx(0.05)
    interval = crag["difference"].interval
    assert interval is not None
    assert interval.low < 0.05 < interval.high


def test_what_is_not_labelled_or_not_answered_so_any_more_is_counted_apart(run: Stored) -> None:
    labels = labels_of(run)
    labels[0] = labels[0].model_copy(update={"answer": "f" * 16})
    other = Label(right="wrong", supported=False)
    labels[1] = labels[1].model_copy(update={"second": other})
    judgement = judge(labels, [run])
    assert (len(judgement.judged), judgement.missing, judgement.open) == (8, 1, 1)
    assert judgement.agreement["right"].n == 1
    assert "8 labelled answers, 1 not in these runs, 1 without an agreed label." in markdown(
        judgement
    )


def test_labels_of_other_answers_are_refused(run: Stored) -> None:
    labels = [one.model_copy(update={"answer": "f" * 16}) for one in labels_of(run)]
    with pytest.raises(BadInput, match="no run has an answer that is labelled"):
        judge(labels, [run])


def test_the_table_and_the_json_have_the_same_numbers(run: Stored) -> None:
    judgement = judge(labels_of(run), [run])
    error = next(one for one in as_json(judgement)["errors"] if one["metric"] == "right")
    assert error["precision"]["mean"] == pytest.approx(4 / 6)
    row = next(line for line in markdown(judgement).splitlines() if line.startswith("| right | r"))
    assert row.split(" | ")[2] == "10"
    assert row.split(" | ")[4].startswith(".667 [")


def test_the_verdicts_agree_with_the_labels_of_the_sample() -> None:
    """As docs/measurements/judgement.md reports: .86 of the answers, and a score that is hardly
    higher than the labels' own.
    """
    labels = Path(__file__).parents[2] / "eval" / "data" / "labels"
    judgement = judge(read_labels(labels / "labels.jsonl"), [open_run(labels / "sample.json")])
    error = next(error for error in judgement.errors if error.claim.metric == "right")
    assert error.accuracy.n == 100
    assert error.accuracy.value is not None
    assert error.accuracy.value >= 0.85
    difference = judgement.crag["difference"].value
    assert difference is not None
    assert difference <= 0.02
