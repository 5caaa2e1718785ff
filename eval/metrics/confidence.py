"""What a confidence is worth.

``cases`` are pairs: the confidence of the best answer, and how right that answer is, 0..1 (0 for an
answer to an unanswerable case). A case without any answer has confidence -1. The order of the cases
does not matter, apart from the last digits of a sum.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

Cases = Sequence[tuple[float, float]]
RIGHT = 0.5  # an answer at least this right counts as right where it must be one or the other


class CurvePoint(NamedTuple):
    """What a threshold gives: the share of the cases answered, and how right those answers are."""

    threshold: float
    coverage: float
    accuracy: float | None  # None where nothing is answered


class Bin(NamedTuple):
    """Cases of like confidence; means of both."""

    confidence: float
    accuracy: float
    cases: int


def coverage_curve(cases: Cases) -> list[CurvePoint]:
    """The coverage-accuracy curve (El-Yaniv and Wiener, 2010) at thresholds 0, .05 … .95.

    Cases with exactly the threshold's confidence are answered. Without cases the coverage is 0.
    """
    points = []
    for threshold in (step / 20 for step in range(20)):
        answered = [right for confidence, right in cases if confidence >= threshold]
        coverage = len(answered) / len(cases) if cases else 0.0
        accuracy = sum(answered) / len(answered) if answered else None
        points.append(CurvePoint(threshold, coverage, accuracy))
    return points


def curve_area(cases: Cases) -> float | None:
    """The area under accuracy over coverage: 1 - AURC (Geifman, Uziel and El-Yaniv, 2019).

    The mean over the answered cases, most confident first, of the accuracy up to each. Cases of
    equal confidence count together. None without an answered case.
    """
    answered = sorted((case for case in cases if case[0] >= 0), reverse=True)
    if not answered:
        return None
    total, right, start = 0.0, 0.0, 0
    while start < len(answered):
        end = start
        while end < len(answered) and answered[end][0] == answered[start][0]:
            end += 1
        right += sum(score for _, score in answered[start:end])
        total += right / end * (end - start)
        start = end
    return total / len(answered)


def auroc(cases: Cases) -> float | None:
    """The chance that a right answer has more confidence than a wrong one, ties half.

    Fawcett (2006), by the ranks of Mann and Whitney; equal to scikit-learn's `roc_auc_score`, which
    a test compares. Cases without an answer are left out. None without both kinds.
    """
    answered = [case for case in cases if case[0] >= 0]
    right = np.array([score >= RIGHT for _, score in answered], dtype=bool)
    n_right = int(right.sum())
    n_wrong = len(answered) - n_right
    if not n_right or not n_wrong:
        return None
    confidences = [confidence for confidence, _ in answered]
    _, inverse, counts = np.unique(confidences, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]  # from 1; equal values share their mean
    above = ranks[right].sum() - n_right * (n_right + 1) / 2
    return float(above / (n_right * n_wrong))


def calibration(cases: Cases, bins: int = 10) -> list[Bin]:
    """Answered cases in bins of equal width by confidence, rising, without empty ones.

    A bin has its lower bound and lacks its upper one; the last has 1. ``bins``: at least 1.
    """
    groups: list[list[tuple[float, float]]] = [[] for _ in range(bins)]
    for confidence, right in cases:
        if confidence >= 0:
            groups[min(bins - 1, int(confidence * bins))].append((confidence, right))
    found = []
    for group in groups:
        if group:
            confidence = sum(case[0] for case in group) / len(group)
            accuracy = sum(case[1] for case in group) / len(group)
            found.append(Bin(confidence, accuracy, len(group)))
    return found


def calibration_error(cases: Cases, bins: int = 10) -> float | None:
    """Expected calibration error (Guo et al., 2017): lower is better.

    The mean over the cases of the distance between their bin's accuracy and its confidence. None
    without an answered case.
    """
    found = calibration(cases, bins)
    total = sum(each.cases for each in found)
    if not total:
        return None
    return sum(each.cases * abs(each.accuracy - each.confidence) for each in found) / total
