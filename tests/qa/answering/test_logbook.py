"""Questions are noted before they are answered, whatever becomes of them."""

import logging
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qa.answering.answerer import Event, HitsFound
from qa.answering.logbook import Logbook
from qa.archive.archive import Archive
from qa.archive.asked import list_asked
from qa.archive.audit import AuditLine, Caller, list_lines
from qa.archive.sqlite.store import DATABASE
from qa.errors import AnswerModelTimeout, ArchiveBusy, StorageFailed
from qa.models.stopping import Stop, stoppable
from qa.question import Question
from tests.support.stores import folder_of, settings_of
from tests.support.values import an_answer

ANN = Caller("http", "key_a", "Ann")
QUESTION = Question.parse("Who called ann@example.org?")
FOUND = an_answer(id="one", status="answered", answer="nobody")


def logbook(archive: Archive, **days: int) -> Logbook:
    return Logbook(archive.store, settings_of(archive.store, **days))


def events(*given: Event | Exception) -> Generator[Event, None, None]:
    for event in given:
        if isinstance(event, Exception):
            raise event
        yield event


def only(archive: Archive) -> AuditLine:
    (line,) = list_lines(archive.store)
    return line


@contextmanager
def failing(*functions: str) -> Iterator[None]:
    """These functions of `qa.archive` raise ArchiveBusy meanwhile."""

    def refuse(*_: object, **__: object) -> None:
        raise ArchiveBusy("another writes")

    with pytest.MonkeyPatch.context() as patch:
        for name in functions:
            patch.setattr(f"qa.archive.{name}", refuse)
        yield


def test_an_answer_is_noted_for_both_before_it_is_sent(archive: Archive) -> None:
    book = logbook(archive, audit_days=2, keep_questions=2)
    noted = book.note(events(HitsFound([]), FOUND), QUESTION, ANN)
    assert next(noted) == HitsFound([])
    assert only(archive).status == "asked"
    assert next(noted) == FOUND
    noted.close()  # as the queue does when it has the answer
    line = only(archive)
    assert (line.status, line.answer_id, line.key_id) == ("answered", "one", "key_a")
    assert line.question == QUESTION.text, "the audit log holds the question as it was"
    (question,) = list_asked(archive.store)
    assert (question.text, question.answered) == ("Who called […]?", 1)


@pytest.mark.parametrize("days", [{"audit_days": 2}, {"keep_questions": 2}])
def test_each_is_set_by_itself(archive: Archive, days: dict[str, int]) -> None:
    list(logbook(archive, **days).note(events(FOUND), QUESTION, ANN))
    assert len(list_lines(archive.store)) == ("audit_days" in days)
    assert len(list_asked(archive.store)) == ("keep_questions" in days)


def test_questions_of_the_service_itself_are_not_noted(archive: Archive) -> None:
    book = logbook(archive, audit_days=2, keep_questions=2)
    assert list(book.note(events(FOUND), QUESTION, None)) == [FOUND]
    assert list_lines(archive.store) == []
    assert list_asked(archive.store) == []


def test_a_failure_and_a_client_that_leaves_are_noted(archive: Archive) -> None:
    book = logbook(archive, audit_days=2, keep_questions=2)
    with pytest.raises(AnswerModelTimeout):
        list(book.note(events(HitsFound([]), AnswerModelTimeout("slow")), QUESTION, ANN))
    left = book.note(events(HitsFound([]), FOUND), QUESTION, ANN)
    next(left)
    left.close()
    assert [line.status for line in list_lines(archive.store)] == ["stopped", "failed"]
    assert list_asked(archive.store) == [], "they have no outcome that could be counted"


def test_a_client_that_leaves_in_the_middle_of_a_step_has_left(archive: Archive) -> None:
    """The step that is broken off raises what a model that fails raises."""
    noted = logbook(archive, audit_days=2).note(
        events(HitsFound([]), AnswerModelTimeout("broken off")), QUESTION, ANN
    )
    stop = Stop()
    stoppable(stop, next, noted)
    stop.set()
    with pytest.raises(AnswerModelTimeout):
        stoppable(stop, next, noted)
    assert only(archive).status == "stopped"


def test_nothing_is_answered_that_cannot_be_audited(archive: Archive) -> None:
    book = logbook(archive, audit_days=2)
    begun = []

    def work() -> Generator[Event, None, None]:
        begun.append(True)
        yield FOUND

    with failing("audit.begin_line"), pytest.raises(ArchiveBusy):
        next(book.note(work(), QUESTION, ANN))
    assert begun == []


def test_an_outcome_that_cannot_be_noted_holds_no_answer_back(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    book = logbook(archive, audit_days=2, keep_questions=2)
    with (
        failing("audit.end_line", "asked.note_asked"),
        caplog.at_level(logging.WARNING, "dateline"),
    ):
        assert list(book.note(events(FOUND), QUESTION, ANN)) == [FOUND]
    assert only(archive).status == "asked"
    assert "no outcome" in caplog.text
    assert "not kept" in caplog.text
    assert "ann@" not in caplog.text


def test_an_archive_that_cannot_be_written_cannot_have_an_audit_log(archive: Archive) -> None:
    archive.store.read_only = True
    with pytest.raises(StorageFailed, match="audit_days"):
        logbook(archive, audit_days=1)
    logbook(archive).expire()  # leaves it alone


@pytest.mark.sqlite_only("its files")
def test_what_has_expired_is_in_no_file_any_more(archive: Archive) -> None:
    start = datetime(2024, 5, 10, 12, tzinfo=UTC)
    archive.store.clock = lambda: start
    book = logbook(archive, audit_days=1, keep_questions=1)
    secret = Question.parse("Where is the xylophone of the zeppelin?")
    list(book.note(events(FOUND), secret, ANN))
    folder = folder_of(archive.store)

    def files_with(word: bytes) -> list[Path]:
        return [path for path in folder.iterdir() if path.is_file() and word in path.read_bytes()]

    assert files_with(b"xylophone")
    archive.store.clock = lambda: start + timedelta(days=1)
    book.expire()
    assert (folder / DATABASE).is_file()
    assert files_with(b"xylophone") == []
