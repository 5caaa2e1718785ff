"""Comparisons: wins, losses and flips, corrected for the number of metrics."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from eval.compare import as_json, compare, load, table
from eval.held_out import FITTED, HELD_OUT
from qa.errors import BadInput
from tests.support.runs import comparable


def test_a_comparison_names_wins_losses_and_flips() -> None:
    before = comparable(
        "a", {"c1": {"F1": 0.0}, "c2": {"F1": 1.0}, "c3": {"F1": 0.5}, "c4": {"F1": 1.0}}
    )
    after = comparable(
        "b", {"c1": {"F1": 1.0}, "c2": {"F1": 0.0}, "c3": {"F1": 0.5}, "c5": {"F1": 1.0}}
    )
    comparison = compare(before, after)
    (change,) = comparison.changes
    assert (change.wins, change.losses, change.ties, change.n) == (1, 1, 1, 3)
    assert (comparison.shared, comparison.only_first, comparison.only_second) == (3, 1, 1)
    assert [(flip.id, flip.first, flip.second) for flip in comparison.flips] == [
        ("c1", 0.0, 1.0),
        ("c2", 1.0, 0.0),
    ]
    shown = table(comparison)
    assert "c1: 0.00 → 1.00" in shown
    assert "only in the first" in shown


def test_cases_that_had_a_part_are_compared_apart() -> None:
    before = comparable("a", {f"c{n}": {"F1": 0.0, "other": 0.0} for n in range(4)})
    after = comparable("b", {f"c{n}": {"F1": float(n < 2), "other": 0.0} for n in range(4)})
    uses = {"c0": FITTED, "c1": FITTED, "c2": HELD_OUT, "c3": HELD_OUT}
    comparison = compare(before, replace(after, uses=uses))
    assert list(comparison.apart) == [HELD_OUT, FITTED]
    (fitted,), (held,) = comparison.apart[FITTED], comparison.apart[HELD_OUT]
    assert (fitted.metric, fitted.n, fitted.wins, fitted.difference) == ("F1", 2, 2, 1.0)
    assert (held.n, held.wins, held.difference) == (2, 0, 0.0)
    assert as_json(comparison)["apart"][FITTED][0]["second"] == 1.0
    assert "\nnot fitted on:\nF1" in table(comparison)
    assert compare(before, after).apart == {}  # files of earlier versions do not say


def test_runs_without_a_case_in_common_are_refused() -> None:
    with pytest.raises(BadInput, match="no case in common"):
        compare(comparable("a", {"c1": {"F1": 0.0}}), comparable("b", {"c2": {"F1": 0.0}}))


def test_many_metrics_are_corrected_for() -> None:
    random = Random(9)
    scores = [
        {f"c{n}": {f"m{m}": random.random() for m in range(20)} for n in range(30)}
        for _ in range(2)
    ]
    comparison = compare(comparable("a", scores[0]), comparable("b", scores[1]))
    assert all(change.verdict == "" for change in comparison.changes)


@pytest.mark.parametrize(
    "content", ['{\n"kind": "dateline summary",\n"format": 1', '{"kind": "dateline summary"}', "x"]
)
def test_a_damaged_baseline_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "b.json"
    path.write_text(content)
    with pytest.raises(BadInput):
        load(path)
