"""The choice among candidate answers, and yes or no by value. Pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa import tuning
from qa.answering.competing import Comparison, Reports, newest
from qa.answering.features import Features, describe
from qa.answering.proposals import Vote, propose
from qa.answering.scorer import scorer
from qa.answering.sentence import Sentence, Span
from qa.language.figures import holds
from qa.language.words import content_stems
from qa.question import Question
from qa.types import Figure


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its own score and confidence."""

    span: Span
    features: Features
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


@dataclass(frozen=True, slots=True)
class Verdict:
    """Yes (True) or no, and the sentence that decides."""

    value: bool
    sentence: Sentence
    confidence: float


def candidates(
    question: Question, evidence: Sequence[Sentence], vote: Vote | None = None
) -> list[Scored]:
    """Every span that could answer, best first; ties by sentence, position, then the longer."""
    proposals = propose(question, evidence, vote)
    fitted = scorer()
    scored = []
    for span, features in describe(question, evidence, proposals, vote):
        score = fitted.score(features)
        scored.append(Scored(span, features, score, fitted.confidence(score)))
    return sorted(
        scored,
        key=lambda item: (-item.score, item.span.sentence.n, item.span.start, -item.span.end),
    )


def choose(
    question: Question, evidence: Sequence[Sentence], vote: Vote | None = None
) -> Choice | None:
    """The best candidate, or a figure that a later report gives for the same thing, with its own
    confidence.

    The later one must itself be sure enough to be an answer. None without a candidate.
    """
    ranked = candidates(question, evidence, vote)
    if not ranked:
        return None
    best = ranked[0]
    reports = Reports(question, evidence)
    competing = reports.competing(best.span)
    later = newest(best.span, competing)
    if later is not None:
        places = {item.place: item for item in ranked}
        update = places.get((later.sentence.n, later.span.start, later.span.end))
        if update is not None and update.confidence >= (question.min_confidence or 0.0):
            # Its competitors are others: judged from the answer itself.
            return Choice(update.span, update.confidence, reports.compare(update.span))
    return Choice(best.span, best.confidence, reports.part(best.span, competing))


def decide(question: Question, evidence: Sequence[Sentence]) -> Verdict | None:
    """Yes or no to a question with one figure in it ("Was it 200 million?"), by value.

    The first sentence decides that speaks of what is asked and has one figure of that kind. None
    where there is no such sentence, and for every other yes/no question (see `decidable`).
    """
    figure = _asked_figure(question)
    if figure is None:
        return None
    text = f"{question.text[: figure.start]} {question.text[figure.end :]}"
    rest = set(content_stems(text))
    for item in evidence:
        alike = [other for other in item.figures if other.kind == figure.kind]
        share = len(rest & item.stems_with_title) / len(rest) if rest else 0.0
        if share >= tuning.SPOKEN_OF and len(alike) == 1:
            return Verdict(holds(figure, alike[0]), item, round(share, 4))
    return None


def decidable(question: Question) -> bool:
    """Whether a yes/no question has the one figure by which `decide` can answer it."""
    return _asked_figure(question) is not None


def _asked_figure(question: Question) -> Figure | None:
    asked = [figure for figure in question.figures if figure.kind != "date"]
    return asked[0] if len(asked) == 1 else None
