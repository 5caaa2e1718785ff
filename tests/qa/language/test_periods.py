"""Times that questions speak of. The days are worked out by hand on a calendar: 2022-12-16 is a
Friday.
"""

from datetime import UTC, datetime

import pytest

from qa.language.periods import (
    AskedTime,
    Period,
    asked_period,
    asks_for_present,
    recency,
    reported_in,
)

NOW = "2022-12-16"


def days(period: Period | None) -> tuple[str, str] | None:
    if period is None:
        return None
    return tuple(datetime.fromtimestamp(moment, UTC).date().isoformat() for moment in period)  # type: ignore[return-value]  # two in, two out


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who resigned today?", ("2022-12-16", "2022-12-16")),
        ("Who resigned yesterday?", ("2022-12-15", "2022-12-15")),
        ("Who resigned on Friday?", ("2022-12-16", "2022-12-16")),
        ("Who resigned last Friday?", ("2022-12-09", "2022-12-09")),
        ("Which bridge fell on Tuesday?", ("2022-12-13", "2022-12-13")),
        ("Which bridge fell on Saturday?", ("2022-12-10", "2022-12-10")),
        ("What was banned this week?", ("2022-12-10", "2022-12-16")),
        ("What was banned in the past week?", ("2022-12-09", "2022-12-16")),
        ("What was banned last week?", ("2022-12-05", "2022-12-11")),
        ("Who won last weekend?", ("2022-12-10", "2022-12-11")),
        ("How many died this month?", ("2022-12-01", "2022-12-16")),
        ("How many died last month?", ("2022-11-01", "2022-11-30")),
        ("How many died this year?", ("2022-01-01", "2022-12-16")),
        ("How many died last year?", ("2021-01-01", "2021-12-31")),
        ("Who left in the last three days?", ("2022-12-13", "2022-12-16")),
        ("Who left over the past 2 weeks?", ("2022-12-02", "2022-12-16")),
        ("Who left ten days ago?", ("2022-12-06", "2022-12-06")),
        ("Who left two weeks ago?", ("2022-11-29", "2022-12-05")),
        ("What burned last summer?", ("2022-06-01", "2022-08-31")),
        ("What burned in March 2021?", ("2021-03-01", "2021-03-31")),
        ("What burned on 19 January 2022?", ("2022-01-19", "2022-01-19")),
        ("What burned in February 2024?", ("2024-02-01", "2024-02-29")),
    ],
)  # fmt: skip
def test_the_period_is_read_against_now(question: str, expected: tuple[str, str]) -> None:
    assert days(asked_period(question, NOW)) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Who resigned?",
        "Who will resign next week?",
        "What opens next Friday?",
        "Which song lasted a week?",
        "How long?",
    ],
)
def test_no_period_where_none_is_told(question: str) -> None:
    assert asked_period(question, NOW) is None


def test_relative_words_tell_nothing_without_a_now_but_dates_do() -> None:
    assert asked_period("What was banned this week?", None) is None
    assert days(asked_period("What burned in March 2021?", None)) == ("2021-03-01", "2021-03-31")


def test_a_month_that_begins_a_year_looks_back_into_the_last() -> None:
    assert days(asked_period("How many died last month?", "2023-01-05")) == (
        "2022-12-01",
        "2022-12-31",
    )
    assert days(asked_period("Who resigned last month?", "2024-03-31")) == (
        "2024-02-01",
        "2024-02-29",
    )


@pytest.mark.parametrize("now", ["0001-01-01", "9999-12-31", "0900-01-01"])
def test_the_ends_of_the_calendar_are_no_error(now: str) -> None:
    assert asked_period("Who left 999 years ago?", now) is None


def test_an_event_is_still_reported_in_the_days_behind_it() -> None:
    period = asked_period("Who resigned on Tuesday?", NOW)
    assert period is not None
    assert [reported_in(day, period) for day in ("2022-12-12", "2022-12-13", "2022-12-16",
    "2022-12-17", None)] == [
        False, True, True, False, False,
    ]  # fmt: skip


def test_recency_falls_to_one_over_e_in_ninety_days() -> None:
    now = datetime(2022, 12, 16, tzinfo=UTC).timestamp()
    assert recency("2022-12-16", now) == 1
    assert recency("2023-05-01", now) == 1
    assert recency("2022-09-17", now) == pytest.approx(0.36788, abs=1e-5)
    assert recency(None, now) == 0


@pytest.mark.parametrize(
    ("question", "present"),
    [
        ("Who is currently the mayor?", True),
        ("What is the latest toll?", True),
        ("How many have died so far?", True),
        ("Who resigned recently?", True),
        ("How much aid was announced?", False),
        ("Who knows the way?", False),
    ],
)
def test_asking_for_the_present_state(question: str, present: bool) -> None:
    assert asks_for_present(question) is present


@pytest.mark.parametrize(
    ("question", "published_at", "missed"),
    [
        ("Who resigned this week?", "2022-12-14", 0.0),
        ("Who resigned this week?", "2022-12-01", 1.0),
        ("Who resigned last week?", "2022-12-16", 0.0),  # a later report may look back
        ("Who resigned today?", "2022-12-15", 0.0),  # the same day, elsewhere
        ("Who votes on 4 May 2023?", "2022-12-01", 0.0),  # it was announced
        ("Who is the current mayor?", "2022-12-16", 0.01105),  # 1 - e^(-1/90): the day ends
        ("Who is the current mayor?", "2022-09-17", 0.63619),  # 1 - e^(-91/90)
        ("Who resigned?", "1999-01-01", 0.0),
        ("Who resigned this week?", None, 0.0),
    ],
)
def test_a_report_from_before_what_is_asked_about_misses_it(
    question: str, published_at: str | None, missed: float
) -> None:
    asked = AskedTime.read(question, NOW)
    assert asked.missed(published_at) == pytest.approx(missed, abs=1e-4)


def test_without_a_day_nothing_is_too_old() -> None:
    assert AskedTime.read("Who is mayor now?", None).missed("2022-01-01") == 0.0
    assert AskedTime.read("Who resigned this week?", None).missed("2022-01-01") == 0.0
