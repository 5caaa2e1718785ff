"""Dates as pages and headers write them, to ISO 8601. A value is read whole or not at all.

``published_at`` decides what a question under ``as_of`` sees, so nothing here guesses: a date of
which day and month could be swapped, or a sentence that mentions a date, gives None.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_MONTH_NUMBERS = {name: n for n, name in enumerate(_MONTHS, 1)} | {
    name[:3]: n for n, name in enumerate(_MONTHS, 1)
}
_MONTH_NUMBERS["sept"] = 9
_OFFSETS: Mapping[str, float] = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7,
    "mdt": -6, "pst": -8, "pdt": -7, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3,
    "trt": 3, "eat": 3, "pkt": 5, "ist": 5.5, "wib": 7, "hkt": 8, "sgt": 8, "jst": 9, "kst": 9,
    "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "sast": 2, "cat": 2, "wat": 1,
}  # fmt: skip
_PLACES: Mapping[str, str] = {
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
}
# Languages in which a month's name is looked up when it is not English.
_LANGUAGES = (
    "de", "fr", "es", "pt", "it", "nl", "pl", "ru", "uk", "sv", "da", "nb", "fi", "tr", "cs", "ro",
    "hu", "el", "ar", "he", "fa", "hi", "zh", "ja", "ko", "id", "vi", "sw",
)  # fmt: skip
_YEAR = re.compile(r"(?<!\d)(?:1[6-9]|20)\d\d(?!\d)")
_WORDS = re.compile(r"[^\W\d_]")
_SWAPPABLE = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}")
_MOST_WORDS = 8
_EARLIEST = 1600  # the first newspapers; an older date is a filler such as 0001-01-01
_LONGEST = 80

_ZONE = (
    r"(?P<zone>(?:(?:GMT|UTC)\s*)?[+\u2212-]\s?\d{1,2}(?::?\d{2})?(?!\d)|"
    + "|".join([*_OFFSETS, *_PLACES])
    + r")?"
)
_TIME = re.compile(
    r"(?:(?<=\d)T|(?<![\w:.]))(?P<hour>\d{1,2})"
    r"(?:[:h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,:]\d{1,9})?)?)?"
    r"\s*(?P<half>[ap]\.?\s?m\.?)?(?:\s?(?:hrs|Uhr|h)\b)?\s*"
    rf"\(?{_ZONE}\)?(?:\s*\([^()]*\))?(?!\w)",
    re.IGNORECASE,
)
_ZONES = "|".join([*_OFFSETS, *_PLACES])
_DOTTED_TIME = re.compile(
    rf"\b(\d{{1,2}})\.(\d{{2}})(?=\s*(?:[ap]\.?\s?m\b|Uhr|hrs|(?:{_ZONES})\b))",
    re.IGNORECASE,
)
_NAME = r"(?P<month>[A-Za-z]{3,9})\.?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<year>\d{4})(?P<separator>[-/.])(?P<number>\d{1,2})(?P=separator)(?P<day>\d{1,2})",
        r"(?P<year>\d{4})(?P<number>\d{2})(?P<day>\d{2})",
        rf"{_NAME} (?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?P<year>\d{{4}})",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ -](?:of )?{_NAME}[ -](?P<year>\d{{4}})",
        r"(?P<day>\d{1,2})(?P<dot>[./-])(?P<number>\d{1,2})(?P=dot)(?P<year>\d{4})",
    )
)
_WEEKDAY = re.compile(
    r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?", re.IGNORECASE
)
_FILLER = re.compile(
    r"[,|()\u2022\u00b7]|\bat\b|\bon\b|(?<=\s)[\u2013\u2014-](?=\s)", re.IGNORECASE
)


def parse_moment(value: object) -> str | None:
    """Return ISO 8601, as precise as ``value`` states it; None when it is not wholly a date."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _epoch(float(value))
    if not isinstance(value, str):
        return None
    text = re.sub(r"\[[\w/+-]+\]$", "", " ".join(value.split()))  # Java adds "[Europe/Berlin]"
    if not text or len(text) > _LONGEST:
        return None
    if text.isascii() and text.isdigit() and len(text) in (10, 13):
        return _epoch(float(text))
    return _iso(text) or _written(text) or _foreign(text)


