"""Two runs over the same cases: what became better, what became worse, and whether that may be chance."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from embeddings.files import replace_atomically
from eval.outcomes import first_fault
from eval.run_file import FORMAT, Stored, checked, open_run
from eval.significance import Interval, clusters, holm, paired
from eval.summary import LOWER_IS_BETTER, NEUTRAL, Comparable, board_of
from qa.errors import BadInput

SUMMARY_KIND = "dateline summary"
SURE = 0.05  # a corrected p below this is no chance


class Change(NamedTuple):
    """One metric in both. ``wins``: cases in which the second is better; ``p`` corrected for all metrics (Holm)."""

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
        if self.p >= SURE or self.metric in NEUTRAL:
            return ""
        return "better" if (self.difference > 0) != (self.metric in LOWER_IS_BETTER) else "WORSE"


class Flip(NamedTuple):
    """A case in which a score changed."""

    id: str
    metric: str
    first: float
    second: float


@dataclass(frozen=True, slots=True)
class Comparison:
    first: str
    second: str
    shared: int
    only_first: int
    only_second: int
    other_corpus: bool
    other_cases: bool
    changes: Sequence[Change]
    flips: Sequence[Flip]


def _shareable(header: Mapping[str, Any]) -> dict[str, Any]:
    """Without when it ran, and without the names of sources: a summary holds no word of the archive."""
    settings = {
        name: value
        for name, value in header["target"].get("settings", {}).items()
        if name != "source_weights"
    }
    kept = {name: value for name, value in header.items() if name != "started_at"}
    return {**kept, "target": {**header["target"], "settings": settings}}


class _SummaryFile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    format: int
    header: dict[str, Any]
    summary: dict[str, Any]
    scores: dict[str, dict[str, float]]
    clusters: dict[str, int]
    tags: dict[str, list[str]]


def load(path: Path) -> Comparable:
    """A run file or a summary. Raises BadInput."""
    try:
        with path.open(encoding="utf-8") as file:
            start = file.read(200)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 text") from error
    if f'"{SUMMARY_KIND}"' in start:
        return _of_summary(path)
    return of_run(open_run(path))


def of_run(stored: Stored) -> Comparable:
    return board_of(stored.results()).comparable(stored.path.name, stored.header, stored.summary)


def write_summary(stored: Stored, path: Path) -> None:
    """What may be shared of a run: its header, its numbers, and each case's scores. No text of cases or articles."""
    whole = of_run(stored)
    # Article ids may be urls or titles; which cases share one is all that a comparison needs.
    numbers = clusters(list(whole.relevant.values()))
    content = {
        "kind": SUMMARY_KIND,
        "format": FORMAT,
        "header": _shareable(stored.header),
        "summary": {
            name: value
            for name, value in stored.summary.items()
            if name not in ("failed", "time_s")
        },
        "clusters": dict(zip(whole.relevant, numbers, strict=True)),
        "tags": {case: list(tags) for case, tags in whole.tags.items() if tags},
        "scores": {
            case: {name: round(value, 6) for name, value in of.items()}
            for case, of in whole.scores.items()
        },
    }
    lines = [
        f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in content.items()
    ]
    write_whole(path, ["{\n" + ",\n".join(lines) + "\n}\n"])


def write_whole(path: Path, parts: Iterable[str]) -> None:
    """The file is there whole, or as it was before. Raises BadInput."""

    def fill(fresh: Path) -> None:
        with fresh.open("w", encoding="utf-8") as file:
            file.writelines(parts)

    if not path.name:
        raise BadInput("the file to write needs a name")
    try:
        replace_atomically(path, fill)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}") from error


