"""The audit log: who asked what, when and over which interface. Off unless `audit_days` is set.

A line is written before its question is answered, and completed with the answer's id and status. It
names its end when it is written; see `expire`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from qa.archive.database import Database, insert
from qa.archive.store import Store
from qa.errors import BadInput
from qa.types import instant, iso_instant

Interface = Literal["http", "chat", "mcp", "openai"]
# "asked": not answered yet, or the process ended; "stopped": the client left.
AuditStatus = Literal["asked", "answered", "not_found", "failed", "stopped"]
DAY = 86_400  # seconds
_COLUMNS = "number, asked_at, interface, key_id, name, question, status, answer_id"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. ``key_id`` is None without a key; ``name``: of the key, or of the chat's user."""

    interface: Interface
    key_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One question. ``answer_id`` is None until it is answered, or where that failed."""

    number: int
    asked_at: str  # ISO 8601
    interface: Interface
    key_id: str | None
    name: str | None
    question: str
    status: AuditStatus
    answer_id: str | None


def begin_line(store: Store, caller: Caller, question: str, days: int) -> int:
    """Write the line of a question that is to be answered; its number.

    Raises ArchiveBusy, StorageFailed.
    """
    now = store.clock().timestamp()
    line = {
        "asked_at": now,
        "expires_at": now + days * DAY,
        "interface": caller.interface,
        "key_id": caller.key_id,
        "name": caller.name,
        "question": question,
        "status": "asked",
    }
    with store.aside() as database:
        return insert(database, "audit", line, "number")


def end_line(store: Store, number: int, status: AuditStatus, answer_id: str | None = None) -> None:
    """Complete a line. Raises ArchiveBusy, StorageFailed."""
    with store.aside() as database:
        database.execute(
            "UPDATE audit SET status = ?, answer_id = ? WHERE number = ?",
            (status, answer_id, number),
        )


def list_lines(
    store: Store,
    who: str | None = None,
    since: float | None = None,
    limit: int = 100,
    before: int | None = None,
) -> list[AuditLine]:
    """The newest lines, newest first, without those that have expired.

    ``who``: a key's id or a name; ``since``: seconds since 1970; ``before``: a line's number.
    """
    met = ["expires_at > :now", "asked_at >= :since"]
    values: dict[str, Any] = {
        "now": store.clock().timestamp(),
        "since": 0.0 if since is None else since,
        "limit": limit,
    }
    if who is not None:
        met.append("(key_id = :who OR name = :who)")
        values["who"] = who
    if before is not None:
        met.append("number < :before")
        values["before"] = before
    with store.reading() as database:
        rows = database.execute(
            f"SELECT {_COLUMNS} FROM audit WHERE {' AND '.join(met)}"
            " ORDER BY number DESC LIMIT :limit",
            values,
        )
        return [_line(row) for row in rows]


def instant_of(name: str, day: str | None, *, end_of_day: bool = False) -> float | None:
    """A day or time of a listing, in seconds since 1970; None without one. Raises BadInput."""
    if day is None:
        return None
    try:
        return instant(day, end_of_day=end_of_day)
    except ValueError as error:
        raise BadInput(
            f"{name} is '{day[:40]}'; expected an ISO 8601 date such as 2022-01-19"
        ) from error


def expire(database: Database, now: float, days: int) -> int:
    """Delete the lines whose time is over, and those older than ``days``, unless that is 0; how
    many.
    """
    return database.execute(
        "DELETE FROM audit WHERE expires_at <= ? OR asked_at <= ?",
        (now, now - days * DAY if days else 0.0),
    ).rowcount


def _line(row: Sequence[Any]) -> AuditLine:
    number, asked_at, *rest = row
    return AuditLine(number, iso_instant(asked_at), *rest)
