"""Verdicts of readers: one for each caller and answer. Judged answers stay; deletes take copies."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from qa.answer import Citation
from qa.archive import feedback
from qa.archive.answers import store as store_answer
from qa.archive.feedback import (
    LONGEST_TEXT,
    feedback_json,
    list_feedback,
    record_feedback,
)
from qa.archive.store import Store
from qa.errors import BadInput, NotFound
from qa.types import Article
from tests.support.stores import delete, opened_again, put
from tests.support.values import an_answer

START = datetime(2024, 5, 10, 12, tzinfo=UTC)
REPORT = Article(
    id="flood", text="The mayor said that nine people were hurt in the flood on Sunday."
)


def answered(store: Store, *identities: str, most: int = 100) -> None:
    """Store an answer from `REPORT` under each of these ids."""
    cited = Citation(
        n=1,
        article_id="flood",
        version="v",
        title=None,
        source=None,
        url=None,
        published_at=None,
        passage_id=1,
        quote=REPORT.text,
        start=0,
        end=len(REPORT.text),
    )
    for identity in identities:
        said = an_answer(id=identity, status="answered", answer="nine", citations=(cited,))
        with store.aside() as database:
            store_answer(database, said, most)


@pytest.fixture
def judged(store: Store) -> Store:
    """A store with `REPORT` and an answer from it."""
    store.clock = lambda: START
    put(store, REPORT)
    answered(store, "one")
    return store


def test_a_caller_has_one_verdict_on_an_answer_the_latest(judged: Store) -> None:
    record_feedback(judged, "one", "right", "key_a")
    record_feedback(judged, "one", "incomplete", "key_b", reason="no\n names")
    judged.clock = lambda: START + timedelta(hours=1)
    given = record_feedback(judged, "one", "wrong", "key_a", " ten ", "")
    assert (given.correction, given.reason) == ("ten", None)
    assert given.given_at == "2024-05-10T13:00:00+00:00"
    newest, other = list_feedback(judged)
    assert newest == given
    assert (other.by, other.verdict, other.reason) == ("key_b", "incomplete", "no names")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("missing", "right", "key"), "no answer 'missing'"),
        (("one", "perfect", "key"), "right, wrong, incomplete"),
        (("one", "right", " "), "caller"),
        (("one", "right", "k" * 201), "caller has 201"),
        (("one", "right", "key", "ten"), "no correction"),
        (("one", "wrong", "key", "x" * (LONGEST_TEXT + 1)), "correction has 1,001"),
        (("one", "wrong", "key", None, "x" * (LONGEST_TEXT + 1)), "reason has 1,001"),
    ],
)
def test_what_cannot_be_a_verdict_is_refused(
    judged: Store, given: tuple[str, ...], expected: str
) -> None:
    with pytest.raises(NotFound if "missing" in given else BadInput, match=expected):
        record_feedback(judged, *given)
    assert list_feedback(judged) == []


def test_any_characters_are_stored(judged: Store) -> None:
    given = record_feedback(judged, "one", "wrong", "key", "ten\0\ud800 or Ⅹ", "q'; DROP TABLE--")
    assert given.correction == "ten \N{REPLACEMENT CHARACTER} or Ⅹ"
    assert list_feedback(judged) == [given]


def test_a_judged_answer_stays_when_others_are_dropped(judged: Store) -> None:
    answered(judged, "two")
    record_feedback(judged, "one", "right", "key")
    answered(judged, "three", "four", most=1)
    with judged.snapshot() as snapshot:
        assert snapshot.answer("one").answer == "nine"
        assert snapshot.answer("four").answer == "nine"
        for dropped in ("two", "three"):
            with pytest.raises(NotFound):
                snapshot.answer(dropped)


def test_the_oldest_verdicts_go_first(judged: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "MOST_FEEDBACK", 2)
    for hour in range(3):
        judged.clock = lambda hour=hour: START + timedelta(hours=hour)  # type: ignore[misc]
        record_feedback(judged, "one", "right", f"key_{hour}")
    assert [one.by for one in list_feedback(judged)] == ["key_2", "key_1"]


def test_a_delete_takes_copied_words_and_leaves_the_readers_own(judged: Store) -> None:
    copied = "It says “The mayor said that nine people were hurt”, of all"
    record_feedback(judged, "one", "wrong", "copies", "nine hurt", copied)
    record_feedback(judged, "one", "wrong", "own", "nine people were hurt", "I was there myself")
    delete(judged, "flood")
    with judged.snapshot() as snapshot:
        shown = {one.by: feedback_json(one, snapshot) for one in list_feedback(judged)}
    assert shown["copies"]["reason"] is None
    assert shown["copies"]["correction"] == "nine hurt"
    assert shown["own"]["correction"] == "nine people were hurt"
    assert shown["own"]["reason"] == "I was there myself"
    for one in shown.values():  # the record of the answer, with its text blanked
        assert (one["question"], one["status"]) == ("How much was pledged?", "answered")
        assert one["answer"] is None


@pytest.mark.usefixtures("patient_writes")
def test_two_workers_judge_at_once(judged: Store) -> None:
    other = opened_again(judged)
    answered(judged, "two")

    def judge(number: int) -> None:
        identity = "one" if number % 4 < 2 else "two"
        record_feedback((judged, other)[number % 2], identity, "right", f"key_{number % 8}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(judge, range(64)))
    found = [(one.answer_id, one.by) for one in list_feedback(other)]
    other.close()
    assert len(found) == len(set(found)) == 8
