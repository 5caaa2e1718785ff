"""Comparisons: wins, losses and flips, corrected for the number of metrics."""

from pathlib import Path
from random import Random

import pytest

from eval.compare import compare, load, table
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
