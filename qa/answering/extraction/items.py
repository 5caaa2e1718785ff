"""Several answers: the members of an enumeration, each a span of its sentence."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa import tuning
from qa.answering.choice import Scored, candidates
from qa.answering.extraction.classes import Asked
from qa.answering.sentence import Sentence, Span
from qa.language.enumerations import Enumeration, Item, actions, by_line, enumerations
from qa.models.base import Statement
from qa.question import Question

_CUE = 60  # characters before an enumeration, in which the class may be named
_DEEDS = re.compile(
    r"\b(?:do|does|doing|done|advised?|aims?|asked|changes|conditions|demands?|goals?|measures|order"
    r"|plans?|proposals|propose|promised?s?|reforms|recommendations?|steps|told|urged|want)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Listing:
    """The items of one sentence that could answer, and how well they do."""

    spans: tuple[Span, ...]
    score: float
    confidence: float
    sure: int  # items that are certainly of the class asked for


def enumerate_items(question: Question, evidence: Sequence[Sentence]) -> list[Statement]:
    """A statement for each item; none where no enumeration answers."""
    ranked = candidates(question, evidence)
    asked = Asked.of(question.text)
    listings = [one for item in evidence for one in _listings(asked, question, item, ranked)]
    if not listings:
        return []
    best = max(listings, key=lambda listing: listing.score)
    return [
        Statement(span.text, (span.sentence.n,), confidence=best.confidence, span=span)
        for span in best.spans[: tuning.MOST_ITEMS]
    ]


def _listings(
    asked: Asked, question: Question, sentence: Sentence, ranked: Sequence[Scored]
) -> Iterator[Listing]:
    own = [one for one in ranked if one.span.sentence.n == sentence.n]
    for enumeration in _enumerations(question, sentence.text):
        listing = _listing(asked, sentence, enumeration, own)
        if listing is not None:
            yield listing


def _enumerations(question: Question, text: str) -> Iterator[Enumeration]:
    in_lines = by_line(text)
    if in_lines is not None:
        yield in_lines
        return
    yield from enumerations(text)
    deeds = actions(text) if _DEEDS.search(question.text) else None
    if deeds is not None:
        yield deeds


def _listing(
    asked: Asked, sentence: Sentence, enumeration: Enumeration, own: Sequence[Scored]
) -> Listing | None:
    text = sentence.text
    items = list(enumeration.items)
    introduced = asked.names(text[max(0, enumeration.start - _CUE) : enumeration.start])
    fits = [asked.fit(text, item) for item in items]
    kept = [(item, fit) for item, fit in zip(items, fits, strict=True) if fit is not False]
    if len(kept) < 2:
        return None
    low, high = sentence.start + kept[0][0].start, sentence.start + kept[-1][0].end
    touching = [one for one in own if one.span.start < high and low < one.span.end]
    if not touching:
        return None
    best = max(touching, key=lambda one: one.score)
    by_name = 2 * sum(item.name is not None for item, _ in kept) > len(kept)
    spans = tuple(_span(sentence, item, by_name=by_name) for item, _ in kept)
    sure = sum(fit is True for _, fit in kept)
    odds = sentence.odds(spans[0].start, spans[0].end) or 0.0
    share = sure / len(kept)
    score = best.score + share + introduced + odds * 0.1
    return Listing(spans, score, best.confidence, sure)


def _span(sentence: Sentence, item: Item, *, by_name: bool) -> Span:
    start, end = item.name if by_name and item.name is not None else (item.start, item.end)
    return Span(sentence, sentence.start + start, sentence.start + end)
