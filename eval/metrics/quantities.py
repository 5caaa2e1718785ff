"""Figures in short texts, read for judging answers: apart from the parser of the system itself.

The text is rewritten step by step until every number is in digits ("a quarter of a billion" →
"250000000"); then each kind is matched by one pattern. English, with digits of any script.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Kind = Literal[
    "number", "share", "points", "money", "date", "weekday", "clock", "duration", "measure",
    "ordinal", "vague",
]  # fmt: skip
Value = Fraction | str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure: ``text[start:end]`` of the rewritten text.

    ``value`` is in the unit's base: seconds or months, metres, kilograms, shares of 1. Dates are
    written year-month-day, with "?" for what is missing. ``high`` is the end of a range.
    """

    kind: Kind
    value: Value
    high: Value | None
    unit: str
    factor: Fraction  # of the base that the written unit is
    approximate: bool
    start: int
    end: int

    @property
    def plain(self) -> tuple[Value | None, Value | None]:
        """The number or the range as it was written, whatever its unit."""
        return _over(self.value, self.factor), _over(self.high, self.factor)


def _over(value: Value | None, factor: Fraction) -> Value | None:
    return value / factor if isinstance(value, Fraction) else value


_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: number for number, word in enumerate(_ONES)}
_WORDS |= {word: 10 * number for number, word in enumerate(_TENS, start=2)}
_SCALES = {
    "hundred": 10**2, "thousand": 10**3, "k": 10**3, "lakh": 10**5, "lakhs": 10**5,
    "million": 10**6, "m": 10**6, "mn": 10**6, "mln": 10**6, "mio": 10**6, "crore": 10**7,
    "crores": 10**7, "billion": 10**9, "bn": 10**9, "b": 10**9, "trillion": 10**12, "tn": 10**12,
    "trn": 10**12, "dozen": 12,
}  # fmt: skip
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13,
    "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18,
    "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
