"""One calendar for articles and questions: names of months and days, and dates read off text.

Relative dates ("on Tuesday", "last month") are read against a day that the caller gives.
"""

import re
from calendar import day_name, month_abbr, month_name, monthrange
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

WEEKDAYS = {name.lower(): i for i, name in enumerate(day_name)}
MONTHS = {
    name.lower(): i for names in (month_name, month_abbr) for i, name in enumerate(names) if name
} | {"sept": 9}
CALENDAR_WORDS = frozenset([*WEEKDAYS, *MONTHS]) - {"sept"}

DAY = timedelta(days=1)


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_MONTH = rf"(?:{any_of(MONTHS)})\b\.?"
_DAY_OF_MONTH = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:1[0-9]|20)\d\d"
_DATES = re.compile(
    rf"(?P<iso>\b\d{{4}}-\d\d-\d\d\b)"
    rf"|\b(?P<day>{_DAY_OF_MONTH})\s+(?:of\s+)?(?P<month>{_MONTH})(?:,?\s+(?P<year>{_YEAR})\b)?"
    rf"|\b(?P<month2>{_MONTH})\s+(?P<day2>{_DAY_OF_MONTH})\b(?!\d)(?:,?\s+(?P<year2>{_YEAR})\b)?"
    rf"|\b(?P<month3>{_MONTH}),?\s+(?P<year3>{_YEAR})\b"
    rf"|(?<=\b[Ii]n )(?P<month4>{_MONTH})(?=[\s,.;]|$)"
    rf"|(?<![\w.,$€£-])(?P<bare_year>{_YEAR})(?![\w%]|[,.]\d|-\w)"
    rf"|\b(?P<relative>yesterday|today|tomorrow|(?:last|this|next)\s+(?:week|month|year|{any_of(WEEKDAYS)})"
    rf"|(?<=\b[Oo]n )(?:{any_of(WEEKDAYS)}))\b",
    re.IGNORECASE,
)


def find_dates(text: str, published: date | None) -> Iterator[tuple[re.Match[str], str]]:
    """Every date with its value: ISO 8601, as precise as the text; "--MM-DD" for a day of any year.

    A match with the group ``bare_year`` is four digits and nothing else: a count, perhaps.
    """
    for match in _DATES.finditer(text):
        value = _value(match, published)
        if value is not None:
            yield match, value


def days_of(value: str) -> tuple[date, date]:
    """The first and last day of "YYYY-MM" or "YYYY-MM-DD"."""
    parts = [int(part) for part in value.split("-")]
    if len(parts) == 3:
        return date(*parts), date(*parts)
    year, month = parts
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def latest_weekday(day: date, name: str, *, before: bool) -> date:
    """The last day of that name up to ``day``, or ``before`` it."""
    back = (day.weekday() - WEEKDAYS[name]) % 7
    return day - (back or (7 if before else 0)) * DAY


def _value(match: re.Match[str], published: date | None) -> str | None:
    groups = {name: text for name, text in match.groupdict().items() if text}
    if "relative" in groups:
        return _relative(re.sub(r"\s+", " ", groups["relative"].lower()), published)
    if "iso" in groups:
        return _valid(groups["iso"])
    if "bare_year" in groups:
        return groups["bare_year"]
    if "month3" in groups:
        return f"{groups['year3']}-{_month(groups['month3']):02}"
    if "month4" in groups:
        month = _month(groups["month4"])
        return f"{published.year - (month > published.month)}-{month:02}" if published else None
    suffix = "2" if "day2" in groups else ""
    month = _month(groups[f"month{suffix}"])
    day = int(re.sub(r"\D", "", groups[f"day{suffix}"]))
    year = groups.get(f"year{suffix}") or _nearest_year(month, day, published)
    return _valid(f"{year:0>4}-{month:02}-{day:02}") if year else f"--{month:02}-{day:02}"


def _month(name: str) -> int:
    return MONTHS[name.rstrip(".").lower()]


def _nearest_year(month: int, day: int, published: date | None) -> int | None:
    """The year that brings the day closest to publication: news omits the year of near days."""
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
    """The last Tuesday up to publication for "on Tuesday", the month before for "last month"."""
    if published is None:
        return None
    which, _, unit = text.rpartition(" ")
    if unit in ("yesterday", "today", "tomorrow"):
        return (published + {"yesterday": -1, "today": 0, "tomorrow": 1}[unit] * DAY).isoformat()
    step = {"last": -1, "next": 1}.get(which, 0)
    if unit == "year":
        return str(published.year + step)
    if unit == "month":
        months = published.year * 12 + published.month - 1 + step
        return f"{months // 12:04}-{months % 12 + 1:02}"
    if unit == "week":
        year, week, _ = (published + step * 7 * DAY).isocalendar()
        return f"{year}-W{week:02}"
    if which == "next":
        return (latest_weekday(published, unit, before=False) + 7 * DAY).isoformat()
    return latest_weekday(published, unit, before=which == "last").isoformat()
