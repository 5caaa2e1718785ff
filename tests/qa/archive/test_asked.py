"""What is asked, as it is stored: nothing personal, no time of the day, and not for long."""

from datetime import UTC, datetime, timedelta

import pytest

from qa.archive.asked import BLANK, blank_personal, expire, list_asked, note_asked
from qa.archive.store import Store

START = datetime(2024, 5, 10, 22, 15, tzinfo=UTC)
DAY = datetime(2024, 5, 10, tzinfo=UTC)
QUESTION = "Who opened the bridge?"


@pytest.mark.parametrize(
    ("question", "stored"),
    [
        ("Did jane.doe+x@news.example.org resign?", f"Did {BLANK} resign?"),
        ("Is Ann＠example.org, or bo@example.com, known?", f"Is {BLANK}, or {BLANK}, known?"),
        ("Who answers +49 (0)30 1234-5678?", f"Who answers {BLANK}?"),
        ("Who has 030/1234567 now?", f"Who has {BLANK} now?"),
        ("Call (555) 123-4567 or 5551234567!", f"Call {BLANK} or {BLANK}!"),
        ("Is 4111 1111 1111 1111 stolen?", f"Is {BLANK} stolen?"),
        ("Call +44\u00a020\u00a07946\u00a00958?", f"Call {BLANK}?"),
    ],
)
def test_addresses_and_telephone_numbers_are_blanked(question: str, stored: str) -> None:
    assert blank_personal(question) == stored


@pytest.mark.parametrize(
    "question",
    [
        "What happened on 2024-05-10, on 10.5.2024 and on 10/05/2024?",
        "What changed in 2019-2024, or 2019–2024?",
        "Were there 1,234,567 votes and USD 40 million?",
        "Who plays in group A @ Hask at 8.15 in 2024?",
        "Is 12-05 a date, and B1234567 a flight?",
    ],
)
def test_dates_and_amounts_stay(question: str) -> None:
    assert blank_personal(question) == question


def test_questions_are_counted_by_wording_with_the_share_answered(store: Store) -> None:
    store.clock = lambda: START
    for text, answered in ((QUESTION, True), ("Ask me@x.org!", False), (f" {QUESTION}\n", False)):
        note_asked(store, text, answered=answered, days=3)
    first, second = list_asked(store)
    assert (first.text, first.count, first.answered) == (QUESTION, 2, 1)
    assert (second.text, second.count, second.answered) == (f"Ask {BLANK}!", 1, 0)
    assert first.last_asked == DAY.timestamp(), "the time of the day is not stored"


def test_a_row_holds_nothing_but_the_question_its_day_and_the_outcome(store: Store) -> None:
    store.clock = lambda: START
    note_asked(store, QUESTION, answered=True, days=3)
    with store.reading() as database:
        (row,) = database.execute("SELECT * FROM asked").fetchall()
    midnight = DAY.timestamp()
    assert tuple(row)[1:] == (midnight, midnight + 3 * 86_400, QUESTION, 1)


def test_questions_are_kept_for_their_days_the_first_included(store: Store) -> None:
    store.clock = lambda: START
    note_asked(store, QUESTION, answered=True, days=1)
    note_asked(store, QUESTION, answered=True, days=5)

    def expired(days: int) -> int:
        with store.aside() as database:
            return expire(database, store.clock().timestamp(), days)

    store.clock = lambda: DAY + timedelta(hours=23, minutes=59)
    assert expired(1) == 0
    assert list_asked(store)[0].count == 2
    store.clock = lambda: DAY + timedelta(days=1)
    assert list_asked(store)[0].count == 1, "an expired question is not counted any more"
    assert expired(0) == 1
    assert expired(1) == 1, "five days were promised, one is set now"
    assert list_asked(store) == []


def test_days_are_chosen(store: Store) -> None:
    for day in range(3):
        store.clock = lambda day=day: START + timedelta(days=day)  # type: ignore[misc]
        note_asked(store, f"{day}?", answered=False, days=10)
    second = (DAY + timedelta(days=1)).timestamp()
    assert {one.text for one in list_asked(store, since=second)} == {"1?", "2?"}
    assert {one.text for one in list_asked(store, until=second)} == {"0?", "1?"}
