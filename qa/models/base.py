"""The language model's seam. One file in `qa/models/` for each that implements it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from qa.types import Sentence


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer, and the evidence that the model says it rests on. Nothing here is trusted
    before it is verified (`qa.answering.verification`).
    """

    text: str
    cites: tuple[int, ...]  # numbers of sentences
    short: str | None = None  # the short answer, where the model gave one
    confidence: float | None = None  # the model's own, 0..1, where it has one


@dataclass(frozen=True, slots=True)
class Usage:
    """What one call of the model took, in its own tokens."""

    prompt_tokens: int
    completion_tokens: int


class AnswerModel(Protocol):
    """Writes an answer from numbered sentences. Sees them and the question, nothing else."""

    @property
    def name(self) -> str: ...

    def write(self, question: str, evidence: Sequence[Sentence]) -> Iterator[Statement | Usage]:
        """The answer, statement by statement as it is written; nothing when the evidence does not tell. What each
        call took may stand among them, where the model tells.

        Blocks; safe to call from several threads. Raises AnswerModelError.
        """

    def prepare(self) -> None:
        """Load what is needed, so that the first question does not wait. Raises ModelUnavailable."""
