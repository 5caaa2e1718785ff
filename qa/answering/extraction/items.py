"""Several answers: the members of an enumeration, each a span of its sentence."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from qa import tuning
from qa.answering.choice import candidates
from qa.answering.sentence import Sentence, Span
from qa.models.base import Statement
from qa.question import Question

# What parts the members of an enumeration. The conjunction is before the last of them.
_JOINT = re.compile(
    r"\s*(?:[,;]\s*(?P<comma>(?:and|or|as well as|plus)\s+)?|\s(?P<word>and|or|as well as|plus)\s+"
    r"|\s[–—-]{1,2}\s+)"
)
_LONGEST_ITEM = 8  # words …
_LONGEST_LOOSE = 4  # … of an item that no conjunction joins to the others
_NAME = re.compile(r"(?:the\s+)?[A-Z][\w.’'-]*(?:\s+(?:(?:of|the|de|la)\s+)?[A-Z0-9][\w.’'-]*)*")
_STOP = re.compile(r"[:.!?()\"“”](?!\w)")
_AUXILIARY = (
    r"(?:am|are|be|been|being|can|could|did|do|does|had|has|have|is|may|might|must|said|says|shall"
    r"|should|was|were|will|would)"
)
_PREPOSITION = (
    r"(?:as|at|between|by|during|for|from|in|including|into|like|near|on|such as|to|towards?|with)"
)
_ARTICLE = r"(?:an?|the|its|his|her|their|our|some|two|three|four|five|six|seven|eight|nine|ten)"
_ARTICLE_OR_THE = rf"(?:the|{_ARTICLE})"
# What leads up to a first item that begins with an article or a number: "named three reasons, a".
_LEAD_TO_ARTICLE = re.compile(rf".*(?<!\bof)\s(?={_ARTICLE_OR_THE}\s|\d)", re.IGNORECASE)
_LEAD_TO_NOUN = re.compile(rf".*\s(?:{_AUXILIARY}|{_PREPOSITION})\s+", re.IGNORECASE)
_BEGINS_WITH_ARTICLE = re.compile(rf"(?:then\s+)?{_ARTICLE_OR_THE}\s", re.IGNORECASE)
_LEADING = re.compile(
    r"(?:also|both|either|finally|not only|last(?: of all)?|then|while)\s+", re.IGNORECASE
)
_BEHIND = re.compile(rf"\s+(?:{_AUXILIARY}|who|which|that|while)\s", re.IGNORECASE)
_OPENING = re.compile(r"(?:not\s+)?(to|for|with|from|on|by|in|that)\s", re.IGNORECASE)


class _Part(NamedTuple):
    """A member of an enumeration, or what is beside one. ``is_last``: behind a conjunction."""

    start: int
    end: int
    is_last: bool


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
    """The enumeration that a span belongs to, or only itself, in the order of the text."""
    text = span.sentence.text
    start, end = span.inner
    low, high = _clause(text, start, end)
    parts = list(_parts(text, low, high))
    touched = [at for at, part in enumerate(parts) if part.start < end and start < part.end]
    if not touched:
        yield span
        return
    first, last = touched[0], touched[-1]
    while last + 1 < len(parts) and not parts[last].is_last and _joins(text, parts, last + 1):
        last += 1
    while first > 0 and not parts[first - 1].is_last and _joins(text, parts, first - 1):
        first -= 1
    found = [(part.start, part.end) for part in parts[first : last + 1]]
    named = text[start:end].removeprefix("the ")[:1].isupper()
    # What leads up to the first item and what follows the last is no part of them.
    second = text[slice(*found[1])] if len(found) > 1 else ""
    marked = start if first == touched[0] else None
    found[0] = _first(text, found[0], marked, second, named=named)
    found[-1] = _last(text, found[-1], end if last == touched[-1] else None, named=named)
    offset = span.sentence.start
    for begin, stop in found:
        lead = _LEADING.match(text, begin, stop)
        yield Span(span.sentence, offset + (lead.end() if lead else begin), offset + stop)


def _first(
    text: str, part: tuple[int, int], marked: int | None, second: str, *, named: bool
) -> tuple[int, int]:
    """The first item, without what leads up to it: from where the reader marked, or from its last
    name; else as the ``second`` item begins, or from its last article, or from behind a verb.
    """
    start, end = part
    if marked is not None:
        return _cut_behind(text, max(start, marked), end)
    if named:
        names = list(_NAME.finditer(text, start, end))
        return (names[-1].start(), end) if names and names[-1].end() == end else part
    opening = _OPENING.match(second)
    if opening is not None:
        alike = [match.start() for match in re.finditer(rf"\b{opening[1]}\s", text[start:end])]
        return (start + alike[-1], end) if alike else part
    if _BEGINS_WITH_ARTICLE.match(text, start) and _BEGINS_WITH_ARTICLE.match(second):
        return _cut_behind(text, start, end)
    lead = _LEAD_TO_ARTICLE.match(text, start, end) or _LEAD_TO_NOUN.match(text, start, end)
    return (lead.end(), end) if lead is not None else part


def _last(text: str, part: tuple[int, int], marked: int | None, *, named: bool) -> tuple[int, int]:
    """The last item, without what follows: up to where the reader marked, or its name's end, or the
    next verb.
    """
    start, end = part
    if marked is not None:
        return start, max(start + 1, min(end, marked))
    name = _NAME.match(text, start, end) if named else None
    if name is not None:
        return start, name.end()
    return _cut_behind(text, start, end)


def _cut_behind(text: str, start: int, end: int) -> tuple[int, int]:
    """The place up to the next verb."""
    behind = _BEHIND.search(text, start, end)
    return (start, behind.start()) if behind is not None else (start, end)


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    before = [match.end() for match in _STOP.finditer(text, 0, start)]
    behind = _STOP.search(text, end)
    return (before[-1] if before else 0), (behind.start() if behind else len(text))


def _parts(text: str, low: int, high: int) -> Iterator[_Part]:
    at, is_last = high - len(text[low:high].lstrip()), False
    for match in _JOINT.finditer(text, low, high):
        if match.start() > at:
            yield _Part(at, match.start(), is_last)
            is_last = bool(match["comma"] or match["word"])
        at = match.end()
    if high > at:
        yield _Part(at, high, is_last)


def _joins(text: str, parts: list[_Part], at: int) -> bool:
    """Whether a part is short enough to be a member: where a conjunction closes the enumeration,
    what leads up to the part or follows it does not count.
    """
    part = parts[at]
    closed = any(other.is_last for other in parts[at:])
    place = part.start, part.end
    if closed:
        second = text[parts[at + 1].start : parts[at + 1].end] if at + 1 < len(parts) else ""
        trimmed = _last(text, place, None, named=False)
        place = _first(text, trimmed, None, second, named=False) if at == 0 else trimmed
    words = text[slice(*place)].split()
    if closed or (words and words[0][0].isupper()):
        return 0 < len(words) <= _LONGEST_ITEM
    return 0 < len(words) <= _LONGEST_LOOSE


def _same(one: Span, other: Span) -> bool:
    first, second = one.text.lower(), other.text.lower()
    return first in second or second in first
