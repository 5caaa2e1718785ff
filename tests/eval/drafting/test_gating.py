"""Gates of a first run: it meets them itself, and a run that is worse by more than the margin
does not.
"""

from pathlib import Path

import pytest

from eval.drafting.gating import write_gates
from eval.gates import failed, load_gates
from eval.summary import Comparable
from qa.errors import BadInput


def run_of(**means: float) -> Comparable:
    """A run with these means."""
    metrics = {name: {"mean": mean, "n": 20} for name, mean in means.items()}
    summary = {"cases": 20, "failures": 0, "metrics": metrics}
    return Comparable("run", {}, summary, {}, {}, {})


FIRST = run_of(**{"right": 0.8, "wrong": 0.1, "citations exact": 1.0, "hit@5": 0.02})


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, 0),
        ({"right": 0.76, "wrong": 0.14}, 0),
        ({"right": 0.74}, 1),
        ({"wrong": 0.16}, 1),
        ({"citations exact": 0.99}, 1),
    ],
)
def test_a_later_run_is_held_to_the_first(
    tmp_path: Path, changes: dict[str, float], faults: int
) -> None:
    path = tmp_path / "gates.toml"
    assert len(write_gates(FIRST.summary, "run.json", 0.05, path)) == 5
    means = {name: entry["mean"] for name, entry in FIRST.summary["metrics"].items()}
    assert len(failed(load_gates(path), run_of(**(means | changes)))) == faults


def test_a_run_meets_its_own_gates_without_a_margin(tmp_path: Path) -> None:
    path = tmp_path / "gates.toml"
    run = run_of(right=0.9446, wrong=0.0554)
    write_gates(run.summary, "run.json", 0.0, path)
    assert failed(load_gates(path), run) == []


def test_gates_are_neither_replaced_nor_made_of_nothing(tmp_path: Path) -> None:
    path = tmp_path / "gates.toml"
    with pytest.raises(BadInput, match="no score"):
        write_gates(run_of(other=1.0).summary, "run.json", 0.05, path)
    assert not path.exists()
    path.write_text("mine")
    with pytest.raises(BadInput, match="exists"):
        write_gates(FIRST.summary, "run.json", 0.05, path)
    assert path.read_text() == "mine"
