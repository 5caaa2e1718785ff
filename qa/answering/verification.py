"""From what a model wrote to what the archive says: verified statements. Pure functions.

The quote is the source's text, never the model's wording; a claim without support is dropped.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa import tuning
from qa.answer import ReasonCode
from qa.answering.sentence import Sentence, Span, locate
from qa.language.figures import find_figures, holds, same_figure
from qa.language.words import content_stems
from qa.models.base import Statement
from qa.question import Question
from qa.types import Figure, FigureStatus

_DIGITS = re.compile(r"\d+(?:[.,–-]\d+)*")
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


def verify(
    statement: Statement, question: Question, evidence: Sequence[Sentence]
) -> Verified | None:
    """The statement with the sentences that support it; None when none does.

    Cited numbers that do not exist, or whose sentences share nothing with the statement, fall away.
    A statement without a marker is given the sentence that says most of it, if one says enough. One
    with a figure that neither the evidence nor the question has is dropped as a whole.
    """
    body = _body(statement, question)
    sentences = _sources(body, statement.cites, question, evidence)
    for figure in _unsupported(_figures(body, statement.span, sentences), question):
        holder = _holder(figure, evidence)
        if holder is not None and holder not in sentences:
            sentences.append(holder)
    return supported(statement, question, sentences)


def supported(
    statement: Statement, question: Question, sentences: Sequence[Sentence]
) -> Verified | None:
    """The statement, resting on exactly these sentences; None when they do not support it.

    What was found to be supported once is found so again: an answer is checked by this rule.
    """
    body = _body(statement, question)
    if not sentences or not _supports(sentences, body, question, tuning.LEAST_SUPPORT):
        return None
    figures = _figures(body, statement.span, sentences)
    if _unsupported(figures, question) or not _digits_known(body, figures, question, sentences):
        return None
    span = statement.span
    if span is None and statement.short:
        span = locate(statement.short, sentences)
    verdict, text = _verdict(statement, question)
    return Verified(
        text,
        tuple(sentences),
        figures,
        statement.confidence,
        span,
        verdict,
        statement.speaker,
        statement.code,
    )


def figure_status(figure: Figure, holder: Sentence | None, question: Question) -> FigureStatus:
    """Supported by a sentence, derived from the question, or unsupported."""
    if holder is not None:
        return "supported"
    return "derived" if _asked(figure, question) else "unsupported"


def _sources(
    text: str, cites: Sequence[int], question: Question, evidence: Sequence[Sentence]
) -> list[Sentence]:
    """The cited sentences that share words with the text, else the one that says most of it; []
    when they do not say enough.
    """
    by_number = {item.n: item for item in evidence}
    cited = [by_number[n] for n in cites if n in by_number]
    least = tuning.LEAST_SUPPORT
    sources = [item for item in cited if _supports([item], text, question, least / 2)]
    if not sources:
        ranked = sorted(evidence, key=lambda item: (-_share(item, text, question), item.n))
        sources = ranked[:1]
    return sources if _supports(sources, text, question, least) else []


def _figures(text: str, span: Span | None, sentences: Sequence[Sentence]) -> tuple[Held, ...]:
    """The figures of a statement. One that repeats a sentence word for word, perhaps at a known
    ``span``, is read as that sentence reads it.
    """
    span = span or locate(text, sentences)
    in_place = _in_place(span) if span is not None else None
    if in_place is not None:
        return in_place
    return tuple((figure, _holder(figure, sentences)) for figure in find_figures(text))


def _unsupported(figures: Sequence[Held], question: Question) -> list[Figure]:
    """The figures that no sentence holds and the question does not name."""
    return [figure for figure, holder in figures if holder is None and not _asked(figure, question)]


def _in_place(span: Span) -> tuple[Held, ...] | None:
    """The figures that a span contains, as its sentence reads them: what follows may decide ("9
    days" or "9 days old"). None where it cuts a figure.
    """
    start, end = span.inner
    touched = [
        figure for figure in span.sentence.figures if figure.start < end and start < figure.end
    ]
    if any(figure.start < start or end < figure.end for figure in touched):
        return None
    return tuple((figure, span.sentence) for figure in touched)


def _holder(figure: Figure, sentences: Sequence[Sentence]) -> Sentence | None:
    for item in sentences:
        if any(holds(figure, other) and not _adds_year(figure, other) for other in item.figures):
            return item
    return None


def _asked(figure: Figure, question: Question) -> bool:
    """Whether the question names the figure. A date that is more precise than the question's is not
    named by it.
    """
    return any(holds(figure, other) and not _adds_year(figure, other) for other in question.figures)


def _adds_year(said: Figure, source: Figure) -> bool:
    dates = said.kind == source.kind == "date"
    return dates and source.value.startswith("--") and not said.value.startswith("--")


def _digits_known(
    text: str, figures: Sequence[Held], question: Question, sentences: Sequence[Sentence]
) -> bool:
    """Whether digits outside its figures ("3-2", "1990s", "21st") are in the question or in a cited
    sentence.
    """
    bare = {
        match.group()
        for match in _DIGITS.finditer(text)
        if all(match.end() <= figure.start or match.start() >= figure.end for figure, _ in figures)
    }
    known = set(_DIGITS.findall(question.text))
    return bare <= known.union(*(_DIGITS.findall(item.text) for item in sentences))


def _verdict(statement: Statement, question: Question) -> tuple[bool | None, str]:
    """The yes or no to a yes/no question, and the text that says it."""
    if statement.verdict is not None:
        return statement.verdict, f"{'Yes' if statement.verdict else 'No'}: {statement.text}"
    match = _spoken_verdict(statement, question)
    return (match[1].lower() == "yes" if match else None), statement.text


def _body(statement: Statement, question: Question) -> str:
    """The text of the statement behind its yes or no."""
    match = _spoken_verdict(statement, question)
    return statement.text[match.end() :] if match else statement.text


def _spoken_verdict(statement: Statement, question: Question) -> re.Match[str] | None:
    """The yes or no with which the text itself begins."""
    if question.form != "yes_no" or statement.verdict is not None:
        return None
    return _VERDICT.match(statement.text)


def _supports(sentences: Sequence[Sentence], text: str, question: Question, least: float) -> bool:
    # What only repeats the question must be spoken of as well.
    said = _claimed(text, question) or _said(text)
    if not said:
        return False
    held = frozenset().union(*(item.stems_with_title for item in sentences))
    return len(said & held) / len(said) >= least


def _share(item: Sentence, text: str, question: Question) -> float:
    """How much of what a statement says a sentence contains."""
    said = _claimed(text, question)
    if said:
        return len(said & item.stems_with_title) / len(said)
    # Nothing but figures, or the question's own words: the figures decide.
    figures = find_figures(text)
    held = sum(any(same_figure(one, other) for other in item.figures) for one in figures)
    return held / max(1, len(figures))


def _claimed(text: str, question: Question) -> set[str]:
    """The words by which a statement says something new. Figures are judged by value, not by their
    words.
    """
    for figure in reversed(find_figures(text)):
        text = f"{text[: figure.start]} {text[figure.end :]}"
    return _said(text) - set(question.stems)


def _said(text: str) -> set[str]:
    return set(content_stems(text)) - {"yes"}
