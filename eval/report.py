"""A run as a page that opens offline, or as Markdown for a pull request."""

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.compare import Comparison, compare, notes, of_run
from eval.files import write_atomically
from eval.groups import SOURCE
from eval.metrics import cites_gold
from eval.run_file import Result, Stored
from eval.scoring import CRAG
from eval.summary import FORM_METRICS, GROUP_METRICS, NEUTRAL, Comparable, with_verdicts
from eval.targets.base import CONTEXT
from qa.answer import Citation
from qa.errors import BadInput
from qa.extras import require

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INK = "#7d8590"  # readable on light and on dark
_LINE = "#4c8dd6"
_SECOND = "#d98d3c"


@dataclass(frozen=True, slots=True)
class Row:
    """A case as the page shows it. Of the baseline: ``before`` its F1, ``verdict_before`` its CRAG
    score, ``said_before`` its answer where it is a whole run.
    """

    result: Result
    f1: float | None
    before: float | None
    verdict_before: float | None = None
    said_before: str | None = None

    @property
    def flip(self) -> str:
        """``lost`` or ``won`` where the verdict changed, else nothing."""
        verdict = self.result.scores.get(CRAG)
        if verdict is None or self.verdict_before is None or verdict == self.verdict_before:
            return ""
        return "won" if verdict > self.verdict_before else "lost"

    @property
    def state(self) -> str:
        """``failed``, ``right``, ``wrong``, ``declined``, or ``ranked`` for retrieval alone."""
        if self.result.error is not None:
            return "failed"
        if self.result.right is None:
            return "ranked"
        if self.result.scores.get(CRAG) == 0:
            return "declined"
        return "right" if self.result.right else "wrong"

    @property
    def expected(self) -> str:
        """What would have been right, in few words."""
        case = self.result.case
        if case.answers:
            return " / ".join(case.answers)
        if case.items:
            return ", ".join(spellings[0] for spellings in case.items)
        found = f"{len(case.gold)} gold sentence{'s' if len(case.gold) > 1 else ''}"
        if case.asserted:
            return f"not {case.asserted} ({found})"
        return found if case.gold else ""

    def on_gold(self, citation: Citation) -> bool:
        """Whether the citation is one of the case's gold sentences."""
        return bool(cites_gold([citation], self.result.case.gold))


