"""From the phrases found in a question to its filters, and to the question without them."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from qa.language.limits.groups import find_groups
from qa.language.limits.known import KnownNames, Name
from qa.language.limits.people import find_sayings
from qa.language.limits.periods import find_dated
from qa.language.limits.phrases import Asked, Period, Phrase
from qa.language.limits.sections import find_sections
from qa.language.limits.sources import (
    SPEAKS_OF_REPORTING,
    credits_another,
    find_credits,
    find_inside,
    find_reported_that,
)
from qa.types import Filters

# In this order: of two phrases that overlap, the first counts.
_FINDERS = (
    find_credits,
    find_sayings,
    find_groups,
    find_reported_that,
    find_sections,
    find_inside,
    find_dated,
)
_ANY_LIMIT = re.compile(
    rf"\baccording to\b|\b(?:section|pages?|desk)\b|{SPEAKS_OF_REPORTING.pattern}"
    r"|\b(?:publish|writes|dated|filed)\b|['’]s? |^(?:in|from)\b",
    re.IGNORECASE,
)


class Stated(NamedTuple):
    """The limits, and the question without them; ``Filters()`` and the question itself where it
    states none.
    """

    filters: Filters
    text: str


def may_state_limits(question: str) -> bool:
    """Return False where no `stated_limits` can be found, whatever the archive knows."""
    return bool(_ANY_LIMIT.search(question))


def stated_limits(question: str, known: KnownNames, now: str | None) -> Stated:
    """The limits that the question's words state.

    "Last week" and the like are read against ``now`` (ISO 8601), and state nothing without it.
    Limits of one kind add up ("Reuters or the BBC"); where two periods are stated, neither counts.
    """
    if not may_state_limits(question):
        return Stated(Filters(), question)
    asked = Asked(question, known, now)
    phrases: list[Phrase] = []
    for find in _FINDERS:
        for phrase in find(asked):
            if phrase.limits and not any(phrase.overlaps(other) for other in phrases):
                phrases.append(phrase)
    names_source = any("sources" in phrase.names for phrase in phrases)
    if names_source and credits_another(asked, phrases):
        return Stated(Filters(), question)
    periods = {period for phrase in phrases for period in phrase.periods}
    period = periods.pop() if len(periods) == 1 else None
    cut = phrases if not periods else [phrase for phrase in phrases if not phrase.periods]
    return Stated(_filters(phrases, period), _rest(question, cut))


def _filters(phrases: Sequence[Phrase], period: Period | None) -> Filters:
    names: defaultdict[Name, dict[str, None]] = defaultdict(dict)
    for phrase in phrases:
        for name, values in phrase.names.items():
            names[name].update(dict.fromkeys(values))
    first, last = period or Period(None, None)
    return Filters(
        sources=tuple(names["sources"]),
        authors=tuple(names["authors"]),
        sections=tuple(names["sections"]),
        published_from=first.isoformat() if first is not None else None,
        published_to=last.isoformat() if last is not None else None,
    )


def _rest(question: str, phrases: Sequence[Phrase]) -> str:
    """The question without what states limits, or as it is if nothing else would be left."""
    cuts = []
    for phrase in phrases:
        if phrase.cuts:
            cuts += [(start, end, "") for start, end in phrase.cuts]
        else:
            cuts.append((phrase.start, phrase.end, phrase.instead))
    text = question
    for start, end, instead in sorted(cuts, reverse=True):
        text = f"{text[:start]}{instead}{text[end:]}"
    rest = _tidied(text)
    return rest if re.search(r"\w", rest) else question


def _tidied(text: str) -> str:
    """A question after something was cut out of it."""
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s+([,.;:?!)])", r"\1", text)
    text = re.sub(r"^[\s,;:.–—-]+", "", text)
    text = re.sub(r",(?=[,.;:?!])|[,;:]\s*$", "", text).strip()
    return text[:1].upper() + text[1:]
