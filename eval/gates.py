"""Gates: what a run must reach, in a TOML file, for CI.

[[gate]]
metric = "F1"            # as the report names it; also "failures", "latency p95" …
at_least = 0.5           # or at_most

[[gate]]
metric = "hit@5"
tag = "money"            # over these cases alone
not_worse = true         # than the baseline: the 95 % interval of the change is not wholly worse

[[gate]]
metric = "right"
form = "why"             # over the cases that are scored as this form
at_least = 0.3
"""

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eval.cases import CaseForm
from eval.compare import compare as compare_runs
from eval.files import read_text
from eval.summary import LOWER_IS_BETTER, WHOLE, Comparable, value_of
from qa.errors import BadInput, first_problem

FEW = 20  # cases; over fewer, one that turns out otherwise moves a share by more than 5 points
_MOST_LISTED = 10  # cases of a gate that fails


class Gate(BaseModel):
    """A requirement on one number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    metric: str
    tag: str | None = None
    form: CaseForm | None = None
    at_least: float | None = None
    at_most: float | None = None
    not_worse: bool = False

    @model_validator(mode="after")
    def _demands_something(self) -> Self:
        if self.at_least is None and self.at_most is None and not self.not_worse:
            raise ValueError("needs at_least, at_most or not_worse = true")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least is more than at_most")
        if self.tag is not None and self.form is not None:
            raise ValueError("takes a tag or a form, not both")
        if self.not_worse and (
            self.metric in WHOLE or self.metric == "failures" or self.metric.startswith("latency ")
        ):
            raise ValueError(
                f"'{self.metric}' is not a score of a case, so it cannot be compared case by case"
            )
        return self


class Gates(BaseModel):
    """A gate file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gate: Annotated[tuple[Gate, ...], Field(min_length=1)]


def load_gates(path: Path) -> Sequence[Gate]:
    """The gates of a file. Raises BadInput with the key that is wrong, counted from 0."""
    try:
        return Gates.model_validate(tomllib.loads(read_text(path))).gate
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInput(f"{path.name}: invalid TOML: {error}") from error
    except ValidationError as error:
        raise BadInput(f"{path.name}: {first_problem(error)}") from error


def check_gates(gates: Sequence[Gate], baseline: Comparable | None) -> None:
    """Raise BadInput, before a run is made, for a gate that needs a baseline and has none."""
    for gate in gates:
        if gate.not_worse and baseline is None:
            raise BadInput(f"the gate on '{_name(gate)}' needs a baseline: give --baseline")


def failed(gates: Sequence[Gate], run: Comparable, baseline: Comparable | None = None) -> list[str]:
    """A line for each gate that fails, in their order, and below it the cases that fail it.

    A gate that cannot be checked fails: the run lacks the number, or cases of the baseline. Raises
    BadInput if a gate needs a baseline and there is none, or one over another archive.
    """
    check_gates(gates, baseline)
    lines: list[str] = []
    for gate in gates:
        lines += _out_of_bounds(gate, run, baseline)
        if gate.not_worse and baseline is not None:
            lines += _worse(gate, run, baseline)
    return lines


def few_cases(gates: Sequence[Gate], run: Comparable) -> list[str]:
    """A warning, if shares of so few cases are among the gates that chance decides.

    A share that every case must meet is met or not, and one against a baseline has an interval.
    """
    few = {}
    for gate in gates:
        if gate.at_least in (None, 1) and gate.at_most in (None, 0):
            continue
        cases = (case for case, scores in run.scores.items() if gate.metric in scores)
        count = sum(_is_over(gate, run, case) for case in cases)
        if 0 < count < FEW:
            few[_name(gate)] = count
    if not few:
        return []
    listed = ", ".join(f"{name} ({count})" for name, count in few.items())
    return [f"warning: over fewer than {FEW} cases a gate passes and fails by chance: {listed}"]


def _name(gate: Gate) -> str:
    over = gate.tag or gate.form
    return f"{gate.metric} ({over})" if over else gate.metric


def _is_over(gate: Gate, run: Comparable, case: str) -> bool:
    """Whether the case is among those that the gate looks at."""
    if gate.form is not None:
        return run.forms.get(case) == gate.form
    return gate.tag is None or gate.tag in run.tags.get(case, ())


