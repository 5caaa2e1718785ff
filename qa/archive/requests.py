"""Requests with an Idempotency-Key: the work is done once, and its result is sent again.

One process works at a request and says so every few seconds. When it stops saying so it is dead,
and the next process that is sent the request takes it over.
"""

import secrets
from dataclasses import dataclass

from qa.archive.database import Database
from qa.archive.store import Store

KEPT = 24 * 60 * 60.0  # seconds that a request is remembered
HELD = 15.0  # seconds for which a process takes a request, again and again while it works
_COLUMNS = "id, fingerprint, run, begun, held_until, result, answer_id"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it is stored.

    ``run`` names the work: a process that takes a request over begins another. ``held_until`` is
    None once the work is done. ``result`` is None until then, and after an article was deleted:
    then the stored answer ``answer_id`` says what is left; see `qa.archive.answers`.
    """

    id: str
    fingerprint: str
    run: str
    begun: float
    held_until: float | None
    result: str | None
    answer_id: str | None

    @property
    def done(self) -> bool:
        return self.held_until is None


@dataclass(frozen=True, slots=True)
class Result:
    """What a request led to. ``article_ids``: the articles whose text it may hold."""

    content: str
    answer_id: str | None = None
    article_ids: frozenset[str] = frozenset()


def new_run() -> str:
    """A name for the work at one request."""
    return secrets.token_hex(12)


def claim(store: Store, request_id: str, fingerprint: str, run: str) -> Request:
    """Begin a request, or take it over from a dead process, as ``run``; else it is another's.

    What was sent before with another ``fingerprint`` is left as it is. Raises ArchiveBusy.
    """
    now = store.clock().timestamp()
    with store.aside() as database:
        database.execute("DELETE FROM requests WHERE begun < ?", (now - KEPT,))
        database.execute(
            "INSERT INTO requests (id, fingerprint, run, begun, held_until) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING",
            (request_id, fingerprint, run, now, now + HELD),
        )
        database.execute(
            "UPDATE requests SET run = ?, begun = ?, held_until = ?"
            " WHERE id = ? AND fingerprint = ? AND held_until < ?",
            (run, now, now + HELD, request_id, fingerprint, now),
        )
        row = database.execute(
            f"SELECT {_COLUMNS} FROM requests WHERE id = ?", (request_id,)
        ).fetchone()
    return Request(*row)


def find(store: Store, request_id: str) -> Request | None:
    """The request, if it is remembered."""
    with store.reading() as database:
        row = database.execute(
            f"SELECT {_COLUMNS} FROM requests WHERE id = ?", (request_id,)
        ).fetchone()
    return None if row is None else Request(*row)


def expired(store: Store, request: Request) -> bool:
    """Return True if the process that worked at it is dead."""
    return request.held_until is not None and request.held_until < store.clock().timestamp()


def hold(store: Store, run: str) -> None:
    """Say that the work goes on. Raises ArchiveBusy."""
    until = store.clock().timestamp() + HELD
    with store.aside() as database:
        database.execute(
            "UPDATE requests SET held_until = ? WHERE run = ? AND held_until IS NOT NULL",
            (until, run),
        )


def finish(store: Store, run: str, result: Result) -> None:
    """Store what a request led to. Raises ArchiveBusy.

    No text is stored where one of its articles was deleted meanwhile.
    """
    with store.aside(result.article_ids) as database:
        whole = all(_exists(database, article_id) for article_id in sorted(result.article_ids))
        database.execute(
            "UPDATE requests SET held_until = NULL, result = ?, answer_id = ? WHERE run = ?",
            (result.content if whole else None, result.answer_id, run),
        )


def release(store: Store, run: str) -> None:
    """Forget a request whose work failed or was stopped: sent again, it begins anew."""
    with store.aside() as database:
        database.execute("DELETE FROM requests WHERE run = ?", (run,))


def _exists(database: Database, article_id: str) -> bool:
    found = database.execute("SELECT 1 FROM versions WHERE article_id = ?", (article_id,))
    return found.fetchone() is not None
