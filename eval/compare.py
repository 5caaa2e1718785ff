"""Two runs over the same cases: what got better, what got worse, and whether it may be chance."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from eval.files import read_text, write_atomically
from eval.groups import ORDER, SOURCE, USE
from eval.run_file import Stored, checked, open_run
from eval.significance import Interval, clusters, holm, paired
from eval.summary import GROUP_METRICS, LOWER_IS_BETTER, NEUTRAL, Comparable, board_of
from qa.errors import BadInput, first_problem

SUMMARY_KIND = "dateline summary"
SUMMARY_FORMAT = 1
SIGNIFICANT = 0.05  # a corrected p below this is not put down to chance


class Change(NamedTuple):
    """One metric in both runs.

    ``wins``: cases in which the second is better; ``p``: corrected for all metrics (Holm).
    """

    metric: str
    first: float
    second: float
    difference: float
    interval: Interval | None
    p: float
    n: int
    wins: int
    losses: int
    ties: int

    @property
    def verdict(self) -> str:
        """``better``, ``WORSE``, or nothing where it may be chance."""
        if self.p >= SIGNIFICANT or self.metric in NEUTRAL:
            return ""
        return "better" if (self.difference > 0) != (self.metric in LOWER_IS_BETTER) else "WORSE"


class Flip(NamedTuple):
    """A score of one case in both runs, where it changed."""

    id: str
    metric: str
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs over the ``shared`` cases."""

    first: str
    second: str
    shared: int
    only_first: int
    only_second: int
    other_corpus: bool
    other_cases: bool
    changes: Sequence[Change]
    flips: Sequence[Flip]
    apart: Mapping[str, Sequence[Change]]  # by use: fitted on or not; `GROUP_METRICS` of each


def _shareable(header: Mapping[str, Any]) -> dict[str, Any]:
    """The header without the time, and without names of sources: they are the archive's text."""
    settings = {
        name: value
        for name, value in header["target"].get("settings", {}).items()
        if name != "source_weights"
    }
    shared = {name: value for name, value in header.items() if name != "started_at"}
    return {**shared, "target": {**header["target"], "settings": settings}}


