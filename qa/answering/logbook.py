"""Questions on their way in: the audit log, and what is asked; see `qa.archive.audit` and
`qa.archive.asked`. Both are off by default.

The audit log is complete or the question fails: its line is written before the work begins, so
nothing that was answered, in part or in whole, is missing from it. What happens afterwards holds no
answer back: a line that cannot be completed says "asked", and the log of the service says why.
"""

import logging
from collections.abc import Generator
from contextlib import closing

from qa.answer import Answer
from qa.answering.answerer import Event
from qa.archive import asked, audit
from qa.archive.audit import AuditStatus, Caller
from qa.archive.store import Store
from qa.errors import StorageFailed, StoreError
from qa.models.stopping import current_stop
from qa.question import Question
from qa.settings import Settings

_log = logging.getLogger("dateline")


class Logbook:
    """Notes who asks and what is asked, as far as the settings say. Shared by threads."""

    def __init__(self, store: Store, settings: Settings) -> None:
        """Raises StorageFailed for an audit log in an archive that can only be read."""
        if settings.audit_days and store.read_only:
            raise StorageFailed(
                f"{store.place} is read-only and cannot hold the audit log: set audit_days to 0"
            )
        self._store = store
        self._audit_days = settings.audit_days
        self._question_days = settings.keep_questions

    def note(
        self, events: Generator[Event, None, None], question: Question, caller: Caller | None
    ) -> Generator[Event, None, None]:
        """The same events, noted. A question without a ``caller`` is the service's own, as standing
        questions are.

        Raises ArchiveBusy or StorageFailed before the first event, where the audit log is on and
        cannot be written.
        """
        with closing(events):
            if caller is None:
                yield from events
                return
            line = self._begin(question, caller)
            status: AuditStatus = "failed"
            try:
                for event in events:
                    if isinstance(event, Answer):
                        self._note_asked(question, event)
                        self._end(line, event.status, event.id)
                        line = None
                    yield event
            except BaseException as error:
                stop = current_stop()  # set where the client left in the middle of a step
                if isinstance(error, GeneratorExit) or (stop is not None and stop.is_set()):
                    status = "stopped"
                raise
            finally:
                self._end(line, status)

    def expire(self) -> None:
        """Delete what was kept long enough. Raises ArchiveBusy, StorageFailed."""
        if self._store.read_only:
            return
        now = self._store.clock().timestamp()
        with self._store.aside() as database:
            deleted = audit.expire(database, now, self._audit_days)
            deleted += asked.expire(database, now, self._question_days)
        if deleted:
            self._store.scrub()

    def _begin(self, question: Question, caller: Caller) -> int | None:
        if not self._audit_days:
            return None
        return audit.begin_line(self._store, caller, question.wording, self._audit_days)

    def _end(self, line: int | None, status: AuditStatus, answer_id: str | None = None) -> None:
        if line is None:
            return
        try:
            audit.end_line(self._store, line, status, answer_id)
        except StoreError as error:
            _log.warning("line %d of the audit log has no outcome: %s", line, error)

    def _note_asked(self, question: Question, answer: Answer) -> None:
        if not self._question_days:
            return
        answered = answer.status == "answered"
        try:
            asked.note_asked(
                self._store, question.wording, answered=answered, days=self._question_days
            )
        except StoreError as error:
            _log.warning("a question is not kept: %s", error)
