"""Figures in text: numbers, money, percentages, dates and durations, with their values. Pure functions.

`find_figures` reads a text from left to right; where two readings start at one place the longer wins, and money,
percentages, dates and durations win over bare numbers. `same_figure` compares by value: $3m never equals $3bn.
"""

import re
from calendar import day_name, month_abbr, month_name
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from qa.types import Bound, Figure, FigureKind

_UNITS = {
    word: value
    for value, word in enumerate((
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ))
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES = {
    "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "lakh": 10**5, "lakhs": 10**5, "crore": 10**7, "crores": 10**7, "dozen": 12,
    "k": 10**3, "m": 10**6, "mn": 10**6, "mln": 10**6, "bn": 10**9, "tn": 10**12, "trn": 10**12,
}  # fmt: skip
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10,
}  # fmt: skip

# ISO 4217. A bare "$" names no currency: it stays None until something tells.
_SYMBOLS = {
    "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD",
    "R$": "BRL", "$": None, "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₴": "UAH", "₩": "KRW",
    "₺": "TRY", "₪": "ILS", "₦": "NGN", "Rs.": "INR", "Rs": "INR",
}  # fmt: skip
_CODES = "USD EUR GBP JPY CHF CAD AUD NZD CNY INR RUB UAH PLN SEK NOK DKK CZK HUF TRY BRL MXN ZAR KRW SGD HKD ILS NGN".split()  # noqa: SIM905
_DOLLARS = frozenset({"USD", "AUD", "CAD", "NZD", "HKD", "SGD"})
_NAMES = {
    "us dollar": "USD", "u.s. dollar": "USD", "american dollar": "USD", "australian dollar": "AUD",
    "canadian dollar": "CAD", "hong kong dollar": "HKD", "new zealand dollar": "NZD", "singapore dollar": "SGD",
    "dollar": None, "euro": "EUR", "pound sterling": "GBP", "pounds sterling": "GBP",
    "sterling": "GBP", "pound": "GBP", "japanese yen": "JPY", "yen": "JPY", "swiss franc": "CHF", "franc": "CHF",
    "yuan": "CNY", "renminbi": "CNY", "indian rupee": "INR", "rupee": "INR", "russian rouble": "RUB",
    "rouble": "RUB", "ruble": "RUB", "hryvnia": "UAH", "zloty": "PLN", "zlotys": "PLN", "krona": "SEK",
    "kronor": "SEK", "lira": "TRY", "rand": "ZAR", "won": "KRW", "shekel": "ILS", "naira": "NGN", "peso": "MXN",
}  # fmt: skip

_BOUNDS: dict[str, Bound] = {
    "about": "about", "around": "about", "roughly": "about", "approximately": "about", "approx.": "about",
    "some": "about", "nearly": "about", "almost": "about", "close to": "about", "an estimated": "about",
    "estimated": "about", "circa": "about", "just over": "at_least", "just under": "at_most",
    "more than": "at_least", "over": "at_least", "at least": "at_least", "upwards of": "at_least",
    "no fewer than": "at_least", "no less than": "at_least", "not less than": "at_least", "exceeding": "at_least",
    "less than": "at_most", "fewer than": "at_most", "under": "at_most", "up to": "at_most", "at most": "at_most",
    "no more than": "at_most", "not more than": "at_most", "as many as": "at_most", "as much as": "at_most",
    "below": "at_most",
}  # fmt: skip

_MONTHS = {name.lower(): i for i, name in enumerate(month_name) if i} | {
    name.lower(): i for i, name in enumerate(month_abbr) if i
} | {"sept": 9}  # fmt: skip
_DAYS = {name.lower(): i for i, name in enumerate(day_name)}

