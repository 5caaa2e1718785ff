"""One report of each story: copies of a report that ranks above them are left out of the hits."""

from collections.abc import Mapping, Sequence

from qa import tuning
from qa.archive.copies import Copy
from qa.ingest.copies import Fingerprint
from qa.types import Article, Passage

Ranked = Sequence[tuple[int, float]]  # (passage id, score), best first


def distinct(
    ranked: Ranked, passages: Mapping[int, Passage], copies: Mapping[int, tuple[Copy, ...]]
) -> list[tuple[int, float]]:
    """The ranking without passages whose words a copy of their article, ranked above, has as well.

    The copy that ranks best stays, so that the order of what stays is that of the scores. A passage
    that only a longer copy has stays too: nothing that could answer is lost.
    """
    shown: list[tuple[int, float]] = []
    above: dict[int, Article] = {}  # by version key
    for identity, score in ranked:
        passage = passages[identity]
        key = passage.stored.key
        shown_copies = [above[copy.key] for copy in copies.get(key, ()) if copy.key in above]
        if any(_has(article, passage) for article in shown_copies):
            continue
        above[key] = passage.article
        shown.append((identity, score))
    return shown


def _has(article: Article, passage: Passage) -> bool:
    """Return True if the article carries the passage, perhaps rewritten."""
    runs = Fingerprint.of(passage.text).runs
    shared = len(runs & Fingerprint(article).runs)
    return shared >= tuning.REPEATED_RUNS * len(runs)
