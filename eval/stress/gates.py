"""Gates on `eval stress`: the form of `eval.gates`, with a kind of change as the tag."""

from collections.abc import Sequence
from pathlib import Path

from eval.gates import Gate, load_gates
from eval.stress.run import AS_MUST, CONSISTENT
from qa.errors import BadInput

_METRICS = (CONSISTENT, AS_MUST, "failures")


def load_stress_gates(path: Path | None) -> Sequence[Gate]:
    """The gates of a file, before anything is asked. Raises BadInput for one that stress has no
    number for.
    """
    gates = load_gates(path) if path is not None else ()
    for gate in gates:
        if gate.metric not in _METRICS:
            raise BadInput(f"gate on '{gate.metric}': eval stress has {', '.join(_METRICS)}")
        if gate.not_worse or gate.form is not None:
            raise BadInput("gates of eval stress take a tag, at_least and at_most")
    return gates
