"""Questions that take for granted what the reports contradict: a name or a figure."""

from collections.abc import Sequence
from dataclasses import replace

from qa import tuning
from qa.answering.extraction.telling import rank, statement_of
from qa.answering.extraction.verdicts import asked_figure
from qa.answering.sentence import Sentence
from qa.language.figures import holds
from qa.language.words import tokens
from qa.models.base import Statement
from qa.question import Question
from qa.types import Figure


def contradicted(question: Question, evidence: Sequence[Sentence]) -> Statement | None:
    """What the report says instead; None where it contradicts nothing, or speaks of other things.

    A name is contradicted by a report that has the question's other names and nearly all its other
    words, but not this one; a figure by the one that a sentence gives for the same words.
    """
    told = rank(question, evidence)
    if not told:
        return None
    best = told[0]
    item = best.sentence
    if _other_name(question, item) or _other_figure(question, item):
        said = statement_of(question, item, best.confidence)
        return replace(said, span=None, code="false_premise")
    return None


def _other_name(question: Question, item: Sentence) -> bool:
    article = item.article
    words = {token.stem for token in tokens(f"{article.title or ''} {article.text}")}
    names = {name for name in question.names if not name[0].isdigit()}
    missing = names - words
    if not missing or missing == names:
        return False
    rest = set(question.stems) - missing
    return bool(rest) and len(rest & words) >= tuning.PREMISE_SPOKEN_OF * len(rest)


def _other_figure(question: Question, item: Sentence) -> bool:
    figure = asked_figure(question)
    if figure is None:
        return False
    alike = [other for other in item.figures if _comparable(figure, other)]
    if len(alike) != 1 or holds(figure, alike[0]):
        return False
    rest = set(question.stems)
    return len(rest & item.stems_with_title) >= tuning.SPOKEN_OF * len(rest)


def _comparable(one: Figure, other: Figure) -> bool:
    return one.kind == other.kind and (one.unit == other.unit or None in (one.unit, other.unit))
