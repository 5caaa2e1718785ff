"""Standing questions, and the events that changes of their answers are.

A watch is asked again when new articles may change its answer (see `qa.answering.standing`). An
event holds the ids of two stored answers and no text, so it keeps nothing of a deleted article.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qa.archive.database import Database
from qa.archive.snapshot import Snapshot
from qa.archive.store import Store
from qa.errors import BadInput, NotFound
from qa.question import Question
from qa.types import Filters, Form, iso_instant

MOST_WATCHES = 1000
MOST_EVENTS = 1000  # that are remembered
# Seconds from each attempt to deliver an event to the next; then it is given up. As Standard
# Webhooks recommends, but for the first: another process must not repeat an attempt under way.
DELAYS = (60, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
_WATCH = (
    "w.number, w.id, w.question, w.form, w.filters, w.created_at, w.answer_id, w.fingerprint,"
    " w.passages, w.looked_at, w.generation"
)
_EVENT = "e.id, w.id, w.question, e.old_answer, e.new_answer, e.created_at, e.attempts"


@dataclass(frozen=True, slots=True)
class Watch:
    """A standing question. ``passages`` (the last one's id), ``looked_at`` (seconds since 1970)
    and ``generation`` describe the archive as it was last compared with the question.
    """

    number: int
    id: str
    question: str
    form: Form | None
    filters: Filters
    created_at: str
    answer_id: str | None
    fingerprint: str | None
    passages: int
    looked_at: float
    generation: int

    def to_question(self) -> Question:
        """The question, parsed."""
        return Question.parse(self.question, self.filters, form=self.form)


@dataclass(frozen=True, slots=True)
class Event:
    """A watch's answer has changed. ``attempts``: to deliver it so far."""

    id: str
    watch: str
    question: str
    old_answer: str
    new_answer: str
    created_at: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What the archive held when a watch was compared with it; see `Watch`."""

    passages: int
    looked_at: float
    generation: int


def add_watch(store: Store, question: str, filters: Filters, form: Form | None = None) -> Watch:
    """Store a question that is to be asked again; the same again is the same watch.

    Raises BadInput, ArchiveBusy.
    """
    if filters.as_of is not None or filters.known_at is not None:
        raise BadInput("a standing question is asked as of now: leave out as_of and known_at")
    Question.parse(question, filters, form=form)
    given = (question, form, filters.to_json())
    with store.aside() as database:
        known = database.execute(
            f"SELECT {_WATCH} FROM watches w WHERE question = ?"
            " AND coalesce(form, '') = coalesce(?, '') AND filters = ?",
            given,
        ).fetchone()
        if known is None:
            (count,) = database.execute("SELECT count(*) FROM watches").fetchone()
            if count >= MOST_WATCHES:
                raise BadInput(f"there are {count} standing questions already; remove one first")
            identity = f"watch_{secrets.token_hex(8)}"
            database.execute(
                "INSERT INTO watches (id, created_at, question, form, filters)"
                " VALUES (?, ?, ?, ?, ?)",
                (identity, _now(store), *given),
            )
            known = _row(database, identity)
    return _watch(known)


def list_watches(store: Store) -> list[Watch]:
    """All standing questions, oldest first."""
    with store.reading() as database:
        rows = database.execute(f"SELECT {_WATCH} FROM watches w ORDER BY w.number")
        return [_watch(row) for row in rows]


def remove_watch(store: Store, watch_id: str) -> None:
    """Remove a standing question with its events. Raises NotFound."""
    with store.aside() as database:
        removed = database.execute("DELETE FROM watches WHERE id = ?", (watch_id,)).rowcount
    if not removed:
        raise NotFound(f"no standing question '{watch_id}'; see: dateline watch list")


def note_seen(store: Store, watch: Watch, seen: Seen) -> None:
    """Note what a watch was compared with, where nothing new matched it."""
    with store.aside() as database:
        _update(database, watch, seen)


def note_answer(
    store: Store, watch: Watch, seen: Seen, answer_id: str, fingerprint: str
) -> str | None:
    """Note a watch's new answer; the id of the event, where it differs from the one before.

    None also where the watch was removed, or another process was faster: of two that ask the same
    question again, one makes the event.
    """
    with store.aside() as database:
        if not _update(database, watch, seen):
            return None
        database.execute(
            "UPDATE watches SET answer_id = ?, fingerprint = ? WHERE number = ?",
            (answer_id, fingerprint, watch.number),
        )
        if watch.fingerprint in (None, fingerprint):
            return None
        identity = f"event_{secrets.token_hex(12)}"
        database.execute(
            "INSERT INTO watch_events (id, watch, old_answer, new_answer, created_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (identity, watch.number, watch.answer_id, answer_id, _now(store)),
        )
        database.execute(
            "DELETE FROM watch_events WHERE number <="
            " (SELECT number FROM watch_events ORDER BY number DESC LIMIT 1 OFFSET ?)",
            (MOST_EVENTS,),
        )
    return identity


def list_events(store: Store, limit: int) -> list[Event]:
    """The newest events, newest first."""
    with store.reading() as database:
        rows = database.execute(
            f"SELECT {_EVENT} FROM watch_events e JOIN watches w ON w.number = e.watch"
            " ORDER BY e.number DESC LIMIT ?",
            (limit,),
        )
        return [Event(*row) for row in rows]


def due_events(store: Store) -> list[Event]:
    """The events that should be delivered now, oldest first."""
    with store.reading() as database:
        rows = database.execute(
            f"SELECT {_EVENT} FROM watch_events e JOIN watches w ON w.number = e.watch"
            " WHERE e.delivered_at IS NULL AND e.attempts <= ? AND e.next_attempt <= ?"
            " ORDER BY e.number",
            (len(DELAYS), store.clock().timestamp()),
        )
        return [Event(*row) for row in rows]


def begin_attempt(store: Store, event: Event) -> bool:
    """Note that an event is being delivered. False: it was delivered, or another process is at it.

    Noted before the attempt, so that a crash in it is followed by another one, after a while.
    """
    delay = DELAYS[min(event.attempts, len(DELAYS) - 1)]
    with store.aside() as database:
        begun = database.execute(
            "UPDATE watch_events SET attempts = attempts + 1, next_attempt = ?"
            " WHERE id = ? AND attempts = ? AND delivered_at IS NULL",
            (store.clock().timestamp() + delay, event.id, event.attempts),
        ).rowcount
    return bool(begun)


def note_delivered(store: Store, event: Event) -> None:
    """Note that the webhook took an event: it is never sent again."""
    with store.aside() as database:
        database.execute(
            "UPDATE watch_events SET delivered_at = ? WHERE id = ?", (_now(store), event.id)
        )


def watch_json(watch: Watch) -> dict[str, Any]:
    """The watch as it is shown."""
    return {
        "id": watch.id,
        "question": watch.question,
        "form": watch.form,
        "filters": {name: value for name, value in _filters(watch.filters).items() if value},
        "created_at": watch.created_at,
        "answer_id": watch.answer_id,
    }


def event_json(event: Event, snapshot: Snapshot) -> dict[str, Any]:
    """The event as it is shown, with what its answers say, as far as they are still stored."""
    return {
        "event_id": event.id,
        "watch_id": event.watch,
        "question": event.question,
        "created_at": event.created_at,
        "before": _said(event.old_answer, snapshot),
        "after": _said(event.new_answer, snapshot),
    }


def _said(answer_id: str, snapshot: Snapshot) -> dict[str, Any]:
    try:
        answer = snapshot.answer(answer_id)
    except NotFound:
        return {"answer_id": answer_id, "status": None, "answer": None, "short_answer": None}
    short = answer.short_answer
    return {
        "answer_id": answer_id,
        "status": answer.status,
        "answer": answer.answer,
        "short_answer": None if short is None else short.model_dump(mode="json"),
    }


def _filters(filters: Filters) -> dict[str, Any]:
    names = ("sources", "authors", "sections", "languages", "article_ids",
             "published_from", "published_to", "include_undated")  # fmt: skip
    return {name: getattr(filters, name) for name in names}


def _update(database: Database, watch: Watch, seen: Seen) -> bool:
    """Note what a watch was compared with, unless that was noted since it was read."""
    return bool(
        database.execute(
            "UPDATE watches SET passages = ?, looked_at = ?, generation = ?"
            " WHERE number = ? AND looked_at = ? AND generation = ?",
            (
                seen.passages,
                seen.looked_at,
                seen.generation,
                watch.number,
                watch.looked_at,
                watch.generation,
            ),
        ).rowcount
    )


def _row(database: Database, watch_id: str) -> Sequence[Any]:
    row: Sequence[Any] = database.execute(
        f"SELECT {_WATCH} FROM watches w WHERE id = ?", (watch_id,)
    ).fetchone()
    return row


def _watch(row: Sequence[Any]) -> Watch:
    number, identity, question, form, filters, *rest = row
    return Watch(number, identity, question, form, Filters.from_json(filters), *rest)


def _now(store: Store) -> str:
    return iso_instant(store.clock().timestamp())
