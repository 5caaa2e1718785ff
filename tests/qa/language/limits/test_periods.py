"""Periods of publication, as worked out by hand."""

import pytest

from qa.language.limits import KnownNames, stated_limits

NOW = "2022-06-15"  # a Wednesday


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("in reports from 2021", "2021-01-01", "2021-12-31"),
        ("in reports from February 2024", "2024-02-01", "2024-02-29"),
        ("in reports from September", "2021-09-01", "2021-09-30"),  # the last one that began
        ("in reports from 5 March", "2022-03-05", "2022-03-05"),
        ("in reports from December 24", "2021-12-24", "2021-12-24"),  # not the one to come
        ("in reports since Tuesday", "2022-06-14", None),
        ("in reports after Tuesday", "2022-06-15", None),
        ("in reports before May 2022", None, "2022-04-30"),
        ("in reports until May 2022", None, "2022-05-31"),
        ("in reports from yesterday", "2022-06-14", "2022-06-14"),
        ("in reports of the last three days", "2022-06-12", "2022-06-15"),
        ("in reports between March and May", "2022-03-01", "2022-05-31"),
        ("in last month's reports", "2022-05-01", "2022-05-31"),
    ],
)
def test_periods_are_as_worked_out_by_hand(words: str, first: str | None, last: str | None) -> None:
    found = stated_limits(f"Who resigned, {words}?", KnownNames(), NOW).filters
    assert (found.published_from, found.published_to) == (first, last)


def test_relative_periods_need_a_now() -> None:
    relative = stated_limits("In reports since Tuesday, who resigned?", KnownNames(), None).filters
    assert (relative.published_from, relative.published_to) == (None, None)
    year = stated_limits("In reports from 2021, who resigned?", KnownNames(), None).filters
    assert (year.published_from, year.published_to) == ("2021-01-01", "2021-12-31")