_PARTS = {"half": 2, "halves": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CURRENCIES = {
    "us$": "usd", "usd": "usd", "us dollar": "usd", "u.s. dollar": "usd", "american dollar": "usd",
    "$": "$", "dollar": "$", "buck": "$", "c$": "cad", "ca$": "cad", "can$": "cad", "cad": "cad",
    "canadian dollar": "cad", "a$": "aud", "au$": "aud", "aud": "aud", "australian dollar": "aud",
    "nz$": "nzd", "nzd": "nzd", "new zealand dollar": "nzd", "hk$": "hkd", "hkd": "hkd",
    "hong kong dollar": "hkd", "s$": "sgd", "sgd": "sgd", "singapore dollar": "sgd", "£": "gbp",
    "gbp": "gbp", "pound": "gbp", "pound sterling": "gbp", "quid": "gbp", "€": "eur", "eur": "eur",
    "euro": "eur", "¥": "jpy", "jpy": "jpy", "yen": "jpy", "cny": "cny", "yuan": "cny",
    "renminbi": "cny", "rmb": "cny", "₹": "inr", "rs": "inr", "rs.": "inr", "inr": "inr",
    "rupee": "inr", "indian rupee": "inr", "rupiah": "idr", "idr": "idr", "chf": "chf",
    "franc": "chf", "swiss franc": "chf", "krw": "krw", "won": "krw", "₩": "krw", "zar": "zar",
    "rand": "zar", "r": "zar", "₽": "rub", "rub": "rub", "rouble": "rub", "ruble": "rub",
    "peso": "peso", "lira": "try", "real": "brl", "reais": "brl", "r$": "brl", "krona": "sek",
    "krone": "krone", "shekel": "ils", "naira": "ngn", "₦": "ngn",
}  # fmt: skip
_DOLLARS = {"usd", "cad", "aud", "nzd", "hkd", "sgd"}
_CENTS = {"cent": "$", "cents": "$", "p": "gbp", "pence": "gbp", "penny": "gbp"}
_DURATIONS = {
    "second": ("s", 1), "sec": ("s", 1), "minute": ("s", 60), "min": ("s", 60), "hour": ("s", 3600),
    "hr": ("s", 3600), "day": ("s", 86_400), "week": ("s", 604_800), "fortnight": ("s", 1_209_600),
    "month": ("mo", 1), "year": ("mo", 12), "decade": ("mo", 120), "century": ("mo", 1200),
    "centurie": ("mo", 1200),
}  # fmt: skip
_FOOT = Fraction(3048, 10_000)
_POUND = Fraction(45_359_237, 100_000_000)
_MEASURES: dict[str, tuple[str, Fraction]] = {}
for _names, _unit, _factor in (
    ("km/h kph kmh kilometers_per_hour kilometres_per_hour kilometers_an_hour kilometres_an_hour",
     "km/h", Fraction(1)),
    ("mph miles_per_hour miles_an_hour", "km/h", Fraction(1_609_344, 10**6)),
    ("knot knots", "km/h", Fraction(1852, 1000)),
    ("km kilometer kilometers kilometre kilometres", "m", Fraction(1000)),
    ("metre metres meter meters", "m", Fraction(1)),
    ("cm centimetre centimetres centimeter centimeters", "m", Fraction(1, 100)),
    ("mile miles", "m", Fraction(1_609_344, 1000)),
    ("ft foot feet", "m", _FOOT),
    ("inch inches", "m", _FOOT / 12),
    ("yard yards", "m", _FOOT * 3),
    ("kg kilo kilos kilogram kilograms", "kg", Fraction(1)),
    ("gram grams", "kg", Fraction(1, 1000)),
    ("lb lbs", "kg", _POUND),
    ("ounce ounces oz", "kg", _POUND / 16),
    ("tonne tonnes ton tons", "kg", Fraction(1000)),
    ("litre litres liter liters", "l", Fraction(1)),
    ("gallon gallons", "gallon", Fraction(1)),
    ("barrel barrels", "barrel", Fraction(1)),
    ("acre acres", "acre", Fraction(1)),
    ("hectare hectares", "hectare", Fraction(1)),
    ("°c °celsius degrees_celsius degree_celsius degrees_c", "celsius", Fraction(1)),
    ("°f °fahrenheit degrees_fahrenheit degree_fahrenheit degrees_f", "fahrenheit", Fraction(1)),
):  # fmt: skip
    for _name in _names.split():
        _MEASURES[_name.replace("_", " ")] = (_unit, _factor)


def _one_of(words: Iterable[str]) -> str:
    names = sorted(words, key=len, reverse=True)
    return "|".join(re.escape(name) for name in names)


_I = re.IGNORECASE
# Letters may touch a number only if they are a currency ("R2.4bn").
_NUM = r"(?:(?<=\bR)|(?<=\bRs)|(?<=\b[A-Z]{3})|(?<![\w.,/]))\d+(?:\.\d+)?(?:/\d+)?"
_WORD = rf"(?:{_one_of([*_WORDS, 'hundred', 'thousand'])})"
_RUN = re.compile(
    rf"(?<!\d )\b(?:an?[ ]+(?=hundred|thousand))?{_WORD}(?:(?:[ -]+and)?[ -]+{_WORD})*\b", _I
)
_ENDLESS = re.compile(r"\d{1000,}")  # not a figure; Python reads at most 4,300 digits
_GROUPED = re.compile(
    r"(?<![\w.,])(?:\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?:[.,]\d+)?(?!\d)"  # 1 234 567
    r"|\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?(?!,?\d)"  # 1,234,567.8 and 12,34,567
    r"|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?(?!\d)"  # 1.234.567,8
    r"|\d+,\d{1,2}(?!,?\d))"  # 1,5
)
_PART = re.compile(
    rf"(?:\b(an?|{_NUM})[ -]+)?\b({_one_of([*_PARTS, *(part + 's' for part in _PARTS)])})\b"
    r"(?=(?:[ ]+(?:of[ ]+)?an?\b)?)",
    _I,
)
_ORDINAL = re.compile(rf"(?:\b([2-9]0)[ -])?\b({_one_of(_ORDINALS)})\b", _I)
_TIME = _one_of(_DURATIONS)


def read(text: str) -> list[Quantity]:
    """The figures of a text, in order; they do not overlap. Places are those of `rewritten`."""
    return list(_quantities(rewritten(text)))


def rewritten(text: str) -> str:
    """The text with its numbers in plain digits: "3.5 million" is "3500000", "half" is "1/2"."""
    text = "".join(
        str(unicodedata.decimal(mark)) if mark.isdecimal() else mark
        for mark in unicodedata.normalize("NFC", text)
    )
    text = _ENDLESS.sub(" ", text)
    text = re.sub(r"[‐‑‒–—−]", "-", text)
    text = _GROUPED.sub(_plain, text)
    text = re.sub(r"[\u00a0\u2007\u2009\u202f]", " ", text)  # "$68.7\u00a0billion"
    text = re.sub(r"\b(?:nobody|no one|none)\b", "0", text, flags=_I)
    text = re.sub(r"\b(?:noon|midday)\b", "12:00", text, flags=_I)
    text = re.sub(r"\bmidnight\b", "00:00", text, flags=_I)
    text = re.sub(r"\bbetween (.{1,30}?) and (?=[^ ]*\d|[a-z]+)", r"\1 to ", text, flags=_I)
    text = _RUN.sub(_number_of_words, text)
    text = _PART.sub(_fraction_of_words, text)
    text = re.sub(rf"({_NUM})[ ]+and[ ]+1/([24])\b", _mixed, text)
    unit = f"(?:{_TIME})"
    text = re.sub(rf"\b(?:an?|1) ({unit}) and 1/([24])\b", _time_and_part, text, flags=_I)
    text = re.sub(
        rf"(\d/\d) (?:of )?an? (?={unit}s?\b|{_one_of(_SCALES)}|percent)", r"\1 ", text, flags=_I
    )
    text = re.sub(rf"\ban? (?=(?:{_one_of(_SCALES)})\b|{unit}\b(?! ago))", "1 ", text, flags=_I)
    text = _ORDINAL.sub(_ordinal_of_words, text)
    text = re.sub(rf"({_NUM}) (?:in|out of) (?=(?:\d{{1,3}}|10+)\b(?! {unit}))", r"\1/", text)
    return _multiplied(text)


def _plain(match: re.Match[str]) -> str:
    number = match[0]
    if re.fullmatch(r"\d+,\d{1,2}", number):
        return number.replace(",", ".")
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?", number):
        return number.replace(".", "").replace(",", ".")
    return re.sub(r"[,\s'’]", "", number)


def _number_of_words(match: re.Match[str]) -> str:
    total = current = 0
    for word in re.findall(r"[a-z]+", match[0].lower()):
        if word in ("hundred", "thousand"):
            current = max(current, 1) * _SCALES[word]
            if word == "thousand":
                total, current = total + current, 0
        elif word in _WORDS:
            current += _WORDS[word]
    return str(total + current)


def _fraction_of_words(match: re.Match[str]) -> str:
    count, name = match[1], match[2].lower()
    part = _PARTS.get(name) or _PARTS[name.removesuffix("s")]
    if count is None and name != "half":
        return match[0]  # "the third", "this quarter"
    if count is None or not count.isdigit():
        return f"1/{part}"
    if not name.endswith("s") and count != "1":
        return match[0]  # "20 third"
    return f"{count}/{part}"


def _mixed(match: re.Match[str]) -> str:
    return _written(_fraction(match[1]) + Fraction(1, int(match[2])))


def _time_and_part(match: re.Match[str]) -> str:
    return f"{_written(1 + Fraction(1, int(match[2])))} {match[1]}"


def _ordinal_of_words(match: re.Match[str]) -> str:
    if re.search(r"\d\s*$", match.string[: match.start()]) and not match[1]:
        return match[0]  # "30 second"
    return f"{int(match[1] or 0) + _ORDINALS[match[2].lower()]}th"


_SCALED = re.compile(
    rf"({_NUM})(?:(\s*(?:-|to)\s*)({_NUM}))?"
    r"(?:[ -]?(thousand|lakhs?|million|mn|mln|mio|crores?|billion|bn|trillion|trn?|tn|dozen"
    r"|hundred)|([kmb]))\b(?!/)",
    _I,
)


def _multiplied(text: str) -> str:
    """Numbers times the scales behind them, until there are none left ("2 lakh crore")."""

    def multiply(match: re.Match[str]) -> str:
        scale = Fraction(_SCALES[(match[4] or match[5]).lower()])
        first = _fraction(match[1])
        if match[3] is None:
            return _written(first * scale)
        return f"{_written(first * scale)}{match[2]}{_written(_fraction(match[3]) * scale)}"

    before = None
    while before != text:
        before, text = text, _SCALED.sub(multiply, text)
    return text


def _fraction(number: str) -> Fraction:
    above, _, below = number.partition("/")
    return Fraction(above) / Fraction(below) if below and int(below) else Fraction(above)


def _written(number: Fraction) -> str:
    if number.denominator == 1:
        return str(number.numerator)
    places = f"{float(number):.10f}".rstrip("0")
    return places if Fraction(places) == number else f"{number.numerator}/{number.denominator}"


_N = r"\d+(?:\.\d+)?(?:/\d+)?"
# A dash before a space belongs to the sentence: "(Reuters) - Three people".
_MINUS = r"(?P<minus>(?<![\w)])(?:minus\s+|-))?"
_TO = r"\s*(?:-|to)\s*"
_SIGNS = _one_of(name for name in _CURRENCIES if name not in ("real", "reais", "won", "rand"))
_NAMES = _one_of(_CURRENCIES)
_MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_FOR_EACH = "barrel|tonne|ton|kilo|kg|share|ounce|gallon|litre|head|day|week|month|year|hour"
_PER = rf"(?:\s*(?:a|an|per|/)\s*(?P<per>{_FOR_EACH})\b)?"
_WEEKDAY = r"(?P<weekday>(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
_VAGUE = r"(?:dozens|(?:hundreds|thousands|millions|billions)(?: of (?:thousands|millions))?)"
_DAY = r"(?P<d>\d\d?)(?:st|nd|rd|th)?"
_BARE = rf"(?<![\w.])(?P<n>{_N})"
_RANGE = rf"{_BARE}(?:{_TO}(?P<high>{_N}))?"


def _rule(kind: Kind, *parts: str) -> tuple[Kind, re.Pattern[str]]:
    return kind, re.compile("".join(parts), _I)


# The first rule that matches takes the place.
_RULES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    _rule("vague", rf"\b(?P<vague>{_VAGUE}|tens of (?:thousands|millions))\b"),
    _rule("date", r"\b(?P<y>\d{4})-(?P<m>\d\d)(?:-(?P<d>\d\d))?\b"),
    _rule("date", r"\b(?P<one>\d\d?)/(?P<other>\d\d?)/(?P<y>\d{4})\b"),
    _rule(
        "date",
        rf"(?:{_WEEKDAY},? )?(?:the )?\b{_DAY}(?: of)? {_MONTH}",
        r"(?:,? (?P<y>\d{4}))?\b",
    ),
    _rule("date", rf"(?:{_WEEKDAY},? )?\b{_MONTH} {_DAY}(?!\d)", r"(?:,? (?P<y>\d{4}))?\b"),
    _rule("date", rf"\b{_MONTH},? (?P<y>\d{{4}})\b"),
    _rule("date", r"\b(?P<decade>(?:1[5-9]|20)\d0s)\b"),
    _rule("weekday", rf"\b{_WEEKDAY}\b"),
    _rule("clock", r"\b(?P<h>\d\d?)(?::(?P<min>\d\d))?\s*(?P<half>[ap])\.?m\b\.?"),
    _rule("clock", r"\b(?P<h>\d\d?):(?P<min>\d\d)\b(?P<half>)"),
    _rule(
        "money",
        rf"{_MINUS}(?P<before>(?<!\w)(?:{_SIGNS}))\s?(?P<n>{_N})",
        rf"(?:{_TO}(?:{_SIGNS})?\s?(?P<high>{_N}))?{_PER}",
    ),
    _rule("money", rf"{_MINUS}{_RANGE}\s?(?P<after>{_NAMES})s?(?!\w){_PER}"),
    _rule("money", rf"{_BARE}\s?(?P<cents>cents?|pence|penny|p)\b"),
    _rule(
        "points",
        rf"{_MINUS}{_BARE}[ -]?(?P<point>percentage[ -]points?|basis points?|bps)\b",
    ),
    _rule(
        "share",
        rf"{_MINUS}{_BARE}(?:\s?%?{_TO}(?P<high>{_N}))?\s?",
        r"(?:%|per ?cent\b|pct\b)(?P<percent>)",
    ),
    _rule(
        "duration",
        rf"{_RANGE}[ -]?(?P<time>{_TIME})s?\b",
        rf"(?:,? (?:and )?(?P<n2>{_N})[ -]?(?P<time2>{_TIME})s?\b)?",
    ),
    _rule("measure", rf"{_MINUS}{_RANGE}[ -]?(?P<measure>{_one_of(_MEASURES)})(?!\w)"),
    _rule("ordinal", r"\b(?P<n>\d+)(?:st|nd|rd|th)\b"),
    _rule("share", r"(?<![\w./])(?P<n>\d+/\d+)(?![\d/])"),
    _rule("number", rf"{_MINUS}{_RANGE}"),
)
_ABOUT = re.compile(
    r"(?:about|around|some|nearly|almost|roughly|approximately|over|under|than|at least|at most"
    r"|up to|as many as|as much as|close to|circa|an estimated|estimated)\s*$",
    _I,
)


