"""The gates of a first run: what later runs over the same cases must reach."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.files import write_atomically
from eval.gates import Gate, load_gates
from eval.summary import LOWER_IS_BETTER
from qa.errors import BadInput

# What a team wants to hear of when it changes. Others can be added to the file by hand.
METRICS = (
    "right",
    "wrong",
    "hit@5",
    "declined, unanswerable (right)",
    "declined, answerable (wrong)",
)
EXACT = "citations exact"  # always 1: a quote is in its article, or something is broken


def write_gates(summary: Mapping[str, Any], name: str, margin: float, path: Path) -> Sequence[Gate]:
    """Write a gate for each of `METRICS` that the run has, and return them.

    ``margin``: how far below a run's number a later one may be, 0.05 for five points. Raises
    BadInput if the run has none of them, or the file exists.
    """
    if path.exists():
        raise BadInput(f"{path} exists: name another file")
    lines = list(_gates(summary, margin))
    if not lines:
        raise BadInput(f"{name} has no score to make a gate of")
    head = f"# Made from {name}, {summary['cases']} cases, with a margin of {margin:g}.\n"
    failures = '\n[[gate]]\nmetric = "failures"\nat_most = 0\n'
    write_atomically(path, [head, *lines, failures])
    return load_gates(path)


def _gates(summary: Mapping[str, Any], margin: float) -> Iterator[str]:
    for name in METRICS:
        entry = summary["metrics"].get(name)
        if entry is None or entry["mean"] is None:
            continue
        if name in LOWER_IS_BETTER:
            most = min(1.0, entry["mean"] + margin)
            bound = f"at_most = {math.ceil(most * 1000) / 1000:.3f}"
        else:
            least = max(0.0, entry["mean"] - margin)
            bound = f"at_least = {math.floor(least * 1000) / 1000:.3f}"
        note = f"  # {entry['mean']:.3f} over {entry['n']} cases"
        yield f'\n[[gate]]\nmetric = "{name}"\n{bound}{note}\n'
    exact = summary["metrics"].get(EXACT)
    if exact is not None and exact["mean"] is not None:
        yield f'\n[[gate]]\nmetric = "{EXACT}"\nat_least = 1.0\n'
