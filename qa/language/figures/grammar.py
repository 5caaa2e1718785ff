"""Find figures in text: numbers, money, percentages, dates and durations, with their values.

A text is read from left to right. Of two readings that begin at one place the longer wins; money,
percentages, dates and durations win over bare numbers.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from qa.language.dates import any_of, find_dates
from qa.language.figures.lexicon import (
    BOUNDS,
    CODES,
    DURATION_UNITS,
    NAMES,
    SCALES,
    SYMBOLS,
    TENS,
    UNITS,
)
from qa.types import Bound, Figure, FigureKind

_SMALL = rf"(?:(?:{any_of(TENS)})(?:[\s-](?:{any_of(list(UNITS)[1:10])})\b)?|(?:{any_of(UNITS)}))"
_DIGITS = r"(?:\d{1,3}(?:[,\u00a0\u202f]\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d++)(?:\.\d++)?"
_LONG_SCALE = r"hundred|thousand|million|billion|trillion|lakhs?|crores?|dozen"
_WORDS = (
    rf"(?:half\s+a|an?|{_SMALL}(?:\s+and\s+a\s+half)?)"
    rf"(?:[\s-]+(?:{_LONG_SCALE})\b(?:[\s-]+(?:and\s+)?{_SMALL}\b)?)+|{_SMALL}(?:\s+and\s+a\s+half\b)?"
)
_SCALE = rf"(?:\s?-?(?:{_LONG_SCALE})\b|\s?(?:mn|mln|bn|trn|tn|m|k)\b)"
_AMOUNT = rf"(?:{_DIGITS}(?:{_SCALE})*|\b(?:{_WORDS})\b)"
_OPENING = r"(?:(?P<opening>between|from)\s+)?"
_TO = r"(?P<joint>\s*[–—-]\s*|\s+to\s+|\s+and\s+)"
_RANGE = rf"{_OPENING}(?P<from>{_AMOUNT})(?:{_TO}(?P<to>{_AMOUNT}))?"
_BOUND = rf"(?:(?P<bound>{any_of(BOUNDS)})\s+)?"
_CURRENCY = rf"(?:{any_of(SYMBOLS)}|(?:{'|'.join(CODES)})\b)"
_CURRENCY_AFTER = rf"(?:\s(?:{'|'.join(CODES)})\b|\s(?:{any_of(NAMES)})s?\b)"
_CHANGE = re.compile(
    r"\b(?:ris|rose|rais|increas|gr[eo]w|f[ae]ll|drop|cut|reduc|lower|climb|jump|revis|chang|went"
    r"|up|down|slip|edg)\w*",
    re.IGNORECASE,
)

_MONEY = re.compile(
    rf"{_BOUND}{_OPENING}(?P<symbol>{_CURRENCY})\s?(?P<from>{_AMOUNT})"
    rf"(?:{_TO}(?:{_CURRENCY}\s?)?(?P<to>{_AMOUNT}))?",
    re.IGNORECASE,
)
_MONEY_NAMED = re.compile(rf"{_BOUND}{_RANGE}(?P<name>{_CURRENCY_AFTER}|\s?[€£₹₽₴])", re.IGNORECASE)
_PERCENT = re.compile(
    rf"{_BOUND}{_OPENING}(?P<from>{_AMOUNT})"
    rf"(?:(?:\s?(?:%|per\s?cent\b|pct\b))?{_TO}(?P<to>{_AMOUNT}))?"
    r"[\s-]?(?:%|per\s?cent\b|pct\b|percentage\spoints?\b)",
    re.IGNORECASE,
)
_DURATION = re.compile(
    rf"{_BOUND}{_RANGE}[\s-](?P<unit>{any_of(DURATION_UNITS)})s?\b(?![\s-]+old\b)", re.IGNORECASE
)
_BEHIND_CURRENCY = re.compile(rf"{_CURRENCY}\s?$", re.IGNORECASE)
_NUMBER = re.compile(rf"{_BOUND}{_RANGE}(?![\w%])", re.IGNORECASE)
_NO_COUNT = re.compile(
    r"(?<![\d:.,])\d{1,2}(?:(?::\d\d){1,2}(?![\d:])|(?:\.\d\d)?\s?(?:[ap]\.?m\b|o['’]clock))"
    rf"|\ball but {_AMOUNT}",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    rf"{_CURRENCY_AFTER}|\s(?:people|children|women|men|troops|[a-z]+[a-rt-z]s)\b"
)
_IN_YEAR = re.compile(
    r"\b(?:in|since|during|the|until|after|before|early|late|mid)[\s-]$", re.IGNORECASE
)
_FOLDED = str.maketrans({"ſ": "s", "ı": "i", "İ": "I", "\N{KELVIN SIGN}": "K"})


class _Found(NamedTuple):
    start: int
    end: int
    priority: int  # lower wins
    figure: Figure


def find_figures(text: str, published_at: str | None = None) -> list[Figure]:
    """The figures in ``text``, in order, not overlapping.

    Relative dates ("on Tuesday", "last month") are read against ``published_at`` and left out
    without it; a day without a year stays "--MM-DD". A time of day is none.
    """
    day = date.fromisoformat(published_at[:10]) if published_at else None
    if day is not None and not 2 <= day.year <= 9998:  # its neighbours lie outside the calendar
        day = None
    text, given = _unfolded(text), text
    found = [
        *_dates(text, day),
        *_money(text),
        *_percents(text),
        *_durations(text),
        *_numbers(text),
    ]
    found.sort(key=lambda item: (item.priority, -(item.end - item.start), item.start))
    taken: list[_Found] = []
    for item in found:
        if all(item.end <= other.start or item.start >= other.end for other in taken):
            taken.append(item)
    return [replace(item.figure, text=given[item.start : item.end]) for item in sorted(taken)]


def _unfolded(text: str) -> str:
    """Replace, one for one, letters that match ASCII ones when case is ignored: "ſ" for "s"."""
    return text.translate(_FOLDED) if not text.isascii() else text


def parse_amount(text: str) -> Decimal | None:
    """The value of digits or number words: "3.5 thousand", "three hundred and forty"."""
    cleaned = re.sub(r"[,\u00a0\u202f](?=\d)", "", text.lower()).replace("-", " ")
    total, current, seen = Decimal(0), Decimal(0), False
    for word in re.findall(r"\d+(?:\.\d+)?|[a-z]+", cleaned):
        if word[0].isdigit():
            current += Decimal(word)
        elif word in UNITS or word in TENS:
            current += UNITS.get(word, 0) or TENS.get(word, 0)
        elif word == "half":
            current += Decimal("0.5")
        elif word in ("a", "an", "and"):
            continue
        elif word in SCALES:
            scale = SCALES[word]
            current = (current or Decimal(1)) * scale
            if scale >= 1000:
                # "two million three hundred thousand" adds up; "3 thousand million" multiplies
                if total and scale > total:
                    current, total = (total * scale if current == scale else current), Decimal(0)
                total, current = total + current, Decimal(0)
        else:
            return None
        seen = True
    return total + current if seen else None


def plain(value: Decimal) -> str:
    """A decimal string without exponent or trailing zeros: "200000000", "51.3"."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _emit(
    match: re.Match[str],
    priority: int,
    kind: FigureKind,
    unit: str | None = None,
    write: Callable[[Decimal], str] = plain,
) -> Iterator[_Found]:
    """The figure of a match, or two for "$5bn and $3bn" or "from 85 to 62", which are no range."""

    def found(
        start: int, end: int, low: Decimal, high: Decimal | None = None, bound: Bound = "exact"
    ) -> _Found:
        text, value_to = match.string[start:end], None if high is None else write(high)
        return _Found(
            start, end, priority, Figure(text, kind, write(low), start, end, value_to, unit, bound)
        )

    low, high = parse_amount(match.group("from")), parse_amount(match.group("to") or "")
    said = match.group("bound")
    bound = BOUNDS[re.sub(r"\s+", " ", said.lower())] if said else "exact"
    if low is None:
        return
    if high is not None and _is_range(match):
        if low < high and not re.search("[a-z]", match.group("from"), re.IGNORECASE):
            low *= _scale_of(match.group("to"))  # "2–3 million" scales both
        if low < high:
            yield found(match.start(), match.end(), low, high, bound)
        return  # "3-2" is a score
    end = match.end() if high is None else match.end("from")
    start = match.end("opening") + 1 if match.group("opening") else match.start()
    yield found(start, end, low, bound=bound)
    if high is not None:
        yield found(match.end("joint"), match.end(), high)