def html(
    stored: Stored,
    path: Path,
    baseline: Comparable | None = None,
    stress: Mapping[str, Any] | None = None,
) -> None:
    """Write one self-contained page, case by case; with a baseline, what flipped comes first.

    ``stress``: what `stress_rows` reads. Raises BadInput.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("eval"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (number, percent, cut_before, cut_after)
    environment.filters |= {function.__name__: function for function in filters}
    comparison = compare(baseline, of_run(stored)) if baseline is not None else None
    content = environment.get_template("report.html").generate(
        run=stored,
        summary=stored.summary,
        header=stored.header,
        metrics=shown(stored.summary),
        figures=figures(stored.summary, threshold_of(stored.header)),
        comparison=comparison,
        notes=notes(comparison) if comparison is not None else [],
        baseline=baseline,
        rows=_rows(stored, baseline),
        tags=sorted(stored.summary["by_tag"]),
        tag_metrics=_tag_metrics(stored.summary),
        forms=with_verdicts(stored.summary),
        form_metrics=FORM_METRICS,
        groups=with_group_metrics(stored.summary),
        chosen_by=stored.header["target"].get("fitted_on", {}),
        stress=stress_rows(stress) if stress is not None else [],
        explained=EXPLAINED,
    )
    write_atomically(path, content)


# What a stage of blame means, for readers who do not know the code.
EXPLAINED: Mapping[str, str] = {
    "not ingested": "the archive lacks the report that answers",
    "not retrieved": "no passage found holds the answer",
    "retrieved, not among the evidence": "found, but its sentence was not read as evidence",
    "in the evidence, not answered": "its sentence was read, but another answer was chosen",
    "retrieved, not answered": "found, but another answer was chosen; evidence is not reported",
    "answered, not recognised by the metric": "the right words, with more or fewer around them",
    "declined": "the right answer was the best candidate, or there was none to give",
    "answered, though unanswerable": "should have been declined",
    "failed": "the system gave no answer",
}


def with_group_metrics(
    summary: Mapping[str, Any],
) -> dict[str, tuple[list[str], Mapping[str, Mapping[str, Any]]]]:
    """By kind of group: the metrics that any of its groups has, and the groups."""
    found = {}
    for kind, members in summary.get("groups", {}).items():
        names = [name for name in GROUP_METRICS if any(name in of for of in members.values())]
        if names:
            found[kind] = (names, members)
    return found


def threshold_of(header: Mapping[str, Any]) -> float | None:
    """The confidence below which the system declined, where the run says so."""
    threshold = header["target"].get("settings", {}).get("min_confidence")
    return threshold if isinstance(threshold, int | float) else None


@dataclass(frozen=True, slots=True)
class StressRow:
    """One kind of change to the cases: how many answers behaved as they must."""

    kind: str
    cases: int
    behaved: float
    low: float | None
    high: float | None


def stress_rows(content: Mapping[str, Any]) -> list[StressRow]:
    """The rows of a result of ``dateline eval stress --json``. Raises BadInput."""
    try:
        return [_stress_row(kind, row) for kind, row in content["summary"]["kinds"].items()]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadInput("not a result of 'dateline eval stress --json'") from error


def _stress_row(kind: str, row: Mapping[str, Any]) -> StressRow:
    share = row["as it must"]
    mean, low, high = share["mean"], share.get("low"), share.get("high")
    return StressRow(
        kind=str(kind),
        cases=int(row["cases"]),
        behaved=math.nan if mean is None else float(mean),
        low=None if low is None else float(low),
        high=None if high is None else float(high),
    )


TAG_METRICS = (
    CRAG,
    "hit@5",
    "answer in passage@5",
    "F1",
    "figure match",
    "declined, unanswerable (right)",
)


def _tag_metrics(summary: Mapping[str, Any]) -> list[str]:
    by_tag = summary["by_tag"].values()
    return [name for name in TAG_METRICS if any(name in metrics for metrics in by_tag)]


def markdown(stored: Stored, baseline: Comparable | None = None) -> str:
    """The summary, and the comparison with a baseline. No text of cases or articles."""
    summary, header = stored.summary, stored.header
    lines = [
        f"## {header['cases']['name']}: {summary['cases']} cases, {summary['failures']} failures",
        "",
        "| metric | mean | 95 % interval | n |",
        "| --- | --- | --- | --- |",
    ]
    for name, value in shown(summary):
        interval = f"{value['low']:.3f} … {value['high']:.3f}" if value["low"] is not None else ""
        lines.append(f"| {name} | {number(value['mean'])} | {interval} | {value['n']} |")
    lines += _by_form(summary)
    lines += _by_group(summary)
    latency = summary["latency_s"]
    if latency["p50"] is not None:
        lines += ["", f"Latency p50 {latency['p50']:.2f} s, p95 {latency['p95']:.2f} s."]
    if summary["blame"]:
        lines += ["", "| wrong answers | cases |", "| --- | --- |"]
        lines += [f"| {stage} | {count} |" for stage, count in summary["blame"].items()]
    if baseline is not None:
        lines += ["", *_compared(compare(baseline, of_run(stored)))]
    return "\n".join(lines) + "\n"


def _by_form(summary: Mapping[str, Any]) -> Iterator[str]:
    forms = with_verdicts(summary)
    if not forms:
        return
    yield ""
    yield f"| form | n | {' | '.join(FORM_METRICS)} |"
    yield f"| --- | --- |{' --- |' * len(FORM_METRICS)}"
    for form, metrics in forms.items():
        cells = " | ".join(_with_interval(metrics[name]) for name in FORM_METRICS)
        yield f"| {form} | {metrics[CRAG]['n']} | {cells} |"


def _by_group(summary: Mapping[str, Any]) -> Iterator[str]:
    """Without the names of sources, which are the archive's text."""
    for kind, (names, members) in with_group_metrics(summary).items():
        if kind == SOURCE:
            continue
        yield ""
        yield f"| {kind} | n | {' | '.join(names)} |"
        yield f"| --- | --- |{' --- |' * len(names)}"
        for label, of in members.items():
            n = max((value["n"] for value in of.values()), default=0)
            cells = " | ".join(_with_interval(of[name]) if name in of else "" for name in names)
            yield f"| {label} | {n} | {cells} |"


