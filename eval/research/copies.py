"""Compare ways of telling copies of a report from other reports: ``make copies``.

Thresholds are fitted on one half of the labelled pairs: the highest F1 at the precision that is
wanted. The figures of the table are of the other half.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from embeddings.embedder import Embedder
from embeddings.index import Vectors
from eval.metrics.forms import Shares
from eval.research.copy_pairs import Pair, labelled_pairs
from qa import tuning
from qa.bootstrap import open_embedder
from qa.ingest.copies import (
    Fingerprint,
    are_copies,
    numbers_agree,
    shared_lead,
    shared_runs,
)
from qa.ingest.passages import embedded_text, split
from qa.settings import Settings
from qa.types import Article

LEAST_PRECISION = 0.99
_STEPS = [step / 20 for step in range(1, 20)]
_HIGH = [0.5 + step / 50 for step in range(25)]  # cosines

Decide = Callable[["Compared"], bool]


@dataclass(frozen=True, slots=True)
class Compared:
    """A labelled pair with all that the ways look at. ``cosine``: of the first passages, titled."""

    pair: Pair
    cosine: float
    jaccard: float
    runs: float
    lead: float
    numbers: bool
    decided: bool
    anonymous: bool  # decided without the sources
    candidates: bool  # whether they share enough stored runs to be compared at all


@dataclass(frozen=True, slots=True)
class Way:
    """A rule with thresholds, and the values that are tried for each."""

    name: str
    rule: Callable[..., bool]
    tried: Sequence[Sequence[float]]

    def decide(self, thresholds: Sequence[float]) -> Decide:
        return lambda row: self.rule(row, *thresholds)

    def fit(self, rows: Sequence[Compared]) -> tuple[float, ...]:
        """The thresholds of the highest F1 at `LEAST_PRECISION`, or without any so precise, of the
        highest precision.
        """

        def worth(thresholds: tuple[float, ...]) -> tuple[float, float]:
            score = shares_of(rows, self.decide(thresholds))
            return min(score.precision, LEAST_PRECISION), score.f1

        return max(product(*self.tried), key=worth)


WAYS = (
    Way("Jaccard of 3-word runs (MinHash estimates it)", lambda row, t: row.jaccard >= t, [_STEPS]),
    Way("cosine of title and lead", lambda row, t: row.cosine >= t, [_HIGH]),
    Way("containment of 3-word runs", lambda row, t: row.runs >= t, [_STEPS]),
    Way(
        "cosine, and containment",
        lambda row, c, t: row.cosine >= c and row.runs >= t,
        [_HIGH, _STEPS],
    ),
    Way("containment, numbers agree", lambda row, t: row.runs >= t and row.numbers, [_STEPS]),
    Way(
        "containment, lead",
        lambda row, t, lead: row.runs >= t and row.lead >= lead,
        [_STEPS, _STEPS],
    ),
    Way(
        "containment, lead, numbers agree",
        lambda row, t, lead: row.runs >= t and row.lead >= lead and row.numbers,
        [_STEPS, _STEPS],
    ),
    Way(
        "the same, and cosine",
        lambda row, t, lead, c: (
            row.runs >= t and row.lead >= lead and row.numbers and row.cosine >= c
        ),
        [_STEPS[:8], _STEPS[8:14], _HIGH],
    ),
    Way("as built, were no source known", lambda row: row.anonymous, []),
    Way("as built (thresholds of qa.tuning)", lambda row: row.decided, []),
)


def shares_of(rows: Sequence[Compared], decide: Decide) -> Shares:
    """Of the pairs: how many copies were called so, and how many that were called copies are."""
    called = [row for row in rows if decide(row)]
    right = sum(row.pair.copies for row in called)
    copies = sum(row.pair.copies for row in rows)
    return Shares(right / copies, right / len(called) if called else 1.0)


def compare(pairs: Sequence[Pair], embedder: Embedder) -> list[Compared]:
    """Every pair with its measures. Embeds the beginning of each article."""
    articles = {item.id: item for pair in pairs for item in (pair.one, pair.other)}
    fingerprints = {name: Fingerprint(article) for name, article in articles.items()}
    rows = embedder.embed_passages([_beginning(article) for article in articles.values()])
    vectors: dict[str, Vectors] = dict(zip(articles, rows, strict=True))
    compared = []
    for pair in pairs:
        one, other = fingerprints[pair.one.id], fingerprints[pair.other.id]
        union = len(one.runs | other.runs)
        compared.append(
            Compared(
                pair=pair,
                cosine=float(np.dot(vectors[pair.one.id], vectors[pair.other.id])),
                jaccard=len(one.runs & other.runs) / union if union else 0.0,
                runs=shared_runs(one, other),
                lead=shared_lead(one, other),
                numbers=numbers_agree(one, other),
                decided=are_copies(one, other),
                anonymous=are_copies(_anonymous(pair.one), _anonymous(pair.other)),
                candidates=len({*one.sample} & {*other.sample}) >= tuning.SHARED_SAMPLE,
            )
        )
    return compared


def _anonymous(article: Article) -> Fingerprint:
    return Fingerprint(article.model_copy(update={"source": None}))


def _beginning(article: Article) -> str:
    return embedded_text(article, split(article)[0])


def main() -> None:
    """Print the table, and how many pairs of each kind are called copies."""
    rows = compare(labelled_pairs(), open_embedder(Settings.load()))
    fitted_on = [row for row in rows if row.pair.half == "fit"]
    reported = [row for row in rows if row.pair.half == "report"]
    print(f"{len(fitted_on)} pairs fitted on, {len(reported)} reported\n")
    print("| way | thresholds | fitted: precision, recall, F1 | reported: precision, recall, F1 |")
    print("| --- | --- | --- | --- |")
    for way in WAYS:
        thresholds = way.fit(fitted_on)
        decide = way.decide(thresholds)
        cells = [way.name, ", ".join(f"{value:.2f}" for value in thresholds)]
        for half in (fitted_on, reported):
            score = shares_of(half, decide)
            cells.append(f"{score.precision:.3f}, {score.recall:.3f}, {score.f1:.3f}")
        print(f"| {' | '.join(cells)} |")
    found = [row for row in rows if row.decided]
    print(f"\nfound as candidates: {sum(row.candidates for row in found)} of {len(found)} copies\n")
    _print_kinds(rows)


def _print_kinds(rows: Sequence[Compared]) -> None:
    total = Counter((row.pair.copies, row.pair.kind) for row in rows)
    called = Counter((row.pair.copies, row.pair.kind) for row in rows if row.decided)
    print("| kind | copies | pairs | called copies |\n| --- | --- | --- | --- |")
    for copies, kind in sorted(total):
        name = "yes" if copies else "no"
        print(f"| {kind} | {name} | {total[copies, kind]} | {called[copies, kind]} |")


if __name__ == "__main__":
    main()
