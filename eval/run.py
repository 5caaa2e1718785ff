"""Ask every case, score the answers. Failures are kept apart: an outage is not a wrong answer."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from embeddings.files import replace_atomically
from eval import metrics
from eval.cases import EvalCase, load_cases
from qa.answerer import Answerer
from qa.articles import read_paths
from qa.bootstrap import Archive, open_answerer, open_archive, open_retriever
from qa.errors import NotFound, QAError
from qa.figures import find_figures, holds
from qa.ingest import ingest_paths
from qa.retriever import HybridRetriever
from qa.settings import Settings
from qa.types import Answer, Hit

DEPTH = 10  # hits a case; rankings are scored down to here

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What one case got. A score is None where it does not apply."""

    id: str
    question: str
    expected: Sequence[str]
    answerable: bool
    scores: dict[str, float | None]
    seconds: float
    status: str | None = None
    answer: str | None = None
    candidate: str | None = None
    confidence: float | None = None
    quotes: Sequence[str] = ()
    tags: Sequence[str] = ()


@dataclass(slots=True)
class Run:
    """One execution over cases."""

    settings: dict[str, Any]
    results: list[CaseResult] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)

    @property
    def summary(self) -> dict[str, Any]:
        """Means with their n; latency percentiles in seconds; how many cases failed."""
        seconds = [result.seconds for result in self.results]
        tags = sorted({tag for result in self.results for tag in result.tags})
        return {
            "cases": len(self.results) + len(self.failures),
            "failures": len(self.failures),
            "metrics": _means(self.results),
            "by_tag": {tag: _means([result for result in self.results if tag in result.tags]) for tag in tags},
            "curve": [point._asdict() for point in self.curve],
            "latency_s": {"p50": metrics.percentile(seconds, 0.5), "p95": metrics.percentile(seconds, 0.95)},
            "settings": self.settings,
        }

    @property
    def curve(self) -> list[metrics.CurvePoint]:
        """What other thresholds would give; empty where nothing was asked of a model."""
        asked = [result for result in self.results if result.status is not None]
        cases = []
        for result in asked:
            said = result.answer or result.candidate
            right = metrics.f1(said, result.expected) if said and result.answerable else 0.0
            cases.append((result.confidence or 0.0 if said else -1.0, right))
        return metrics.coverage_curve(cases) if cases else []

    def table(self) -> str:
        """The summary for a terminal."""
        summary = self.summary
        lines = [f"{'metric':<34}{'mean':>8}{'n':>7}"]
        for name, value in summary["metrics"].items():
            mean = "-" if value["mean"] is None else f"{value['mean']:.3f}"
            lines.append(f"{name:<34}{mean:>8}{value['n']:>7}")
        if self.curve:
            lines.append("threshold  coverage  F1 of what is answered")
            for point in self.curve[::2]:
                accuracy = "-" if point.accuracy is None else f"{point.accuracy:.3f}"
                lines.append(f"{point.threshold:>9.2f}{point.coverage:>10.3f}{accuracy:>8}")
        latency = summary["latency_s"]
        if latency["p50"] is not None:
            lines.append(f"latency p50 {latency['p50']:.2f} s, p95 {latency['p95']:.2f} s")
        lines.append(f"{summary['cases']} cases, {summary['failures']} failures")
        lines.extend(f"FAILED {failure['id']}: {failure['error']}" for failure in self.failures)
        return "\n".join(lines)

    def save(self, path: Path) -> None:
        content = {
            "summary": self.summary,
            "results": [asdict(result) for result in self.results],
            "failures": self.failures,
        }
        replace_atomically(path, lambda fresh: _write(fresh, json.dumps(content, ensure_ascii=False, indent=1)))


def _means(results: Sequence[CaseResult]) -> dict[str, Any]:
    """Each score's mean over the results to which it applies, and their number."""
    means: dict[str, Any] = {}
    for name in dict.fromkeys(name for result in results for name in result.scores):
        values = [score for result in results if (score := result.scores.get(name)) is not None]
        means[name] = {"mean": sum(values) / len(values) if values else None, "n": len(values)}
    return means


def run_cases(
    settings: Settings,
    cases_path: Path | None,
    articles: Path | None,
    *,
    retrieval_only: bool = False,
    own_archive: bool = False,
    on_progress: OnProgress = lambda *_: None,
) -> Run:
    """Run the cases over ``articles`` in a fresh archive, or over the settings' archive; without cases, the
    sample corpus's own over the sample corpus. Raises BadInput.
    """
    cases = load_cases(cases_path)
    run = Run(
        {
            "dateline": version("dateline"),
            "embedder": settings.embedder,
            "model": None if retrieval_only else settings.model,
            "min_confidence": settings.min_confidence,
            "cases": cases_path.name if cases_path else "sample",
        }
    )
    with _fresh(settings, articles, sample=cases_path is None and own_archive) as chosen:
        if retrieval_only:
            with open_archive(chosen) as archive:
                _ask_all(cases, archive, open_retriever(archive, chosen), None, run, on_progress)
        else:
            with open_answerer(chosen) as (answerer, archive):
                answerer.prepare()
                _ask_all(cases, archive, open_retriever(archive, chosen), answerer, run, on_progress)
    return run


