"""One question's way: find, read, select evidence, write, verify, shape. The whole story on one screen.

`answer` is `stream` drained, so every door tells the same story. Nothing that was streamed is ever withdrawn:
a `Token` carries text that was verified and is sure enough.
"""

import hashlib
import json
import re
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from qa.answer import (
    Answer,
    AnswerFigure,
    Candidate,
    Disagreement,
    HitOutput,
    IndexState,
    ShortAnswer,
    TimelineEntry,
)
from qa.answering import evidence
from qa.answering.competing import Rival, figure_at, other_day, rivals
from qa.answering.reader import Reader
from qa.answering.verification import Supported, citation, figure_status, locate, verify
from qa.language.words import content_stems
from qa.models.base import AnswerModel, Usage
from qa.questions import kind_of
from qa.retrieval.hybrid import Retrieved, Retriever, check_k, check_question
from qa.types import Filters, Hit, Sentence, instant

EVIDENCE_HITS = 12  # passages that are read, and whose sentences may become evidence
EVIDENCE_SENTENCES = 16
MOST_RIVALS = 6  # values that the timeline or the disagreements list beside the answer's
_VERDICT = re.compile(r"\W*(yes|no)\b(?=\W*$|\s*[,.:;–—])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HitsFound:
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer's text that stands for good."""

    text: str
    confidence: float  # the answer's


@dataclass(frozen=True, slots=True)
class Trace:
    """What the model saw and took: for those who measure, no door sends it. Just before the `Answer`."""

    evidence: Sequence[Sentence]
    prompt_tokens: int | None  # None where the model does not tell
    completion_tokens: int | None


Event = HitsFound | Token | Trace | Answer


@dataclass(slots=True)
class _Draft:
    """What has been verified so far."""

    statements: list[Supported] = field(default_factory=list)
    candidate: Candidate | None = None
    confidence: float = 0.0
    usage: list[Usage] = field(default_factory=list)


class Answerer:
    """Answers questions from an archive. Blocking; safe to call from several threads."""

    def __init__(
        self,
        retriever: Retriever,
        model: AnswerModel,
        min_confidence: float,
        reader: Reader | None = None,
    ) -> None:
        self._retriever = retriever
        self._model = model
        self._min_confidence = min_confidence
        self._reader = reader

    def prepare(self) -> None:
        """Load every model, so that the first question does not wait. Raises ModelUnavailable."""
        self._retriever.prepare()
        if self._reader is not None:
            self._reader.prepare()
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
    ) -> Generator[Event, None, None]:
        """``HitsFound``, a ``Token`` for each verified statement, ``Trace``, and last the ``Answer``."""
        filters = filters or Filters()
        threshold = self._min_confidence if min_confidence is None else min_confidence
        clock = _Clock()
        check_question(question)
        check_k(k)
        retrieved = self.find(question, max(k, EVIDENCE_HITS), filters)
        hits = retrieved.hits[:k]
        clock.lap("retrieve")
        yield HitsFound(hits)
        readable = retrieved.hits[:EVIDENCE_HITS]
        readings = self._reader.read(question, readable) if self._reader is not None else ()
        sentences = evidence.select(question, readable, EVIDENCE_SENTENCES, readings)
        clock.lap("evidence")
        draft = _Draft()
        if sentences:
            for statement in self._model.write(question, sentences):
                if isinstance(statement, Usage):
                    draft.usage.append(statement)
                    continue
                supported = verify(statement, question, sentences)
                if supported is None:
                    continue
                confidence = _confidence(supported, question)
                if not draft.statements and confidence < threshold:
                    text = supported.short or supported.text
                    if draft.candidate is None or confidence > draft.candidate.confidence:
                        draft.candidate = Candidate(text=text, confidence=confidence)
                    continue
                draft.confidence = draft.confidence or confidence
                draft.statements.append(supported)
                space = "" if len(draft.statements) == 1 else " "
                yield Token(f"{space}{supported.text}", draft.confidence)
        clock.lap("generate")
        told = bool(draft.usage)
        yield Trace(
            sentences,
            sum(call.prompt_tokens for call in draft.usage) if told else None,
            sum(call.completion_tokens for call in draft.usage) if told else None,
        )
        yield _shaped(
            question,
            filters,
            draft,
            sentences,
            hits,
            retrieved.index,
            self._model.name,
            clock.total(),
            threshold,
        )


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
    sentences: Sequence[Sentence],
    hits: Sequence[Hit],
    index: IndexState,
    model: str,
    timings: Mapping[str, float],
    threshold: float,
) -> Answer:
    short, at = _short_answer(question, draft.statements)
    others = rivals(question, *at, sentences)[:MOST_RIVALS] if at is not None else []
    dated, contradicting = _parted(at, others)
    cited = {item.n: item for statement in draft.statements for item in statement.sentences}
    cited |= {rival.sentence.n: rival.sentence for rival in [*dated, *contradicting]}
    first = at[0].n if at is not None else 0
    # The quote that holds the short answer comes first.
    numbers = {
        n: number for number, n in enumerate(sorted(cited, key=lambda n: n != first), start=1)
    }
    citations = tuple(
        citation(number, cited[n], (at[1], at[2]) if at is not None and n == first else None)
        for n, number in numbers.items()
    )
    found = bool(draft.statements)
    answer = Answer(
        id="",
        question=question,
        as_of=filters.as_of,
        status="answered" if found else "not_found",
        reason=_differ(contradicting) if found else _reason(draft, hits, threshold),
        answer=" ".join(statement.text for statement in draft.statements) if found else None,
        short_answer=short,
        confidence=draft.confidence
        if found
        else (draft.candidate.confidence if draft.candidate else 0.0),
        candidate=None if found else draft.candidate,
        citations=citations,
        figures=tuple(_figures(question, draft.statements, numbers)),
        timeline=_timeline(at, dated, numbers),
        disagreements=tuple(
            Disagreement(text=_said_by(rival), citations=(numbers[rival.sentence.n],))
            for rival in contradicting
        ),
        model=model,
        index=index,
        timings_ms=timings,
        hits=tuple(HitOutput.of(hit) for hit in hits),
    )
    return answer.model_copy(update={"id": _id(answer, filters, threshold)})