def _with_interval(value: Mapping[str, Any]) -> str:
    if value["low"] is None:
        return number(value["mean"])
    return f"{number(value['mean'])} ({value['low']:.3f} … {value['high']:.3f})"


def _compared(comparison: Comparison) -> Iterator[str]:
    yield f"### Against {comparison.first} ({comparison.shared} cases in common)"
    yield ""
    for note in notes(comparison):
        yield f"{note}."
        yield ""
    yield "| metric | before | now | change | 95 % interval | p (Holm) | won / lost | |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for change in comparison.changes:
        low_high = change.interval
        interval = f"{low_high.low:+.3f} … {low_high.high:+.3f}" if low_high else ""
        yield (
            f"| {change.metric} | {change.first:.3f} | {change.second:.3f}"
            f" | {change.difference:+.3f} | {interval} | {change.p:.3f}"
            f" | {change.wins} / {change.losses} | {change.verdict} |"
        )


def shown(summary: Mapping[str, Any]) -> Sequence[tuple[str, Mapping[str, Any]]]:
    """The metrics that apply to at least one case, in their order."""
    return [(name, value) for name, value in summary["metrics"].items() if value["n"]]


def figures(summary: Mapping[str, Any], threshold: float | None = None) -> Mapping[str, str]:
    """SVG by caption, for the figures for which the run has data.

    ``threshold``: the run's own, which the curve marks.
    """
    found: dict[str, str] = {}
    points = [point for point in summary["curve"] if point["accuracy"] is not None]
    if points:
        found["Accuracy of the answers, by the share of cases answered"] = _svg(
            lambda axes: _coverage(axes, points, threshold)
        )
        found["Confidence and how often it is right"] = _svg(
            lambda axes: _calibration(axes, summary["calibration"])
        )
    if summary["latency_s"]["p50"] is not None:
        found["Latency"] = _svg(lambda axes: _latency(axes, summary["latency_s"]))
    intervals = [
        (name, value)
        for name, value in shown(summary)
        if value["low"] is not None and name not in NEUTRAL
    ]
    if intervals:
        found["Means with their 95 % intervals"] = _svg(
            lambda axes: _intervals(axes, intervals), height=0.6 + 0.22 * len(intervals)
        )
    return found


def number(value: float | None) -> str:
    """Three decimals, or a dash."""
    return "–" if value is None else f"{value:.3f}"


def percent(value: float | None) -> str:
    """Whole percent, or a dash."""
    return "–" if value is None else f"{100 * value:.0f} %"


def cut_before(text: str) -> str:
    """The context before a quote; where it begins inside the article, from its first whole word."""
    return f"… {text.partition(' ')[2]}" if len(text) == CONTEXT else text


def cut_after(text: str) -> str:
    """The context behind a quote; where it ends inside the article, up to its last whole word."""
    return f"{text.rpartition(' ')[0]} …" if len(text) == CONTEXT else text


def _rows(stored: Stored, baseline: Comparable | None) -> Iterator[Row]:
    """In the order of the cases; with a baseline, those that were lost and won come first."""
    if baseline is None:
        for result in stored.results():
            yield Row(result, result.scores.get("F1"), None)
        return
    said = _said(baseline.stored) if baseline.stored is not None else {}
    for flip in ("lost", "won", ""):  # the file is read three times, so that no row is held
        for result in stored.results():
            row = _row_beside(result, baseline, said)
            if row.flip == flip:
                yield row


def _row_beside(result: Result, baseline: Comparable, said: Mapping[str, str]) -> Row:
    name = result.case.id
    before = baseline.scores.get(name, {})
    return Row(result, result.scores.get("F1"), before.get("F1"), before.get(CRAG), said.get(name))