_ONE = Fraction(1)
Groups = dict[str, str | None]
Reading = tuple[Value, Value | None, str]


def _factor_of(kind: Kind, groups: Groups) -> Fraction:
    """Of the base that the written unit is; 1 for two units at once ("3 years and 2 months")."""
    if kind == "measure":
        return _MEASURES[(groups["measure"] or "").lower()][1]
    if kind == "duration" and not groups["n2"]:
        return Fraction(_DURATIONS[(groups["time"] or "").lower()][1])
    return _ONE


def _quantities(text: str) -> Iterator[Quantity]:
    taken = [False] * len(text)
    found = []
    for kind, pattern in _RULES:
        for match in pattern.finditer(text):
            start, end = match.span()
            if start == end or any(taken[start:end]):
                continue
            taken[start:end] = [True] * (end - start)
            groups = match.groupdict()
            value, high, unit = _READERS[kind](groups)
            factor = _factor_of(kind, groups)
            about = bool(_ABOUT.search(text, 0, start))
            found.append(Quantity(kind, value, high, unit, factor, about, start, end))
    yield from sorted(found, key=lambda quantity: quantity.start)


def _numbers(groups: Groups, factor: Fraction = _ONE) -> tuple[Fraction, Fraction | None]:
    sign = -1 if groups.get("minus") else 1
    high = groups.get("high")
    value = sign * _fraction(groups["n"] or "0") * factor
    return value, _fraction(high) * factor if high else None


