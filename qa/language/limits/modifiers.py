"""What limits a phrase further: "by Jane Roe", "in the Guardian", "since Tuesday"."""

import re

from qa.language.limits.known import Name
from qa.language.limits.periods import period_at
from qa.language.limits.phrases import Asked, Cut, Names, Phrase

IN_SECTION = re.compile(
    r"\b(?:in|on|from|under|(?P<subject>do|does|did)) the (?=\S)|\bfiled under (?=\S)",
    re.IGNORECASE,
)
_SECTION = re.compile(r"\s+(?:news )?(?:section|pages?|column|desk)\b", re.IGNORECASE)
_VERB = re.compile(
    r",? (?:(?:that|which) )?(?:(?:was|were|is|are|has been|have been) )?"
    r"(?:published|written|reported|printed|appeared|appearing|dated|filed)\b",
    re.IGNORECASE,
)
_BY = re.compile(r"\s+(?P<word>by|from|in) (?=\S)", re.IGNORECASE)


def extend(asked: Asked, phrase: Phrase) -> list[Cut]:
    """Take in what follows a phrase and limits it; ``phrase.end`` moves behind it.

    Returns the places of what was taken in.
    """
    taken: list[Cut] = []
    while True:
        verb = _VERB.match(asked.text, phrase.end)
        end = _take(asked, phrase, verb.end() if verb is not None else phrase.end)
        if end is None:
            return taken
        taken.append((phrase.end, end))
        phrase.end = end


def section_at(asked: Asked, start: int) -> Names | None:
    """The section, and the end of "in the sports section", at a place."""
    opening = IN_SECTION.match(asked.text, start)
    if opening is None:
        return None
    found = asked.name_at("sections", opening.end())
    if found is None or found.possessive:
        return None
    if opening[0].lower().startswith("filed"):
        return found
    noun = _SECTION.match(asked.text, found.end)
    if noun is None or not asked.ends_at(noun.end()):
        return None
    return Names(found.values, noun.end())


def _take(asked: Asked, phrase: Phrase, start: int) -> int | None:
    """The end of one modifier, whose limit the phrase takes in."""
    if asked.text[start : start + 1] == " ":
        timed = period_at(asked, start + 1)
        if timed is not None:
            phrase.periods += timed.periods
            return timed.end
    section = section_at(asked, start + 1)
    if section is not None:
        phrase.add("sections", section.values)
        return section.end
    by = _BY.match(asked.text, start)
    if by is None:
        return None
    kinds: tuple[Name, ...] = ("sources",) if by["word"].lower() == "in" else ("sources", "authors")
    for kind in kinds:
        found = asked.names_at(kind, by.end())
        if found and not found.possessive and asked.ends_at(found.end):
            phrase.add(kind, found.values)
            return found.end
    return None
