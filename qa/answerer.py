"""One question's way: find, select evidence, write, verify, shape. The whole story on one screen.

`answer` is `stream` drained, so every door tells the same story. Nothing that was streamed is ever withdrawn:
a `Token` carries text that was verified and is sure enough.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from qa import evidence
from qa.citations import Supported, citation, figure_status, locate, verify
from qa.figures import find_figures
from qa.model import AnswerModel
from qa.questions import kind_of
from qa.retriever import Retrieved, Retriever, check_k, check_question
from qa.types import (
    Answer,
    AnswerFigure,
    Candidate,
    Citation,
    Figure,
    Filters,
    Hit,
    IndexState,
    Sentence,
    ShortAnswer,
)
from qa.words import content_stems

EVIDENCE_HITS = 8  # passages whose sentences may become evidence
EVIDENCE_SENTENCES = 10


@dataclass(frozen=True, slots=True)
class HitsFound:
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer's text that stands for good."""

    text: str


Event = HitsFound | Token | Answer


@dataclass(slots=True)
class _Draft:
    """What has been verified so far."""

    statements: list[Supported] = field(default_factory=list)
    candidate: Candidate | None = None
    confidence: float = 0.0


class Answerer:
    """Answers questions from an archive. Blocking; safe to call from several threads."""

    def __init__(self, retriever: Retriever, model: AnswerModel, min_confidence: float) -> None:
        self._retriever = retriever
        self._model = model
        self._min_confidence = min_confidence

    def prepare(self) -> None:
        """Load every model, so that the first question does not wait. Raises ModelUnavailable."""
        self._retriever.prepare()
        self._model.prepare()

    def find(self, question: str, k: int, filters: Filters) -> Retrieved:
        """The ``k`` best passages. Raises BadInput."""
        return self._retriever.retrieve(question, k, filters)

    def answer(
        self,
        question: str,
        filters: Filters | None = None,
        *,
        k: int = 10,
        min_confidence: float | None = None,
    ) -> Answer:
        """Raises BadInput, EmbedderMismatch, AnswerModelError."""
        for event in self.stream(question, filters, k=k, min_confidence=min_confidence):
            if isinstance(event, Answer):
                return event
        raise AssertionError("a stream ends with an answer")

    def stream(
        self,
        question: str,
        filters: Filters | None = None,
        *,
        k: int = 10,
        min_confidence: float | None = None,
    ) -> Iterator[Event]:
        """``HitsFound``, then a ``Token`` for each verified statement, then the ``Answer``."""
        filters = filters or Filters()
        threshold = self._min_confidence if min_confidence is None else min_confidence
        clock = _Clock()
        check_question(question)
        check_k(k)
        retrieved = self.find(question, max(k, EVIDENCE_HITS), filters)
        hits = retrieved.hits[:k]
        clock.lap("retrieve")
        yield HitsFound(hits)
        sentences = evidence.select(question, retrieved.hits[:EVIDENCE_HITS], EVIDENCE_SENTENCES)
        clock.lap("evidence")
        draft = _Draft()
        if sentences:
            for statement in self._model.write(question, sentences):
                supported = verify(statement, question, sentences)
                if supported is None:
                    continue
                confidence = _confidence(supported, question)
                if not draft.statements and confidence < threshold:
                    text = supported.short or supported.text
                    if draft.candidate is None or confidence > draft.candidate.confidence:
                        draft.candidate = Candidate(text, confidence)
                    continue
                draft.confidence = draft.confidence or confidence
                draft.statements.append(supported)
                yield Token(supported.text if len(draft.statements) == 1 else f" {supported.text}")
        clock.lap("generate")
        yield _shaped(question, filters, draft, hits, retrieved.index, self._model.name, clock.total(), threshold)


class _Clock:
    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = round((now - self._last) * 1000, 2)
        self._last = now

    def total(self) -> Mapping[str, float]:
        return self._laps | {"total": round((time.perf_counter() - self._started) * 1000, 2)}


def _confidence(supported: Supported, question: str) -> float:
    """The model's own, or for one that gives none: how much of the question the cited sentences speak of."""
    if supported.confidence is not None:
        return supported.confidence
    asked = set(content_stems(question))
    held = set().union(*(content_stems(item.text) for item in supported.sentences))
    return round(0.5 + 0.5 * len(asked & held) / len(asked), 4) if asked else 0.5


