"""A brief: what several reports say of a matter, in the order of time, each sentence cited."""

from collections.abc import Sequence

from qa import tuning
from qa.answering.extraction.telling import rank, repeats, statement_of
from qa.answering.sentence import Sentence
from qa.models.base import Statement
from qa.question import Question
from qa.types import instant


def compose(question: Question, evidence: Sequence[Sentence]) -> list[Statement]:
    """The most telling sentences, no fact twice, oldest report first; [] without evidence."""
    ranked = rank(question, evidence)
    if not ranked:
        return []
    sure = ranked[0].confidence
    chosen: list[Sentence] = []
    for told in ranked:
        if len(chosen) == tuning.MOST_BRIEF:
            break
        if all(not repeats(told.sentence, other) for other in chosen):
            chosen.append(told.sentence)
    chosen.sort(key=_moment)
    return [statement_of(question, item, sure) for item in chosen]


def _moment(item: Sentence) -> tuple[float, str, int]:
    """By publication, undated reports first, then by the place in the report."""
    published = item.published_at
    moment = instant(published) if published is not None else float("-inf")
    return moment, item.article.id, item.start
