"""Several answers: the items of an enumeration, each a span of its sentence. See decision 0021."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa import tuning
from qa.answering.choice import candidates
from qa.answering.evidence import FIGURE_KINDS
from qa.answering.extraction.classes import AskedClass
from qa.answering.features import describe
from qa.answering.proposals import Proposal, propose
from qa.answering.scorer import scorer
from qa.answering.sentence import Sentence, Span
from qa.language.enumerations import Enumeration, Item, actions, by_line, enumerations
from qa.models.base import Statement
from qa.question import Question

# An enumeration behind it says what is not so.
_DENIED = re.compile(r"\b(?:no|neither|nor|not|without)\s[^,;:]*$", re.IGNORECASE)
_DENIES = re.compile(r"\b(?:no|not|without|\w+n['’]t)\b", re.IGNORECASE)
_JOINED = re.compile(r",[^,]*\b(?:and|or)\b|\w\s+and\s+\w", re.IGNORECASE)
# Words of questions that ask what somebody does or should do.
_DEEDS = re.compile(
    r"\b(?:do|does|doing|done|advised?|aims?|asked|changes|conditions|demands?|goals?|measures|order"
    r"|plans?|proposals|propose|promised?s?|reforms|recommendations?|steps|told|urged|want)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Listing:
    """Two items or more that one sentence enumerates, and how well they answer."""

    spans: tuple[Span, ...]
    score: float


def enumerate_items(question: Question, evidence: Sequence[Sentence]) -> list[Statement]:
    """A statement for each item, or for the best span where no enumeration is sure enough.

    A single item may be a piece of the answer, unless it joins several ("Apollo 11, 12 and 17"), or
    the question has one: "when", "how much".
    """
    single = []
    for one in candidates(question, evidence)[:1]:
        is_whole = question.kind in FIGURE_KINDS or _JOINED.search(one.span.text)
        share = 1.0 if is_whole else tuning.ONE_ITEM
        single = [_statement(one.span, round(share * one.confidence, 4))]
    best = max(_listings(question, evidence), key=lambda one: one.score, default=None)
    if best is None or question.kind in FIGURE_KINDS:
        return single
    sure = scorer().items.confidence(best.score)
    listed = [_statement(span, sure) for span in best.spans[: tuning.MOST_ITEMS]]
    return listed if sure >= (question.min_confidence or 0.0) else max(listed, single, key=_sure)


def _sure(statements: Sequence[Statement]) -> float:
    return max((one.confidence or 0.0 for one in statements), default=0.0)


def _statement(span: Span, confidence: float) -> Statement:
    return Statement(span.text, (span.sentence.n,), confidence=confidence, span=span)


def _listings(question: Question, evidence: Sequence[Sentence]) -> list[Listing]:
    """The enumerations of the evidence whose items may be what is asked for."""
    asked = AskedClass.of(question.text)
    asks_denied = bool(_DENIES.search(question.text))
    found = [
        spans
        for sentence in evidence
        for enumeration in _enumerations(question, sentence.text)
        if asks_denied or not _DENIED.search(sentence.text[: enumeration.start + 3])
        if len(spans := _items(asked, sentence, enumeration)) > 1
    ]
    wholes = [Proposal(_whole(spans), tuning.MARKED_MATCH) for spans in found]
    proposals = [*propose(question, evidence), *wholes]
    fit = scorer().spans
    scores = {
        span: fit.score(features) for span, features in describe(question, evidence, proposals)
    }
    return [Listing(spans, _score(spans, scores)) for spans in found]


def _score(spans: Sequence[Span], scores: dict[Span, float]) -> float:
    """The mean of how well the whole enumeration answers and how well the best span in it or across
    it does; more for a longer one.
    """
    whole = _whole(spans)
    touching = [
        score
        for span, score in scores.items()
        if span.sentence is whole.sentence and span.start < whole.end and whole.start < span.end
    ]
    length = min(len(spans), tuning.LONG_LIST) - 2
    return (scores[whole] + max(touching)) / 2 + tuning.EACH_MORE_ITEM * length


def _whole(spans: Sequence[Span]) -> Span:
    """From the first item to the last."""
    return Span(spans[0].sentence, spans[0].start, spans[-1].end)


def _enumerations(question: Question, text: str) -> Iterator[Enumeration]:
    in_lines = by_line(text)
    if in_lines is not None:
        yield in_lines
        return
    yield from enumerations(text)
    deeds = actions(text) if _DEEDS.search(question.text) else None
    if deeds is not None:
        yield deeds


def _items(asked: AskedClass, sentence: Sentence, enumeration: Enumeration) -> tuple[Span, ...]:
    """The items that may be of the class asked for, as names where most of them are."""
    text = sentence.text
    items = list(enumeration.items)
    others_named = all(item.name is not None for item in items[1:])
    if others_named and items[0].name is None and items[0].is_bare and asked.names(items[0].head):
        del items[0]  # "two firms, Penn and Haul": it says what the others are
    kept = [item for item in items if asked.fit(text, item) is not False]
    by_name = 2 * sum(item.name is not None for item in kept) > len(kept)
    return tuple(_span(sentence, item, by_name=by_name) for item in kept)


def _span(sentence: Sentence, item: Item, *, by_name: bool) -> Span:
    start, end = item.name if by_name and item.name is not None else (item.start, item.end)
    return Span(sentence, sentence.start + start, sentence.start + end)
