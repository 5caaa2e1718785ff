"""Dates read off text. The days are worked out on a calendar: 2022-03-16 is a Wednesday."""

from datetime import date

import pytest

from qa.language.dates import days_of, find_dates, latest_weekday

PUBLISHED = date(2022, 3, 16)


def values(text: str, published: date | None = PUBLISHED) -> list[tuple[str, str]]:
    return [(match.group(), value) for match, value in find_dates(text, published)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2022-03-04", "2022-03-04"),
        ("4 March 2022", "2022-03-04"),
        ("the 4th of March, 2022", "2022-03-04"),
        ("March 4, 2022", "2022-03-04"),
        ("Sept. 3, 2021", "2021-09-03"),
        ("March 2022", "2022-03"),
        ("in January", "2022-01"),
        ("in December", "2021-12"),  # the last one up to publication
        ("4 March", "2022-03-04"),
        ("28 December", "2021-12-28"),  # nearer than the next one
        ("in 1998", "1998"),
        ("yesterday", "2022-03-15"),
        ("tomorrow", "2022-03-17"),
        ("on Tuesday", "2022-03-15"),
        ("on Wednesday", "2022-03-16"),
        ("last Wednesday", "2022-03-09"),
        ("next Wednesday", "2022-03-23"),
        ("last month", "2022-02"),
        ("next year", "2023"),
        ("this week", "2022-W11"),
    ],
)
def test_a_date_is_as_precise_as_its_text(text: str, value: str) -> None:
    assert [found for _, found in values(f"It came {text}.")] == [value]


@pytest.mark.parametrize("text", ["yesterday", "on Tuesday", "last month", "in January"])
def test_a_relative_date_needs_a_day_to_be_read_against(text: str) -> None:
    assert values(f"It came {text}.", published=None) == []


def test_a_day_of_any_year_has_no_year() -> None:
    assert [value for _, value in values("It came on 4 March.", published=None)] == ["--03-04"]


@pytest.mark.parametrize(
    "text", ["2022-02-30", "31 April 2022", "$1998", "1998%", "1,998", "12.1998"]
)
def test_what_only_looks_like_a_date_is_passed_over(text: str) -> None:
    assert values(f"It was {text} then.") == []


def test_a_match_is_the_text_of_the_date_alone() -> None:
    assert values("From 4 March 2022 until yesterday, it rained.") == [
        ("4 March 2022", "2022-03-04"),
        ("yesterday", "2022-03-15"),
    ]


def test_the_days_of_a_month_reach_to_its_end() -> None:
    assert days_of("2024-02") == (date(2024, 2, 1), date(2024, 2, 29))
    assert days_of("2024-02-03") == (date(2024, 2, 3), date(2024, 2, 3))


def test_the_latest_weekday_is_today_or_before_it() -> None:
    assert latest_weekday(PUBLISHED, "wednesday", before=False) == PUBLISHED
    assert latest_weekday(PUBLISHED, "wednesday", before=True) == date(2022, 3, 9)
    assert latest_weekday(PUBLISHED, "thursday", before=False) == date(2022, 3, 10)
