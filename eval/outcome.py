"""What a target answered to one case, and what evaluation needs beside the `Answer`."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from qa.answer import Answer, HitOutput

Duration = Annotated[float, Field(ge=0)]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class QuoteCheck(_Record):
    """Citation ``n`` looked up in its article.

    ``exact``: the quote is at its offsets. ``before`` and ``after``: the article's text around it.
    """

    n: int
    exact: bool
    before: str = ""
    after: str = ""


class EvidenceSentence(_Record):
    """A sentence that the answer model was shown."""

    article_id: str
    text: str


class Sought(_Record):
    """The report that answers a case, as the archive has it. ``words``: of its text, if known."""

    source: str | None
    published_at: str | None
    words: int | None = None


class Outcome(_Record):
    """One case's answer with its hits.

    ``unreported`` names the fields of ``answer`` that the system does not report, so that what they
    hold is a default and must not be scored. ``seconds`` is the time that the caller waited,
    ``cpu_seconds`` what the process worked meanwhile, on all cores.
    """

    hits: tuple[HitOutput, ...] | None = None  # None: the system does not report its hits
    answer: Answer | None = None  # None: retrieval only
    unreported: tuple[str, ...] = ()
    quotes: tuple[QuoteCheck, ...] = ()  # only of citations that could be looked up
    evidence: tuple[EvidenceSentence, ...] | None = None
    sought: Sought | None = None
    seconds: Duration | None = None
    cpu_seconds: Duration | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    retries: int = 0

    @property
    def said(self) -> str | None:
        """The text that is compared with the right answers: short answer or answer. None: declined.

        Without a short answer it is the whole answer.
        """
        if self.answer is None or self.answer.status != "answered":
            return None
        short = self.answer.short_answer
        return (short.text if short is not None else None) or self.answer.answer

    @property
    def candidate(self) -> str | None:
        """The text of the best answer that was rejected."""
        if self.answer is None or self.answer.candidate is None:
            return None
        return self.answer.candidate.text

    @property
    def best(self) -> str | None:
        """The answer, or the candidate that was rejected."""
        return self.said or self.candidate

    @property
    def confidence(self) -> float | None:
        """The confidence of `best`. None where the system does not report it."""
        if self.answer is None:
            return None
        if self.said:
            return None if "confidence" in self.unreported else self.answer.confidence
        if self.answer.candidate is None or "candidate.confidence" in self.unreported:
            return None
        return self.answer.candidate.confidence

    @property
    def shown_confidence(self) -> float | None:
        """The answer's own confidence, also where it declined. None if it is not reported."""
        if self.answer is None or "confidence" in self.unreported:
            return None
        return self.answer.confidence

    def reports(self, name: str) -> bool:
        """Whether the system gave this field of the answer, rather than leaving it at its default.

        Run files of earlier versions lack the fields that came later.
        """
        if self.answer is None or name in self.unreported:
            return False
        return name in self.answer.model_fields_set

    @property
    def timings_ms(self) -> Mapping[str, float]:
        """Milliseconds by stage, as the system reports them."""
        return self.answer.timings_ms if self.answer is not None else {}

    def quote_check(self, n: int) -> QuoteCheck | None:
        """The look-up of citation ``n``, if there was one. The report's template asks for it."""
        return next((check for check in self.quotes if check.n == n), None)