def _short_answer(
    question: str, statements: Sequence[Supported]
) -> tuple[ShortAnswer | None, tuple[Sentence, int, int] | None]:
    """The typed short answer, and where it stands."""
    kind = kind_of(question)
    for statement in statements:
        if kind == "boolean" and (verdict := _VERDICT.match(statement.text)):
            said = verdict[1].lower()
            return ShortAnswer(
                text=said, kind="boolean", value="true" if said == "yes" else "false", bound="exact"
            ), None
        if statement.short is None:
            continue
        at = locate(statement.short, statement.sentences)
        if at is None:
            continue
        item, start, end = at
        article = item.hit.passage.article
        figure = figure_at(item, start, end)
        text = article.text[start:end]
        if figure is not None and kind not in ("person", "place", "organisation"):
            return (
                ShortAnswer(
                    text=text,
                    kind=figure.kind,
                    value=figure.value,
                    value_to=figure.value_to,
                    unit=figure.unit,
                    bound=figure.bound,
                ),
                at,
            )
        return ShortAnswer(
            text=text,
            kind="text" if kind in ("money", "number", "percent", "date", "duration") else kind,
        ), at
    return None, None


def _parted(
    at: tuple[Sentence, int, int] | None, others: Sequence[Rival]
) -> tuple[list[Rival], list[Rival]]:
    """Figures of other days, which a timeline lists, and what contradicts: the same day's, or undated, or no figure."""
    if at is None:
        return [], []
    dated = [
        rival for rival in others if rival.figure is not None and other_day(at[0], rival.sentence)
    ]
    return dated, [rival for rival in others if rival not in dated]


def _timeline(
    at: tuple[Sentence, int, int] | None, dated: Sequence[Rival], numbers: Mapping[int, int]
) -> tuple[TimelineEntry, ...]:
    """The answer's figure among those of other days, oldest first; empty when there are no others."""
    if at is None or not dated:
        return ()
    item, start, end = at
    own = figure_at(item, start, end)
    entries = [(item, own), *((rival.sentence, rival.figure) for rival in dated)]
    listed = [
        TimelineEntry(
            value=figure.value,
            unit=figure.unit,
            text=figure.text,
            published_at=published,
            citation=numbers[sentence.n],
        )
        for sentence, figure in entries
        if figure is not None
        and (published := sentence.hit.passage.article.published_at) is not None
    ]
    return tuple(sorted(listed, key=lambda entry: (instant(entry.published_at), entry.citation)))


def _said_by(rival: Rival) -> str:
    article = rival.sentence.hit.passage.article
    return f"{article.source or article.title or article.id}: {rival.text}"


def _differ(contradicting: Sequence[Rival]) -> str | None:
    if not contradicting:
        return None
    return (
        f"sources disagree; {'; '.join(dict.fromkeys(_said_by(rival) for rival in contradicting))}"
    )


def _figures(
    question: str, statements: Sequence[Supported], numbers: Mapping[int, int]
) -> Iterator[AnswerFigure]:
    for statement in statements:
        for figure, holder in statement.figures:
            yield AnswerFigure(
                text=figure.text,
                kind=figure.kind,
                value=figure.value,
                value_to=figure.value_to,
                unit=figure.unit,
                bound=figure.bound,
                status=figure_status(figure, holder, question),
                citation=numbers.get(holder.n) if holder is not None else None,
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


def _id(answer: Answer, filters: Filters, threshold: float) -> str:
    """A hash of what was asked and answered, so that two different answers never share an id."""
    said = answer.model_dump(mode="json", exclude={"id", "timings_ms", "hits"})
    content = json.dumps([said, asdict(filters), threshold])
    return hashlib.sha256(content.encode()).hexdigest()[:24]
