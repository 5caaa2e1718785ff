"""Requests that may be sent again: one works at them, and the result is remembered for a day."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from qa.archive.archive import Archive
from qa.archive.requests import HELD, KEPT, Request, Result, claim, find, finish, hold, release
from qa.archive.store import Store
from tests.support.archives import put
from tests.support.values import an_answer

START = datetime(2024, 5, 10, 12, tzinfo=UTC)


def later(store: Store, seconds: float) -> None:
    store.clock = lambda: START + timedelta(seconds=seconds)


def found(store: Store) -> Request:
    request = find(store, "r")
    assert request is not None
    return request


def test_the_first_works_at_it_and_the_others_see_its_run(store: Store) -> None:
    assert claim(store, "r", "f", "one").run == "one"
    for _ in range(2):
        second = claim(store, "r", "f", "two")
        assert (second.run, second.done) == ("one", False)
    assert claim(store, "other", "f", "two").run == "two"


def test_what_was_sent_before_with_another_request_is_left_alone(store: Store) -> None:
    later(store, 0)
    claim(store, "r", "f", "one")
    later(store, HELD + 1)
    assert claim(store, "r", "g", "two").fingerprint == "f"
    assert found(store).run == "one"


def test_a_request_of_a_dead_process_is_taken_over_once(store: Store) -> None:
    later(store, 0)
    claim(store, "r", "f", "one")
    later(store, HELD - 1)
    hold(store, "one")
    later(store, HELD + 1)
    assert claim(store, "r", "f", "two").run == "one", "it has said since that it lives"
    later(store, 2 * HELD)
    assert claim(store, "r", "f", "two").run == "two"
    assert claim(store, "r", "f", "three").run == "two"
    finish(store, "one", Result("late"))
    assert found(store).result is None, "what the dead one did after all does not count"


def test_a_result_is_dropped_with_its_answer(archive: Archive) -> None:
    """Else a client that sends each question with a key fills the disk for a day."""
    claim(archive.store, "r", "f", "one")
    archive.store_answer(an_answer(id="first"), 2)
    finish(archive.store, "one", Result("said", "first"))
    archive.store_answer(an_answer(id="second"), 2)
    assert found(archive.store).result == "said"
    archive.store_answer(an_answer(id="third"), 2)
    assert found(archive.store).result is None
    assert found(archive.store).done


def test_a_result_is_remembered_for_a_day(store: Store) -> None:
    later(store, 0)
    claim(store, "r", "f", "one")
    finish(store, "one", Result("said"))
    later(store, KEPT - 1)
    again = claim(store, "r", "f", "two")
    assert (again.run, again.done, again.result) == ("one", True, "said")
    later(store, KEPT + 1)
    assert claim(store, "r", "f", "two").run == "two"


def test_what_failed_is_forgotten(store: Store) -> None:
    claim(store, "r", "f", "one")
    release(store, "one")
    assert find(store, "r") is None


def test_no_result_outlives_an_article_that_was_deleted(archive: Archive, tmp_path: Path) -> None:
    put(archive, [{"id": "a", "text": "It sank."}, {"id": "b", "text": "It rose."}], tmp_path)
    store = archive.store
    for name in ("r", "write"):
        claim(store, name, "f", name)
    finish(store, "r", Result("It sank.", an_answer().id, frozenset({"a"})))
    finish(store, "write", Result("added"))
    archive.delete("b")
    assert (found(store).result, found(store).done) == (None, True)
    write = find(store, "write")
    assert write is not None
    assert write.result == "added", "it holds no text"
    claim(store, "late", "f", "late")
    finish(store, "late", Result("It rose.", an_answer().id, frozenset({"a", "b"})))
    late = find(store, "late")
    assert late is not None
    assert late.result is None, "the article was deleted while the question was answered"
