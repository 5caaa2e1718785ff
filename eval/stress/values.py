"""Another value of the same kind: of a figure, a date or a name."""

import re
from calendar import day_name, month_name
from collections.abc import Sequence
from random import Random

PEOPLE: Sequence[str] = ("Harold Brockmann", "Lucia Fontanelli", "Viktor Aslanov", "Marit Solheim")
PLACES: Sequence[str] = ("Valparaiso", "Tampere", "Kigali", "Odense", "Brno")
ORGANISATIONS: Sequence[str] = ("Northmere", "Halvorsen Group", "Castellan", "Brightwater Union")
DAYS = tuple(day_name)
MONTHS = tuple(month_name)[1:]
_NUMBER = re.compile(
    r"(?<![\w.,-])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?=(?:bn|m|k)?(?![\w-]|[.,]\d))"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
_NAMED = re.compile(rf"\b(?:{'|'.join((*DAYS, *MONTHS, *_WORDS))})\b")


def other_figures(text: str) -> str:
    """The text with every number, day of the week and month replaced by another one.

    The same text gives the same result, so that figures which agree still agree.
    """
    return _NAMED.sub(_other_word, _NUMBER.sub(_other_number, text))


def another(pool: Sequence[str], random: Random, taken: Sequence[str]) -> str:
    """One of the names, if possible one that occurs in none of the ``taken`` texts."""
    free = [name for name in pool if not any(name in text for text in taken)]
    return random.choice(free or pool)


def other_value(answer: str, question: str, choices: Sequence[str], random: Random) -> str | None:
    """A wrong answer to put in the place of ``answer``: a figure where it has one, else another of
    the ``choices``, else a name. None for a text that is neither.
    """
    changed = other_figures(answer)
    if changed != answer:
        return changed
    others = [choice for choice in choices if choice.lower() != answer.lower()]
    if others:
        chosen = random.choice(others)
        is_phrase = answer[0].islower() and chosen[1:].islower()
        return chosen.lower() if is_phrase else chosen
    if all(word[:1].isupper() for word in answer.split() if len(word) > 3):
        return another(_names_for(question), random, [answer])
    return None


def _names_for(question: str) -> Sequence[str]:
    if re.search(r"\bwho(?:m|se)?\b", question, re.IGNORECASE):
        return PEOPLE
    if re.search(r"\bwhere\b|\b(?:city|country|state|town|island)\b", question, re.IGNORECASE):
        return PLACES
    return ORGANISATIONS


def _other_number(match: re.Match[str]) -> str:
    text = match.group()
    if _YEAR.fullmatch(text):
        return str(int(text) - 3)
    whole, point, part = text.replace(",", "").partition(".")
    # A day of a month stays one.
    changed = int(whole) % 28 + 1 if len(whole) < 3 else int(whole) * 2 + 7
    grouped = f"{changed:,}" if "," in text else str(changed)
    return f"{grouped}{point}{part}"


def _other_word(match: re.Match[str]) -> str:
    for words, step in ((DAYS, 2), (MONTHS, 4), (_WORDS, 3)):
        if match.group() in words:
            return words[(words.index(match.group()) + step) % len(words)]
    raise AssertionError("the pattern is made of these words")
