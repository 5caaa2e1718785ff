"""Gates on stress name its numbers."""

from pathlib import Path

import pytest

from eval.stress.gates import load_stress_gates
from qa.errors import BadInput


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("metric = 'F1'\nat_least = 1", "eval stress has consistent, as it must, failures"),
        ("metric = 'consistent'\nnot_worse = true", "take a tag, at_least and at_most"),
        ("metric = 'consistent'\nform = 'why'\nat_least = 1", "take a tag"),
    ],
)
def test_a_gate_that_stress_has_no_number_for_is_refused(
    tmp_path: Path, line: str, problem: str
) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(f"[[gate]]\n{line}\n")
    with pytest.raises(BadInput, match=problem):
        load_stress_gates(path)


def test_a_gate_on_a_kind_is_read_and_no_file_has_no_gates(tmp_path: Path) -> None:
    path = tmp_path / "gates.toml"
    path.write_text("[[gate]]\nmetric = 'as it must'\ntag = 'report removed'\nat_least = 0.9\n")
    (gate,) = load_stress_gates(path)
    assert gate.tag == "report removed"
    assert load_stress_gates(None) == ()
