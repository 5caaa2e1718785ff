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


@dataclass(slots=True)
class Run:
    """One execution over cases."""

    settings: dict[str, Any]
    results: list[CaseResult] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)

    @property
    def summary(self) -> dict[str, Any]:
        """Means with their n; latency percentiles in seconds; how many cases failed."""
        names = list(dict.fromkeys(name for result in self.results for name in result.scores))
        means: dict[str, Any] = {}
        for name in names:
            values = [score for result in self.results if (score := result.scores.get(name)) is not None]
            means[name] = {"mean": sum(values) / len(values) if values else None, "n": len(values)}
        seconds = [result.seconds for result in self.results]
        return {
            "cases": len(self.results) + len(self.failures),
            "failures": len(self.failures),
            "metrics": means,
            "latency_s": {"p50": metrics.percentile(seconds, 0.5), "p95": metrics.percentile(seconds, 0.95)},
            "settings": self.settings,
        }

    def table(self) -> str:
        """The summary for a terminal."""
        summary = self.summary
        lines = [f"{'metric':<34}{'mean':>8}{'n':>7}"]
        for name, value in summary["metrics"].items():
            mean = "-" if value["mean"] is None else f"{value['mean']:.3f}"
            lines.append(f"{name:<34}{mean:>8}{value['n']:>7}")
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
                _ask_all(cases, archive, open_retriever(archive, chosen.reranker), None, run, on_progress)
        else:
            with open_answerer(chosen) as (answerer, archive):
                answerer.prepare()
                _ask_all(cases, archive, open_retriever(archive, chosen.reranker), answerer, run, on_progress)
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
        return CaseResult(case.id, case.question, case.answers, case.answerable, scores, seconds)
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
        "citations exact": _exact(answer, archive),
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
    )


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
