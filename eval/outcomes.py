"""What a system said to one case, as it is kept in a run file. Forms of the contract; what is unknown is None.

Another system's answers come in the same form, with as little as an ``answer``: what it does not tell is not scored.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class _Kept(BaseModel):
    # The contract may grow, and other systems tell more: what nobody scores is left out.
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


Confidence = Annotated[float, Field(ge=0, le=1)]
Duration = Annotated[float, Field(ge=0)]


class KeptArticle(_Kept):
    id: str
    title: str | None = None
    source: str | None = None
    published_at: str | None = None


class KeptPassage(_Kept):
    id: int | None = None
    text: str = ""
    start: int | None = None
    end: int | None = None


class KeptHit(_Kept):
    article: KeptArticle
    passage: KeptPassage = KeptPassage()
    score: float | None = None


class KeptCitation(_Kept):
    n: int
    quote: str
    article_id: str | None = None
    version: str | None = None
    title: str | None = None
    source: str | None = None
    published_at: str | None = None
    start: int | None = None
    end: int | None = None
    before: str = ""  # the quote in its context, where the article could be read
    after: str = ""
    exact: bool | None = None  # does the quote stand at its offsets; None where nobody could look


class KeptFigure(_Kept):
    text: str
    status: str
    citation: int | None = None


class Beside(_Kept):
    """An entry of the timeline or of the disagreements, and the citations that it rests on."""

    text: str
    citations: tuple[int, ...] = ()


class KeptSentence(_Kept):
    article_id: str
    text: str


class KeptAnswer(_Kept):
    """``short``: the short answer's text. ``figures`` and ``disagreements`` are None for a system without them."""

    status: Literal["answered", "not_found"]
    answer: str | None = None
    short: str | None = None
    kind: str | None = None
    reason: str | None = None
    confidence: Confidence | None = None
    candidate: str | None = None
    candidate_confidence: Confidence | None = None
    citations: tuple[KeptCitation, ...] = ()
    figures: tuple[KeptFigure, ...] | None = None
    timeline: tuple[Beside, ...] = ()
    disagreements: tuple[Beside, ...] | None = None
    model: str | None = None

    @property
    def said(self) -> str | None:
        """What is compared with the right answers: the short answer, or without one the answer. None if it declined."""
        return (self.short or self.answer) if self.status == "answered" else None

    @property
    def best(self) -> str | None:
        """What was said, or the candidate that was rejected."""
        return self.said or self.candidate


class Outcome(_Kept):
    """``seconds`` is the system's own time for the case as its caller sees it; ``retries`` were needed to get it."""

    hits: tuple[KeptHit, ...] | None = None  # None: the system does not tell what it found
    answer: KeptAnswer | None = None  # None: retrieval only
    evidence: tuple[KeptSentence, ...] | None = None
    seconds: Duration | None = None
    timings_ms: Mapping[str, Duration] = {}
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    retries: int = 0


class NotOfTheForm(ValueError):
    """What a system gave is not of the contract's form; the message names the key that is wrong."""


def kept_answer(answer: Mapping[str, Any]) -> KeptAnswer:
    """The contract's `Answer`, or less, as it is kept. Raises NotOfTheForm."""
    told = [name for name in ("status", "answer", "short_answer") if name in answer]
    if not told:
        raise NotOfTheForm("answer: it is not there (null where the system declines)")
    short, candidate = answer.get("short_answer"), answer.get("candidate")
    if isinstance(short, str):  # another system's
        short = {"text": short}
    for name, part in (("short_answer", short), ("candidate", candidate)):
        if part is not None and not isinstance(part, Mapping):
            raise NotOfTheForm(f"{name}: it should be an object")
    timeline = answer.get("timeline") or ()
    if not isinstance(timeline, list | tuple) or not all(
        isinstance(entry, Mapping) for entry in timeline
    ):
        raise NotOfTheForm("timeline: it should be a list of objects")
    short, candidate = short or {}, candidate or {}
    fields = {
        **answer,
        "status": answer.get("status")
        or ("answered" if answer.get("answer") or short.get("text") else "not_found"),
        "short": short.get("text"),
        "kind": short.get("kind"),
        "candidate": candidate.get("text"),
        "candidate_confidence": candidate.get("confidence"),
        "timeline": [
            {
                "text": entry.get("text"),
                "citations": () if entry.get("citation") is None else (entry["citation"],),
            }
            for entry in timeline
        ],
    }
    try:
        return KeptAnswer.model_validate(fields)
    except ValidationError as error:
        raise NotOfTheForm(first_fault(error)) from error


def first_fault(error: ValidationError) -> str:
    """The key that is wrong, and why."""
    problem = error.errors()[0]
    return f"{'.'.join(str(part) for part in problem['loc']) or 'the whole'}: {problem['msg']}"