def compare(first: Comparable, second: Comparable, *, tag: str | None = None) -> Comparison:
    """Over the cases that both have, with the metrics that both have of a case. Raises BadInput without any."""
    shared = [case for case in first.scores if case in second.scores]
    if tag is not None:
        shared = [case for case in shared if tag in second.tags.get(case, ())]
    if not shared:
        raise BadInput(
            f"{first.name} and {second.name} have no case in common{f' with tag {tag}' if tag else ''}"
        )
    changes, flips, raw = [], [], {}
    metrics = dict.fromkeys(
        name for case in shared for name in first.scores[case] if name in second.scores[case]
    )
    numbers = dict(
        zip(shared, clusters([second.relevant.get(case, ()) for case in shared]), strict=True)
    )
    for metric in metrics:
        cases = [
            case
            for case in shared
            if metric in first.scores[case] and metric in second.scores[case]
        ]
        one = [first.scores[case][metric] for case in cases]
        two = [second.scores[case][metric] for case in cases]
        result = paired(one, two, [numbers[case] for case in cases])
        sign = -1 if metric in LOWER_IS_BETTER else 1
        signs = [sign * (b - a) for a, b in zip(one, two, strict=True)]
        raw[metric] = result.p
        changes.append(
            Change(
                metric,
                sum(one) / len(one),
                sum(two) / len(two),
                result.difference,
                result.interval,
                result.p,
                len(cases),
                sum(value > 0 for value in signs),
                sum(value < 0 for value in signs),
                sum(value == 0 for value in signs),
            )
        )
        flips += [
            Flip(case, metric, a, b) for case, a, b in zip(cases, one, two, strict=True) if a != b
        ]
    corrected = holm(raw)
    corpora = {
        str(side.header["target"].get("corpus", {}).get("fingerprint")) for side in (first, second)
    }
    return Comparison(
        first.name,
        second.name,
        len(shared),
        len(first.scores) - len(shared),
        len(second.scores) - len(shared),
        len(corpora) == 2 and "None" not in corpora,
        first.header["cases"]["sha256"] != second.header["cases"]["sha256"],
        [change._replace(p=corrected[change.metric]) for change in changes],
        flips,
    )


def notes(comparison: Comparison) -> list[str]:
    """What a reader must know before he believes the numbers."""
    found = []
    if comparison.only_first or comparison.only_second:
        found.append(
            f"left out: {comparison.only_first} only in the first, {comparison.only_second} only in the second"
        )
    if comparison.other_cases:
        found.append(
            "NOTE: the two were made with different case files; cases are matched by their ids"
        )
    if comparison.other_corpus:
        found.append("NOTE: the two ran over different archives")
    return found


def as_json(comparison: Comparison) -> dict[str, Any]:
    """Plain, with each change's verdict."""
    fields = {name: getattr(comparison, name) for name in Comparison.__dataclass_fields__}
    fields["changes"] = [
        {
            **change._asdict(),
            "interval": change.interval and change.interval._asdict(),
            "verdict": change.verdict,
        }
        for change in comparison.changes
    ]
    fields["flips"] = [flip._asdict() for flip in comparison.flips]
    return fields


def table(comparison: Comparison, flipped: str = "F1") -> str:
    """For a terminal: every metric, then the cases that flipped in one of them."""
    lines = [f"{comparison.first} → {comparison.second}: {comparison.shared} cases in common"]
    lines += notes(comparison)
    lines.append(
        f"{'metric':<36}{'first':>7}{'second':>8}{'change':>8}  {'95 % interval':<17}{'p':>6}{'n':>6}  won/lost/same"
    )
    for change in comparison.changes:
        interval = (
            f"{change.interval.low:+.3f} … {change.interval.high:+.3f}" if change.interval else "-"
        )
        lines.append(
            f"{change.metric:<36}{change.first:>7.3f}{change.second:>8.3f}{change.difference:>+8.3f}  {interval:<17}"
            f"{change.p:>6.3f}{change.n:>6}  {change.wins}/{change.losses}/{change.ties} {change.verdict}".rstrip()
        )
    lines.append(
        "p: paired randomisation test over clusters of cases, corrected for all metrics (Holm)"
    )
    flips = [flip for flip in comparison.flips if flip.metric == flipped]
    if flips:
        lines.append(f"flipped in {flipped}:")
        lines += [f"  {flip.id}: {flip.first:.2f} → {flip.second:.2f}" for flip in flips]
    return "\n".join(lines)


def _of_summary(path: Path) -> Comparable:
    try:
        content = _SummaryFile.model_validate_json(path.read_text("utf-8"))
        if content.format != FORMAT:
            raise BadInput(f"{path.name} has format {content.format}, this version reads {FORMAT}")
        return Comparable(
            path.name,
            *checked(content.header, content.summary),
            content.scores,
            {case: [str(number)] for case, number in content.clusters.items()},
            content.tags,
        )
    except ValidationError as error:
        raise BadInput(f"{path.name} is a damaged summary: {first_fault(error)}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path.name} is a damaged summary: {error}") from error