@contextmanager
def _fresh(settings: Settings, articles: Path | None, *, sample: bool) -> Iterator[Settings]:
    """The settings over a fresh archive of ``articles`` or of the sample corpus, gone afterwards."""
    if articles is None and not sample:
        yield settings
        return
    with (
        as_file(files("qa") / "data" / "sample.jsonl") as sample_path,
        tempfile.TemporaryDirectory() as folder,
    ):
        path = articles or sample_path
        reads = read_paths([path])
        chosen = settings.model_copy(update={"data_dir": Path(folder) / "archive"})
        with open_archive(chosen, create=True) as archive:
            ingest_paths(archive.store, archive.cache, archive.embedder, [path], reads)
        yield chosen


def _ask_all(
    cases: Sequence[EvalCase],
    archive: Archive,
    retriever: HybridRetriever,
    answerer: Answerer | None,
    run: Run,
    on_progress: OnProgress,
) -> None:
    for done, case in enumerate(cases):
        on_progress(done, len(cases))
        started = time.perf_counter()
        try:
            if answerer is None:
                hits: Sequence[Hit] = retriever.retrieve(case.question, DEPTH, case.filters()).hits
                answer = None
            else:
                answer = answerer.answer(case.question, case.filters(), k=DEPTH)
                hits = answer.hits
        except QAError as error:
            run.failures.append({"id": case.id, "error": f"{type(error).__name__}: {error}"})
            continue
        seconds = time.perf_counter() - started
        run.results.append(_scored(case, hits, answer, archive, seconds))
    on_progress(len(cases), len(cases))


def _scored(case: EvalCase, hits: Sequence[Hit], answer: Answer | None, archive: Archive, seconds: float) -> CaseResult:
    ranked = [hit.passage.article.id for hit in hits]
    passages = [hit.passage.text for hit in hits]
    relevant = case.relevant if case.answerable else ()
    scores: dict[str, float | None] = {
        **{f"hit@{k}": metrics.hit_at_k(ranked, relevant, k) for k in (1, 5, 10)},
        "MRR": metrics.reciprocal_rank(ranked, relevant),
        **{f"answer in passage@{k}": metrics.answer_in_passage(passages, case.answers, k) for k in (1, 5, 10)},
    }
    if answer is None:
        return CaseResult(case.id, case.question, case.answers, case.answerable, scores, seconds, tags=case.tags)
    said = _said(answer)
    candidate = answer.candidate.text if answer.candidate else None
    declined = float(answer.status == "not_found")
    answerable = case.answerable
    scores |= {
        "exact match": metrics.exact_match(said or "", case.answers) if answerable else None,
        "F1": metrics.f1(said or "", case.answers) if answerable else None,
        "F1, rejected candidates counted": metrics.f1(said or candidate or "", case.answers) if answerable else None,
        "declined, unanswerable (right)": None if answerable else declined,
        "declined, answerable (wrong)": declined if answerable else None,
        "yes/no right": metrics.exact_match(said or "", case.answers) if _boolean(case) else None,
        "yes/no, were it always yes": metrics.exact_match("yes", case.answers) if _boolean(case) else None,
        "relevant article cited": _cited(case, answer),
        "sources disagree": float(bool(answer.disagreements)) if answer.status == "answered" else None,
        "citations exact": _exact(answer, archive),
        "figure without a quote or a label": _unlabelled(answer) if answer.status == "answered" else None,
    }
    return CaseResult(
        case.id,
        case.question,
        case.answers,
        answerable,
        scores,
        seconds,
        answer.status,
        said,
        candidate,
        answer.confidence,
        [citation.quote for citation in answer.citations],
        case.tags,
    )


def _boolean(case: EvalCase) -> bool:
    return bool(case.answers) and all(metrics.normalise(answer) in ("yes", "no") for answer in case.answers)


def _cited(case: EvalCase, answer: Answer) -> float | None:
    """1 if a relevant article is among the citations, those of the disagreements among them."""
    if not case.answerable or not case.relevant:
        return None
    return float(any(citation.article_id in case.relevant for citation in answer.citations))


def _unlabelled(answer: Answer) -> float:
    """1 if the answer's text has a figure that is not listed, or listed as supported by a quote that lacks it."""
    quotes = {citation.n: citation for citation in answer.citations}
    for figure in find_figures(answer.answer or ""):
        listed = [item for item in answer.figures if item.text == figure.text]
        if not listed:
            return 1.0
        for item in listed:
            if item.status != "supported":
                continue
            cited = quotes.get(item.citation or 0)
            if cited is None or not any(
                holds(figure, other) for other in find_figures(cited.quote, cited.published_at)
            ):
                return 1.0
    return 0.0


def _said(answer: Answer) -> str | None:
    return answer.short_answer.text if answer.short_answer else answer.answer


def _exact(answer: Answer, archive: Archive) -> float | None:
    """The share of citations whose quote stands in that version of the article at its offsets."""
    if not answer.citations:
        return None
    exact = 0
    with archive.store.snapshot() as snapshot:
        for citation in answer.citations:
            try:
                text = snapshot.article(citation.article_id, citation.version).article.text
            except NotFound:
                continue
            exact += text[citation.start : citation.end] == citation.quote
    return exact / len(answer.citations)


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
