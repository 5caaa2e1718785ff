"""From many cases to few numbers: means with n and interval, curves, blame, latency.

Only the numbers of each case are held, so memory does not grow with the length of its texts.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from eval import groups
from eval.cases import EvalCase
from eval.held_out import use_of
from eval.metrics import (
    auroc,
    calibration,
    calibration_error,
    coverage_curve,
    curve_area,
)
from eval.outcome import Outcome
from eval.run_file import Result, Stored
from eval.scoring import CRAG, chance_of, confidence_of
from eval.significance import Mean, clusters, interval_of, mean, mean_of

# Metrics of the whole run, not of a case: functions of the cases' confidences and rightness.
Whole = Callable[[Sequence[tuple[float, float]]], float | None]
BY_WORDS: Mapping[str, Whole] = {  # of `confidence_of`
    "coverage-accuracy area": curve_area,
    "AUROC of the confidence": auroc,
    "calibration error": calibration_error,
}
BY_VERDICT: Mapping[str, Whole] = {  # of `chance_of`
    "calibration error, right or wrong": calibration_error,
}
WHOLE = frozenset((*BY_WORDS, *BY_VERDICT))
LOWER_IS_BETTER = frozenset(
    {
        "wrong",
        "declined, answerable (wrong)",
        "figure without a quote or a label",
        "digits without a quote or a label",
        "wrong answer said",
    }
)
# Shown to the reader, but neither better nor worse.
NEUTRAL = frozenset(
    {
        "declined",
        "overconfidence",  # best at 0
        "sources disagree",
        "yes/no, were it always yes",
        "figure match, one approximate",
    }
)
FORM_METRICS = (CRAG, "right", "declined", "wrong")  # of each form, in tables
GROUP_METRICS = (*FORM_METRICS, "F1", "hit@5")  # of each group, see `eval.groups`
PERCENTILES = (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))


@dataclass(frozen=True, slots=True)
class Comparable:
    """The numbers of a run, read from a run file or from its summary."""

    name: str
    header: Mapping[str, Any]
    summary: Mapping[str, Any]
    scores: Mapping[str, Mapping[str, float]]  # case → metric → score
    relevant: Mapping[str, Sequence[str]]  # case → article ids, for the clusters
    tags: Mapping[str, Sequence[str]]
    forms: Mapping[str, str] = field(default_factory=dict)  # case → the form it is scored as
    uses: Mapping[str, str] = field(default_factory=dict)  # case → `eval.held_out.use_of` it
    stored: Stored | None = None  # the run itself; None for a summary


class Scoreboard:
    """Collects results one by one; `summary` when all are in."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._relevant: list[tuple[str, ...]] = []
        self._tags: list[tuple[str, ...]] = []
        self._forms: list[str | None] = []
        self._uses: list[str] = []
        self._groups: dict[str, dict[str, list[int]]] = {kind: {} for kind in groups.ORDER}
        self._scores: dict[str, dict[int, float]] = {}  # metric → case number → score
        self._confidences: dict[int, tuple[float, float]] = {}
        self._chances: dict[int, tuple[float, float]] = {}
        self._seconds: list[float] = []
        self._cpu_seconds: list[float] = []
        self._stages: dict[str, list[float]] = {}
        self._tokens: dict[str, list[float]] = {"prompt": [], "completion": []}
        self._blame: Counter[str] = Counter()
        self._right = 0
        self._judged = 0
        self.failures: list[tuple[str, str]] = []
        self._retries = 0

    def add(self, result: Result) -> None:
        """Add the next case's result."""
        number = len(self._ids)
        self._ids.append(result.case.id)
        self._relevant.append(result.case.relevant)
        self._tags.append(result.case.tags)
        self._forms.append(result.case.scored_as)
        self._uses.append(use_of(result.case))
        self._retries += result.retries
        if result.outcome is None:
            self.failures.append((result.case.id, result.error or "no reason given"))
            self._blame["failed"] += 1
            return
        for name, score in result.scores.items():
            of_metric = self._scores.setdefault(name, {})
            if score is not None:
                of_metric[number] = score
        if result.right is not None:
            self._judged += 1
            self._right += result.right
        if result.blame is not None:
            self._blame[result.blame] += 1
        self._add_outcome(number, result.case, result.outcome)

    def _add_outcome(self, number: int, case: EvalCase, outcome: Outcome) -> None:
        pair = confidence_of(case, outcome)
        if pair is not None:
            self._confidences[number] = pair
        chance = chance_of(case, outcome)
        if chance is not None:
            self._chances[number] = (chance[0], float(chance[1]))
        for kind, label in groups.groups_of(case, outcome):
            self._groups[kind].setdefault(label, []).append(number)
        if outcome.seconds is not None:
            self._seconds.append(outcome.seconds)
        if outcome.cpu_seconds is not None:
            self._cpu_seconds.append(outcome.cpu_seconds)
        for stage, milliseconds in outcome.timings_ms.items():
            self._stages.setdefault(stage, []).append(milliseconds)
        for name, tokens in (
            ("prompt", outcome.prompt_tokens),
            ("completion", outcome.completion_tokens),
        ):
            if tokens is not None:
                self._tokens[name].append(tokens)

    def summary(self) -> dict[str, Any]:
        """JSON-ready. Latency in seconds, stages in milliseconds. Failures are in no mean."""
        cluster = clusters(self._relevant)
        # Cases without an answer belong on the curve only beside answers with a confidence.
        reported = any(pair[0] >= 0 for pair in self._confidences.values())
        curve = [pair for _, pair in sorted(self._confidences.items())] if reported else []
        return {
            "cases": len(self._ids),
            "failures": len(self.failures),
            "failed": [{"id": name, "error": error} for name, error in self.failures[:100]],
            "retries": self._retries,
            "right": {"count": self._right, "n": self._judged},
            "metrics": {
                **{name: _mean(scores, cluster) for name, scores in self._scores.items()},
                **(_whole(BY_WORDS, self._confidences, cluster) if curve else {}),
                **(_whole(BY_VERDICT, self._chances, cluster) if self._chances else {}),
            },
            "blame": dict(sorted(self._blame.items(), key=lambda item: (-item[1], item[0]))),
            "by_tag": self._by_tag(),
            "by_form": self._by_form(cluster),
            "groups": self._by_group(cluster),
            "curve": [point._asdict() for point in coverage_curve(curve)] if curve else [],
            "calibration": [each._asdict() for each in calibration(curve)],
            "latency_s": {name: percentile(self._seconds, share) for name, share in PERCENTILES},
            "cpu_s": {
                "mean": mean(self._cpu_seconds),
                "n": len(self._cpu_seconds),
                "p50": percentile(self._cpu_seconds, 0.5),
                "p95": percentile(self._cpu_seconds, 0.95),
            },
            "stages_ms": {stage: percentile(values, 0.5) for stage, values in self._stages.items()},
            "tokens": {
                name: {"mean": mean(values), "n": len(values)}
                for name, values in self._tokens.items()
            },
        }

    def comparable(
        self, name: str, header: Mapping[str, Any], summary: Mapping[str, Any]
    ) -> Comparable:
        """The scores that apply, by case, under a run's name."""
        scores: dict[str, dict[str, float]] = {case: {} for case in self._ids}
        for metric, of_metric in self._scores.items():
            for number, score in of_metric.items():
                scores[self._ids[number]][metric] = score
        return Comparable(
            name,
            header,
            summary,
            scores,
            dict(zip(self._ids, self._relevant, strict=True)),
            dict(zip(self._ids, self._tags, strict=True)),
            {name: form for name, form in zip(self._ids, self._forms, strict=True) if form},
            dict(zip(self._ids, self._uses, strict=True)),
        )

    def _by_tag(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for tag in sorted({tag for tags in self._tags for tag in tags}):
            tagged = {number for number, tags in enumerate(self._tags) if tag in tags}
            found[tag] = {}
            for name, scores in self._scores.items():
                values = [score for number, score in scores.items() if number in tagged]
                if values:
                    found[tag][name] = {"mean": mean(values), "n": len(values)}
        return found

    def _by_form(self, cluster: Sequence[int]) -> dict[str, Any]:
        """The means of each form with their intervals, in the order in which the forms occur."""
        found: dict[str, Any] = {}
        for form in dict.fromkeys(self._forms):
            if form is not None:
                numbers = {number for number, own in enumerate(self._forms) if own == form}
                found[form] = self._means(self._scores, numbers, cluster)
        return found

    def _by_group(self, cluster: Sequence[int]) -> dict[str, Any]:
        """The means of `GROUP_METRICS` by kind and group; kinds with a single group say nothing
        beside the whole, except for the use.
        """
        found: dict[str, Any] = {}
        for kind, order in groups.ORDER.items():
            members = _in_order(self._groups[kind], order)
            if len(members) < 2 and kind != groups.USE:
                continue
            found[kind] = {
                label: self._means(GROUP_METRICS, set(numbers), cluster)
                for label, numbers in members.items()
            }
        return found

    def _means(
        self, metrics: Iterable[str], numbers: AbstractSet[int], cluster: Sequence[int]
    ) -> dict[str, Any]:
        """The means over these cases, of the metrics that apply to any of them."""
        found = {}
        for name in metrics:
            scores = self._scores.get(name, {})
            own = {number: score for number, score in scores.items() if number in numbers}
            if own:
                found[name] = _mean(own, cluster)
        return found


def _in_order(
    members: Mapping[str, Sequence[int]], order: Sequence[str]
) -> dict[str, Sequence[int]]:
    """Groups as listed in ``order``, or without one the largest first and the small ones as one."""
    if order:
        return {label: members[label] for label in order if label in members}
    by_size = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
    found = dict(by_size[: groups.SOURCES])
    others = [number for _, numbers in by_size[groups.SOURCES :] for number in numbers]
    return found | ({groups.OTHER_SOURCES: sorted(others)} if others else {})


def _whole(
    functions: Mapping[str, Whole],
    of_cases: Mapping[int, tuple[float, float]],
    cluster: Sequence[int],
) -> dict[str, Any]:
    """Each function over the pairs of all cases, with its interval."""
    numbers = sorted(of_cases)
    pairs = [of_cases[number] for number in numbers]
    own = [cluster[number] for number in numbers]
    answered = sum(pair[0] >= 0 for pair in pairs)
    found: dict[str, Any] = {}
    for name, function in functions.items():
        interval = interval_of(_drawn(function, pairs), own)
        found[name] = Mean(function(pairs), answered, interval).as_json()
    return found


def _drawn(
    function: Whole, pairs: Sequence[tuple[float, float]]
) -> Callable[[Sequence[int]], float | None]:
    return lambda numbers: function([pairs[number] for number in numbers])


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile: the smallest value that ``share`` of them do not exceed."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def means(scores: Iterable[Mapping[str, float | None]]) -> dict[str, float]:
    """The mean of each metric over the cases to which it applies."""
    applying: dict[str, list[float]] = {}
    for of_case in scores:
        for name, score in of_case.items():
            if score is not None:
                applying.setdefault(name, []).append(score)
    return {name: sum(values) / len(values) for name, values in applying.items()}


def board_of(results: Iterable[Result]) -> Scoreboard:
    """A scoreboard of all the results."""
    board = Scoreboard()
    for result in results:
        board.add(result)
    return board


def value_of(
    summary: Mapping[str, Any], metric: str, tag: str | None = None, form: str | None = None
) -> float | None:
    """A number of a summary by name: a metric, ``failures``, ``latency p50`` … ``latency max``.

    With ``tag`` or ``form``, over the cases that have it. Raises KeyError.
    """
    if tag is not None or form is not None:
        group = summary["by_tag"][tag] if tag is not None else summary["by_form"][form]
        found: float | None = group[metric]["mean"]
        return found
    if metric == "failures":
        return float(summary["failures"])
    if metric.startswith("latency "):
        seconds: float | None = summary["latency_s"][metric.removeprefix("latency ")]
        return seconds
    value: float | None = summary["metrics"][metric]["mean"]
    return value


def _mean(scores: Mapping[int, float], cluster: Sequence[int]) -> dict[str, Any]:
    own = [cluster[number] for number in scores]
    return mean_of(list(scores.values()), own).as_json()


def table(summary: Mapping[str, Any]) -> str:
    """The summary for a terminal."""
    lines = [
        *_metric_lines(summary),
        *_form_lines(summary),
        *_use_lines(summary),
        *_curve_lines(summary),
        *_blame_lines(summary),
    ]
    latency, tokens, right = summary["latency_s"], summary["tokens"], summary["right"]
    if latency["p50"] is not None:
        lines.append(
            f"latency p50 {latency['p50']:.2f} s, p95 {latency['p95']:.2f} s,"
            f" longest {latency['max']:.2f} s"
        )
    if tokens["prompt"]["n"]:
        lines.append(
            f"tokens a question: {tokens['prompt']['mean']:.0f} read,"
            f" {tokens['completion']['mean']:.1f} written"
        )
    if right["n"]:
        lines.append(f"{right['count']} of {right['n']} right{_score_line(summary)}")
    cpu = summary.get("cpu_s", {})
    if cpu.get("n"):
        lines.append(f"CPU seconds a question: {cpu['mean']:.2f}, p95 {cpu['p95']:.2f}")
    retries = f", {summary['retries']} retries" if summary["retries"] else ""
    lines.append(f"{summary['cases']} cases, {summary['failures']} failures{retries}")
    lines += [f"FAILED {failure['id']}: {failure['error']}" for failure in summary["failed"][:20]]
    return "\n".join(lines)


def _metric_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    yield f"{'metric':<36}{'mean':>7}   {'95 % interval':<15}{'n':>6}"
    for name, value in summary["metrics"].items():
        if value["n"]:
            low, high = value["low"], value["high"]
            interval = f"{low:.3f} – {high:.3f}" if low is not None else "-"
            mean = "-" if value["mean"] is None else f"{value['mean']:.3f}"
            yield f"{name:<36}{mean:>7}   {interval:<15}{value['n']:>6}"


def _form_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    forms = with_verdicts(summary)
    if not forms:
        return
    yield (
        f"{'form':<15}{'n':>5}{'score':>8}{'right':>8}{'declined':>10}{'wrong':>8}"
        "   95 % interval of the score"
    )
    for form, metrics in forms.items():
        score = metrics[CRAG]
        low, high = score["low"], score["high"]
        interval = f"{low:+.3f} … {high:+.3f}" if low is not None else "-"
        yield (
            f"{form:<15}{score['n']:>5}{score['mean']:>+8.3f}{metrics['right']['mean']:>8.3f}"
            f"{metrics['declined']['mean']:>10.3f}{metrics['wrong']['mean']:>8.3f}   {interval}"
        )


def _use_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """The score of the cases that had a part in choosing Dateline's numbers, and of the others."""
    for use, metrics in summary.get("groups", {}).get(groups.USE, {}).items():
        score = metrics.get(CRAG)
        if score is not None:
            interval = (
                "" if score["low"] is None else f", {score['low']:+.3f} … {score['high']:+.3f}"
            )
            yield f"{use}: {score['n']} cases, score {score['mean']:+.3f}{interval}"


def with_verdicts(summary: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The forms of a summary that have verdicts; none in a run of retrieval alone or an old one."""
    by_form = summary.get("by_form", {})
    return {form: metrics for form, metrics in by_form.items() if CRAG in metrics}


def _score_line(summary: Mapping[str, Any]) -> str:
    score = summary["metrics"].get(CRAG)
    if score is None or score["mean"] is None:
        return ""
    return f", CRAG score {score['mean']:+.3f}"


def _curve_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    if summary["curve"]:
        yield "threshold  coverage  F1 of the answers"
    for point in summary["curve"][::2]:
        accuracy = "-" if point["accuracy"] is None else f"{point['accuracy']:.3f}"
        yield f"{point['threshold']:>9.2f}{point['coverage']:>10.3f}{accuracy:>8}"


def _blame_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    if summary["blame"]:
        yield "where wrong answers went wrong:"
    for stage, count in summary["blame"].items():
        yield f"{count:>6}  {stage}"