def _shaped(
    question: str,
    filters: Filters,
    draft: _Draft,
    hits: Sequence[Hit],
    index: IndexState,
    model: str,
    timings: Mapping[str, float],
    threshold: float,
) -> Answer:
    short, at = _short_answer(question, draft.statements)
    cited = {item.n: item for statement in draft.statements for item in statement.sentences}
    first = at[0].n if at is not None else 0
    # The quote that holds the short answer comes first.
    numbers = {n: number for number, n in enumerate(sorted(cited, key=lambda n: n != first), start=1)}
    citations = tuple(
        citation(number, cited[n], (at[1], at[2]) if at is not None and n == first else None)
        for n, number in numbers.items()
    )
    found = bool(draft.statements)
    return Answer(
        id=_id(question, filters, index, model, citations),
        question=question,
        as_of=filters.as_of,
        status="answered" if found else "not_found",
        reason=None if found else _reason(draft, hits, threshold),
        answer=" ".join(statement.text for statement in draft.statements) if found else None,
        short_answer=short,
        confidence=draft.confidence if found else (draft.candidate.confidence if draft.candidate else 0.0),
        candidate=None if found else draft.candidate,
        citations=citations,
        figures=tuple(_figures(question, draft.statements, numbers)),
        timeline=(),
        disagreements=(),
        model=model,
        index=index,
        timings_ms=timings,
        hits=tuple(hits),
    )


def _short_answer(
    question: str, statements: Sequence[Supported]
) -> tuple[ShortAnswer | None, tuple[Sentence, int, int] | None]:
    """The typed short answer, and where it stands."""
    kind = kind_of(question)
    for statement in statements:
        if kind == "boolean" and statement.text.split(",")[0].strip(" .").lower() in ("yes", "no"):
            said = statement.text.split(",")[0].strip(" .").lower()
            return ShortAnswer(said, "boolean", "true" if said == "yes" else "false", bound="exact"), None
        if statement.short is None:
            continue
        at = locate(statement.short, statement.sentences)
        if at is None:
            continue
        item, start, end = at
        article = item.hit.passage.article
        figure = _figure_at(item, start, end)
        text = article.text[start:end]
        if figure is not None and kind not in ("person", "place", "organisation"):
            return (
                ShortAnswer(text, figure.kind, figure.value, figure.value_to, figure.unit, figure.bound),
                at,
            )
        return ShortAnswer(text, "text" if kind in ("money", "number", "percent", "date", "duration") else kind), at
    return None, None


def _figure_at(item: Sentence, start: int, end: int) -> Figure | None:
    """The figure that stands at a place of the article, read in its sentence ("some" may stand before it)."""
    for figure in find_figures(item.text, item.hit.passage.article.published_at):
        if figure.start + item.start < end and start < figure.end + item.start:
            return figure
    return None


def _figures(question: str, statements: Sequence[Supported], numbers: Mapping[int, int]) -> Iterator[AnswerFigure]:
    for statement in statements:
        for figure, holder in statement.figures:
            yield AnswerFigure(
                figure.text,
                figure.kind,
                figure.value,
                figure.value_to,
                figure.unit,
                figure.bound,
                figure_status(figure, holder, question),
                numbers.get(holder.n) if holder is not None else None,
            )


def _reason(draft: _Draft, hits: Sequence[Hit], threshold: float) -> str:
    if not hits:
        return "no article in the archive can be seen under these filters"
    if draft.candidate is not None:
        return (
            f"the best answer found is too uncertain: confidence {draft.candidate.confidence:.2f},"
            f" threshold {threshold:.2f}"
        )
    return "no sentence of the archive was found that supports an answer"


def _id(question: str, filters: Filters, index: IndexState, model: str, citations: Sequence[Citation]) -> str:
    """The same question to the same archive gives the same id."""
    content = json.dumps([question, asdict(filters), asdict(index), model, [asdict(item) for item in citations]])
    return hashlib.sha256(content.encode()).hexdigest()[:24]