_DURATION_UNITS = {
    "second": ("T", "S", 1), "minute": ("T", "M", 1), "hour": ("T", "H", 1), "day": ("", "D", 1), "week": ("", "W", 1),
    "month": ("", "M", 1), "year": ("", "Y", 1), "decade": ("", "Y", 10), "century": ("", "Y", 100),
    "centuries": ("", "Y", 100), "fortnight": ("", "W", 2),
}  # fmt: skip


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_SMALL = rf"(?:(?:{_any(_TENS)})(?:[\s-](?:{_any(list(_UNITS)[1:10])})\b)?|(?:{_any(_UNITS)}))"
_DIGITS = r"(?:\d{1,3}(?:[,\u00a0\u202f]\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d++)(?:\.\d++)?"
_WORDS = (
    rf"(?:half\s+a|an?|{_SMALL}(?:\s+and\s+a\s+half)?)(?:[\s-]+(?:hundred|thousand|million|billion|trillion|dozen"
    rf"|lakhs?|crores?)\b(?:[\s-]+(?:and\s+)?{_SMALL}\b)?)+|{_SMALL}(?:\s+and\s+a\s+half\b)?"
)
_SCALE = r"(?:\s?-?(?:hundred|thousand|million|billion|trillion|lakhs?|crores?|dozen)\b|\s?(?:mn|mln|bn|trn|tn|m|k)\b)"
_AMOUNT = rf"(?:{_DIGITS}(?:{_SCALE})*|\b(?:{_WORDS})\b)"
_OPENING = r"(?:(?P<opening>between|from)\s+)?"
_TO = r"(?P<joint>\s*[–—-]\s*|\s+to\s+|\s+and\s+)"
_RANGE = rf"{_OPENING}(?P<from>{_AMOUNT})(?:{_TO}(?P<to>{_AMOUNT}))?"
_BOUND = rf"(?:(?P<bound>{_any(_BOUNDS)})\s+)?"
_CURRENCY = rf"(?:{_any(_SYMBOLS)}|(?:{'|'.join(_CODES)})\b)"
_CURRENCY_AFTER = rf"(?:\s(?:{'|'.join(_CODES)})\b|\s(?:{_any(_NAMES)})s?\b)"
_MONTH = rf"(?:{_any(_MONTHS)})\b\.?"
_DAY_OF_MONTH = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_CHANGE = re.compile(
    r"\b(?:ris|rose|rais|increas|gr[eo]w|f[ae]ll|drop|cut|reduc|lower|climb|jump|revis|chang|went|up|down|slip|edg)\w*",
    re.IGNORECASE,
)
_YEAR = r"(?:1[0-9]|20)\d\d"