def _said(stored: Stored) -> dict[str, str]:
    """What a run answered, by case; "not found" where it declined."""
    return {
        result.case.id: result.outcome.said or "not found"
        for result in stored.results()
        if result.outcome is not None and result.outcome.answer is not None
    }


def _svg(draw: Any, height: float = 3.0) -> str:
    require("matplotlib", extra="eval")
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    drawing: Any = dict.fromkeys(
        ("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), _INK
    ) | {
        "svg.fonttype": "none",
        "text.parse_math": False,
        "svg.hashsalt": "dateline",
        "font.family": "sans-serif",
    }
    # Fixed ids and no date: the same run draws the same picture.
    with rc_context(drawing):
        figure = Figure(figsize=(4.6, height), layout="constrained")
        figure.patch.set_alpha(0)
        axes = figure.add_subplot()
        axes.patch.set_alpha(0)
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        FigureCanvasSVG(figure)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    text = drawn.getvalue()
    return text[text.index("<svg") :]


def _coverage(axes: "Axes", points: Sequence[Mapping[str, float]], threshold: float | None) -> None:
    axes.plot(
        [p["coverage"] for p in points],
        [p["accuracy"] for p in points],
        color=_LINE,
        marker="o",
        markersize=3,
    )
    for point in points[::3]:
        _note(axes, f"{point['threshold']:.2f}", (point["coverage"], point["accuracy"]))
    if threshold is not None:
        _mark_operating_point(axes, points, threshold)
    axes.set(
        xlabel="share of the cases answered",
        ylabel="F1 of the answers",
        xlim=(0, 1.02),
        ylim=(0, 1.02),
    )


def _mark_operating_point(
    axes: "Axes", points: Sequence[Mapping[str, float]], threshold: float
) -> None:
    """The point of the curve that is nearest to the run's own threshold."""
    point = min(points, key=lambda each: abs(each["threshold"] - threshold))
    place = (point["coverage"], point["accuracy"])
    axes.plot(*([value] for value in place), color=_SECOND, marker="D", markersize=7)
    axes.annotate(
        f"threshold {threshold:.2f}",
        place,
        xytext=(0, -16),
        textcoords="offset points",
        ha="center",
        fontsize=8,
        color=_SECOND,
    )


def _note(axes: "Axes", text: str, at: tuple[float, float]) -> None:
    axes.annotate(text, at, xytext=(3, 4), textcoords="offset points", fontsize=7)


def _calibration(axes: "Axes", bins: Sequence[Mapping[str, float]]) -> None:
    axes.plot([0, 1], [0, 1], color=_INK, linewidth=0.7, linestyle="--")
    axes.plot(
        [b["confidence"] for b in bins],
        [b["accuracy"] for b in bins],
        color=_LINE,
        marker="o",
        markersize=3,
    )
    for each in bins:
        _note(axes, f"{each['cases']:.0f}", (each["confidence"], each["accuracy"]))
    axes.set(
        xlabel="confidence (beside each point: cases)", ylabel="F1", xlim=(0, 1.02), ylim=(0, 1.02)
    )


def _latency(axes: "Axes", latency: Mapping[str, float]) -> None:
    names = list(latency)
    axes.barh(names, [latency[name] for name in names], color=_LINE, height=0.55)
    for row, name in enumerate(names):
        axes.annotate(
            f"{latency[name]:.2f}",
            (latency[name], row),
            xytext=(3, -3),
            textcoords="offset points",
            fontsize=8,
        )
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.set(xlabel="seconds a case")


def _intervals(axes: "Axes", metrics: Sequence[tuple[str, Mapping[str, float]]]) -> None:
    for row, (_, value) in enumerate(metrics):
        axes.plot([value["low"], value["high"]], [row, row], color=_LINE, linewidth=2)
        axes.plot([value["mean"]], [row], color=_SECOND, marker="o", markersize=4)
    axes.set_yticks(range(len(metrics)), [name for name, _ in metrics], fontsize=7)
    axes.invert_yaxis()
    axes.set(xlim=(-0.02, 1.02))
