"""The choice among the spans that could answer. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa.answering.competing import Comparison, Reports, newest
from qa.answering.features import SpanFeatures, describe
from qa.answering.proposals import propose
from qa.answering.scorer import scorer, shares
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
    """Every span that could answer, best first; ties by sentence, position, then the longer.

    Each competes with the spans that say something else, unless several are asked for.
    """
    fitted = scorer()
    described = describe(question, evidence, propose(question, evidence))
    scores = [fitted.spans.score(features) for _, features in described]
    if question.form == "list":
        sure = [fitted.items.confidence(score) for score in scores]
    else:
        shared = shares_of([span.text for span, _ in described], scores)
        calibration = fitted.spans.calibration
        sure = [calibration.confidence(*pair) for pair in zip(scores, shared, strict=True)]
    scored = [
        Scored(span, features, score, confidence)
        for (span, features), score, confidence in zip(described, scores, sure, strict=True)
    ]
    return sorted(
        scored,
        key=lambda item: (-item.score, item.span.sentence.n, item.span.start, -item.span.end),
    )


def shares_of(texts: Sequence[str], scores: Sequence[float]) -> list[float]:
    """The share of each text's score among those that say something else, in their order.

    One text that contains another says the same ("17" and "17 people"); of several that say the
    same, the best competes.
    """
    folded = [f" {' '.join(text.lower().split())} " for text in texts]
    different: dict[str, float] = {}
    for text, score in sorted(zip(folded, scores, strict=True), key=lambda pair: -pair[1]):
        if not any(_alike(text, other) for other in different):
            different[text] = score
    found = []
    for text, score in zip(folded, scores, strict=True):
        rivals = [value for other, value in different.items() if not _alike(text, other)]
        found.append(shares([score, *rivals])[0])
    return found


def _alike(one: str, other: str) -> bool:
    return one in other or other in one


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