def _shareable_summary(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The summary without messages, without the time, and without names of sources."""
    groups = {
        kind: members for kind, members in summary.get("groups", {}).items() if kind != SOURCE
    }
    shared = {name: value for name, value in summary.items() if name not in ("failed", "time_s")}
    return {**shared, "groups": groups}


class _SummaryFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    format: int
    header: dict[str, Any]
    summary: dict[str, Any]
    scores: dict[str, dict[str, float]]
    clusters: dict[str, int]
    tags: dict[str, list[str]]
    forms: dict[str, str] = {}  # missing in files of earlier versions
    uses: dict[str, str] = {}  # missing, as in the one before


def load(path: Path) -> Comparable:
    """A run file or a summary. Raises BadInput."""
    try:
        with path.open(encoding="utf-8") as file:
            start = file.read(200)
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 text") from error
    if f'"{SUMMARY_KIND}"' in start:
        return _load_summary(path)
    return of_run(open_run(path))


def of_run(stored: Stored) -> Comparable:
    """The numbers of a run file."""
    board = board_of(stored.results())
    return replace(board.comparable(stored.path.name, stored.header, stored.summary), stored=stored)


def write_summary(stored: Stored, path: Path) -> None:
    """Write a run's header, numbers and scores by case, without any text of cases or articles."""
    whole = of_run(stored)
    # Article ids may be URLs or titles; a comparison only needs to know which cases share one.
    numbers = clusters(list(whole.relevant.values()))
    content = {
        "kind": SUMMARY_KIND,
        "format": SUMMARY_FORMAT,
        "header": _shareable(stored.header),
        "summary": _shareable_summary(stored.summary),
        "clusters": dict(zip(whole.relevant, numbers, strict=True)),
        "tags": {case: list(tags) for case, tags in whole.tags.items() if tags},
        "forms": dict(whole.forms),
        "uses": dict(whole.uses),
        "scores": {
            case: {name: round(value, 6) for name, value in of.items()}
            for case, of in whole.scores.items()
        },
    }
    lines = [
        f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in content.items()
    ]
    write_atomically(path, ["{\n" + ",\n".join(lines) + "\n}\n"])


def compare(
    first: Comparable, second: Comparable, *, tag: str | None = None, form: str | None = None
) -> Comparison:
    """Over the cases of both, with the metrics that both have of a case. Raises BadInput."""
    shared = [case for case in first.scores if case in second.scores]
    if tag is not None:
        shared = [case for case in shared if tag in second.tags.get(case, ())]
    if form is not None:
        shared = [case for case in shared if second.forms.get(case) == form]
    if not shared:
        tagged = f" with tag {tag}" if tag else f" of form {form}" if form else ""
        raise BadInput(f"{first.name} and {second.name} have no case in common{tagged}")
    numbers = clusters([second.relevant.get(case, ()) for case in shared])
    cluster = dict(zip(shared, numbers, strict=True))
    changes: list[Change] = []
    flips: list[Flip] = []
    for metric in _shared_metrics(first, second, shared):
        pairs = _pairs(first, second, metric, shared)
        changes.append(_change(metric, pairs, [cluster[pair.id] for pair in pairs]))
        flips += [pair for pair in pairs if pair.first != pair.second]
    return Comparison(
        first=first.name,
        second=second.name,
        shared=len(shared),
        only_first=len(first.scores) - len(shared),
        only_second=len(second.scores) - len(shared),
        other_corpus=_differ(_fingerprint(first), _fingerprint(second)),
        other_cases=first.header["cases"]["sha256"] != second.header["cases"]["sha256"],
        changes=_corrected(changes),
        flips=flips,
        apart=_apart(first, second, cluster),
    )


def _corrected(changes: Sequence[Change]) -> list[Change]:
    corrected = holm({change.metric: change.p for change in changes})
    return [change._replace(p=corrected[change.metric]) for change in changes]


def _apart(
    first: Comparable, second: Comparable, cluster: Mapping[str, int]
) -> dict[str, Sequence[Change]]:
    """The changes among the shared cases of each use, corrected within it."""
    found: dict[str, Sequence[Change]] = {}
    for use in ORDER[USE]:
        cases = [case for case in cluster if second.uses.get(case, first.uses.get(case)) == use]
        changes = []
        for metric in GROUP_METRICS:
            pairs = _pairs(first, second, metric, cases)
            if pairs:
                changes.append(_change(metric, pairs, [cluster[pair.id] for pair in pairs]))
        if changes:
            found[use] = _corrected(changes)
    return found


def _shared_metrics(first: Comparable, second: Comparable, cases: Sequence[str]) -> list[str]:
    """The metrics that both have of any case, in the order in which they occur."""
    found: dict[str, None] = {}
    for case in cases:
        for name in first.scores[case]:
            if name in second.scores[case]:
                found[name] = None
    return list(found)


def _pairs(first: Comparable, second: Comparable, metric: str, cases: Sequence[str]) -> list[Flip]:
    pairs = []
    for case in cases:
        one, other = first.scores[case].get(metric), second.scores[case].get(metric)
        if one is not None and other is not None:
            pairs.append(Flip(case, metric, one, other))
    return pairs


def _change(metric: str, pairs: Sequence[Flip], cluster: Sequence[int]) -> Change:
    one = [pair.first for pair in pairs]
    other = [pair.second for pair in pairs]
    result = paired(one, other, cluster)
    sign = -1 if metric in LOWER_IS_BETTER else 1
    gains = [sign * (pair.second - pair.first) for pair in pairs]
    return Change(
        metric=metric,
        first=sum(one) / len(one),
        second=sum(other) / len(other),
        difference=result.difference,
        interval=result.interval,
        p=result.p,
        n=len(pairs),
        wins=sum(gain > 0 for gain in gains),
        losses=sum(gain < 0 for gain in gains),
        ties=sum(gain == 0 for gain in gains),
    )


def _fingerprint(side: Comparable) -> str | None:
    found: str | None = side.header["target"].get("corpus", {}).get("fingerprint")
    return found


def _differ(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


def notes(comparison: Comparison) -> list[str]:
    """What a reader must know before trusting the numbers."""
    found = []
    if comparison.only_first or comparison.only_second:
        found.append(
            f"left out: {comparison.only_first} only in the first,"
            f" {comparison.only_second} only in the second"
        )
    if comparison.other_cases:
        found.append("NOTE: the runs used different case files; cases are matched by id")
    if comparison.other_corpus:
        found.append("NOTE: the runs used different archives")
    return found


def as_json(comparison: Comparison) -> dict[str, Any]:
    """JSON-ready, with each change's verdict."""
    fields = {name: getattr(comparison, name) for name in Comparison.__dataclass_fields__}
    fields["changes"] = [_change_json(change) for change in comparison.changes]
    fields["apart"] = {
        use: [_change_json(change) for change in changes]
        for use, changes in comparison.apart.items()
    }
    fields["flips"] = [flip._asdict() for flip in comparison.flips]
    return fields


def _change_json(change: Change) -> dict[str, Any]:
    interval = change.interval and change.interval._asdict()
    return {**change._asdict(), "interval": interval, "verdict": change.verdict}


def table(comparison: Comparison, flipped: str = "F1") -> str:
    """For a terminal: every metric, then the cases that flipped in one of them."""
    lines = [f"{comparison.first} → {comparison.second}: {comparison.shared} cases in common"]
    lines += notes(comparison)
    lines.append(
        f"{'metric':<36}{'first':>7}{'second':>8}{'change':>8}  {'95 % interval':<17}"
        f"{'p':>6}{'n':>6}  won/lost/same"
    )
    lines += [_line(change) for change in comparison.changes]
    for use, changes in comparison.apart.items():
        lines.append(f"{use}:")
        lines += [_line(change) for change in changes]
    lines.append(
        "p: paired randomisation test over clusters of cases, corrected for all metrics (Holm)"
    )
    flips = [flip for flip in comparison.flips if flip.metric == flipped]
    if flips:
        lines.append(f"flipped in {flipped}:")
        lines += [f"  {flip.id}: {flip.first:.2f} → {flip.second:.2f}" for flip in flips]
    return "\n".join(lines)


def _line(change: Change) -> str:
    low_high = change.interval
    interval = f"{low_high.low:+.3f} … {low_high.high:+.3f}" if low_high else "-"
    line = (
        f"{change.metric:<36}{change.first:>7.3f}{change.second:>8.3f}"
        f"{change.difference:>+8.3f}  {interval:<17}{change.p:>6.3f}{change.n:>6}"
        f"  {change.wins}/{change.losses}/{change.ties} {change.verdict}"
    )
    return line.rstrip()


def _load_summary(path: Path) -> Comparable:
    try:
        content = _SummaryFile.model_validate_json(read_text(path))
        if content.format != SUMMARY_FORMAT:
            raise BadInput(
                f"{path.name} has format {content.format}, this version reads {SUMMARY_FORMAT}"
            )
        header, summary = checked(content.header, content.summary)
        relevant = {case: [str(number)] for case, number in content.clusters.items()}
        return Comparable(
            path.name,
            header,
            summary,
            content.scores,
            relevant,
            content.tags,
            content.forms,
            content.uses,
        )
    except ValidationError as error:
        raise BadInput(f"{path.name} is a damaged summary: {first_problem(error)}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path.name} is a damaged summary: {error}") from error
