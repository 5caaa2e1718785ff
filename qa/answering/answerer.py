"""The way of one question: retrieve, read, select evidence, write, verify, shape.

`answer` is `stream` drained, so every interface gives the same answer. Nothing that was streamed is
ever withdrawn: a `Token` carries text that was verified and is sure enough.
"""

import logging
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from qa import tuning
from qa.answer import Answer, Candidate
from qa.answering import evidence
from qa.answering.conversation import completed
from qa.answering.corrections import add_corrections, overrule
from qa.answering.corroboration import same_words
from qa.answering.lookalikes import without_lookalikes
from qa.answering.reader import Reader
from qa.answering.sentence import Sentence
from qa.answering.shaping import Outcome, Written, build_answer, separator
from qa.answering.verification import Refused, Verified, extract, verify
from qa.errors import AnswerModelError
from qa.models.base import AnswerModel, Declined, Repairing, Statement, Usage
from qa.models.stopping import check_stopped
from qa.question import Question
from qa.retrieval.hybrid import Retrieved, Retriever
from qa.types import Hit

MOST_REPAIRS = 3  # calls of the model for one answer, beside the first
MOST_STATEMENTS = 24  # of a reply are read: each is compared with all evidence

_log = logging.getLogger("dateline.models")


@dataclass(frozen=True, slots=True)
class HitsFound:
    hits: Sequence[Hit]


@dataclass(frozen=True, slots=True)
class Token:
    """A verified piece of the answer's text."""

    text: str
    confidence: float  # the answer's


@dataclass(frozen=True, slots=True)
class Trace:
    """Evidence and token counts, for telemetry and evaluation; just before the `Answer`. Never sent
    to clients.
    """

    evidence: Sequence[Sentence]
    prompt_tokens: int | None  # None where the model does not say
    completion_tokens: int | None


