"""Candidate answers: spans of the evidence that could be what is asked for. Pure functions.

Every candidate is text of a sentence, so whatever is picked can be quoted.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa import tuning
from qa.answering.evidence import FIGURE_KINDS
from qa.answering.sentence import Sentence, Span
from qa.language.dates import CALENDAR_WORDS
from qa.language.figures import find_figures, holds
from qa.language.words import STOP_WORDS
from qa.question import Question
from qa.types import AnswerKind, Figure

_JOINER = r"(?:of|the|de|la|le|for|and|&|von|van|al|bin|du|da|del|der)"
_NAME = re.compile(
    rf"(?:[A-Z][\w’'&.-]*|(?<=\s)[a-z]?[A-Z][\w-]*)(?:\s+(?:{_JOINER}\s+){{0,2}}[A-Z0-9][\w’'&.-]*)*"
)
_FUNCTION_WORD = "|".join(sorted(STOP_WORDS, key=len, reverse=True))
_LEADING = re.compile(rf"(?:(?:{_FUNCTION_WORD})(?:\s+|$))+", re.IGNORECASE)
_TRAILING = re.compile(r"(?:[’']s|[.’'&-])+$")
_QUOTED = re.compile(r"[\"“‘]([^\"“”]{2,80}?)[,.]?[\"”’]")
_BEFORE_PLACE = re.compile(
    r"\b(?:in|at|from|to|near|of|into|across|outside|toward|towards|on|off|around)\s+(?:the\s+)?$"
)
# What may answer "how many" or "when" without a figure in it.
_VAGUE_FIGURE = re.compile(
    r"\d|\b(?:ages|annual\w*|billions?|both|couple|daily|dozens?|few|half|halves|hundreds?|majority"
    r"|many|millions?|most|nil|no|nobody|none|nothing|once|quarters?|several|tens|thirds?|thousands?"
    r"|twice|zero"
    r"|autumn|centur\w+|christmas|dawn|days?|decades?|dusk|easter|eve|evening|fall|holidays?|hours?"
    r"|midnight|minutes?|monthly|months?|morning|night|noon|overnight|ramadan|seasons?|spring|summer"
    r"|thanksgiving|tomorrow|weekend|weekly|weeks?|winter|year\w*)\b",
    re.IGNORECASE,
)

# "The flight was supposed to take three months" does not say that it did.
_PLAN = "(?:due|expected|meant|planned|scheduled|supposed)"
_PLANNED = re.compile(rf"\b(?:was|were|been) (?:\w+ly )?{_PLAN} to\b[^,;:—–]*$", re.IGNORECASE)
_ASKS_FOR_PLAN = re.compile(rf"\b(?:{_PLAN}|forecast|going|originally|to be)\b", re.IGNORECASE)
_ASKS_WHAT_WAS = re.compile(r"\b(?:did|was|were|has|have)\b", re.IGNORECASE)

_Places = dict[tuple[int, int], float]  # offsets in the sentence → fit to the kind asked for


@dataclass(frozen=True, slots=True)
class Proposal:
    """A span that could answer; ``kind_match`` (0..1) says how well it fits the kind asked for."""

    span: Span
    kind_match: float


def propose(question: Question, evidence: Sequence[Sentence]) -> list[Proposal]:
    """The spans that rules and reader propose, each once, sentence by sentence.

    None of what was only planned, where it is asked what was.
    """
    proposals = []
    asks_what_was = _asks_what_was(question.text)
    for item in evidence:
        places = _by_rule(item, question.kind)
        _add_marked(places, item, question.kind)
        for (start, end), match in places.items():
            if asks_what_was and _PLANNED.search(item.text[:start]):
                continue
            proposals.append(Proposal(Span(item, item.start + start, item.start + end), match))
    return proposals


def _asks_what_was(question: str) -> bool:
    return bool(_ASKS_WHAT_WAS.search(question)) and not _ASKS_FOR_PLAN.search(question)


def _by_rule(item: Sentence, kind: AnswerKind) -> _Places:
    places: _Places = {}
    for start, end, match in _spans(item, kind):
        places[start, end] = max(match, places.get((start, end), 0.0))
    return places


def _add_marked(places: _Places, item: Sentence, kind: AnswerKind) -> None:
    """The spans that the reader marks; "40 km" around the figure 40 is of its kind. Where a figure
    is asked for, only those that have one.
    """
    if item.reading is None:
        return
    figure_wanted = kind in FIGURE_KINDS
    least = 0.0 if figure_wanted else tuning.MARKED_MATCH
    for start, end, _ in item.reading.best(item.start, item.end, tuning.MARKED_SPANS):
        low, high = _uncut(item, start - item.start, end - item.start)
        if figure_wanted and not _has_figure(item, low, high):
            continue
        inside = [match for (first, last), match in places.items() if low <= first and last <= high]
        places.setdefault((low, high), max([least, *inside]))


def _has_figure(item: Sentence, start: int, end: int) -> bool:
    inside = any(start < figure.end and figure.start < end for figure in item.figures)
    return inside or _VAGUE_FIGURE.search(item.text, start, end) is not None


def _uncut(item: Sentence, start: int, end: int) -> tuple[int, int]:
    """The span, widened over a figure that it cuts to another value: "six" of "twenty-six", "1.85"
    of "1.85 million". The year of a date alone is the same value.
    """
    for figure in item.figures:
        touches = figure.start < end and start < figure.end
        cut = touches and not start <= figure.start <= figure.end <= end
        if not cut:
            continue
        part = item.text[max(start, figure.start) : min(end, figure.end)]
        if not any(holds(other, figure) for other in find_figures(part)):
            start, end = min(start, figure.start), max(end, figure.end)
    return start, end


def _spans(item: Sentence, kind: AnswerKind) -> Iterator[tuple[int, int, float]]:
    """Offsets in the sentence, and how well the span fits the kind asked for."""
    wanted = FIGURE_KINDS.get(kind)
    if wanted:
        for figure in item.figures:
            if figure.kind in wanted:
                yield figure.start, figure.end, 1.0 if figure.kind == kind else 0.4
        return
    yield from _names(item, kind)
    for match in _QUOTED.finditer(item.text):
        yield match.start(1), match.end(1), 0.7 if kind == "text" else 0.2
    if kind == "text":
        for figure in item.figures:
            yield figure.start, figure.end, 0.4


def _names(item: Sentence, kind: AnswerKind) -> Iterator[tuple[int, int, float]]:
    text = item.text
    dates: list[Figure] = [figure for figure in item.figures if figure.kind == "date"]
    for match in _NAME.finditer(text):
        lead = _LEADING.match(match[0])
        start = match.start() + (lead.end() if lead else 0)
        name = _TRAILING.sub("", text[start : match.end()])
        end = start + len(name)
        dated = any(date.start <= start and end <= date.end for date in dates)
        if not name or name.lower() in CALENDAR_WORDS or dated:
            continue
        # A capital that opens a sentence may be an ordinary word.
        opening = match.start() == 0 and " " not in name
        yield start, end, (0.3 if opening else 1.0) * _fit(text, start, name, kind)


def _fit(text: str, start: int, name: str, kind: AnswerKind) -> float:
    """How well a name fits the kind asked for."""
    words = name.split()
    if kind == "person":
        acronym = any(word.isupper() and len(word) > 1 for word in words)
        return 1.0 if 2 <= len(words) <= 4 and not acronym else 0.6
    if kind == "place":
        return 1.0 if _BEFORE_PLACE.search(text, max(0, start - 20), start) else 0.5
    if kind == "organisation":
        return 1.0
    return 0.8
