"""Several answers: the members of an enumeration, each a span of its sentence."""

import re
from collections.abc import Iterator, Sequence

from qa import tuning
from qa.answering.choice import candidates
from qa.answering.sentence import Sentence, Span
from qa.models.base import Statement
from qa.question import Question

# What parts the members of an enumeration.
_AND = r"(?:and|or|as well as|plus)\s+"
_JOINT = re.compile(rf"\s*(?:[,;]\s*(?:{_AND})?|\s{_AND}|\s[–—-]{{1,2}}\s+)")
_LONGEST_ITEM = 8  # words
_NAME = re.compile(r"(?:the\s+)?[A-Z][\w.’'-]*(?:\s+(?:(?:of|the|de|la)\s+)?[A-Z0-9][\w.’'-]*)*")
_STOP = re.compile(r"[:.!?()\"“”]")


def enumerate_items(question: Question, evidence: Sequence[Sentence]) -> list[Statement]:
    """A statement for each item; where nothing is enumerated, the one best span."""
    ranked = candidates(question, evidence)
    if not ranked:
        return []
    best = ranked[0]
    spans = list(members(best.span))
    for other in ranked[1:]:
        near = other.span.sentence.article.id == best.span.sentence.article.id
        if not near or other.confidence < tuning.MORE_ITEMS * best.confidence:
            continue
        found = list(members(other.span))
        if len(found) > len(spans) or not any(_same(one, span) for one in found for span in spans):
            spans += [one for one in found if not any(_same(one, span) for span in spans)]
    return [
        Statement(span.text, (span.sentence.n,), confidence=best.confidence, span=span)
        for span in spans[: tuning.MOST_ITEMS]
    ]


def members(span: Span) -> Iterator[Span]:
    """The enumeration that a span belongs to, or only itself, in the order of the text.

    Where the reader marked a later item and the first is no name, the first keeps what leads up to
    it.
    """
    text = span.sentence.text
    start, end = span.inner
    low, high = _clause(text, start, end)
    parts = list(_parts(text, low, high))
    touched = [index for index, (first, last) in enumerate(parts) if first < end and start < last]
    if not touched:
        yield span
        return
    first, last = touched[0], touched[-1]
    while last + 1 < len(parts) and _short(text, parts[last + 1]):
        last += 1
    while first > 0 and _short(text, parts[first - 1]):
        first -= 1
    found = [parts[index] for index in range(first, last + 1)]
    named = text[start:end].removeprefix("the ")[:1].isupper()
    # What leads up to the first item and what follows the last is no part of them.
    marked_first = start if first == touched[0] else None
    marked_last = end if last == touched[-1] else None
    found[0] = _first(text, found[0], marked_first, named=named)
    found[-1] = _last(text, found[-1], marked_last, named=named)
    offset = span.sentence.start
    for begin, stop in found:
        yield Span(span.sentence, offset + begin, offset + stop)


def _first(text: str, part: tuple[int, int], start: int | None, *, named: bool) -> tuple[int, int]:
    """The item at the end of the first part: from where the reader marked, or its last name."""
    if start is not None:
        return max(part[0], start), part[1]
    names = list(_NAME.finditer(text, *part)) if named else []
    return (names[-1].start(), part[1]) if names and names[-1].end() == part[1] else part


def _last(text: str, part: tuple[int, int], end: int | None, *, named: bool) -> tuple[int, int]:
    """The item at the beginning of the last part: up to where the reader marked, or its name."""
    if end is not None:
        return part[0], max(part[0] + 1, min(part[1], end))
    name = _NAME.match(text, *part) if named else None
    return (part[0], name.end()) if name is not None else part


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    before = [match.end() for match in _STOP.finditer(text, 0, start)]
    behind = _STOP.search(text, end)
    return (before[-1] if before else 0), (behind.start() if behind else len(text))


def _parts(text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    at = low
    for match in _JOINT.finditer(text, low, high):
        if match.start() > at:
            yield at, match.start()
        at = match.end()
    if high > at:
        yield at, high


def _short(text: str, part: tuple[int, int]) -> bool:
    words = text[slice(*part)].split()
    return 0 < len(words) <= _LONGEST_ITEM and (words[0][0].isupper() or len(words) <= 4)


def _same(one: Span, other: Span) -> bool:
    first, second = one.text.lower(), other.text.lower()
    return first in second or second in first
