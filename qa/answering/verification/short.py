"""Whether words of a sentence can be the short answer to a question."""

from qa.answering.evidence import FIGURE_KINDS
from qa.answering.sentence import Span
from qa.answering.verification.text import Word, words
from qa.language.dates import CALENDAR_WORDS
from qa.question import Question

_NAMED = ("person", "place", "organisation")
_LEAST_ODDS = -10.0  # against the reader's best span of the sentence: far below it is another word


def fits(span: Span, statement: str, question: Question) -> bool:
    """Return True for a span of the kind asked for that the statement says, too.

    A word of the question answers nothing, and one that the reader finds absurd answers neither.
    """
    found = words(span.text)
    said = {word.key for word in words(statement)}
    content = [word for word in found if not word.is_empty]
    if not content or not all(word.key in said for word in content):
        return False
    asked = {word.key for word in words(question.text)}
    if all(word.key in asked for word in content):
        return False
    return _is_of_kind(span, content, question) and _is_likely(span)


def _is_of_kind(span: Span, content: list[Word], question: Question) -> bool:
    wanted = FIGURE_KINDS.get(question.kind)
    if wanted is not None:
        if question.kind == "date" and any(word.lower in CALENDAR_WORDS for word in content):
            return True
        figure = span.figure
        return figure is not None and figure.kind in wanted
    if question.kind in _NAMED:
        return any(word.is_capital for word in content) or len(content) > 1
    return True


def _is_likely(span: Span) -> bool:
    sentence = span.sentence
    if sentence.reading is None:
        return True
    best = sentence.reading.best(sentence.start, sentence.end, 1)
    odds = sentence.reading.score(span.start, span.end)
    return not best or odds is None or odds - best[0][2] >= _LEAST_ODDS
