"""Scores, one function each. Where a metric does not apply it is None, never 0."""

import math
import re
import string
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """SQuAD's normalisation (Rajpurkar et al., 2016): lower case, no punctuation, no articles, single spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(answer: str, right: Sequence[str]) -> float:
    """1 if the normalised answer equals any right one, else 0."""
    return float(any(normalise(answer) == normalise(other) for other in right))


def f1(answer: str, right: Sequence[str]) -> float:
    """The best over the right answers of 2PR / (P + R), P and R over shared words counted with multiplicity
    (Rajpurkar et al., 2016).
    """
    return max((_f1(normalise(answer).split(), normalise(other).split()) for other in right), default=0.0)


def _f1(said: list[str], right: list[str]) -> float:
    if not said or not right:
        return float(said == right)
    shared = sum((Counter(said) & Counter(right)).values())
    return 2 * shared / (len(said) + len(right))


def hit_at_k(ranked: Sequence[str], relevant: Sequence[str], k: int) -> float | None:
    """1 if any of the first ``k`` different articles is relevant. None without relevant ones."""
    if not relevant:
        return None
    return float(bool(set(_distinct(ranked)[:k]) & set(relevant)))


def reciprocal_rank(ranked: Sequence[str], relevant: Sequence[str]) -> float | None:
    """1 / rank of the first relevant article, each article counted at its first hit; 0 when none was found."""
    if not relevant:
        return None
    for rank, article in enumerate(_distinct(ranked), start=1):
        if article in relevant:
            return 1 / rank
    return 0.0


def answer_in_passage(passages: Sequence[str], answers: Sequence[str], k: int) -> float | None:
    """1 if any right answer occurs, normalised, in one of the first ``k`` passages."""
    if not answers:
        return None
    wanted = [f" {normalise(answer)} " for answer in answers if normalise(answer)]
    return float(any(answer in f" {normalise(passage)} " for passage in passages[:k] for answer in wanted))


class CurvePoint(NamedTuple):
    """What a threshold would give: the share of all cases that are answered, and how right those answers are."""

    threshold: float
    coverage: float
    accuracy: float | None  # None where nothing is answered


def coverage_curve(cases: Sequence[tuple[float, float]]) -> list[CurvePoint]:
    """The coverage-accuracy curve (El-Yaniv and Wiener, 2010) at thresholds 0, .05 … .95. ``cases``: for each its
    best answer's confidence, and how right that answer is, 0..1 (an answer to an unanswerable case is 0); a case
    without any answer has confidence -1.
    """
    points = []
    for threshold in (step / 20 for step in range(20)):
        answered = [right for confidence, right in cases if confidence >= threshold]
        points.append(
            CurvePoint(
                threshold,
                len(answered) / len(cases) if cases else 0.0,
                sum(answered) / len(answered) if answered else None,
            )
        )
    return points


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile: the smallest value that at least ``share`` of the values do not exceed."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _distinct(ranked: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(ranked))
