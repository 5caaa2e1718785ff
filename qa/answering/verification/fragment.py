"""A part of a sentence, word for word."""

from collections.abc import Iterator

from qa.answering.sentence import Span
from qa.answering.verification.text import source_words
from qa.answering.verification.vocabulary import CONDITIONAL, NEGATIVE, POSSIBLE
from qa.types import Figure

_SCOPE = 6  # words before a fragment that may change what it says
_SHORT = 3  # words of a fragment that claims nothing, such as a name


def figures_in_place(span: Span) -> tuple[Figure, ...] | None:
    """The figures that a span contains, as its sentence reads them: what follows may decide ("9
    days" or "9 days old"). None where it cuts a figure.
    """
    start, end = span.inner
    touched = [
        figure for figure in span.sentence.figures if figure.start < end and start < figure.end
    ]
    if any(figure.start < start or end < _end(figure) for figure in touched):
        return None
    return tuple(touched)


def _end(figure: Figure) -> int:
    """Without the full stop of "April."."""
    return figure.start + len(figure.text.rstrip("."))


def fragment_faults(span: Span) -> Iterator[str]:
    """A cut figure, or a "not", "may" or "if" just before the fragment that it leaves out."""
    if figures_in_place(span) is None:
        yield "it cuts a figure of the sentence in two"
    start, end = span.inner
    found = source_words(span.sentence.text)
    inside = [word for word in found if start <= word.start < end]
    if not inside:
        return
    before = [word for word in found if word.start < start and word.clause == inside[0].clause]
    for word in before[-_SCOPE:]:
        weakens = word.lower in NEGATIVE | POSSIBLE | CONDITIONAL or word.lower.endswith("n't")
        if weakens and len(inside) > _SHORT:
            yield f"it leaves out '{word.text}'"