def _out_of_bounds(gate: Gate, run: Comparable, baseline: Comparable | None) -> Iterator[str]:
    if gate.at_least is None and gate.at_most is None:
        return
    try:
        value = value_of(run.summary, gate.metric, gate.tag, gate.form)
    except KeyError:
        value = None
    if value is None:
        yield f"GATE {_name(gate)}: the run has no such number"
    elif gate.at_least is not None and value < gate.at_least:
        said = f"GATE {_name(gate)}: {value:.4g}, below the required {gate.at_least:.4g}"
        yield said + _cases_that_miss(gate, run, baseline)
    elif gate.at_most is not None and value > gate.at_most:
        said = f"GATE {_name(gate)}: {value:.4g}, above the allowed {gate.at_most:.4g}"
        yield said + _cases_that_miss(gate, run, baseline)


def _cases_that_miss(gate: Gate, run: Comparable, baseline: Comparable | None) -> str:
    missing = _missing(gate, run)
    if baseline is None:
        return _listed(missing, "out of bounds")
    before = set(_missing(gate, baseline))
    new = [case for case in missing if baseline.scores.get(case) and case not in before]
    old = [case for case in missing if case not in new]
    return _listed([*new, *old], f"out of bounds, {len(new)} of them new")


def _missing(gate: Gate, run: Comparable) -> list[str]:
    """The cases that failed, or whose own score is out of the gate's bounds."""
    if gate.metric == "failures":
        return [failure["id"] for failure in run.summary.get("failed", ())]
    return [
        case
        for case, scores in run.scores.items()
        if gate.metric in scores
        and _is_over(gate, run, case)
        and not _is_within(gate, scores[gate.metric])
    ]


def _is_within(gate: Gate, score: float) -> bool:
    return (gate.at_least is None or score >= gate.at_least) and (
        gate.at_most is None or score <= gate.at_most
    )


def _listed(cases: Sequence[str], what: str) -> str:
    """How many cases, and the first of them, on a line of their own."""
    if not cases:
        return ""
    more = f" and {len(cases) - _MOST_LISTED} more" if len(cases) > _MOST_LISTED else ""
    return f"\n  {len(cases)} {what}: {', '.join(cases[:_MOST_LISTED])}{more}"


def _worse(gate: Gate, run: Comparable, baseline: Comparable) -> Iterator[str]:
    wanted = [
        case
        for case, scores in baseline.scores.items()
        if gate.metric in scores and _is_over(gate, baseline, case)
    ]
    if not wanted:
        yield f"GATE {_name(gate)}: the baseline has no such score"
        return
    lost = [case for case in wanted if gate.metric not in run.scores.get(case, {})]
    if lost and not _may_vanish(gate.metric):
        yield (
            f"GATE {_name(gate)}: missing in {len(lost)} of the baseline's {len(wanted)} cases,"
            f" '{lost[0]}' first"
        )
        return
    comparison = compare_runs(baseline, run, tag=gate.tag, form=gate.form)
    if comparison.other_corpus:
        raise BadInput(f"{baseline.name} was made over another archive and cannot be compared")
    change = next((change for change in comparison.changes if change.metric == gate.metric), None)
    if change is None:
        yield f"GATE {_name(gate)}: the run and the baseline have no such score in common"
        return
    sign = -1 if gate.metric in LOWER_IS_BETTER else 1
    # A single cluster of cases has no interval: then any fall counts.
    low, high = change.interval or (change.difference, change.difference)
    if max(sign * low, sign * high) < 0:
        yield (
            f"GATE {_name(gate)}: {change.second:.4g} is worse than the baseline's"
            f" {change.first:.4g}"
            f" (change {change.difference:+.3f}, 95 % interval {low:+.3f} … {high:+.3f},"
            f" {change.losses} cases lost, {change.wins} won)"
        ) + _listed(_fallen(gate.metric, sign, wanted, run, baseline), "worse than before")


def _fallen(
    metric: str, sign: int, cases: Sequence[str], run: Comparable, baseline: Comparable
) -> list[str]:
    """The cases whose score is worse than before, the largest fall first."""
    changes = {
        case: sign * (run.scores[case][metric] - baseline.scores[case][metric])
        for case in cases
        if metric in run.scores.get(case, {})
    }
    return sorted((case for case in changes if changes[case] < 0), key=lambda case: changes[case])


def _may_vanish(metric: str) -> bool:
    """Return True for a score of an answer: a case that is declined now does not have it."""
    return metric.startswith(
        (
            "citation",
            "figure without",
            "digits without",
            "figure match, one",
            "sources disagree",
            "declining precision",
            "yes/no right, where",
            "brief: citations",
            "overconfidence",
        )
    )
