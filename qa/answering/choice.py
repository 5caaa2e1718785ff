"""The choice among the spans that could answer. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa.answering.competing import Comparison, Reports, newest
from qa.answering.features import SpanFeatures, describe
from qa.answering.proposals import propose
from qa.answering.scorer import scorer
from qa.answering.sentence import Sentence, Span
from qa.question import Question


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its own score and confidence."""

    span: Span
    features: SpanFeatures
    score: float
    confidence: float

    @property
    def place(self) -> tuple[int, int, int]:
        return self.span.sentence.n, self.span.start, self.span.end


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen span, and what competes with it."""

    span: Span
    confidence: float
    comparison: Comparison


def candidates(question: Question, evidence: Sequence[Sentence]) -> list[Scored]:
    """Every span that could answer, best first; ties by sentence, position, then the longer."""
    fitted = scorer()
    calibration = fitted.items if question.form == "list" else fitted.spans.calibration
    scored = []
    for span, features in describe(question, evidence, propose(question, evidence)):
        score = fitted.spans.score(features)
        scored.append(Scored(span, features, score, calibration.confidence(score)))
    return sorted(
        scored,
        key=lambda item: (-item.score, item.span.sentence.n, item.span.start, -item.span.end),
    )


def choose(question: Question, evidence: Sequence[Sentence]) -> Choice | None:
    """The best candidate, or a figure that a later report gives for the same thing, with its own
    confidence.

    The later one must itself be sure enough to be an answer, unless its report says in words that
    it counts the same: then it is as sure as the one that it replaces. None without a candidate.
    """
    ranked = candidates(question, evidence)
    if not ranked:
        return None
    best = ranked[0]
    reports = Reports(question, evidence)
    competing = reports.competing(best.span)
    later = newest(best.span, competing)
    if later is not None:
        places = {item.place: item for item in ranked}
        update = places.get((later.sentence.n, later.span.start, later.span.end))
        own = update.confidence if update is not None else 0.0
        sure = max(own, best.confidence) if later.updates else own
        if update is not None and sure >= (question.min_confidence or 0.0):
            # Its competitors are others: judged from the answer itself.
            return Choice(update.span, sure, reports.compare(update.span))
    return Choice(best.span, best.confidence, reports.part(best.span, competing))
