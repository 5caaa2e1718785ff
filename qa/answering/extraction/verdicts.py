"""Yes or no, and the sentence that decides it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qa import tuning
from qa.answering.evidence import share_of_best
from qa.answering.extraction.telling import highest
from qa.answering.features import VerdictFeatures
from qa.answering.scorer import scorer
from qa.answering.sentence import Sentence
from qa.language.figures import holds
from qa.language.words import content_stems
from qa.models.base import Statement
from qa.question import Question
from qa.types import Figure

_LEAST = 1e-4  # of a probability, so that odds are finite


@dataclass(frozen=True, slots=True)
class Decided:
    """What a sentence decides; yes is True."""

    sentence: Sentence
    value: bool
    features: VerdictFeatures | None  # None: decided by a figure
    confidence: float


def decide(question: Question, evidence: Sequence[Sentence]) -> list[Statement]:
    """The verdict with the sentence that decides it; [] where none does."""
    decided = by_figure(question, evidence) or by_reading(question, evidence)
    if decided is None:
        return []
    text = " ".join(decided.sentence.text.split())
    cites = (decided.sentence.n,)
    return [Statement(text, cites, confidence=decided.confidence, verdict=decided.value)]


def by_figure(question: Question, evidence: Sequence[Sentence]) -> Decided | None:
    """The verdict on a question with one figure in it ("Was it 200 million?"), by value.

    The first sentence decides that speaks of what is asked and has one figure of that kind.
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
            value = holds(figure, alike[0])
            return Decided(item, value, None, round(share, 4))
    return None


def by_reading(question: Question, evidence: Sequence[Sentence]) -> Decided | None:
    """The verdict of the sentence that the reader is surest of."""
    fit = scorer().verdicts
    best, top = highest(evidence)
    found = []
    for item in evidence:
        if item.closer:
            features, value = describe(question, item, best, top)
            found.append(Decided(item, value, features, fit.confidence(fit.score(features))))
    return max(found, key=lambda one: (one.confidence, -one.sentence.n), default=None)


def describe(
    question: Question, item: Sentence, best: float, top: float
) -> tuple[VerdictFeatures, bool]:
    """What speaks for the sentence as the one that decides, and which way it does."""
    assert item.reading is not None  # noqa: S101 - what was read closely was read before
    around, alone = item.closer[0].verdict, item.closer[-1].verdict
    passage = item.reading.verdict
    yes = (around.yes + alone.yes + passage.yes) / 3
    no = (around.no + alone.no + passage.no) / 3
    lean = math.log(max(yes, _LEAST) / max(no, _LEAST))
    readings = (around, alone, passage)
    same = [reading for reading in readings if (reading.yes > reading.no) == (lean > 0)]
    names = question.names
    features = VerdictFeatures(
        lean=abs(lean),
        decided=1 - (around.unknown + alone.unknown + passage.unknown) / 3,
        agreed=len(same) / 3,
        alone=item.closer[-1].relevance,
        around=item.closer[0].relevance,
        passage=item.reading.relevance,
        overlap=item.score / best,
        found=share_of_best(item.hit.score, top),
        named=len(names & item.stems_with_title) / len(names) if names else 1.0,
    )
    return features, lean > 0


def _asked_figure(question: Question) -> Figure | None:
    asked = [figure for figure in question.figures if figure.kind != "date"]
    return asked[0] if len(asked) == 1 else None
