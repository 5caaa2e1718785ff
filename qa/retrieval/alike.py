"""Questions that ask the same, in other words: for `dateline asked`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.embedder import Embedder
from qa.archive.asked import Wording
from qa.language.kinds import names_in
from qa.types import iso_instant

# Measured on the sample corpus: docs/how-to/feedback.md.
ALIKE = 0.8
EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Cluster:
    """A question in its most frequent wording, asked ``count`` times in all its wordings.

    ``answered``: the share that got an answer. ``examples``: other wordings, the most frequent
    first.
    """

    question: str
    count: int
    answered: float
    last_asked: str  # a day, ISO 8601
    examples: tuple[str, ...]


def cluster(
    wordings: Sequence[Wording],
    embedder: Embedder,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> list[Cluster]:
    """Group the wordings, given the most frequent first; the most frequent group first.

    A wording joins the nearest group whose first wording is near enough, unless each of the two
    has a name or a number that the other lacks; else it begins one.
    """
    if not wordings:
        return []
    leaders = np.empty((len(wordings), embedder.dimension), dtype=np.float32)
    names: list[frozenset[str]] = []
    groups: list[list[Wording]] = []
    for done, wording in enumerate(wordings, start=1):
        vector = embedder.embed_question(wording.text)
        own = frozenset(names_in(wording.text))
        cosines = leaders[: len(groups)] @ vector
        near = [place for place in np.argsort(-cosines, kind="stable") if cosines[place] >= ALIKE]
        joined = next((at for at in near if own <= names[at] or names[at] <= own), None)
        if joined is not None:
            groups[joined].append(wording)
        else:
            leaders[len(groups)] = vector
            names.append(own)
            groups.append([wording])
        on_progress(done, len(wordings))
    return sorted(map(_cluster, groups), key=lambda found: -found.count)


def _cluster(group: Sequence[Wording]) -> Cluster:
    count = sum(wording.count for wording in group)
    answered = sum(wording.answered for wording in group)
    return Cluster(
        question=group[0].text,
        count=count,
        answered=answered / count,
        last_asked=iso_instant(max(wording.last_asked for wording in group))[:10],
        examples=tuple(wording.text for wording in group[1 : EXAMPLES + 1]),
    )
