"""The period that a question asks about. Instants are seconds since 1970 UTC."""

import math
import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from qa.language.dates import DAY, WEEKDAYS, days_of, latest_weekday
from qa.language.figures import find_figures, parse_amount
from qa.types import instant

# What a report of the period that is asked about gains, beside a fused score of 0..1.
PERIOD_WEIGHT = 0.4
PRESENT_WEIGHT = 0.5  # what the newest report gains where the present state is asked for …
DATED_WEIGHT = 0.3  # … and where the question only has an ``as_of``; all three: docs/decisions/0002
RECENCY_DAYS = 90  # after so many days a report's gain has fallen to 1/e
REPORTED_WITHIN = timedelta(days=3)  # of its end, an event of a period is still reported

_ZONES = 86400.0
_LAST_INSTANT = timedelta(days=1, microseconds=-1)
_SEVERAL = r"(?P<count>\d{1,3}|two|three|four|five|six|seven|eight|nine|ten)"
_UNIT_DAYS = {"day": 1, "week": 7, "month": 31, "year": 366}
_RELATIVE = re.compile(
    rf"\b(?:(?P<day>today|yesterday|tonight|last night|day before yesterday)"
    rf"|(?:over |in |during )?(?:the )?(?:past|last) {_SEVERAL} (?P<back>day|week|month|year)s"
    rf"|{_SEVERAL.replace('count', 'ago')} (?P<ago_unit>day|week|month|year)s? ago"
    rf"|(?P<which>this|last|past|previous|next)"
    rf" (?P<unit>week|weekend|month|year|summer|winter|spring|autumn|fall)"
    rf"|(?:on |last |this |next )?(?P<weekday>{'|'.join(WEEKDAYS)}))\b",
    re.IGNORECASE,
)
_PRESENT = re.compile(
    r"\b(?:current(?:ly)?|now(?:adays)?|latest|newest|present(?:ly)?|today|recent(?:ly)?|last"
    r"|so far|as yet|to date|still|these days|this (?:week|weekend|month|year|season))\b",
    re.IGNORECASE,
)


class Period(NamedTuple):
    """From its first instant to its last."""

    start: float
    end: float


class AskedTime(NamedTuple):
    """When the events in question happened, as far as the question says. ``looks_back``: the
    period is relative to now, as "this week"; one with a date may have been announced before.
    """

    period: Period | None
    looks_back: bool
    present: bool  # how things stand now
    now: float | None  # None where nothing is dated

    @classmethod
    def read(cls, question: str, now: str | None) -> "AskedTime":
        """``now``: ISO 8601; see `asked_period`."""
        period = asked_period(question, now)
        return cls(
            period=period,
            looks_back=period is not None and period != asked_period(question, None),
            present=asks_for_present(question),
            now=instant(now, end_of_day=True) if now is not None else None,
        )

    def missed(self, published_at: str | None) -> float:
        """How surely a report is too old to report what is asked, 0..1; 0 for an undated one.

        1 if it was published before a period that looks back, by more than time zones differ; where
        the present is asked for, the more the older.
        """
        if published_at is None:
            return 0.0
        if self.period is not None and self.looks_back:
            return float(instant(published_at, end_of_day=True) < self.period.start - _ZONES)
        if self.present and self.now is not None:
            return 1.0 - recency(published_at, self.now)
        return 0.0


def asks_for_present(question: str) -> bool:
    """Return True for "currently", "the latest", "so far" and the like."""
    return bool(_PRESENT.search(question))


def asked_period(question: str, now: str | None) -> Period | None:
    """The period in which the events in question happened; None if the question names none.

    "This week" and the like are read against ``now`` (ISO 8601) and ignored without it; "in January
    2022" and "on 19 January 2022" need none. Weeks run from Monday; "last summer" is June to August
    of the last that began.
    """
    today = date.fromisoformat(now[:10]) if now else None
    if today is not None and 2 <= today.year <= 9998:
        match = _RELATIVE.search(question)
        try:
            days = _relative(match, today) if match else None
        except OverflowError:  # "999 years ago", in the year 900
            days = None
        if days is not None:
            return _instants(*days)
    for figure in find_figures(question):
        if figure.kind == "date" and re.fullmatch(r"\d{4}-\d\d(?:-\d\d)?", figure.value):
            return _instants(*days_of(figure.value))
    return None


def recency(published_at: str | None, now: float) -> float:
    """1 for a report of this moment or later, 1/e at 90 days, 0 for an undated one."""
    if published_at is None:
        return 0.0
    return math.exp(-max(0.0, now - instant(published_at)) / (RECENCY_DAYS * 86400))


def reported_in(published_at: str | None, period: Period) -> bool:
    """Return True if published in the period or within three days of its end."""
    if published_at is None:
        return False
    return period.start <= instant(published_at) <= period.end + REPORTED_WITHIN.total_seconds()


def _relative(match: re.Match[str], today: date) -> tuple[date, date] | None:
    """The first and last day of a relative period."""
    said = {name: text.lower() for name, text in match.groupdict().items() if text}
    if "day" in said:
        back = {"today": 0, "tonight": 0, "day before yesterday": 2}.get(said["day"], 1)
        return today - back * DAY, today - back * DAY
    if "weekday" in said:
        opening = match[0].lower()
        if opening.startswith("next"):
            return None  # a coming event is not reported yet
        day = latest_weekday(today, said["weekday"], before=opening.startswith("last"))
        return day, day
    if "back" in said:
        return today - int(parse_amount(said["count"]) or 1) * _UNIT_DAYS[said["back"]] * DAY, today
    if "ago_unit" in said:
        unit = _UNIT_DAYS[said["ago_unit"]]
        day = today - int(parse_amount(said["ago"]) or 1) * unit * DAY
        return day - unit // 2 * DAY, day + unit // 2 * DAY
    return _calendar(said["which"], said["unit"], today)


def _calendar(which: str, unit: str, today: date) -> tuple[date, date] | None:
    if which == "next":
        return None
    earlier = which in ("last", "previous")
    if unit == "week":
        monday = today - today.weekday() * DAY
        if which == "past":
            return today - 7 * DAY, today
        # News says "this week" up to the Monday after it.
        return (
            (monday - 7 * DAY, monday - DAY) if earlier else (min(monday, today - 6 * DAY), today)
        )
    if unit == "weekend":
        saturday = today - (today.weekday() + 2) % 7 * DAY
        return saturday, min(saturday + DAY, today) if not earlier else saturday + DAY
    if unit == "month":
        first = today.replace(day=1)
        return ((first - DAY).replace(day=1), first - DAY) if earlier else (first, today)
    if unit == "year":
        if which == "past":
            return today - 366 * DAY, today
        return (
            (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31))
            if earlier
            else (date(today.year, 1, 1), today)
        )
    first_month = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}[unit]
    year = today.year if date(today.year, first_month, 1) <= today else today.year - 1
    if (
        earlier
        and date(year, first_month, 1) + 92 * DAY > today
        and which == "last"
        and unit != "winter"
    ):
        year -= 1  # "last summer", asked in a summer, is the one before
    start = date(year, first_month, 1)
    return start, start + 91 * DAY


def _instants(first: date, last: date) -> Period:
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + _LAST_INSTANT
    return Period(start.timestamp(), end.timestamp())
