"""Rankings of articles: hits in order, an article counted at its first hit. Relevance is binary.

``ranked`` has the article of each hit, best first; ``k`` is at least 1, and counts articles.
"""

import math
from collections.abc import Sequence

from eval.metrics.answers import occurs


def hit_at_k(ranked: Sequence[str], relevant: Sequence[str], k: int) -> float | None:
    """1 if any of the first ``k`` articles is relevant, else 0; success@k of trec_eval.

    None without relevant ones.
    """
    if not relevant:
        return None
    return float(bool(_found(ranked, relevant, k)))


def recall_at_k(ranked: Sequence[str], relevant: Sequence[str], k: int) -> float | None:
    """(relevant among the first ``k`` articles) / (relevant). None without relevant ones.

    Manning, Raghavan and Schütze (2008), section 8.3.
    """
    if not relevant:
        return None
    return len(_found(ranked, relevant, k)) / len(set(relevant))


def precision_at_k(ranked: Sequence[str], relevant: Sequence[str], k: int) -> float | None:
    """(relevant among the first ``k`` articles) / k, P@k of trec_eval.

    The divisor is ``k`` also where fewer were found. None without relevant ones.
    """
    if not relevant:
        return None
    return len(_found(ranked, relevant, k)) / k


def reciprocal_rank(ranked: Sequence[str], relevant: Sequence[str]) -> float | None:
    """1 / rank of the first relevant article; 0 if none was found. None without relevant ones.

    Voorhees (1999); its mean over the cases is MRR.
    """
    if not relevant:
        return None
    for rank, article in enumerate(_distinct(ranked), start=1):
        if article in relevant:
            return 1 / rank
    return 0.0


def average_precision(ranked: Sequence[str], relevant: Sequence[str]) -> float | None:
    """The mean over the relevant articles of the precision at the rank of each, 0 if not found.

    Manning, Raghavan and Schütze (2008), section 8.4; its mean over the cases is MAP.
    """
    if not relevant:
        return None
    found, total = 0, 0.0
    for rank, article in enumerate(_distinct(ranked), start=1):
        if article in relevant:
            found += 1
            total += found / rank
    return total / len(set(relevant))


def ndcg_at_k(ranked: Sequence[str], relevant: Sequence[str], k: int) -> float | None:
    """Gain 1 / log2(rank + 1) of each relevant article in the first ``k``, over the best possible.

    Järvelin and Kekäläinen (2002), with the discount from the first rank on, as in trec_eval. None
    without relevant ones.
    """
    if not relevant:
        return None
    gains = [1 / math.log2(rank + 1) for rank in range(1, k + 1)]
    gained = 0.0
    for gain, article in zip(gains, _distinct(ranked), strict=False):
        if article in relevant:
            gained += gain
    return gained / sum(gains[: len(set(relevant))])


def answer_in_passage(passages: Sequence[str], answers: Sequence[str], k: int) -> float | None:
    """1 if a right answer occurs in one of the first ``k`` passages, see `occurs`, else 0.

    None without right answers. Passages of one article count each.
    """
    if not answers:
        return None
    return float(any(occurs(answers, passage) for passage in passages[:k]))


def _found(ranked: Sequence[str], relevant: Sequence[str], k: int) -> set[str]:
    return set(_distinct(ranked)[:k]) & set(relevant)


def _distinct(ranked: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(ranked))