def _scale_of(text: str) -> int:
    word = re.search(r"[a-z]+\W*$", text, re.IGNORECASE)
    return SCALES.get(word.group().strip().lower(), 1) if word else 1


def _is_range(match: re.Match[str]) -> bool:
    """True for "between A and B", "A–B", "A to B"; not for "A and B" or "rose from A to B"."""
    opening, joint = (match.group("opening") or "").lower(), match.group("joint").strip().lower()
    if joint == "and":
        return opening == "between"
    if joint == "to" and opening == "from":
        return not _CHANGE.search(match.string, max(0, match.start() - 40), match.start())
    return True


_RUN = re.compile(r"\d+")


def _scan(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Matches that do not start inside a word or a longer number."""
    position = 0
    while match := pattern.search(text, position):
        before = text[match.start() - 1] if match.start() else " "
        first = text[match.start()]
        inside = (before.isalnum() and (first.isalnum())) or (
            before in ".," and first.isdigit() and _digit_before(text, match.start())
        )
        if inside:
            # Past the whole run: digit by digit, a long number would cost its length squared.
            run = _RUN.match(text, match.start())
            position = max(run.end() if run else 0, match.start() + 1)
            continue
        yield match
        position = match.end()


def _digit_before(text: str, at: int) -> bool:
    return at >= 2 and text[at - 2].isdigit()


def _money(text: str) -> Iterator[_Found]:
    for match in _scan(_MONEY, text):
        symbol = match.group("symbol")
        unit = SYMBOLS[symbol] if symbol in SYMBOLS else SYMBOLS.get(symbol.upper(), symbol.upper())
        yield from _emit(match, 1, "money", unit)
    for match in _scan(_MONEY_NAMED, text):
        yield from _emit(match, 1, "money", _currency(match.group("name").strip()))


def _currency(name: str) -> str | None:
    if name in SYMBOLS:
        return SYMBOLS[name]
    if name.upper() in CODES:
        return name.upper()
    key = re.sub(r"\s+", " ", name.lower())
    return NAMES[key] if key in NAMES else NAMES.get(key.removesuffix("s"))


def _percents(text: str) -> Iterator[_Found]:
    for match in _scan(_PERCENT, text):
        yield from _emit(match, 1, "percent")


def _durations(text: str) -> Iterator[_Found]:
    for match in _scan(_DURATION, text):
        if _BEHIND_CURRENCY.search(text, max(0, match.start("from") - 5), match.start("from")):
            continue  # "$900 million hours before the vote"
        time, letter, factor = DURATION_UNITS[match.group("unit").lower()]
        yield from _emit(match, 1, "duration", write=partial(_duration, time, letter, factor))


def _duration(time: str, letter: str, factor: int, count: Decimal) -> str:
    return f"P{time}{plain(count * factor)}{letter}"


def _numbers(text: str) -> Iterator[_Found]:
    """Bare numbers that count something: not those of "8:05 p.m.", nor of "all but one"."""
    counting_nothing = [match.span() for match in _NO_COUNT.finditer(text)]
    for match in _scan(_NUMBER, text):
        for found in _emit(match, 2, "number"):
            if all(found.end <= start or end <= found.start for start, end in counting_nothing):
                yield found


def _dates(text: str, published: date | None) -> Iterator[_Found]:
    for match, value in find_dates(text, published):
        if match["bare_year"] is None or _is_year(match):
            figure = Figure(match.group(), "date", value, match.start(), match.end())
            yield _Found(match.start(), match.end(), 0, figure)


def _is_year(match: re.Match[str]) -> bool:
    """Return False for counts and amounts ("1500 people"), unless "in" or such precedes."""
    counted = _COUNTED.match(match.string, match.end())
    return counted is None or bool(
        _IN_YEAR.search(match.string, max(0, match.start() - 12), match.start())
    )
