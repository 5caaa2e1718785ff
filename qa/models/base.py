"""The interface of language models. One file in `qa/models/` for each implementation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from qa.answer import ReasonCode
from qa.answering.competing import Comparison
from qa.answering.sentence import Sentence, Span
from qa.question import Question


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer, and the evidence that the model says it rests on. Nothing here is
    trusted before it is verified (`qa.answering.verification`).

    A model that reads places gives the ``span`` of the short answer, one that writes text gives
    ``short``. A yes or no that the model decided is ``verdict``, not a word of the text.
    An answer of form ``list`` is a statement for each item, which is its ``span`` or ``short``.
    ``speaker``: who says the quoted words. ``code``: what the statement says about the question
    itself ("reports_say_unknown", "false_premise").
    """

    text: str
    cites: tuple[int, ...]  # numbers of sentences
    short: str | None = None
    confidence: float | None = None  # the model's own, 0..1, where it has one
    span: Span | None = None
    verdict: bool | None = None
    comparison: Comparison | None = None  # what competes with the span, where the model looked
    speaker: str | None = None
    code: ReasonCode | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """Why the model wrote nothing; ``reason`` is a true sentence for the user."""

    code: ReasonCode
    reason: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call of the model took, in its own tokens."""

    prompt_tokens: int
    completion_tokens: int


Written = Statement | Usage | Declined


class AnswerModel(Protocol):
    """Writes an answer from numbered sentences. Sees them and the question, nothing else."""

    @property
    def name(self) -> str: ...

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
        """The answer, statement by statement as it is written; none when the evidence does not say,
        with the reason as `Declined` where the model knows one. The usage of each call may be among
        them.

        Blocks; safe to call from several threads. Raises AnswerModelError.
        """

    def prepare(self) -> None:
        """Load everything, so that the first question does not wait. Raises ModelUnavailable."""


@runtime_checkable
class Repairing(Protocol):
    """A model that can be told what is wrong with a statement of its own."""

    def repair(
        self, statement: Statement, faults: Sequence[str], evidence: Sequence[Sentence]
    ) -> Iterator[Written]:
        """The statement again, without the faults. ``evidence``: the sentences that it cites.

        Blocks; raises AnswerModelError.
        """


@runtime_checkable
class Rewriting(Protocol):
    """A model that can complete a follow-up question."""

    def rewrite(self, question: str, earlier: Sequence[str]) -> str:
        """The question as one that can be understood without the ``earlier`` ones, oldest first.

        Not to be trusted: see `qa.answering.conversation`. Blocks; raises AnswerModelError.
        """


@runtime_checkable
class Prompted(Protocol):
    """A model that can be given instructions of one's own."""

    def reply(self, system: str, message: str) -> str:
        """The reply as plain text. Not to be trusted. Blocks; raises AnswerModelError."""
