"""Metrics, one function each. Where a metric does not apply it is None, never 0.

Scores are from 0 to 1, and higher is better unless the function says otherwise. Rankings and
passages are best first; equal scores stay in the order that they come in. Places are ``[start,
end)`` in code points. Functions are pure, and take empty texts and sequences. A rule without a
source is our own.
"""

from eval.metrics.answers import choice_right, exact_match, f1, is_right, normalise, occurs
from eval.metrics.citations import (
    citation_precision,
    citation_recall,
    digits_without_quote,
    figures_without_quote,
    supports,
)
from eval.metrics.confidence import (
    auroc,
    calibration,
    calibration_error,
    coverage_curve,
    curve_area,
)
from eval.metrics.figures import figure_match
from eval.metrics.forms import (
    brief_shares,
    cites_gold,
    item_shares,
    repeats,
    shares_half,
    verdict_said,
)
from eval.metrics.ranking import (
    answer_in_passage,
    average_precision,
    hit_at_k,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
    reciprocal_rank,
)

__all__ = [
    "answer_in_passage",
    "auroc",
    "average_precision",
    "brief_shares",
    "calibration",
    "calibration_error",
    "choice_right",
    "citation_precision",
    "citation_recall",
    "cites_gold",
    "coverage_curve",
    "curve_area",
    "digits_without_quote",
    "exact_match",
    "f1",
    "figure_match",
    "figures_without_quote",
    "hit_at_k",
    "is_right",
    "item_shares",
    "ndcg_at_k",
    "normalise",
    "occurs",
    "precision_at_k",
    "recall_at_k",
    "reciprocal_rank",
    "repeats",
    "shares_half",
    "supports",
    "verdict_said",
]
