"""From what a model wrote to what the archive says: verified statements. Pure functions.

The quote is the source's text, never the model's wording; a claim without support is refused.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.answer import ReasonCode
from qa.answering.sentence import Sentence, Span, locate
from qa.answering.verification.check import Judge, check
from qa.answering.verification.figures import asked, holder
from qa.answering.verification.fragment import figures_in_place
from qa.answering.verification.short import fits
from qa.answering.verification.verdict import confirmed, contradicts
from qa.language.figures import find_figures
from qa.models.base import Statement
from qa.question import Question
from qa.types import Figure, FigureStatus

_VERDICT = re.compile(r"\W*(yes|no)\b(?:\W*$|\s*[,.:;–—]\s*)", re.IGNORECASE)

Held = tuple[Figure, Sentence | None]  # a figure, and the sentence that holds its value


@dataclass(frozen=True, slots=True)
class Verified:
    """A statement that passed: its text, the sentences that support it, and its figures, each with
    the sentence that holds its value (None: only the question names it). ``span`` is where the
    short answer was read.
    """

    text: str
    sentences: tuple[Sentence, ...]
    figures: tuple[Held, ...]
    confidence: float | None
    span: Span | None = None
    verdict: bool | None = None
    speaker: str | None = None
    code: ReasonCode | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A statement that did not pass, and why: each fault is a clause that a model can be told."""

    statement: Statement
    faults: tuple[str, ...]


def verify(
    statement: Statement,
    question: Question,
    evidence: Sequence[Sentence],
    judge: Judge | None = None,
) -> Verified | Refused:
    """The statement with the sentences that support it, or why none does.

    It is held against the sentences that it cites; where they do not support it, or do not exist,
    against each of the others. ``judge`` may veto what the rules let pass.
    """
    by_number = {item.n: item for item in evidence}
    cited = [by_number[n] for n in dict.fromkeys(statement.cites) if n in by_number]
    first = _examine(statement, question, cited, judge)
    if isinstance(first, Verified):
        return first
    for item in evidence:
        if item in cited and len(cited) == 1:
            continue
        other = _examine(statement, question, [item], judge)
        if isinstance(other, Verified):
            return other
    return first


def supported(
    statement: Statement, question: Question, sentences: Sequence[Sentence]
) -> Verified | None:
    """The statement, resting on exactly these sentences; None when they do not support it.

    What was found to be supported once is found so again: an answer is checked by this rule.
    """
    found = _examine(statement, question, sentences, None)
    return found if isinstance(found, Verified) else None


def _examine(
    statement: Statement,
    question: Question,
    sentences: Sequence[Sentence],
    judge: Judge | None,
) -> Verified | Refused:
    verdict, body, text = spoken(statement, question)
    if _is_read(statement, sentences):
        resting: tuple[Sentence, ...] = tuple(sentences)
    else:
        found = check(body, sentences, question, judge)
        if found.faults:
            return Refused(statement, found.faults)
        resting = found.sentences
    figures = _figures(body, statement.span, resting)
    if figures is None:
        return Refused(statement, ("it cuts a figure of the sentence in two",))
    if verdict is not None and contradicts(verdict, question, resting):
        return Refused(statement, ("the sentence answers the question the other way round",))
    return Verified(
        text,
        resting,
        figures,
        statement.confidence,
        _span(statement, body, question, resting),
        verdict,
        statement.speaker,
        confirmed(statement.code, question, resting),
    )


def figure_status(figure: Figure, holder: Sentence | None, question: Question) -> FigureStatus:
    """Supported by a sentence, derived from the question, or unsupported."""
    if holder is not None:
        return "supported"
    return "derived" if asked(figure, question) else "unsupported"


def _is_read(statement: Statement, sentences: Sequence[Sentence]) -> bool:
    """Whether the text is a place of the archive, as a model that reads places gives it."""
    span = statement.span
    return span is not None and span.text == statement.text and span.sentence in sentences


def _span(
    statement: Statement, body: str, question: Question, sentences: Sequence[Sentence]
) -> Span | None:
    """Where the short answer was read; None for one that does not answer such a question."""
    if statement.span is not None or not statement.short:
        return statement.span
    span = locate(statement.short, sentences)
    return span if span is not None and fits(span, body, question) else None


def _figures(
    text: str, span: Span | None, sentences: Sequence[Sentence]
) -> tuple[Held, ...] | None:
    """The figures of a statement. One that repeats a sentence word for word, perhaps at a known
    ``span``, is read as that sentence reads it; None where it cuts a figure in two.
    """
    span = span if span is not None and span.text == text else locate(text, sentences)
    if span is not None:
        figures = figures_in_place(span)
        return None if figures is None else tuple((figure, span.sentence) for figure in figures)
    return tuple((figure, holder(figure, sentences)) for figure in find_figures(text))


def spoken(statement: Statement, question: Question) -> tuple[bool | None, str, str]:
    """The yes or no to a yes/no question, the text behind it, and the text that says it.

    A yes or no before the answer to another question falls away.
    """
    text = statement.text
    if statement.verdict is not None:
        return statement.verdict, text, f"{'Yes' if statement.verdict else 'No'}: {text}"
    match = _VERDICT.match(text)
    if match is None:
        return None, text, text
    body = text[match.end() :]
    if question.form == "yes_no":
        return match[1].lower() == "yes", body, text
    return None, body, body[:1].upper() + body[1:]
