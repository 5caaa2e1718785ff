"""The corrections of what a question found, ranked beside it."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from qa.archive.snapshot import Ranked, Snapshot
from qa.types import Filters, Passage

PASSAGES = 2  # that each correction brings: those nearest to the question

Nearest = Callable[[Filters], Ranked]  # the `PASSAGES` nearest to the question under some filters


def rank_corrections(
    snapshot: Snapshot,
    filters: Filters,
    ranked: Ranked,
    passages: Mapping[int, Passage],
    nearest: Nearest,
) -> tuple[Ranked, dict[int, float]]:
    """The ranking with the visible corrections of its articles, and the cosines of their passages.

    A correction ranks just before the best passage of the report that it corrects, or higher; so
    does the correction of a correction.
    """
    best: dict[str, float] = {}  # score of each article's best passage
    for identity, score in ranked:
        best.setdefault(passages[identity].article.id, score)
    cosines: dict[int, float] = {}
    scores = dict(ranked)
    waiting, brought = list(best), set[str]()
    while waiting:
        corrections = snapshot.corrections(waiting, filters)
        for corrected in waiting:
            for correction in corrections.get(corrected, ()):
                best[correction] = max(best.get(correction, best[corrected]), best[corrected])
                for identity, cosine in nearest(replace(filters, article_ids=(correction,))):
                    cosines[identity] = cosine
                    score = scores.get(identity, best[correction])
                    scores[identity] = max(score, best[correction])
        brought.update(waiting)
        found = {name for names in corrections.values() for name in names}
        waiting = sorted(found - brought)
    if not cosines:
        return ranked, {}
    order = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0] not in cosines, pair[0]))
    return order, cosines
