"""Questions that ask the same, in other words: for `dateline asked`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from embeddings.embedder import Embedder
from qa.archive.asked import Wording
from qa.question import Question
from qa.types import iso_instant

ALIKE = 0.85  # cosine; docs/decisions/0031
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

    A wording joins the nearest group whose first wording is near enough and may ask the same; else
    it begins one.
    """
    if not wordings:
        return []
    leaders = np.empty((len(wordings), embedder.dimension), dtype=np.float32)
    questions: list[Question] = []
    groups: list[list[Wording]] = []
    for done, wording in enumerate(wordings, start=1):
        vector = embedder.embed_question(wording.text)
        question = Question.parse(wording.text)
        cosines = leaders[: len(groups)] @ vector
        near = [place for place in np.argsort(-cosines, kind="stable") if cosines[place] >= ALIKE]
        joined = next((place for place in near if _may_be(question, questions[place])), None)
        if joined is not None:
            groups[joined].append(wording)
        else:
            leaders[len(groups)] = vector
            questions.append(question)
            groups.append([wording])
        on_progress(done, len(wordings))
    return sorted(map(_cluster, groups), key=lambda found: -found.count)


def _may_be(one: Question, other: Question) -> bool:
    """Whether both want the same kind of answer, and not each has a name or a number that the
    other lacks.
    """
    wants = (one.kind, one.form, one.aspect) == (other.kind, other.form, other.aspect)
    return wants and (one.names <= other.names or other.names <= one.names)


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
