"""Figures compared by value: $3m never equals $3bn."""

from decimal import Decimal

from qa.language.figures.lexicon import DOLLARS
from qa.types import Figure


def same_figure(one: Figure, other: Figure) -> bool:
    """Return True if two figures are equal by value, whatever their bounds ("some", "more than").

    An unknown currency matches any; a bare number matches an amount of money of that value, never
    a percentage.
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
        figure.unit is None or figure.unit in DOLLARS
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
    """Return True if ``source`` supports ``said``: equal, and a date no more precise than it."""
    if (
        said.kind == source.kind == "date"
        and not source.value.startswith("--")
        and len(said.value) > len(source.value)
    ):
        return False
    return same_figure(said, source)


def _same_date(one: str, other: str) -> bool:
    """Equal at the lower precision; a day without a year equals that day of any year."""
    if one.startswith("--") or other.startswith("--"):
        return one[-5:] == other[-5:]
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)