Event = HitsFound | Token | Trace | Answer


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

    def complete(self, question: str, earlier: Sequence[str]) -> str:
        """A follow-up as a question of its own; see `qa.answering.conversation.completed`."""
        return completed(question, earlier, self._model)

    def find(self, question: Question) -> Retrieved:
        """The best passages, as many as the question wants."""
        return self._retriever.retrieve(question)

    def answer(self, question: Question) -> Answer:
        """Raises EmbedderMismatch, AnswerModelError."""
        for event in self.stream(question):
            if isinstance(event, Answer):
                return event
        raise AssertionError("a stream ends with an answer")

    def stream(self, question: Question) -> Generator[Event, None, None]:
        """``HitsFound``, a ``Token`` for each verified statement, ``Trace``, and last the
        ``Answer``.
        """
        if question.min_confidence is None:
            question = replace(question, min_confidence=self._min_confidence)
        clock = _Clock()
        if self._reader is not None:
            self._reader.begin_loading()
        retrieved = self.find(replace(question, k=max(question.k, evidence.wanted(question))))
        hits = retrieved.hits[: question.k]
        question = replace(retrieved.question, k=question.k)
        clock.lap("retrieve")
        yield HitsFound(hits)
        sentences = self._select(question, retrieved.hits)
        clock.lap("evidence")
        draft = _Draft(question.min_confidence or 0.0)
        if sentences:
            yield from self._write(question, sentences, draft)
        clock.lap("generate")
        yield Trace(sentences, *draft.tokens())
        yield build_answer(
            Outcome(
                question=question,
                evidence=sentences,
                written=draft.written,
                confidence=draft.confidence,
                candidate=draft.candidate,
                declined=draft.declined,
                rejected=draft.rejected,
                hits=hits,
                absence=retrieved.absence,
                coverage=retrieved.coverage,
                aliases=retrieved.aliases,
                index=retrieved.index,
                model=self._model.name,
                timings_ms=clock.total(),
            )
        )

    def _select(self, question: Question, hits: Sequence[Hit]) -> list[Sentence]:
        readable = evidence.readable(question, without_lookalikes(question, hits))
        readings = None
        if self._reader is not None:
            readings = evidence.Readings(self._reader, question.text)
        sentences = evidence.select(question, readable, tuning.EVIDENCE_SENTENCES, readings)
        sentences = add_corrections(question, readable, sentences, readings)
        if readings is not None:
            sentences = evidence.read_closely(question, sentences, readings)
        return overrule(question, sentences)

    def _write(
        self, question: Question, sentences: Sequence[Sentence], draft: "_Draft"
    ) -> Generator[Token, None, None]:
        """A token for each statement that is verified and, the first of them, sure enough."""
        for item in self._model.write(question, sentences):
            check_stopped()
            if isinstance(item, Usage):
                draft.usage.append(item)
            elif isinstance(item, Declined):
                draft.declined = item
            elif draft.statements < MOST_STATEMENTS:
                draft.statements += 1
                verified = self._verified(item, question, sentences, draft)
                if verified is None:
                    continue
                written = Written.of(verified, item.comparison, question)
                if draft.accept(written):
                    earlier = draft.written[:-1]
                    joint = separator(question.form, earlier[-1].text) if earlier else ""
                    yield Token(f"{joint}{written.text}", draft.confidence)

    def _verified(
        self,
        statement: Statement,
        question: Question,
        sentences: Sequence[Sentence],
        draft: "_Draft",
    ) -> Verified | None:
        """The statement; where it fails, repaired by the model; where that fails, the sentence that
        it cites, if this speaks of the question.
        """
        found = verify(statement, question, sentences)
        if isinstance(found, Verified):
            return found
        draft.rejected = True
        return self._repaired(found, question, sentences, draft) or extract(
            statement, question, sentences
        )

    def _repaired(
        self,
        refused: Refused,
        question: Question,
        sentences: Sequence[Sentence],
        draft: "_Draft",
    ) -> Verified | None:
        """What the model makes of it when it is told what is wrong, once for each statement."""
        cited = [item for item in sentences if item.n in refused.statement.cites]
        if not isinstance(self._model, Repairing) or not cited or not draft.repairs_left:
            return None
        draft.repairs_left -= 1
        try:
            for item in self._model.repair(refused.statement, refused.faults, cited):
                if isinstance(item, Usage):
                    draft.usage.append(item)
                elif isinstance(item, Statement):
                    found = verify(item, question, cited)
                    if isinstance(found, Verified):
                        return found
        except AnswerModelError as error:
            _log.info("a statement was not repaired: %s", error)
        return None


@dataclass(slots=True)
class _Draft:
    """The state of an answer that is being written."""

    threshold: float
    written: list[Written] = field(default_factory=list)
    candidate: Candidate | None = None
    confidence: float = 0.0
    declined: Declined | None = None
    rejected: bool = False  # a statement was dropped
    repairs_left: int = MOST_REPAIRS
    statements: int = 0  # read so far
    usage: list[Usage] = field(default_factory=list)

    def accept(self, written: Written) -> bool:
        """Take a statement in, or keep it as the rejected candidate when nothing sure came before
        it. One that says the same words again is dropped.
        """
        if any(same_words(written.text, earlier.text) for earlier in self.written):
            return False
        if not self.written and written.confidence < self.threshold:
            best = self.candidate
            if best is None or written.confidence > best.confidence:
                self.candidate = Candidate(
                    text=written.short_text,
                    confidence=written.confidence,
                    article_ids=tuple(item.article.id for item in written.sentences),
                )
            return False
        self.confidence = self.confidence or written.confidence
        self.written.append(written)
        return True

    def tokens(self) -> tuple[int | None, int | None]:
        """Prompt and completion tokens of all calls; None where the model did not say."""
        if not self.usage:
            return None, None
        return (
            sum(call.prompt_tokens for call in self.usage),
            sum(call.completion_tokens for call in self.usage),
        )


class _Clock:
    """Milliseconds of each stage, and of all."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = round((now - self._last) * 1000, 2)
        self._last = now

    def total(self) -> Mapping[str, float]:
        return self._laps | {"total": round((time.perf_counter() - self._started) * 1000, 2)}
