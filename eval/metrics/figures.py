"""Whether two texts give the same figure, by value and unit; stricter than a quote must be."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from qa.language.figures import find_figures, same_figure
from qa.language.words import content_stems
from qa.types import Figure

_MINUS = re.compile(r"(?:\bminus\s+|(?<![\w\d])[-−]\s?)$", re.IGNORECASE)
_MEASURE = re.compile(
    r"""[\s-]*(?:(?:an|a|per)\s+)?(
        percentage\s+points?
      | km/h | kph | mph | miles\s+per\s+hour | knots?
      | kilomet(?:re|er)s? | km | miles? | met(?:re|er)s? | f(?:oo|ee)t | ft | inch(?:es)? | yards?
      | kilo(?:gram)?s? | kg | grams? | lbs? | ounces? | tonnes? | tons?
      | barrels? | gallons? | lit(?:re|er)s? | acres? | hectares?
      | (?:degrees?|°)\s?(?:celsius|fahrenheit|c\b|f\b)
    )(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_SPELLINGS = {
    "kph": "km/h",
    "miles per hour": "mph",
    "kilometer": "km",
    "kilometre": "km",
    "meter": "metre",
    "feet": "ft",
    "foot": "ft",
    "kilo": "kg",
    "kilogram": "kg",
    "liter": "litre",
    "inche": "inch",
    "°c": "celsius",
    "° c": "celsius",
    "°celsius": "celsius",
    "degree c": "celsius",
    "degree celsius": "celsius",
    "°f": "fahrenheit",
    "° f": "fahrenheit",
    "°fahrenheit": "fahrenheit",
    "degree f": "fahrenheit",
    "degree fahrenheit": "fahrenheit",
}


class FigureMatch(NamedTuple):
    """``approximate``: one of the two is "some", "nearly", "more than" …

    ``read``: whether the answer's figure could be read at all.
    """

    same: bool
    approximate: bool
    read: bool = True


class _Reading(NamedTuple):
    """A text's only figure. ``measure``: what it is measured in, as far as `_MEASURE` knows it."""

    figure: Figure
    negative: bool
    measure: str


def figure_match(
    answer: str, right: Sequence[str], published_at: str | None = None
) -> FigureMatch | None:
    """Whether the answer gives the same figure as a right one: "$200m" is "USD 200 million".

    "$200" is not. An answer with several figures, or without one, matches none. What is counted is
    not compared ("17 people" is "17"); units of measure are, where both have one. None where no
    right answer is a figure. ``published_at`` resolves dates like "Tuesday".
    """
    wanted = []
    for other in right:
        reading = _only_figure(other, published_at, whole=True)
        if reading is not None:
            wanted.append(reading)
    if not wanted:
        return None
    said = _only_figure(answer, published_at, whole=False)
    if said is None:
        return FigureMatch(same=False, approximate=False, read=False)
    same = [other for other in wanted if _is_same(said, other)]
    if not same:
        return FigureMatch(same=False, approximate=False)
    exact = said.figure.bound == "exact" and any(other.figure.bound == "exact" for other in same)
    return FigureMatch(same=True, approximate=not exact)


def _only_figure(text: str, published_at: str | None, *, whole: bool) -> _Reading | None:
    """The text's one figure; with ``whole`` only if there is little else in the text."""
    figures = find_figures(text, published_at)
    if len(figures) != 1:
        return None
    figure = figures[0]
    rest = f"{text[: figure.start]} {text[figure.end :]}"
    if whole and _is_more_than_a_figure(rest):
        return None
    negative = bool(_MINUS.search(text, 0, figure.start))
    return _Reading(figure, negative, _measure(text, figure.end))


def _is_more_than_a_figure(rest: str) -> bool:
    has_name = any(word[:1].isupper() and len(word) > 1 for word in rest.split())
    return has_name or len(content_stems(rest)) > 2


def _measure(text: str, end: int) -> str:
    found = _MEASURE.match(text, end)
    if found is None:
        # "percentage points" is part of what is read as a percentage
        return "percentage point" if "point" in text[max(0, end - 8) : end].lower() else ""
    name = re.sub(r"\s+", " ", found[1].lower()).replace("degrees", "degree").removesuffix("s")
    return _SPELLINGS.get(name, name)


def _is_same(one: _Reading, other: _Reading) -> bool:
    """The same kind, sign and measure; a date as precise; a duration as long.

    14 days are two weeks, but a month is not 30 days, and percentage points are not a percentage.
    """
    said, right = one.figure, other.figure
    if said.kind != right.kind or one.negative != other.negative:
        return False
    both_measured = bool(one.measure and other.measure)
    if one.measure != other.measure and (said.kind == "percent" or both_measured):
        return False
    if said.kind == "date":
        return (said.value, said.value_to) == (right.value, right.value_to)
    if said.kind == "duration":
        same_start = _same_length(said.value, right.value)
        return same_start and _same_length(said.value_to, right.value_to)
    return same_figure(said, right)


def _same_length(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return _length(one) == _length(other)


_DURATION = re.compile(r"(T)|([\d.]+)([A-Z])")
_IN_MONTHS = {"Y": 12, "M": 1}
_IN_SECONDS = {"W": 7 * 86_400, "D": 86_400}
_OF_A_DAY = {"H": 3_600, "M": 60, "S": 1}


def _length(duration: str) -> tuple[Decimal, Decimal]:
    """An ISO 8601 duration as months and seconds, which do not convert into each other."""
    months = seconds = Decimal(0)
    of_a_day = False
    for match in _DURATION.finditer(duration):
        if match[1]:
            of_a_day = True
            continue
        count, unit = Decimal(match[2]), match[3]
        if of_a_day:
            seconds += count * _OF_A_DAY[unit]
        elif unit in _IN_MONTHS:
            months += count * _IN_MONTHS[unit]
        else:
            seconds += count * _IN_SECONDS[unit]
    return months, seconds