def seconds(moment: str) -> float:
    """Return seconds since 1970 of what `parse_moment` returned, for comparing two of them."""
    parsed = datetime.fromisoformat(moment)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()


def precision(moment: str) -> int:
    """Return 0 for a day, 1 for a time without a zone, 2 for one with a zone."""
    if len(moment) <= len("2024-03-04"):
        return 0
    return 2 if datetime.fromisoformat(moment).tzinfo else 1


def _epoch(number: float) -> str | None:
    # Milliseconds from 1973 on have at least twelve digits, seconds until 2286 at most ten.
    stamp = number / 1000 if number >= 1e11 else number
    if not 1e8 <= stamp < 1e10:
        return None
    return datetime.fromtimestamp(stamp, UTC).isoformat()


def _iso(text: str) -> str | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        pass
    else:
        return day.isoformat() if day.year >= _EARLIEST else None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _checked(moment.replace(microsecond=0))


def _written(text: str) -> str | None:
    """Take the time out; the rest must be a date and nothing else."""
    text = _DOTTED_TIME.sub(r"\1:\2", text)
    for match in _TIME.finditer(text):
        if match["minute"] is None and match["half"] is None:
            continue  # a number, not a time
        day = _day(text[: match.start()] + " " + text[match.end() :], match["zone"])
        if day is not None:
            moment = _time(match)
            return None if moment is None else _checked(_joined(day, moment, match["zone"]))
    day = _day(text, None)
    return day.isoformat() if day is not None and day.year >= _EARLIEST else None


def _foreign(text: str) -> str | None:
    """Read a date whose month is named in another language, by dateparser's tables."""
    plausible = _YEAR.search(text) and _WORDS.search(text) and not _SWAPPABLE.search(text)
    if not plausible or len(text.split()) > _MOST_WORDS:
        return None
    import dateparser  # a third of a second to import, and most archives never need it

    # Pinned to absolute dates with day, month and year: by default "Thursday" would be a date.
    settings = {
        "STRICT_PARSING": True,
        "PARSERS": ["absolute-time"],
        "REQUIRE_PARTS": ["day", "month", "year"],
    }
    found: datetime | None = dateparser.parse(text, languages=list(_LANGUAGES), settings=settings)
    if found is None or found.year < _EARLIEST:
        return None
    timed = re.search(r"\d[:h.]\d\d(?!\d)", text)
    return found.replace(microsecond=0).isoformat() if timed else found.date().isoformat()


def _day(text: str, zone: str | None) -> date | None:
    rest = " ".join(_FILLER.sub(" ", _WEEKDAY.sub(" ", text)).split())
    if zone is None:  # "Mon Mar 04 08:00:00 EST 2024" has it behind the time, which took it
        rest = re.sub(r"\b(?:UTC|GMT)\b", "", rest).strip()
    for pattern in _DATES:
        match = pattern.fullmatch(rest)
        if match is not None:
            return _checked_day(match)
    return None


def _checked_day(match: re.Match[str]) -> date | None:
    parts = match.groupdict()
    name = parts.get("month")
    month = _MONTH_NUMBERS.get(name.lower(), 0) if name else int(parts["number"])
    day, year = int(parts["day"]), int(parts["year"])
    if parts.get("dot") in ("/", "-") and day != month:
        if day <= 12 and month <= 12:
            return None  # 04/03/2024: March or April
        if month > 12:
            day, month = month, day
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _time(match: re.Match[str]) -> time | None:
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    half = (match["half"] or "").lower()
    if half and hour > 12 and half.startswith("a"):
        return None
    if half and hour <= 12:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        return None


def _joined(day: date, moment: time, zone: str | None) -> datetime:
    return datetime.combine(day, moment, tzinfo=_zone(zone))


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    name = text.strip().lower()
    if name in _PLACES:
        return ZoneInfo(_PLACES[name])
    if name in _OFFSETS:
        return timezone(timedelta(hours=_OFFSETS[name]))
    digits = re.sub(r"\D", "", name)
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    sign = 1 if "+" in name else -1
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(sign * offset) if offset < timedelta(hours=24) else None


def _checked(moment: datetime) -> str | None:
    return moment.isoformat() if moment.year >= _EARLIEST else None
