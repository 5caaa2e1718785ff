"""Who writes: "what did Jane Roe write about …", "what was written about … since Tuesday"."""

import re
from collections.abc import Iterator

from qa.language.limits.known import Name
from qa.language.limits.modifiers import extend
from qa.language.limits.periods import early_period, late_period
from qa.language.limits.phrases import Asked, Phrase
from qa.language.limits.sources import HAS_REPORTED, REPORTED

_ASKED = re.compile(
    r"\bwhat (?:was|were|is|has been|have been|had been)"
    r" (?P<passive>reported|written|published|printed)\b"
    r"|\bwhat (?P<active>did|do|does|had|has|have) |\bwhat (?=\S)",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\s+(?P<word>about|concerning|of|on|over|regarding|that)\b"
    r"(?!\s+(?:its|their|his|her|itself|themselves|himself|herself)\b)|\s*[?.!]*$",
    re.IGNORECASE,
)
_WRITERS: tuple[Name, ...] = ("sources", "authors")  # an agency may be both


def find_sayings(asked: Asked) -> Iterator[Phrase]:
    """Find "what did Jane Roe write", "what Reuters reported", "what was written"."""
    for opening in _ASKED.finditer(asked.text):
        phrase = Phrase(opening.start(), opening.end(), "what has been reported")
        if opening["passive"] is None and not _take_writer(asked, phrase, opening):
            continue
        extend(asked, phrase)
        topic = _ABOUT.match(asked.text, phrase.end)
        if topic is None or not (topic["word"] or phrase.names):
            continue  # "what was written in 1776?"
        yield from _with_period(asked, phrase, topic.end(), opening["passive"] is not None)


def _take_writer(asked: Asked, phrase: Phrase, opening: re.Match[str]) -> bool:
    """Take in who writes; False if nobody does."""
    verbs = REPORTED if opening["active"] else HAS_REPORTED
    for kind in _WRITERS:
        found = asked.names_at(kind, opening.end())
        verb = verbs.match(asked.text, found.end) if found is not None else None
        if found is not None and verb is not None and not found.possessive:
            phrase.add(kind, found.values)
            phrase.end = verb.end()
            return True
    return False


def _with_period(asked: Asked, phrase: Phrase, topic: int, is_passive: bool) -> Iterator[Phrase]:
    """The phrase, with the period before it or behind the topic, if it has none itself."""
    if phrase.names and not phrase.periods:
        early = early_period(asked, phrase.start)
        if early is not None:
            phrase.periods += early.periods
            phrase.start = 0
    late = None if phrase.periods else late_period(asked, topic)
    if late is not None and phrase.limits:
        yield late
    elif late is not None and is_passive:
        phrase.periods = late.periods
        phrase.end = late.end
        phrase.cuts = [(late.start, late.end)]  # "what was written about …" stays
    yield phrase
