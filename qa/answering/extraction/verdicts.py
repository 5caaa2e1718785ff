"""Yes or no, and the sentence that decides it."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa import tuning
from qa.answering.evidence import share_of_best
from qa.answering.extraction.telling import highest
from qa.answering.features import PolarityFeatures, VerdictFeatures
from qa.answering.reader import Verdict
from qa.answering.scorer import Fit, scorer
from qa.answering.sentence import Sentence
from qa.language.figures import holds
from qa.language.words import content_stems
from qa.models.base import Statement
from qa.question import Question
from qa.types import Figure

_LEAST = 1e-4  # of a probability, so that odds are finite
_DENIAL = re.compile(
    r"\b(?:not|no|never|none|nobody|without|neither|nor|instead|rather|only|despite|although|but|still"
    r"|yet|too|unlike|against|false|wrong|unchanged|unhurt|refus\w*|reject\w*|den(?:y|ied|ies)"
    r"|declin\w*|fail\w*|cancel\w*|scrapp?\w*|dropped|rul(?:ed|es|ing) out|halt\w*|withdr\w+"
    r"|stopped|lost|fell|remain\w*|abandon\w*|postpon\w*)\b|n[’']t\b",
    re.IGNORECASE,
)


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
    figure = asked_figure(question)
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
    """The verdict of the sentence that the reader is surest of; None where it leans too little."""
    fit, polar = scorer().verdicts, scorer().polarity
    scores = highest(evidence)
    read = [item for item in evidence if item.closer]
    described = [describe(question, item, scores, polar) for item in read]
    found = [
        Decided(item, value, features, fit.calibration.confidence(fit.score(features)))
        for item, (features, value) in zip(read, described, strict=True)
    ]
    best = max(found, key=lambda one: (one.confidence, -one.sentence.n), default=None)
    if best is None or best.features is None or best.features.lean < tuning.LEAST_LEAN:
        return None
    return best


def describe(
    question: Question, item: Sentence, highest: tuple[float, float], fit: Fit
) -> tuple[VerdictFeatures, bool]:
    """What speaks for the sentence as the one that decides, and which way it does by the ``fit`` of
    polarity; ``highest`` are the highest scores of sentences and hits.
    """
    assert item.reading is not None  # noqa: S101 - what was read closely was read before
    best, top = highest
    lean = fit.score(polarity(question, item))
    features = VerdictFeatures(
        lean=abs(lean),
        around=item.closer[0].relevance,
        passage=item.reading.relevance,
        overlap=item.score / best,
        found=share_of_best(item.hit.score, top),
    )
    return features, lean > 0


def polarity(question: Question, item: Sentence) -> PolarityFeatures:
    """What speaks for yes (above 0) or no."""
    assert item.reading is not None  # noqa: S101 - what was read closely was read before
    denied = _DENIAL.search(item.text) is not None
    return PolarityFeatures(
        alone=_lean(item.closer[-1].verdict),
        around=_lean(item.closer[0].verdict),
        passage=_lean(item.reading.verdict),
        contrary=float(denied != (_DENIAL.search(question.text) is not None)),
    )


def _lean(verdict: Verdict) -> float:
    return math.log(max(verdict.yes, _LEAST) / max(verdict.no, _LEAST))


def asked_figure(question: Question) -> Figure | None:
    """The one figure of a question that is no date; None where it has none or several."""
    asked = [figure for figure in question.figures if figure.kind != "date"]
    return asked[0] if len(asked) == 1 else None
