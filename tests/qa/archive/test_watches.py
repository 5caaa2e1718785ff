"""Standing questions as they are stored: one event for a change, one attempt at a time."""

from datetime import UTC, datetime, timedelta

import pytest

from qa.archive.store import Store
from qa.archive.watches import (
    DELAYS,
    Event,
    Seen,
    Watch,
    add_watch,
    begin_attempt,
    due_events,
    event_json,
    list_events,
    list_watches,
    note_answer,
    note_delivered,
    note_seen,
    remove_watch,
)
from qa.errors import BadInput, NotFound
from qa.types import Filters

QUESTION = "How many people were hurt?"
START = datetime(2024, 5, 10, 12, tzinfo=UTC)


def answered(store: Store, watch: Watch, said: str, generation: int) -> str | None:
    return note_answer(store, watch, Seen(generation, float(generation), generation), said, said)


def only(store: Store) -> Watch:
    (watch,) = list_watches(store)
    return watch


@pytest.fixture
def event(store: Store) -> Event:
    """An event of an answer that changed from "a" to "b"."""
    store.clock = lambda: START
    answered(store, add_watch(store, QUESTION, Filters()), "a", 1)
    answered(store, only(store), "b", 2)
    (found,) = list_events(store, 10)
    return found


def test_a_question_is_added_once_with_its_filters(store: Store) -> None:
    filters = Filters(sources=("Argus",), published_from="2024-05-01")
    watch = add_watch(store, QUESTION, filters, "short")
    assert add_watch(store, QUESTION, filters, "short").id == watch.id
    other = add_watch(store, QUESTION, Filters())
    assert [one.id for one in list_watches(store)] == [watch.id, other.id]
    assert list_watches(store)[0].to_question().filters == filters
    remove_watch(store, watch.id)
    assert only(store) == other
    with pytest.raises(NotFound, match=watch.id):
        remove_watch(store, watch.id)


@pytest.mark.parametrize(
    ("question", "filters"),
    [
        (" ", Filters()),
        ("Who spoke \ud800?", Filters()),
        (QUESTION, Filters(as_of="2024-05-01")),
        (QUESTION, Filters(known_at="2024-05-01")),
        (QUESTION, Filters(published_from="soon")),
    ],
)
def test_what_cannot_be_asked_from_now_on_is_refused(
    store: Store, question: str, filters: Filters
) -> None:
    with pytest.raises(BadInput):
        add_watch(store, question, filters)
    assert list_watches(store) == []


def test_a_change_of_the_answer_is_one_event(store: Store) -> None:
    add_watch(store, QUESTION, Filters())
    assert answered(store, only(store), "a", 1) is None  # the first answer is no change
    assert answered(store, only(store), "a", 2) is None
    before = only(store)
    assert answered(store, before, "b", 3) is not None
    assert answered(store, before, "b", 3) is None  # another process asked the same again
    note_seen(store, before, Seen(0, 0.0, 0))  # nor does it undo what was noted since
    assert only(store).generation == 3
    (event,) = list_events(store, 10)
    assert (event.old_answer, event.new_answer) == ("a", "b")


def test_events_go_with_their_question(store: Store, event: Event) -> None:
    remove_watch(store, event.watch)
    assert list_events(store, 10) == due_events(store) == []


def test_an_event_of_answers_that_are_gone_has_no_text(store: Store, event: Event) -> None:
    with store.snapshot() as snapshot:
        shown = event_json(event, snapshot)
    assert shown["before"] == {
        "answer_id": "a", "status": None, "answer": None, "short_answer": None,
    }  # fmt: skip


def test_an_event_is_attempted_by_one_and_again_after_each_delay(
    store: Store, event: Event
) -> None:
    moment = START
    for delay in DELAYS:
        (waiting,) = due_events(store)
        assert begin_attempt(store, waiting)
        assert not begin_attempt(store, waiting)  # another process read it as due as well
        assert due_events(store) == []
        moment += timedelta(seconds=delay)
        store.clock = lambda moment=moment: moment  # type: ignore[misc]
    (last,) = due_events(store)
    assert begin_attempt(store, last)
    store.clock = lambda: moment + timedelta(days=30)
    assert due_events(store) == []  # given up


def test_a_delivered_event_is_never_due_again(store: Store, event: Event) -> None:
    assert begin_attempt(store, event)
    note_delivered(store, event)
    store.clock = lambda: START + timedelta(days=1)
    assert due_events(store) == []
    assert not begin_attempt(store, list_events(store, 1)[0])
