"""The verified extract: the sentence itself, where a model's statement about it fails."""

from collections.abc import Sequence

from qa import tuning
from qa.answering.evidence import FIGURE_KINDS
from qa.answering.sentence import Sentence, Span
from qa.answering.verification.short import fits
from qa.answering.verification.source import Source
from qa.answering.verification.statements import Verified, spoken
from qa.answering.verification.text import words
from qa.answering.verification.verdict import contradicts
from qa.models.base import Statement
from qa.question import Question


def extract(
    statement: Statement, question: Question, evidence: Sequence[Sentence]
) -> Verified | None:
    """The first cited sentence that speaks of the question, word for word; None without one.

    A bare yes or no stays before it, unless it is the wrong one.
    """
    if question.form == "list" and statement.span is not None:
        return None  # a whole sentence is no item
    verdict, body, _ = spoken(statement, question)
    by_number = {item.n: item for item in evidence}
    for n in statement.cites:
        item = by_number.get(n)
        if item is not None and _speaks_of(item, question):
            text = " ".join(item.text.split())
            figures = tuple((figure, item) for figure in item.figures)
            if verdict is None or body.strip() or contradicts(verdict, question, [item]):
                span = _best_span(item, text, question)
                return Verified(text, (item,), figures, None, span)
            said = f"{'Yes' if verdict else 'No'}: {text}"
            return Verified(said, (item,), figures, None, verdict=verdict)
    return None


def _speaks_of(item: Sentence, question: Question) -> bool:
    """Whether it has half of the question's words, with its title, and a figure where one is asked
    for.
    """
    wanted = FIGURE_KINDS.get(question.kind)
    if wanted is not None and not any(figure.kind in wanted for figure in item.figures):
        return False
    source = Source(item, question)
    asked = {word.key for word in words(question.text) if word.is_content}
    own = {word for word in asked if word in source.places}
    spoken = {word for word in asked if word in source.places or word in source.context}
    return bool(own) and len(spoken) >= tuning.LEAST_SUPPORT * len(asked)


def _best_span(item: Sentence, text: str, question: Question) -> Span | None:
    """The short answer that the reader sees in the sentence."""
    if item.reading is None or question.form != "short":
        return None
    best = item.reading.best(item.start, item.end, 1)
    if not best:
        return None
    span = Span(item, best[0][0], best[0][1])
    return span if fits(span, text, question) else None
