"""Reports as a group: "in reports from 2021", "Guardian articles", "last week's coverage"."""

import re
from collections.abc import Iterator

from qa.language.limits.known import Name
from qa.language.limits.modifiers import extend
from qa.language.limits.periods import possessive_at
from qa.language.limits.phrases import Asked, Phrase
from qa.language.limits.sources import REPORTS

# Words before "reports …" after which the reports are searched, not spoken of ("who criticised the
# reports …").
_LEAD = re.compile(
    r"(?P<whole>(?:^|(?<=[\s,(]))(?:according to|in|from|across|among|using|per) )"
    r"(?:(?:all|any|only|other|recent|some|the|these|those) )*"
    r"|(?:^|\b(?:any|are|did|do|does|find|give me|is|list|me|of|only|search|show|summari[sz]e|there"
    r"|what|which) )(?:(?:all|any|latest|newest|only|other|recent|some|the|these|those) )*",
    re.IGNORECASE,
)


def find_groups(asked: Asked) -> Iterator[Phrase]:
    """Find "in reports from 2021", "Guardian articles", "last week's coverage"."""
    for lead in _LEAD.finditer(asked.text):
        phrase = Phrase(lead.start(), lead.end())
        timed = possessive_at(asked, lead.end())
        if timed is not None:
            if not timed.periods:
                continue
            phrase.periods += timed.periods
            phrase.end = timed.end
            phrase.cuts.append((timed.start, timed.end))
        if not _take_reports(asked, phrase, is_timed=timed is not None):
            continue
        phrase.cuts += extend(asked, phrase)
        if lead["whole"] and not asked.text[lead.end() :].lower().startswith("news"):
            phrase.cuts.clear()
        if asked.is_apart(phrase):
            yield phrase


def _take_reports(asked: Asked, phrase: Phrase, *, is_timed: bool) -> bool:
    """Take in "reports", "Guardian articles", or behind "Monday's" a source alone."""
    kinds: tuple[Name, ...] = ("sources", "authors")
    for kind in kinds:
        found = asked.names_at(kind, phrase.end)
        if found is None:
            continue
        reports = REPORTS.match(asked.text, found.end + 1)
        if reports is None and (found.possessive or not is_timed):
            return False
        phrase.add(kind, found.values)
        phrase.cuts.append((phrase.end, found.end + (reports is not None)))
        phrase.end = reports.end() if reports is not None else found.end
        return True
    reports = REPORTS.match(asked.text, phrase.end)
    if reports is None:
        return False
    phrase.end = reports.end()
    return True