def _read_number(groups: Groups) -> Reading:
    return *_numbers(groups), ""


def _read_share(groups: Groups) -> Reading:
    return *_numbers(groups, Fraction(1, 100) if "percent" in groups else _ONE), ""


def _read_points(groups: Groups) -> Reading:
    is_basis = not (groups["point"] or "").lower().startswith("percentage")
    return *_numbers(groups, Fraction(1, 100) if is_basis else _ONE), ""


def _read_money(groups: Groups) -> Reading:
    cents = groups.get("cents")
    if cents:
        return *_numbers(groups, Fraction(1, 100)), _CENTS[cents.lower()]
    name = (groups.get("before") or groups.get("after") or "").lower()
    per = groups.get("per")
    return *_numbers(groups), _CURRENCIES[name] + (f"/{per.lower()}" if per else "")


def _read_date(groups: Groups) -> Reading:
    decade = groups.get("decade")
    if decade:
        return decade.lower(), None, ""
    year, day = groups.get("y"), groups.get("d")
    month = groups.get("m")
    if groups.get("month"):
        month = str(_MONTHS.index((groups["month"] or "")[:3].lower()) + 1)
    one, other = groups.get("one"), groups.get("other")
    if one and other:  # day and month, in either order where both are possible
        first, second = _date(year, other, one), _date(year, one, other)
        if int(other) > 12:
            return second, None, ""
        return first, None, "" if int(one) > 12 else second
    return _date(year, month, day), None, ""


