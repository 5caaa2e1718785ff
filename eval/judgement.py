"""How often the automatic metrics are wrong, against the labels that people gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from eval.agreement import Agreement, agreement
from eval.cases import EvalCase
from eval.labels import Label, Labelled, answered, digest
from eval.outcome import Outcome
from eval.run_file import Stored
from eval.scoring import CRAG, Scores, scores_of
from eval.significance import Mean, clusters, interval_of
from eval.verdict import UNJUDGED, verdict_name, verdict_of
from qa.errors import BadInput

About = Literal["right", "supported"]
# What a label counts in CRAG's score (Yang et al., 2024: "acceptable" is .5).
POINTS: Mapping[str, float] = {"right": 1.0, "partly": 0.5, "wrong": -1.0}


class Claim(NamedTuple):
    """A metric as a claim on an answer: good from ``at_least``, or up to ``at_most``."""

    about: About
    metric: str
    at_least: float | None = None
    at_most: float | None = None

    def holds(self, scores: Scores) -> bool | None:
        """None where the metric does not apply."""
        score = scores.get(self.metric)
        if score is None:
            return None
        if self.at_most is not None:
            return score <= self.at_most
        return score >= (self.at_least or 0.0)


CLAIMS = (
    Claim("right", "right", at_least=1),
    Claim("right", "exact match", at_least=1),
    Claim("right", "F1", at_least=0.5),
    Claim("right", "figure match", at_least=1),
    Claim("right", "choice right", at_least=1),
    Claim("right", "gold cited", at_least=1),
    Claim("right", "relevant article cited", at_least=1),
    Claim("supported", "citation recall", at_least=1),
    Claim("supported", "citation precision", at_least=1),
    Claim("supported", "figure without a quote or a label", at_most=0),
    Claim("supported", "digits without a quote or a label", at_most=0),
    Claim("supported", "gold cited", at_least=1),
    Claim("supported", "relevant article cited", at_least=1),
)


class Error(NamedTuple):
    """A claim against the labels, as weighted shares of answers.

    ``precision``: of what it calls good, the share that is; ``recall``: of what is good, the share
    that it calls so. Partly right counts as not right.
    """

    claim: Claim
    accuracy: Mean
    precision: Mean
    recall: Mean


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled answer that was found in a run, scored anew."""

    labelled: Labelled
    label: Label
    case: EvalCase
    outcome: Outcome
    scores: Scores

    def good(self, about: About) -> bool:
        """By the label."""
        return self.label.right == "right" if about == "right" else self.label.supported

    @property
    def verdict(self) -> str:
        """By the metrics, see `verdict_name`."""
        return verdict_name(verdict_of(self.case, self.outcome))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that is known of the metrics' errors.

    ``missing``: labelled answers that no run has, as it answers otherwise now or was not given.
    ``table``: counts, by verdict and label. ``crag``: the mean by the verdicts, by the labels, and
    their difference, over what was answered.
    """

    judged: tuple[Judged, ...]
    missing: int
    open: int
    agreement: Mapping[str, Agreement]
    table: Mapping[tuple[str, str], int]
    errors: tuple[Error, ...]
    crag: Mapping[str, Mean]


def judge(labels: Sequence[Labelled], runs: Sequence[Stored]) -> Judgement:
    """Score the labelled answers again, and compare. Raises BadInput if no run has any of them."""
    judged, still_open = _found(labels, runs)
    if not judged:
        raise BadInput("no run has an answer that is labelled: the runs may be of another version")
    table: dict[tuple[str, str], int] = {}
    for one in judged:
        cell = (one.verdict, one.label.right)
        table[cell] = table.get(cell, 0) + 1
    return Judgement(
        judged=tuple(judged),
        missing=len(labels) - len(judged) - still_open,
        open=still_open,
        agreement=agreements(labels),
        table=table,
        errors=tuple(_errors(judged)),
        crag=_crag(judged),
    )


def agreements(labels: Sequence[Labelled]) -> dict[str, Agreement]:
    """Of the two passes, where both are there."""
    both = [(one.first, one.second) for one in labels if one.first and one.second]
    if not both:
        return {}
    right = agreement(
        [first.right for first, _ in both], [second.right for _, second in both], tuple(POINTS)
    )
    supported = agreement(
        [first.supported for first, _ in both],
        [second.supported for _, second in both],
        (True, False),
    )
    return {"right": right, "supported": supported}


def _found(labels: Sequence[Labelled], runs: Sequence[Stored]) -> tuple[list[Judged], int]:
    wanted = {(one.case, one.answer): one for one in labels}
    judged, still_open = [], 0
    for stored in runs:
        for case, outcome, answer in answered(stored):
            labelled = wanted.pop((case.id, digest(answer)), None)
            if labelled is None:
                continue
            if labelled.label is None:
                still_open += 1
                continue
            scores = scores_of(case, outcome)
            judged.append(Judged(labelled, labelled.label, case, outcome, scores))
    return judged, still_open


def _errors(judged: Sequence[Judged]) -> list[Error]:
    found = []
    for claim in CLAIMS:
        applies = [(one, holds) for one in judged if (holds := claim.holds(one.scores)) is not None]
        if not applies:
            continue
        ones = [one for one, _ in applies]
        called = [holds for _, holds in applies]
        good = [one.good(claim.about) for one in ones]
        equal = [one == other for one, other in zip(called, good, strict=True)]
        found.append(
            Error(
                claim,
                accuracy=_weighted_mean(ones, equal, [True] * len(ones)),
                precision=_weighted_mean(ones, good, called),
                recall=_weighted_mean(ones, called, good),
            )
        )
    return found


def _weighted_mean(ones: Sequence[Judged], values: Sequence[float], among: Sequence[bool]) -> Mean:
    """The weighted mean of the values, over the answers that are ``among`` those meant."""
    rows = [
        (one, value) for one, value, is_meant in zip(ones, values, among, strict=True) if is_meant
    ]

    def mean(numbers: Sequence[int]) -> float | None:
        drawn = [rows[number] for number in numbers]
        total = sum(one.labelled.weight for one, _ in drawn)
        return sum(one.labelled.weight * value for one, value in drawn) / total if total else None

    cluster = clusters([_articles(one) for one, _ in rows])
    return Mean(mean(range(len(rows))), len(rows), interval_of(mean, cluster))


def _articles(one: Judged) -> list[str]:
    """The relevant articles, of this run: the same id may be another article in another run."""
    return [f"{one.labelled.run} {name}" for name in one.case.relevant]


def _crag(judged: Sequence[Judged]) -> dict[str, Mean]:
    ones = [one for one in judged if one.scores.get(CRAG) is not None]
    automatic = [one.scores.get(CRAG) or 0.0 for one in ones]
    by_hand = [POINTS[one.label.right] for one in ones]
    difference = [metric - label for metric, label in zip(automatic, by_hand, strict=True)]
    everyone = [True] * len(ones)
    return {
        "by the verdicts": _weighted_mean(ones, automatic, everyone),
        "by the labels": _weighted_mean(ones, by_hand, everyone),
        "difference": _weighted_mean(ones, difference, everyone),
    }


def markdown(judgement: Judgement) -> str:
    """Tables for a page: agreement, verdicts against labels, errors of each metric."""
    counts = f"{len(judgement.judged)} labelled answers, {judgement.missing} not in these runs"
    if judgement.open:
        counts += f", {judgement.open} without an agreed label"
    lines = (f"{counts}.", "", *_agreement_lines(judgement), *_table_lines(judgement))
    return "\n".join(lines)


def misjudged(judgement: Judgement) -> list[str]:
    """A line for each answer whose verdict is not that of its label, for partly right ones too."""
    lines = []
    for one in judgement.judged:
        if one.verdict not in (UNJUDGED, one.label.right):
            name = f"{one.labelled.run} {one.case.id}"
            lines.append(f"{name}: {one.verdict} by the metric, {one.label.right} by the label")
    return lines


def _agreement_lines(judgement: Judgement) -> list[str]:
    if not judgement.agreement:
        return []
    lines = ["| two passes | n | agree | Cohen's kappa | Gwet's AC1 |", "| --- |" + " --- |" * 4]
    for name, found in judgement.agreement.items():
        kappa = "–" if found.kappa is None else f"{found.kappa:.3f}"
        lines.append(f"| {name} | {found.n} | {found.raw:.3f} | {kappa} | {found.ac1:.3f} |")
    return [*lines, ""]


def _table_lines(judgement: Judgement) -> list[str]:
    verdicts = [
        name
        for name in ("right", "declined", "wrong", UNJUDGED)
        if any(verdict == name for verdict, _ in judgement.table)
    ]
    lines = [f"| verdict | {' | '.join(POINTS)} |", "| --- |" + " --- |" * len(POINTS)]
    for verdict in verdicts:
        counts = [str(judgement.table.get((verdict, label), 0)) for label in POINTS]
        lines.append(f"| {verdict} | {' | '.join(counts)} |")
    lines += ["", "| metric | about | n | accuracy | precision | recall |"]
    lines.append("| --- |" + " --- |" * 5)
    for error in judgement.errors:
        shares = (error.accuracy, error.precision, error.recall)
        cells = " | ".join(in_words(share) for share in shares)
        n = error.accuracy.n
        lines.append(f"| {error.claim.metric} | {error.claim.about} | {n} | {cells} |")
    lines += ["", f"| {CRAG}, of what was answered | |", "| --- | --- |"]
    lines += [f"| {name} | {in_words(share)} |" for name, share in judgement.crag.items()]
    return lines


def in_words(share: Mean) -> str:
    """Such as ".912 [.85, .96]"; "–" where nothing was measured."""
    if share.value is None:
        return "–"
    value = _number(share.value, 3)
    if share.interval is None:
        return value
    return f"{value} [{_number(share.interval.low, 2)}, {_number(share.interval.high, 2)}]"


def _number(value: float, places: int) -> str:
    text = f"{value:.{places}f}"
    return text.replace("0.", ".", 1) if abs(value) < 1 else text


def as_json(judgement: Judgement) -> dict[str, Any]:
    """The same numbers as `markdown`."""
    return {
        "judged": len(judgement.judged),
        "missing": judgement.missing,
        "open": judgement.open,
        "agreement": {name: found._asdict() for name, found in judgement.agreement.items()},
        "table": [
            {"verdict": verdict, "label": label, "count": count}
            for (verdict, label), count in sorted(judgement.table.items())
        ],
        "errors": [
            {
                "metric": error.claim.metric,
                "about": error.claim.about,
                "n": error.accuracy.n,
                "accuracy": error.accuracy.as_json(),
                "precision": error.precision.as_json(),
                "recall": error.recall.as_json(),
            }
            for error in judgement.errors
        ],
        "crag": {name: share.as_json() for name, share in judgement.crag.items()},
    }
