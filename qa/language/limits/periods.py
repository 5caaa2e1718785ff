"""Periods of publication: "since Tuesday", "last week's", "published before May 2022"."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from qa.language.dates import DAY, MONTHS, WEEKDAYS, any_of, days_of, find_dates
from qa.language.limits.phrases import Asked, Period, Phrase
from qa.language.periods import asked_period

_COUNT = r"(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten)"
_YEAR = r"(?:1[0-9]|20)\d\d"
_DAY_OF_MONTH = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_MONTH = rf"(?:{any_of(MONTHS)})\b\.?"
_RELATIVE = (
    r"(?:the day before )?yesterday|today"
    r"|(?:last|this|past|previous) (?:week(?:end)?|month|year"
    rf"|{any_of(WEEKDAYS)}|{_MONTH})"
    rf"|(?:the |these )?(?:last|past|previous) {_COUNT} (?:day|week|month|year)s"
    rf"|{_COUNT} (?:day|week|month|year)s? ago"
)
_ABSOLUTE = (
    r"\d{4}-\d\d-\d\d"
    rf"|(?:the )?{_DAY_OF_MONTH} (?:of )?{_MONTH}(?:,? {_YEAR})?"
    rf"|{_MONTH} {_DAY_OF_MONTH}\b(?:,? {_YEAR})?"
    rf"|{_MONTH}(?:,? (?:of )?{_YEAR})?|{_YEAR}|{any_of(WEEKDAYS)}"
)
_TIME = rf"(?:{_RELATIVE}|{_ABSOLUTE})\b"
_WHEN = re.compile(
    rf"(?:between (?P<first>{_TIME}) and (?P<last>{_TIME})"
    rf"|from (?P<first2>{_TIME}) (?:to|until|till|through) (?P<last2>{_TIME})"
    rf"|(?P<relation>in|on|during|from|of|dated|over|since|before|after|until|till|up to|prior to)"
    rf" (?P<time>{_TIME})|(?P<alone>{_RELATIVE})\b)",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(rf"(?:the )?(?P<time>{_TIME})['’]s? ", re.IGNORECASE)
_UP_TO = frozenset(["until", "till", "up to"])
_EARLIER = frozenset(["before", "prior to"])
# A period behind the topic may be the topic's ("the killings in March"), unless it reads as the
# period of the reporting.
_OPEN = frozenset(["since", "before", "after", "until", "till", "up to", "prior to"])
_LONGEST_TOPIC = 6  # words between "about" and such a period

_PUBLISHED = re.compile(
    r"(?:^|[,(] ?)(?:published|written|reported|printed|dated) (?=\S)", re.IGNORECASE
)
# What else is published and dated.
_WORKS = re.compile(
    r"\b(?:album|biograph|book|data|document|essay|figure|guideline|law|letter|list|magazine"
    r"|memoir|novel|paper|photo|pictur|poem|poll|report|research|result|rule|song|statistic"
    r"|study|survey|video)\w*\b",
    re.IGNORECASE,
)


def find_dated(asked: Asked) -> Iterator[Phrase]:
    """Find "…, published before May 2022?"."""
    text = asked.text
    for opening in _PUBLISHED.finditer(text):
        timed = period_at(asked, opening.end())
        others = text[: opening.start()] + text[opening.end() :]
        if timed is None or _WORKS.search(others):
            continue
        opens = opening.start() == 0
        if opens or not text[timed.end :].strip(" ?.!)"):
            timed.end += text[timed.end :].startswith(")")
            timed.start = opening.start()
            yield timed


def period_at(asked: Asked, start: int) -> Phrase | None:
    """The period at a place, where nothing follows that makes it part of a name."""
    match = _WHEN.match(asked.text, start)
    return _phrase(match, asked) if match is not None and asked.ends_at(match.end()) else None


def possessive_at(asked: Asked, start: int) -> Phrase | None:
    """The period at a place that is written "last week's "; without limits if it is unknown."""
    match = _POSSESSIVE.match(asked.text, start)
    if match is None:
        return None
    period = _days(match["time"], asked.now)
    return Phrase(match.start(), match.end(), periods=[period] if period is not None else [])


def early_period(asked: Asked, end: int) -> Phrase | None:
    """The period that opens the question and reaches to a place: "In March, …"."""
    match = _WHEN.match(asked.text)
    if match is None or asked.text[match.end() : end].strip(" ,"):
        return None
    return _phrase(match, asked)


def late_period(asked: Asked, start: int) -> Phrase | None:
    """The period of reporting at the question's end: "… about the strike since Tuesday?"."""
    text = asked.text
    for match in _WHEN.finditer(text, start):
        if text[match.end() :].strip(" ?.!"):
            continue
        topic = text[start : match.start()].split()
        if not 0 < len(topic) <= _LONGEST_TOPIC or "to" in topic:
            continue
        if match["alone"] or _relation(match) in _OPEN:
            found = _phrase(match, asked)
            if found is not None:
                return found
    return None


def _phrase(match: re.Match[str], asked: Asked) -> Phrase | None:
    period = _period(match, asked.now)
    return None if period is None else Phrase(match.start(), match.end(), periods=[period])


def _period(match: re.Match[str], now: str | None) -> Period | None:
    """The days of publication that a `_WHEN` states."""
    first, last = match["first"] or match["first2"], match["last"] or match["last2"]
    if first is not None and last is not None:
        begins, ends = _days(first, now), _days(last, now)
        if begins is None or ends is None:
            return None
        return Period(begins.first, ends.last)
    days = _days(match["time"] or match["alone"], now)
    if days is None or days.first is None or days.last is None:
        return None
    relation = _relation(match)
    if relation == "since":
        return Period(days.first, None)
    if relation == "after":
        return Period(days.last + DAY, None)
    if relation in _EARLIER:
        return Period(None, days.first - DAY)
    if relation in _UP_TO:
        return Period(None, days.last)
    return days


def _relation(match: re.Match[str]) -> str:
    return (match["relation"] or "").lower()


def _days(time: str, now: str | None) -> Period | None:
    """The first and last day of "2021", "March", "5 March", "last week", "Tuesday"."""
    time = re.sub(r"^(?:the|these) ", "", time, flags=re.IGNORECASE)
    if re.fullmatch(_YEAR, time):
        return Period(date(int(time), 1, 1), date(int(time), 12, 31))
    today = date.fromisoformat(now) if now else None
    month = re.fullmatch(rf"(?:(?:last|this|past|previous) )?({_MONTH})", time, re.IGNORECASE)
    if month is not None:
        time = f"in {month[1]}"
    for _, value in find_dates(time, today):
        if re.fullmatch(r"\d{4}-\d\d(?:-\d\d)?", value):
            first, last = days_of(value)
            if today is not None and first > today and value[:4] not in time:
                first, last = first.replace(year=first.year - 1), last.replace(year=last.year - 1)
            return Period(first, last)
    period = asked_period(time, now)
    if period is None:
        return None
    return Period(
        datetime.fromtimestamp(period.start, UTC).date(),
        datetime.fromtimestamp(period.end, UTC).date(),
    )
