"""Several answers: the members of an enumeration, each a span of its sentence."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa import tuning
from qa.answering.extraction.classes import Asked
from qa.answering.features import describe
from qa.answering.proposals import Proposal, propose
from qa.answering.scorer import scorer
from qa.answering.sentence import Sentence, Span
from qa.language.enumerations import Enumeration, Item, actions, by_line, enumerations
from qa.models.base import Statement
from qa.question import Question

_CUE = 60  # characters before an enumeration, in which the class may be named
_NONE = re.compile(r"(?:no|neither|nor|not)\s", re.IGNORECASE)
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
    features: tuple[float, ...]


def enumerate_items(question: Question, evidence: Sequence[Sentence]) -> list[Statement]:
    """A statement for each item; none where no enumeration answers."""
    best = max(listings(question, evidence), key=lambda one: one.score, default=None)
    if best is None:
        return []
    sure = scorer().items.confidence(best.score)
    return [
        Statement(span.text, (span.sentence.n,), confidence=sure, span=span)
        for span in best.spans[: tuning.MOST_ITEMS]
    ]


def listings(question: Question, evidence: Sequence[Sentence]) -> list[Listing]:
    """The enumerations of the evidence of which two items or more may be what is asked for."""
    asked = Asked.of(question.text)
    drafts = [
        draft
        for sentence in evidence
        for enumeration in _enumerations(question, sentence.text)
        if (draft := _draft(asked, sentence, enumeration)) is not None
    ]
    proposals = propose(question, evidence)
    proposals += [Proposal(draft.whole, tuning.MARKED_MATCH) for draft in drafts]
    fit = scorer().spans
    scored = [
        (span, fit.score(features)) for span, features in describe(question, evidence, proposals)
    ]
    return [_listing(draft, scored) for draft in drafts]


@dataclass(frozen=True, slots=True)
class _Draft:
    """``sure``: how many items are certainly of the class asked for; ``is_introduced``: whether the
    words before name it.
    """

    spans: tuple[Span, ...]
    sure: int
    is_introduced: bool

    @property
    def whole(self) -> Span:
        """From the first item to the last."""
        first, last = self.spans[0], self.spans[-1]
        return Span(first.sentence, first.start, last.end)


def _enumerations(question: Question, text: str) -> Iterator[Enumeration]:
    in_lines = by_line(text)
    if in_lines is not None:
        yield in_lines
        return
    yield from enumerations(text)
    deeds = actions(text) if _DEEDS.search(question.text) else None
    if deeds is not None:
        yield deeds


def _draft(asked: Asked, sentence: Sentence, enumeration: Enumeration) -> _Draft | None:
    text = sentence.text
    items = list(enumeration.items)
    if _NONE.match(text, items[0].start):
        return None
    introduced = asked.names(text[max(0, enumeration.start - _CUE) : enumeration.start])
    if (
        items[0].is_bare
        and items[0].name is None
        and all(item.name is not None for item in items[1:])
    ):
        # "Two firms, Penn and Haul": the first says what the others are.
        introduced = introduced or asked.names(items[0].head)
        items = items[1:] if introduced else items
    fits = [asked.fit(text, item) for item in items]
    kept = [(item, fit) for item, fit in zip(items, fits, strict=True) if fit is not False]
    if len(kept) < 2:
        return None
    by_name = 2 * sum(item.name is not None for item, _ in kept) > len(kept)
    spans = tuple(_span(sentence, item, by_name=by_name) for item, _ in kept)
    return _Draft(spans, sum(fit is True for _, fit in kept), introduced)


def _listing(draft: _Draft, scored: Sequence[tuple[Span, float]]) -> Listing:
    whole = draft.whole
    own = [(span, score) for span, score in scored if span.sentence is whole.sentence]
    touching = max(
        (score for span, score in own if span.start < whole.end and whole.start < span.end),
        default=-20.0,
    )
    exact = max(
        (score for span, score in own if (span.start, span.end) == (whole.start, whole.end)),
        default=-20.0,
    )
    first = whole.sentence.odds(draft.spans[0].start, draft.spans[0].end) or 0.0
    share = draft.sure / len(draft.spans)
    features = (touching, exact, share, float(draft.is_introduced), first, float(len(draft.spans)))
    score = touching + share + draft.is_introduced + first * 0.1 + 0.1 * len(draft.spans)
    return Listing(draft.spans, score, features)


def _span(sentence: Sentence, item: Item, *, by_name: bool) -> Span:
    start, end = item.name if by_name and item.name is not None else (item.start, item.end)
    return Span(sentence, sentence.start + start, sentence.start + end)
