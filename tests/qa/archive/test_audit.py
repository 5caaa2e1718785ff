"""The audit log as it is stored: its lines, who they are looked up by, and their end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from qa.archive.audit import Caller, begin_line, end_line, expire, instant_of, list_lines
from qa.archive.store import Store
from qa.errors import BadInput
from tests.support.stores import opened_again

START = datetime(2024, 5, 10, 12, tzinfo=UTC)
ANN = Caller("http", "key_a", "Ann")
QUESTION = "Who opened the bridge?"


def at(store: Store, **later: float) -> Store:
    """The store at a time after `START`."""
    store.clock = lambda: START + timedelta(**later)
    return store


def test_a_line_is_there_before_its_answer_and_completed_by_it(store: Store) -> None:
    number = begin_line(at(store), ANN, QUESTION, days=30)
    (line,) = list_lines(store)
    assert (line.status, line.answer_id) == ("asked", None)
    end_line(store, number, "answered", "answer-1")
    (line,) = list_lines(store)
    assert (line.asked_at, line.interface, line.key_id, line.name) == (
        "2024-05-10T12:00:00+00:00",
        "http",
        "key_a",
        "Ann",
    )
    assert (line.question, line.status, line.answer_id) == (QUESTION, "answered", "answer-1")


def test_lines_are_found_by_key_name_and_time_newest_first(store: Store) -> None:
    callers = [ANN, Caller("chat", name="slack"), Caller("mcp", "key_b", "Bo"), ANN]
    for hour, caller in enumerate(callers):
        begin_line(at(store, hours=hour), caller, f"{QUESTION} {hour}\0", days=30)

    def hours(**given: object) -> list[str]:
        return [line.question[-2] for line in list_lines(store, **given)]  # type: ignore[arg-type]

    assert hours() == ["3", "2", "1", "0"]
    assert hours(who="key_a") == hours(who="Ann") == ["3", "0"]
    assert hours(who="slack") == ["1"]
    assert hours(who="nobody") == hours(who="\0") == []
    assert hours(since=instant_of("since", "2024-05-10T14:00:00")) == ["3", "2"]
    second = list_lines(store, limit=2)[-1]
    assert hours(before=second.number, limit=1) == ["1"]


def test_a_line_ends_when_it_said_and_at_once_when_fewer_days_are_set(store: Store) -> None:
    begin_line(at(store), ANN, QUESTION, days=2)
    begin_line(store, ANN, QUESTION, days=10)

    def expired(days: int) -> int:
        with store.aside() as database:
            return expire(database, store.clock().timestamp(), days)

    at(store, days=1, hours=23)
    assert expired(0) == expired(2) == 0
    assert len(list_lines(store)) == 2
    at(store, days=2)
    assert len(list_lines(store)) == 1, "expired lines are not shown, though they are still there"
    assert expired(0) == 1
    assert len(list_lines(store)) == 1
    assert expired(2) == 1, "ten days were promised, two are set now"
    assert list_lines(store) == []


@pytest.mark.usefixtures("patient_writes")
def test_two_workers_write_at_once(store: Store) -> None:
    other = opened_again(store)

    def ask(number: int) -> None:
        mine = (store, other)[number % 2]
        end_line(mine, begin_line(mine, ANN, f"{number}", days=1), "answered", f"answer-{number}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, range(48)))
    lines = list_lines(other)
    other.close()
    assert {line.answer_id for line in lines} == {f"answer-{number}" for number in range(48)}
    assert all(line.answer_id == f"answer-{line.question}" for line in lines)


def test_a_day_that_cannot_be_read_is_refused() -> None:
    assert instant_of("since", None) is None
    with pytest.raises(BadInput, match="since is 'soon'"):
        instant_of("since", "soon")
