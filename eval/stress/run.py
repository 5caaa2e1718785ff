"""Ask each case, then each of its changes; collect what came of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from eval.cases import EvalCase
from eval.outcome import Outcome
from eval.run import OnProgress
from eval.significance import clusters, mean_of
from eval.stress.laboratory import Laboratory
from eval.stress.trials import MUST, Trial, judge, trials
from eval.summary import Comparable
from eval.targets.base import TargetFailed

CONSISTENT, AS_MUST = "consistent", "as it must"  # the metrics, as gates name them


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one change. ``before`` and ``after``: the answers, None where declined."""

    kind: str
    must: str
    case: str
    relevant: tuple[str, ...]
    question: str
    change: str
    before: str | None = None
    after: str | None = None
    consistent: bool | None = None
    as_must: bool | None = None
    error: str | None = None

    @classmethod
    def of(cls, case: EvalCase, **fields: Any) -> "Finding":
        """A finding of this case; the other fields as they are called."""
        return cls(case=case.id, relevant=case.relevant, question=case.question, **fields)


def sample(cases: Sequence[EvalCase], count: int | None, seed: int) -> list[EvalCase]:
    """``count`` of the cases, drawn by the seed, in their order; all of them with None."""
    if count is None or count >= len(cases):
        return list(cases)
    chosen = sorted(Random(seed).sample(range(len(cases)), count))
    return [cases[number] for number in chosen]


def run_trials(
    cases: Sequence[EvalCase],
    laboratory: Laboratory,
    kinds: Sequence[str],
    seed: int,
    on_progress: OnProgress = lambda *_: None,
) -> Iterator[Finding]:
    """Yield what came of every change of these kinds, case by case.

    A case whose unchanged question fails yields that failure alone, for each kind.
    """
    for number, case in enumerate(cases):
        on_progress(number, len(cases))
        planned = list(trials(case, laboratory.corpus, kinds, seed))
        if not planned:
            continue
        try:
            before = laboratory.ask(case)
        except TargetFailed as error:
            yield from (_finding(trial, error=str(error)) for trial in planned)
            continue
        for trial in planned:
            yield _tried(trial, before, laboratory)
    on_progress(len(cases), len(cases))


def _tried(trial: Trial, before: Outcome, laboratory: Laboratory) -> Finding:
    try:
        after = laboratory.ask(trial.asked, trial.add, trial.remove)
    except TargetFailed as error:
        return _finding(trial, error=str(error))
    judged = judge(trial, before, after)._asdict()
    return _finding(trial, before=before.said, after=after.said, **judged)


def _finding(trial: Trial, **fields: Any) -> Finding:
    must = MUST[trial.kind]
    return Finding.of(trial.case, kind=trial.kind, must=must, change=trial.change, **fields)


def summarise(findings: Sequence[Finding]) -> dict[str, Any]:
    """Shares by kind, in the order of `MUST`, and over all; JSON-ready.

    Intervals are drawn over clusters of cases that share a relevant report; the changes of one case
    are always in one cluster.
    """
    found = dict.fromkeys(item.kind for item in findings)
    kinds = [
        *(kind for kind in MUST if kind in found),
        *(kind for kind in found if kind not in MUST),
    ]
    by_kind = {kind: _row([item for item in findings if item.kind == kind]) for kind in kinds}
    return {
        "kinds": by_kind,
        "failures": sum(item.error is not None for item in findings),
        **_row(findings, with_must=False),
    }


def _row(findings: Sequence[Finding], *, with_must: bool = True) -> dict[str, Any]:
    row: dict[str, Any] = {"must": findings[0].must} if with_must else {}
    row["cases"] = len({item.case for item in findings})
    row["changes"] = len(findings)
    row[CONSISTENT] = _share(findings, lambda item: item.consistent)
    row[AS_MUST] = _share(findings, lambda item: item.as_must)
    return row


def _share(
    findings: Iterable[Finding], of: Callable[[Finding], bool | None]
) -> Mapping[str, float | None]:
    known = [item for item in findings if of(item) is not None]
    values = [float(bool(of(item))) for item in known]
    # The case itself is in its cluster, also where no report is relevant.
    cluster = clusters([(*item.relevant, f"\0{item.case}") for item in known])
    return mean_of(values, cluster).as_json()


def comparable(summary: Mapping[str, Any]) -> Comparable:
    """The summary as gates take it: the metrics are `CONSISTENT` and `AS_MUST`, the tags kinds."""
    of_all = {name: summary[name] for name in (CONSISTENT, AS_MUST)}
    by_tag = {
        kind: {name: row[name] for name in (CONSISTENT, AS_MUST)}
        for kind, row in summary["kinds"].items()
    }
    numbers = {"metrics": of_all, "by_tag": by_tag, "by_form": {}, "failures": summary["failures"]}
    return Comparable("eval stress", {}, numbers, {}, {}, {})