def _date(year: str | None, month: str | None, day: str | None) -> str:
    return "-".join(str(int(part)) if part else "?" for part in (year, month, day))


def _read_clock(groups: Groups) -> Reading:
    hour = int(groups["h"] or 0)
    if groups["half"]:
        hour = hour % 12 + (12 if groups["half"].lower() == "p" else 0)
    return Fraction(60 * hour + int(groups.get("min") or 0)), None, ""


def _read_duration(groups: Groups) -> Reading:
    unit, factor = _DURATIONS[(groups["time"] or "").lower()]
    value, high = _numbers(groups, Fraction(factor))
    if groups["n2"]:
        other, more = _DURATIONS[(groups["time2"] or "").lower()]
        if other == unit:
            return value + _fraction(groups["n2"]) * more, high, unit
        return value, _fraction(groups["n2"]) * more, f"{unit}+{other}"
    return value, high, unit


def _read_measure(groups: Groups) -> Reading:
    unit, factor = _MEASURES[(groups["measure"] or "").lower()]
    return *_numbers(groups, factor), unit


_READERS: dict[Kind, Callable[[Groups], Reading]] = {
    "number": _read_number,
    "share": _read_share,
    "points": _read_points,
    "money": _read_money,
    "date": _read_date,
    "weekday": lambda groups: ((groups["weekday"] or "").lower(), None, ""),
    "clock": _read_clock,
    "duration": _read_duration,
    "measure": _read_measure,
    "ordinal": _read_number,
    "vague": lambda groups: ((groups["vague"] or "").lower(), None, ""),
}


def same(one: Quantity, other: Quantity) -> bool:
    """Whether two figures have the same value: as precise, and in the same or a like unit.

    A bare "$" may be any dollar, and a number alone may be a measure or a duration whose unit is
    left out.
    """
    if one.kind == other.kind == "date":
        return bool({one.value, one.unit} & {other.value, other.unit} - {""})
    if {one.kind, other.kind} in ({"number", "measure"}, {"number", "duration"}):
        return one.plain == other.plain
    if one.kind != other.kind or (one.value, one.high) != (other.value, other.high):
        return False
    return one.unit == other.unit or (one.kind == "money" and _like_money(one.unit, other.unit))


def _like_money(one: str, other: str) -> bool:
    """A dollar of no country is like any; what it is paid for must agree."""
    first, _, per = one.partition("/")
    second, _, other_per = other.partition("/")
    if per != other_per or "$" not in (first, second):
        return False
    return {first, second} - {"$"} <= _DOLLARS
