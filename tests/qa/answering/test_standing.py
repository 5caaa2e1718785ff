"""Standing questions are asked again when what is new may change their answers."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from qa.answer import Answer
from qa.answering.answerer import Answerer
from qa.answering.recording import record
from qa.answering.standing import due, settle
from qa.archive.archive import Archive
from qa.archive.watches import add_watch, list_events
from qa.bootstrap import open_retriever
from qa.models.local import ExtractiveModel
from qa.types import Filters
from tests.support.archives import put
from tests.support.fakes import ScriptedReader

QUESTION = "How many people died on the ferry Solvane?"
READER = {"Seven": 8.0, "Nine": 8.0, "Ten": 8.0}
Run = Callable[[], tuple[int, int]]


def report(identity: str, count: str, day: int, **fields: Any) -> dict[str, Any]:
    text = f"{count} people died on the ferry Solvane."
    return {"id": identity, "text": text, "published_at": f"2024-05-0{day}", **fields}


@pytest.fixture
def run(archive: Archive) -> Run:
    """Ask what is due; how many were asked, and how many events there are in all."""
    answerer = Answerer(open_retriever(archive), ExtractiveModel(), 0.3, ScriptedReader(READER))

    def once() -> tuple[int, int]:
        asked = 0
        for item in due(archive):
            asked += 1
            for part in record(answerer.stream(item.watch.to_question()), archive, 100):
                if isinstance(part, Answer):
                    settle(archive, item, part)
        return asked, len(list_events(archive.store, 100))

    return once


def test_a_changed_figure_is_one_event_and_other_news_asks_nothing(
    archive: Archive, run: Run, tmp_path: Path
) -> None:
    put(archive, [report("first", "Seven", 1)], tmp_path)
    add_watch(archive.store, QUESTION, Filters())
    assert run() == (1, 0)  # the first answer
    assert run() == (0, 0)
    other = {
        "id": "vote",
        "text": "The council voted against a budget.",
        "published_at": "2024-05-02",
    }
    put(archive, [other], tmp_path)
    assert run() == (0, 0)
    put(archive, [report("second", "Nine", 3)], tmp_path)
    assert run() == (1, 1)
    assert run() == (0, 1)
    put(archive, [report("third", "Nine", 4)], tmp_path)
    assert run() == (1, 1)  # the same figure again is no change
    (event,) = list_events(archive.store, 100)
    with archive.snapshot() as snapshot:
        values = [
            (short := snapshot.answer(identity).short_answer) and short.value
            for identity in (event.old_answer, event.new_answer)
        ]
    assert values == ["7", "9"]


def test_a_withdrawn_report_and_the_end_of_an_embargo_ask_again(
    archive: Archive, run: Run, tmp_path: Path
) -> None:
    archive.store.clock = lambda: datetime(2024, 5, 3, 12, tzinfo=UTC)
    put(archive, [report("first", "Seven", 1), report("second", "Nine", 2)], tmp_path)
    add_watch(archive.store, QUESTION, Filters())
    assert run() == (1, 0)
    archive.withdraw("second")
    assert run() == (1, 1)  # back to seven
    held_back = report("third", "Ten", 3, embargoed_until="2024-05-03T18:00:00Z")
    put(archive, [held_back], tmp_path)
    assert run() == (0, 1)
    archive.store.clock = lambda: datetime(2024, 5, 3, 18, tzinfo=UTC)
    assert run() == (1, 2)
    assert run() == (0, 2)


def test_only_what_its_filters_show_asks_a_question_again(
    archive: Archive, run: Run, tmp_path: Path
) -> None:
    put(archive, [report("first", "Seven", 1, source="Argus")], tmp_path)
    add_watch(archive.store, QUESTION, Filters(sources=("Argus",)))
    assert run() == (1, 0)
    put(archive, [report("second", "Nine", 2, source="Post")], tmp_path)
    assert run() == (0, 0)


def test_a_question_without_an_answer_gets_one_when_a_report_comes(
    archive: Archive, run: Run, tmp_path: Path
) -> None:
    add_watch(archive.store, QUESTION, Filters())
    assert run() == (1, 0)
    put(archive, [report("first", "Seven", 1)], tmp_path)
    assert run() == (1, 1)


@pytest.mark.parametrize(("words", "asked"), [("people died", 1), ("people", 0)])
def test_half_of_the_words_are_enough_where_the_vectors_are_far_apart(
    archive: Archive, run: Run, tmp_path: Path, words: str, asked: int
) -> None:
    put(archive, [report("first", "Seven", 1)], tmp_path)
    add_watch(archive.store, QUESTION, Filters())  # people, died, ferry, Solvane
    assert run() == (1, 0)
    others = " ".join(f"word{number}" for number in range(60))
    long = {"id": "long", "text": f"Many {words} {others}.", "published_at": "2024-05-02"}
    put(archive, [long], tmp_path)
    assert run()[0] == asked
