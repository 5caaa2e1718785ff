"""How far two readers agree, beyond what chance explains."""

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple


class Agreement(NamedTuple):
    """``raw``: the share of items with equal labels. The others correct it for chance.

    ``kappa``: (raw - e) / (1 - e), where e is the agreement of two readers who draw their labels at
    random, each as often as they used them (Cohen, 1960). None where both only used one label.

    ``ac1``: the same with e = sum of p(1 - p) / (q - 1) over the q labels, p how often both used it
    (Gwet, 2008). Where nearly all items have one label, it stays near ``raw`` and kappa does not.
    """

    n: int
    raw: float
    kappa: float | None
    ac1: float


def agreement(
    first: Sequence[Hashable], second: Sequence[Hashable], labels: Sequence[Hashable]
) -> Agreement:
    """Of two readers' labels of the same items, at least one. ``labels``: all that are possible."""
    n = len(first)
    raw = sum(one == other for one, other in zip(first, second, strict=True)) / n
    of_first, of_second = Counter(first), Counter(second)
    by_chance = sum(of_first[label] * of_second[label] for label in labels) / n**2
    kappa = (raw - by_chance) / (1 - by_chance) if by_chance < 1 else None
    spread = 0.0
    for label in labels:
        share = (of_first[label] + of_second[label]) / (2 * n)
        spread += share * (1 - share)
    gwet = spread / (len(labels) - 1)
    return Agreement(n, raw, kappa, (raw - gwet) / (1 - gwet))