_MONEY = re.compile(
    rf"{_BOUND}{_OPENING}(?P<symbol>{_CURRENCY})\s?(?P<from>{_AMOUNT})(?:{_TO}(?:{_CURRENCY}\s?)?(?P<to>{_AMOUNT}))?",
    re.IGNORECASE,
)
_MONEY_NAMED = re.compile(rf"{_BOUND}{_RANGE}(?P<name>{_CURRENCY_AFTER}|\s?[€£₹₽₴])", re.IGNORECASE)
_PERCENT = re.compile(
    rf"{_BOUND}{_OPENING}(?P<from>{_AMOUNT})(?:(?:\s?(?:%|per\s?cent\b|pct\b))?{_TO}(?P<to>{_AMOUNT}))?"
    r"[\s-]?(?:%|per\s?cent\b|pct\b|percentage\spoints?\b)",
    re.IGNORECASE,
)
_DURATION = re.compile(
    rf"{_BOUND}{_RANGE}[\s-](?P<unit>{_any(_DURATION_UNITS)})s?\b(?!\s+old\b)", re.IGNORECASE
)
_NUMBER = re.compile(rf"{_BOUND}{_RANGE}(?![\w%])", re.IGNORECASE)
_DATES = re.compile(
    rf"(?P<iso>\b\d{{4}}-\d\d-\d\d\b)"
    rf"|\b(?P<day>{_DAY_OF_MONTH})\s+(?:of\s+)?(?P<month>{_MONTH})(?:,?\s+(?P<year>{_YEAR})\b)?"
    rf"|\b(?P<month2>{_MONTH})\s+(?P<day2>{_DAY_OF_MONTH})\b(?!\d)(?:,?\s+(?P<year2>{_YEAR})\b)?"
    rf"|\b(?P<month3>{_MONTH}),?\s+(?P<year3>{_YEAR})\b"
    rf"|(?<=\b[Ii]n )(?P<month4>{_MONTH})(?=[\s,.;]|$)"
    rf"|(?<![\w.,$€£-])(?P<year4>{_YEAR})(?![\w%]|[,.]\d|-\w)"
    rf"|\b(?P<relative>yesterday|today|tomorrow|(?:last|this|next)\s+(?:week|month|year|{_any(_DAYS)})"
    rf"|(?<=\b[Oo]n )(?:{_any(_DAYS)}))\b",
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
    """The figures in ``text``, in order, not overlapping. Relative dates ("on Tuesday", "last month") are read
    against ``published_at`` and left out without it; a day without a year stays "--MM-DD" (ISO 8601 style).
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
    """Without the letters that stand for ASCII ones where case is ignored, one for one: "ſ" is no "s" to a table."""
    return text.translate(_FOLDED) if not text.isascii() else text


def same_figure(one: Figure, other: Figure) -> bool:
    """Whether two figures say the same by value. Bounds ("some", "more than") do not count; a currency that is
    not told matches any; a bare number matches a money amount or duration count of that value, never a percentage.
    """
    if (one.value_to is None) != (other.value_to is None):
        return False
    if one.kind == other.kind == "date":
        return _same_date(one.value, other.value)
    if one.kind == other.kind == "duration":
        return (one.value, one.value_to) == (other.value, other.value_to)
    if {one.kind, other.kind} - {"money", "number"} and one.kind != other.kind:
        return False
    if one.unit != other.unit and not all(
        figure.unit is None or figure.unit in _DOLLARS
        for figure in (one, other)
        if figure.kind == "money"
    ):
        # A bare "$" is one of the dollars; a bare number may be any amount.
        return (
            one.kind != other.kind
            and _decimal(one.value) == _decimal(other.value)
            and _decimal(one.value_to) == _decimal(other.value_to)
        )
    if one.unit and other.unit and one.unit != other.unit:
        return False
    return _decimal(one.value) == _decimal(other.value) and _decimal(one.value_to) == _decimal(
        other.value_to
    )


def holds(said: Figure, source: Figure) -> bool:
    """Whether a source's figure holds what is said: the same by value, and a date no more precise than the source's."""
    if (
        said.kind == source.kind == "date"
        and not source.value.startswith("--")
        and len(said.value) > len(source.value)
    ):
        return False
    return same_figure(said, source)


def _same_date(one: str, other: str) -> bool:
    """Equal as far as the less precise one says; a day without a year equals that day of any year."""
    if one.startswith("--") or other.startswith("--"):
        return one[-5:] == other[-5:]
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def parse_amount(text: str) -> Decimal | None:
    """The value of digits or number words with a scale: "3.5 thousand", "three hundred and forty", "half a million"."""
    cleaned = re.sub(r"[,\u00a0\u202f](?=\d)", "", text.lower()).replace("-", " ")
    total, current, seen = Decimal(0), Decimal(0), False
    for word in re.findall(r"\d+(?:\.\d+)?|[a-z]+", cleaned):
        if word[0].isdigit():
            current += Decimal(word)
        elif word in _UNITS or word in _TENS:
            current += _UNITS.get(word, 0) or _TENS.get(word, 0)
        elif word == "half":
            current += Decimal("0.5")
        elif word in ("a", "an", "and"):
            continue
        elif word in _SCALES:
            scale = _SCALES[word]
            current = (current or Decimal(1)) * scale
            if scale >= 1000:
                # "two million three hundred thousand": what is scaled is done; "3 thousand million" scales it again
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
    """The figure of a match, or the two of what only looks like a range ("$5bn and $3bn", "from 85 to 62")."""
    low, high = parse_amount(match.group("from")), parse_amount(match.group("to") or "")
    said = match.group("bound")
    bound = _BOUNDS[re.sub(r"\s+", " ", said.lower())] if said else "exact"
    if low is None:
        return
    if high is not None and _is_range(match):
        if low < high and not re.search("[a-z]", match.group("from"), re.IGNORECASE):
            low *= _scale_of(match.group("to"))  # "2–3 million" scales both
        if low < high:
            yield _found(
                match,
                match.start(),
                match.end(),
                priority,
                kind,
                (write(low), write(high)),
                unit,
                bound,
            )
        return  # "3-2" is a score
    end = match.end() if high is None else match.end("from")
    opening = match.group("opening")
    start = match.end("opening") + 1 if opening else match.start()
    yield _found(match, start, end, priority, kind, (write(low), None), unit, bound)
    if high is not None:
        yield _found(
            match,
            match.end("joint"),
            match.end(),
            priority,
            kind,
            (write(high), None),
            unit,
            "exact",
        )


def _found(
    match: re.Match[str],
    start: int,
    end: int,
    priority: int,
    kind: FigureKind,
    values: tuple[str, str | None],
    unit: str | None,
    bound: Bound,
) -> _Found:
    figure = Figure(match.string[start:end], kind, values[0], start, end, values[1], unit, bound)
    return _Found(start, end, priority, figure)


def _scale_of(text: str) -> int:
    word = re.search(r"[a-z]+\W*$", text, re.IGNORECASE)
    return _SCALES.get(word.group().strip().lower(), 1) if word else 1


def _is_range(match: re.Match[str]) -> bool:
    """Whether it reads "between A and B", "A–B" or "A to B"; not "A and B", nor a change "rose from A to B"."""
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
        unit = (
            _SYMBOLS[symbol] if symbol in _SYMBOLS else _SYMBOLS.get(symbol.upper(), symbol.upper())
        )
        yield from _emit(match, 1, "money", unit)
    for match in _scan(_MONEY_NAMED, text):
        yield from _emit(match, 1, "money", _currency(match.group("name").strip()))


def _currency(name: str) -> str | None:
    if name in _SYMBOLS:
        return _SYMBOLS[name]
    if name.upper() in _CODES:
        return name.upper()
    key = re.sub(r"\s+", " ", name.lower())
    return _NAMES[key] if key in _NAMES else _NAMES.get(key.removesuffix("s"))


def _percents(text: str) -> Iterator[_Found]:
    for match in _scan(_PERCENT, text):
        yield from _emit(match, 1, "percent")


def _durations(text: str) -> Iterator[_Found]:
    for match in _scan(_DURATION, text):
        time, letter, factor = _DURATION_UNITS[match.group("unit").lower()]
        yield from _emit(match, 1, "duration", write=partial(_duration, time, letter, factor))


def _duration(time: str, letter: str, factor: int, count: Decimal) -> str:
    return f"P{time}{plain(count * factor)}{letter}"


def _numbers(text: str) -> Iterator[_Found]:
    for match in _scan(_NUMBER, text):
        yield from _emit(match, 2, "number")


def _dates(text: str, published: date | None) -> Iterator[_Found]:
    for match in _DATES.finditer(text):
        value = _date_value(match, published)
        if value is not None:
            figure = Figure(match.group(), "date", value, match.start(), match.end())
            yield _Found(match.start(), match.end(), 0, figure)


def _date_value(match: re.Match[str], published: date | None) -> str | None:
    groups = {name: text for name, text in match.groupdict().items() if text}
    if "relative" in groups:
        return _relative(re.sub(r"\s+", " ", groups["relative"].lower()), published)
    if "iso" in groups:
        return _valid(groups["iso"])
    for suffix in ("", "2"):
        if f"day{suffix}" in groups:
            month = _MONTHS[groups[f"month{suffix}"].rstrip(".").lower()]
            day = int(re.sub(r"\D", "", groups[f"day{suffix}"]))
            year = groups.get(f"year{suffix}")
            if year is None:
                year_known = _nearest_year(month, day, published)
                return (
                    _valid(f"{year_known:04}-{month:02}-{day:02}")
                    if year_known
                    else f"--{month:02}-{day:02}"
                )
            return _valid(f"{year}-{month:02}-{day:02}")
    if "month3" in groups:
        return f"{groups['year3']}-{_MONTHS[groups['month3'].rstrip('.').lower()]:02}"
    if "month4" in groups:
        month = _MONTHS[groups["month4"].rstrip(".").lower()]
        return f"{published.year - (month > published.month)}-{month:02}" if published else None
    return groups["year4"] if _is_year(match) else None


def _is_year(match: re.Match[str]) -> bool:
    """Four digits are a year, unless what follows counts or pays them ("1500 people", "2000 euros") and nothing
    before them says otherwise ("in 1998 prices rose").
    """
    counted = _COUNTED.match(match.string, match.end())
    return counted is None or bool(
        _IN_YEAR.search(match.string, max(0, match.start() - 12), match.start())
    )


def _nearest_year(month: int, day: int, published: date | None) -> int | None:
    """News names a day without its year when it lies near: the year that brings it closest to publication."""
    if published is None:
        return None
    distances = []
    for year in (published.year - 1, published.year, published.year + 1):
        try:
            distances.append((abs((date(year, month, day) - published).days), year))
        except ValueError:
            continue
    return min(distances)[1] if distances else None


def _valid(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _relative(text: str, published: date | None) -> str | None:
    """The day meant: "on Tuesday" is the last Tuesday up to publication, "last month" the month before."""
    if published is None:
        return None
    if text in ("yesterday", "today", "tomorrow"):
        return (
            published + timedelta(days={"yesterday": -1, "today": 0, "tomorrow": 1}[text])
        ).isoformat()
    which, _, unit = text.rpartition(" ")
    step = {"last": -1, "this": 0, "next": 1}.get(which, 0)
    if unit == "year":
        return str(published.year + step)
    if unit == "month":
        months = published.year * 12 + published.month - 1 + step
        return f"{months // 12:04}-{months % 12 + 1:02}"
    if unit == "week":
        year, week, _ = (published + timedelta(weeks=step)).isocalendar()
        return f"{year}-W{week:02}"
    back = (published.weekday() - _DAYS[unit]) % 7
    if which == "next":
        return (published + timedelta(days=7 - back)).isoformat()
    return (published - timedelta(days=back or (7 if which == "last" else 0))).isoformat()
