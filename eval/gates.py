"""Gates: what a run must reach, in a TOML file, for anyone's CI.

[[gate]]
metric = "F1"            # as the report names it; also "failures", "latency p95" …
at_least = 0.5           # or at_most

[[gate]]
metric = "hit@5"
tag = "money"            # over these cases alone
not_worse = true         # than the baseline: its 95 % interval must not lie wholly on the bad side
"""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eval.compare import compare as compare_runs
from eval.summary import LOWER_IS_BETTER, WHOLE, Comparable, value_of
from qa.errors import BadInput


class Gate(BaseModel):
    """One demand on one number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    tag: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    not_worse: bool = False

    @model_validator(mode="after")
    def _demands_something(self) -> Self:
        if self.at_least is None and self.at_most is None and not self.not_worse:
            raise ValueError("needs at_least, at_most or not_worse = true")
        if self.not_worse and (self.metric in WHOLE or self.metric == "failures" or self.metric.startswith("latency ")):
            raise ValueError(f"'{self.metric}' is no score of a case, so it cannot be compared case by case")
        return self


class Gates(BaseModel):
    """A gate file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gate: Annotated[tuple[Gate, ...], Field(min_length=1)]


def load_gates(path: Path) -> Sequence[Gate]:
    """Raises BadInput naming what is wrong."""
    try:
        return Gates.model_validate(tomllib.loads(path.read_text("utf-8-sig"))).gate
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} is no TOML: {error}") from error
    except ValidationError as error:
        problem = error.errors()[0]
        place = " ".join(f"{part + 1}" if isinstance(part, int) else str(part) for part in problem["loc"])
        raise BadInput(f"{path.name}: {place}: {problem['msg'].removeprefix('Value error, ')}") from error


def failed(gates: Sequence[Gate], run: Comparable, baseline: Comparable | None = None) -> list[str]:
    """One line for each gate that fails, in their order. A metric that the run does not have fails: a gate that cannot
    be checked is no gate. Raises BadInput when a gate needs a baseline and there is none.
    """
    lines: list[str] = []
    for gate in gates:
        name = f"{gate.metric}{f' ({gate.tag})' if gate.tag else ''}"
        if gate.at_least is not None or gate.at_most is not None:
            try:
                value = value_of(run.summary, gate.metric, gate.tag)
            except KeyError:
                value = None
            if value is None:
                lines.append(f"GATE {name}: the run has no such number")
                continue
            if gate.at_least is not None and value < gate.at_least:
                lines.append(f"GATE {name}: {value:.4g}, at least {gate.at_least:.4g} is demanded")
            if gate.at_most is not None and value > gate.at_most:
                lines.append(f"GATE {name}: {value:.4g}, at most {gate.at_most:.4g} is demanded")
        if gate.not_worse:
            if baseline is None:
                raise BadInput(f"the gate on '{name}' compares with a baseline: give --baseline")
            lines += _worse(gate, name, run, baseline)
    return lines


def _worse(gate: Gate, name: str, run: Comparable, baseline: Comparable) -> list[str]:
    comparison = compare_runs(baseline, run, tag=gate.tag)
    if comparison.other_corpus:
        raise BadInput(f"{baseline.name} was made over another archive: a gate compares like with like")
    change = next((change for change in comparison.changes if change.metric == gate.metric), None)
    if change is None:
        return [f"GATE {name}: the run and the baseline have no such score in common"]
    if change.interval is None:
        return []
    worse = change.interval.low > 0 if gate.metric in LOWER_IS_BETTER else change.interval.high < 0
    if not worse:
        return []
    line = (
        f"GATE {name}: {change.second:.4g} is worse than the baseline's {change.first:.4g}"
        f" (change {change.difference:+.3f}, 95 % interval {change.interval.low:+.3f} … {change.interval.high:+.3f},"
        f" {change.losses} cases lost, {change.wins} won)"
    )
    return [line]
