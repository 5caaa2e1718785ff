"""Yes or no, and the sentence that decides it: by rules, else by the reader."""

import math
import re
from collections.abc import Sequence

from qa import tuning
from qa.answering.evidence import share_of_best
from qa.answering.extraction.existence import by_existence
from qa.answering.extraction.figure_verdicts import Decided, by_figure
from qa.answering.extraction.telling import highest
from qa.answering.features import PolarityFeatures, VerdictFeatures
from qa.answering.reader import Verdict
from qa.answering.scorer import Fit, scorer
from qa.answering.sentence import Sentence
from qa.answering.verification.text import content_keys
from qa.language.unknowns import asks_what_is_known, is_left_open
from qa.models.base import Statement
from qa.question import Question

_LEAST = 1e-4  # of a probability, so that odds are finite
_DENIAL = re.compile(
    r"\b(?:not|no|never|none|nobody|without|neither|nor|instead|rather|only|despite|although|but|still"
    r"|yet|too|unlike|against|false|wrong|unchanged|unhurt|refus\w*|reject\w*|den(?:y|ied|ies)"
    r"|declin\w*|fail\w*|cancel\w*|scrapp?\w*|dropped|rul(?:ed|es|ing) out|halt\w*|withdr\w+"
    r"|stopped|lost|fell|remain\w*|abandon\w*|postpon\w*)\b|n[’']t\b",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\W*(?:how|why)\b", re.IGNORECASE)
# Not what somebody is refused: "he was denied bail", "a court denied him entry".
_REFUSED = r"(?:access|an? appeal|bail|entry|the appeal)\b"
_DENIED = re.compile(
    r"(?<!\bwas )(?<!\bwere )(?<!\bbeen )\b(?:denie[sd]|deny|denying)\b"
    rf"(?!\s+(?:{_REFUSED}|(?:(?:(?-i:[A-Z])\S+\s+)+|(?:him|her|them)\s+)(?:an?\s|the\s|{_REFUSED})))",
    re.IGNORECASE,
)


def decide(question: Question, evidence: Sequence[Sentence]) -> list[Statement]:
    """The verdict with the sentence that decides it; [] where none does.

    What somebody denies is no verdict: the sentence is the answer then.
    """
    denied = denial(question, evidence)
    if denied is not None:
        return [denied]
    decided = (
        by_figure(question, evidence)
        or by_existence(question, evidence)
        or by_reading(question, evidence)
    )
    if decided is None:
        return []
    text = " ".join(decided.sentence.text.split())
    cites = (decided.sentence.n,)
    return [Statement(text, cites, confidence=decided.confidence, verdict=decided.value)]


def denial(question: Question, evidence: Sequence[Sentence]) -> Statement | None:
    """The first sentence that speaks of what is asked and says that somebody denies it: at least
    half of it is behind the verb. "Convicted of fraud, he denies all charges" denies no conviction.
    """
    asked = content_keys(question.text)
    if not asked or _DENIED.search(question.text):
        return None
    for item in evidence:
        share = len(asked & content_keys(item.text)) / len(asked)
        denies = _DENIED.search(item.text)
        if share < tuning.SPOKEN_OF or denies is None:
            continue
        denied = content_keys(item.text[denies.end() :])
        if 2 * len(asked & denied) >= len(asked):
            text = " ".join(item.text.split())
            return Statement(text, (item.n,), confidence=round(share, 4))
    return None


def by_reading(question: Question, evidence: Sequence[Sentence]) -> Decided | None:
    """The verdict of the sentence that the reader is surest of; None where it leans too little."""
    fit, polar = scorer().verdicts, scorer().polarity
    scores = highest(evidence)
    read = [item for item in evidence if item.closer and _may_decide(item.text, question)]
    described = [describe(question, item, scores, polar) for item in read]
    found = [
        Decided(item, value, features, fit.calibration.confidence(fit.score(features)))
        for item, (features, value) in zip(read, described, strict=True)
    ]
    best = max(found, key=lambda one: (one.confidence, -one.sentence.n), default=None)
    if best is None or best.features is None or best.features.lean < tuning.LEAST_LEAN:
        return None
    return best


def _may_decide(text: str, question: Question) -> bool:
    """Whether a sentence asks nothing itself ("How to recycle razors") and leaves nothing open,
    unless the question is what is known.
    """
    asks = _ASKS.match(text) or text.rstrip().endswith("?")
    return not asks and (asks_what_is_known(question.text) or not is_left_open(text))


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
