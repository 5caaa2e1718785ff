"""Bootstrap intervals of a mean, and paired tests between two runs. Deterministic for a seed.

Questions that share an article are not independent, so whole clusters of cases are drawn and
flipped. `scipy.stats.bootstrap` and `permutation_test` draw other samples, so that intervals stored
in baselines would move without any change of the system, and scipy would be a dependency for the
sake of two functions of ten lines each.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
RESAMPLES = 2_000
FLIPS = 10_000
SEED = 20_220_119
_AT_ONCE = 200  # resamples in memory


class Interval(NamedTuple):
    """A confidence interval."""

    low: float
    high: float


class Mean(NamedTuple):
    """A mean, or another statistic, of ``n`` cases. None where there is nothing to average."""

    value: float | None
    n: int
    interval: Interval | None = None

    def as_json(self) -> dict[str, Any]:
        """As in run files: ``mean``, ``n``, and the interval as ``low`` and ``high``."""
        low, high = self.interval or (None, None)
        return {"mean": self.value, "n": self.n, "low": low, "high": high}


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean. None without values."""
    return sum(values) / len(values) if values else None


def clusters(relevant: Sequence[Sequence[str]]) -> list[int]:
    """A cluster number for each case.

    Cases that share a relevant article, directly or through others, have the same number. A case
    without one is its own cluster.
    """
    owner = list(range(len(relevant)))

    def root(case: int) -> int:
        while owner[case] != case:
            owner[case] = owner[owner[case]]
            case = owner[case]
        return case

    first: dict[str, int] = {}
    for case, articles in enumerate(relevant):
        for article in articles:
            one, other = sorted((root(case), root(first.setdefault(article, case))))
            owner[other] = one
    return [root(case) for case in range(len(relevant))]


def mean_interval(
    values: Sequence[float], cluster: Sequence[int], share: float = 0.95
) -> Interval | None:
    """The percentile bootstrap interval of the mean (Efron and Tibshirani, 1993, chapter 13).

    Whole clusters are drawn. None with fewer than two clusters, which say nothing of how they vary.
    """
    sums, counts = _by_cluster(values, cluster)
    if len(sums) < 2:
        return None
    random = np.random.default_rng(SEED)
    even = np.full(len(sums), 1 / len(sums))
    means = []
    for _ in range(RESAMPLES // _AT_ONCE):
        # (at once, clusters): how often each is drawn
        drawn = random.multinomial(len(sums), even, _AT_ONCE)
        means.append((drawn @ sums) / (drawn @ counts))
    return _percentiles(np.concatenate(means), share)


def mean_of(values: Sequence[float], cluster: Sequence[int]) -> Mean:
    """The mean of the values with `mean_interval`."""
    interval = mean_interval(values, cluster) if values else None
    return Mean(mean(values), len(values), interval)


def interval_of(
    statistic: Callable[[Sequence[int]], float | None],
    cluster: Sequence[int],
    share: float = 0.95,
    resamples: int = 400,
) -> Interval | None:
    """The same for any statistic of a list of case numbers; a case drawn twice occurs twice.

    Draws for which the statistic is None are left out; None when fewer than half remain.
    """
    members: dict[int, list[int]] = {}
    for case, name in enumerate(cluster):
        members.setdefault(name, []).append(case)
    groups = list(members.values())
    if len(groups) < 2:
        return None
    random = np.random.default_rng(SEED)
    found = []
    for _ in range(resamples):
        drawn: list[int] = []
        for index in random.integers(0, len(groups), len(groups)):
            drawn += groups[index]
        value = statistic(drawn)
        if value is not None:
            found.append(value)
    return _percentiles(np.array(found), share) if len(found) * 2 >= resamples else None


class Paired(NamedTuple):
    """``difference``: mean of the second minus the first, with ``interval``; ``p`` two-sided."""

    difference: float
    interval: Interval | None
    p: float
    n: int


def paired(first: Sequence[float], second: Sequence[float], cluster: Sequence[int]) -> Paired:
    """A paired randomisation test (Noreen, 1989; Smucker, Allan and Carterette, 2007).

    The signs of whole clusters' differences are flipped at random; p is the share of flips with a
    mean at least as far from 0, the observed one included. Needs at least one case.
    """
    differences = np.array(second) - np.array(first)
    sums, _ = _by_cluster(differences, cluster)
    observed = abs(sums.sum())
    if observed == 0:
        p = 1.0
    else:
        random = np.random.default_rng(SEED)
        further = 0
        for _ in range(FLIPS // _AT_ONCE):
            signs = random.integers(0, 2, (_AT_ONCE, len(sums))) * 2 - 1
            further += int(np.count_nonzero(np.abs(signs @ sums) >= observed - 1e-12))
        p = (1 + further) / (1 + FLIPS)
    interval = mean_interval(list(differences), cluster)
    return Paired(float(differences.mean()), interval, p, len(differences))


def holm(ps: Mapping[str, float]) -> dict[str, float]:
    """p-values corrected for how many there are (Holm, 1979).

    The smallest times n, the next times n - 1 …, never falling, at most 1.
    """
    corrected: dict[str, float] = {}
    highest = 0.0
    for index, name in enumerate(sorted(ps, key=lambda name: (ps[name], name))):
        highest = max(highest, min(1.0, (len(ps) - index) * ps[name]))
        corrected[name] = highest
    return corrected


def _by_cluster(values: Sequence[float] | Floats, cluster: Sequence[int]) -> tuple[Floats, Floats]:
    _, index = np.unique(np.array(cluster), return_inverse=True)
    sums = np.bincount(index, weights=np.array(values, dtype=np.float64)).astype(np.float64)
    return sums, np.bincount(index).astype(np.float64)


def _percentiles(values: Floats, share: float) -> Interval:
    low, high = np.quantile(values, [(1 - share) / 2, (1 + share) / 2])
    return Interval(float(low), float(high))
