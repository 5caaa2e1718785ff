"""Questions that take for granted what the reports contradict: a name or a figure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from qa import tuning
from qa.answering.extraction.figure_verdicts import asked_figure
from qa.answering.extraction.telling import Told, rank, statement_of
from qa.answering.sentence import Sentence
from qa.answering.verification.text import meanings, source_words, words
from qa.language.counted import counts, measure
from qa.language.figures import holds
from qa.language.words import tokens
from qa.models.base import Statement
from qa.question import Question
from qa.types import Article, Figure, instant

_EMPTY = frozenset({"happen", "say"})  # of what is asked, not of what is taken for granted
# "Which two …", "at which two …"
_CHOOSES = re.compile(r"(?:\w+ )?(?:which|what|name|list|give)\b", re.IGNORECASE)
_BEHIND = 40  # characters


def contradicted(question: Question, evidence: Sequence[Sentence]) -> Statement | None:
    """What the report says instead; None where it contradicts nothing, or speaks of other things.

    A name is contradicted by a report that has the question's other names and nearly all its other
    words, but not this one; a figure by the one that the newest of the best sentences gives for the
    same words, where no report has the question's.
    """
    told = rank(question, evidence)
    if not told:
        return None
    other = _other_figure(question, told, evidence)
    if other is None and question.form in ("sentences", "brief"):
        best = told[0]
        other = best if _other_name(question, best.sentence, evidence) else None
    if other is None:
        return None
    said = statement_of(question, other.sentence, other.confidence)
    return replace(said, span=None, code="false_premise")


def _other_name(question: Question, item: Sentence, evidence: Sequence[Sentence]) -> bool:
    words = _stems(item.article)
    names = {name for name in question.names if not name[0].isdigit()}
    missing = names - words
    if not missing or missing == names:
        return False
    articles = {other.article.id: other.article for other in evidence}
    if any(names <= _stems(article) for article in articles.values()):
        return False
    rest = set(question.stems) - missing
    return bool(rest) and len(rest & words) >= tuning.PREMISE_SPOKEN_OF * len(rest)


def _stems(article: Article) -> set[str]:
    return {token.stem for token in tokens(f"{article.title or ''} {article.text}")}


def _other_figure(
    question: Question, told: Sequence[Told], evidence: Sequence[Sentence]
) -> Told | None:
    figure = asked_figure(question)
    counting = question.kind in ("number", "money", "percent")  # "How many of the 50 states …"
    if figure is None or counting or _CHOOSES.match(question.text):
        return None
    asked = _Asked(question, figure)
    for item in evidence:
        same = any(_comparable(figure, other) and holds(figure, other) for other in item.figures)
        if same and asked.share(item.text) >= tuning.PREMISE_OWN:
            return None
    found = [one for one in told[: tuning.PREMISE_SENTENCES] if asked.has_other(one.sentence)]
    best = max(found, key=lambda one: _moment(one.sentence), default=None)
    if best is None:
        return None
    share = asked.share(_around(best.sentence))
    return replace(best, confidence=round(max(best.confidence, share), 4))


class _Asked:
    """A figure that a question takes for granted, and the words around it."""

    def __init__(self, question: Question, figure: Figure) -> None:
        self._figure = figure
        self._thing = measure(frozenset(question.stems))
        content = [word for word in words(question.text) if word.is_content]
        outside = [word for word in content if not figure.start <= word.start < figure.end]
        self._keys = {word.key for word in outside} - _EMPTY
        self._counted = _behind(question.text, figure)

    def share(self, text: str) -> float:
        """Of the words, those that a text has, or means."""
        meant = {same for word in source_words(text) for same in meanings(word.key)}
        return len(self._keys & meant) / len(self._keys) if self._keys else 0.0

    def has_other(self, item: Sentence) -> bool:
        """Whether a sentence gives one other figure for the same, and its passage is about it."""
        alike = [other for other in item.figures if self._counts_same(item.text, other)]
        return (
            len(alike) == 1
            and self.share(item.text) >= tuning.PREMISE_OWN
            and self.share(_around(item)) >= tuning.PREMISE_PASSAGE
        )

    def _counts_same(self, text: str, other: Figure) -> bool:
        if not _comparable(self._figure, other):
            return False
        if self._figure.kind != "number":
            return True
        same_thing = counts(text, other.start, other.end, self._thing)
        return same_thing or bool(self._counted & _behind(text, other))


def _behind(text: str, figure: Figure) -> set[str]:
    """The content words that a number may count: the first ones behind it."""
    following = words(text[figure.end : figure.end + _BEHIND])
    return {word.key for word in following[:3] if word.is_content}


def _around(item: Sentence) -> str:
    return f"{item.article.title or ''}. {item.hit.passage.text}"


def _comparable(one: Figure, other: Figure) -> bool:
    return one.kind == other.kind and (one.unit == other.unit or None in (one.unit, other.unit))


def _moment(item: Sentence) -> float:
    return instant(item.published_at) if item.published_at is not None else float("-inf")
