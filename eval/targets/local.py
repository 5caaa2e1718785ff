"""A system in this process, over an archive on disk or a temporary one."""

import json
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from eval.cases import EvalCase
from eval.held_out import chosen_by
from eval.outcome import EvidenceSentence, Outcome
from eval.targets.base import (
    DEPTH,
    TargetFailed,
    check_quotes,
    ingested_in,
    sought_in,
    text_in,
)
from qa.answer import Answer, HitOutput
from qa.answering.answerer import Answerer, Trace
from qa.answering.conversation import whole_question
from qa.answering.reader import WEIGHTS_SHA256 as READER_SHA256
from qa.archive.archive import Archive
from qa.bootstrap import open_answerer, open_archive, open_retriever
from qa.errors import QAError
from qa.ingest.apply import OnProgress
from qa.ingest.files import read_paths
from qa.question import Question
from qa.retrieval.hybrid import Retriever
from qa.settings import Settings

# Settings that bear on an answer. Others could name the machine: a path, a URL with a password.
_RECORDED = {
    "embedder",
    "reranker",
    "model",
    "source_weights",
    "model_timeout",
    "min_confidence",
    "threads",
}


class LocalTarget:
    """A system opened in this process; without an answerer, its retrieval alone."""

    def __init__(
        self, settings: Settings, archive: Archive, retriever: Retriever, answerer: Answerer | None
    ) -> None:
        self._settings = settings
        self._archive = archive
        self._retriever = retriever
        self._answerer = answerer

    @classmethod
    @contextmanager
    def opened(cls, settings: Settings, *, retrieval_only: bool) -> Iterator["LocalTarget"]:
        """Open the archive of the settings, and load the models before the first question."""
        if retrieval_only:
            with open_archive(settings) as archive:
                yield cls(settings, archive, open_retriever(archive, settings), None)
        else:
            with open_answerer(settings) as (answerer, archive):
                answerer.prepare()
                yield cls(settings, archive, open_retriever(archive, settings), answerer)

    def describe(self) -> Mapping[str, Any]:
        """Settings and what chose them, digests of the models, and the archive's fingerprint."""
        settings = self._settings
        embedder = self._archive.embedder
        models: dict[str, Any] = {
            "embedder": {"name": _without_folder(embedder.name), "sha256": embedder.digest},
            "reranker": _without_folder(settings.reranker) or None,
        }
        if self._answerer is not None:
            models["reader"] = {"sha256": READER_SHA256}
            models["language_model"] = _language_model(settings)
        recorded = settings.model_dump(mode="json", include=_RECORDED)
        return {
            "kind": "in process",
            "retrieval_only": self._answerer is None,
            "settings": {name: _without_folder(value) for name, value in recorded.items()},
            "models": models,
            "corpus": describe_corpus(self._archive),
            "fitted_on": chosen_by(settings),
        }

    def ask(self, case: EvalCase) -> Outcome:
        """Ask the answerer, or only the retriever. Raises TargetFailed."""
        try:
            return self._search(case) if self._answerer is None else self._answer(case)
        except QAError as error:
            raise TargetFailed(f"{type(error).__name__}: {error}") from error

    def ingested(self, article_ids: Collection[str]) -> set[str] | None:
        """Which of these articles the archive has."""
        return ingested_in(self._archive, article_ids)

    def _search(self, case: EvalCase) -> Outcome:
        started, worked = time.perf_counter(), time.process_time()
        asked = whole_question(case.question, case.earlier)
        hits = self._retriever.retrieve(Question.parse(asked, case.filters(), k=DEPTH)).hits
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - worked
        return Outcome(
            hits=tuple(HitOutput.of(hit) for hit in hits),
            sought=sought_in(self._archive, case),
            seconds=seconds,
            cpu_seconds=cpu_seconds,
        )

    def _answer(self, case: EvalCase) -> Outcome:
        assert self._answerer is not None  # noqa: S101 - `ask` looked
        trace: Trace | None = None
        answer: Answer | None = None
        started, worked = time.perf_counter(), time.process_time()
        asked = self._answerer.complete(case.question, case.earlier)
        for event in self._answerer.stream(Question.parse(asked, case.filters(), k=DEPTH)):
            if isinstance(event, Trace):
                trace = event
            elif isinstance(event, Answer):
                answer = event
        # What follows is the harness.
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - worked
        assert trace is not None and answer is not None  # noqa: S101, PT018 - how a stream ends
        evidence = [
            EvidenceSentence(article_id=item.hit.passage.article.id, text=item.text)
            for item in trace.evidence
        ]
        return Outcome(
            hits=answer.hits,
            answer=answer.model_copy(update={"hits": None}),
            quotes=check_quotes(answer, self._text),
            evidence=tuple(evidence),
            sought=sought_in(self._archive, case),
            seconds=seconds,
            cpu_seconds=cpu_seconds,
            prompt_tokens=trace.prompt_tokens,
            completion_tokens=trace.completion_tokens,
        )

    def _text(self, article_id: str, version: str | None) -> str | None:
        return text_in(self._archive, article_id, version)


def describe_corpus(archive: Archive) -> dict[str, Any]:
    """The archive's fingerprint and size, for a run's header."""
    with archive.store.snapshot() as snapshot:
        counts = snapshot.counts()
        return {
            "fingerprint": snapshot.fingerprint(),
            "articles": counts.articles,
            "passages": counts.passages,
        }


@contextmanager
def temporary_archive(
    settings: Settings,
    articles: Path | Sequence[Mapping[str, Any]] | None = None,
    on_progress: OnProgress = lambda _: None,
) -> Iterator[Settings]:
    """The settings of an archive that is removed afterwards.

    ``articles``: a file or folder, or records; without them, the sample corpus.
    """
    with (
        as_file(files("qa") / "data" / "sample.jsonl") as sample,
        tempfile.TemporaryDirectory() as folder,
    ):
        if articles is None:
            path = sample
        elif isinstance(articles, Path):
            path = articles
        else:
            path = Path(folder) / "articles.jsonl"
            path.write_text("\n".join(json.dumps(article) for article in articles), "utf-8")
        reads = read_paths([path])
        chosen = settings.in_folder(Path(folder) / "archive")
        with open_archive(chosen, create=True) as archive:
            archive.ingest([path], reads, on_progress=on_progress)
        yield chosen


def _without_folder(value: Any) -> Any:
    """A model's path as its last part, so that a run file does not describe this machine."""
    if not isinstance(value, str) or not ("/" in value or "\\" in value):
        return value
    path = Path(value)
    return path.name if path.exists() else value


def _language_model(settings: Settings) -> Mapping[str, str]:
    if settings.model != "local":
        return {"name": settings.model}
    from qa.models.local import ExtractiveModel

    return {"name": ExtractiveModel.name}
