"""How often callers call, and what each key uses in a day: counted for all processes and hosts.

The counters are no part of the archive: see `Store.counting`.
"""

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from qa.archive.store import Store

# In the SQL of both stores.
COUNTERS = """
CREATE TABLE IF NOT EXISTS calls (
    bucket TEXT PRIMARY KEY,                 -- whose calls of what
    ticks TEXT NOT NULL,                     -- those in the window, as JSON
    ends DOUBLE PRECISION NOT NULL           -- when the last of them leaves it
);
CREATE INDEX IF NOT EXISTS calls_end ON calls (ends);
CREATE TABLE IF NOT EXISTS key_use (
    key_id TEXT NOT NULL,
    day TEXT NOT NULL,                       -- in UTC
    questions BIGINT NOT NULL DEFAULT 0,
    tokens BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (key_id, day)
);
"""
_TICKS = 60  # that a window is counted in


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``amount`` calls within any ``seconds``."""

    amount: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What is ``left`` of a rate, and in how many seconds (``reset``) there will be more.

    ``granted``: this call was counted, and may go on.
    """

    granted: bool
    left: int
    reset: int


@dataclass(frozen=True, slots=True)
class Budget:
    """What a key may use in a day; None: as much as it likes."""

    questions: int | None = None
    tokens: int | None = None


UNLIMITED = Budget()


@dataclass(frozen=True, slots=True)
class Use:
    """What a key has used in a day."""

    questions: int = 0
    tokens: int = 0

    def exceeds(self, budget: Budget) -> str | None:
        """What is used up, "questions" or "tokens"; None if neither."""
        if budget.questions is not None and self.questions >= budget.questions:
            return "questions"
        if budget.tokens is not None and self.tokens >= budget.tokens:
            return "tokens"
        return None


def count_call(store: Store, bucket: str, rate: Rate) -> Counted:
    """Count a call, if the moving window has room for it.

    The calls of one tick, a sixtieth of the window, are counted as if all came with its last. So
    no window ever holds more calls than the rate allows. Raises StoreError.
    """
    with store.counting() as (database, clock):
        # Locks the row, whether it was there or not.
        ((stored,),) = database.execute(
            "INSERT INTO calls (bucket, ticks, ends) VALUES (?, '', 0)"
            " ON CONFLICT (bucket) DO UPDATE SET ticks = calls.ticks RETURNING ticks",
            (bucket,),
        ).fetchall()
        now = clock()  # under the lock, so that nobody's call is later
        # After a restart of the machine its clock begins anew: later calls are of the time before.
        ticks = [
            (last, calls)
            for last, calls in (json.loads(stored) if stored else [])
            if now - rate.seconds < last <= now
        ]
        granted = sum(calls for _, calls in ticks) < rate.amount
        if granted:
            ticks = _with_call(ticks, now, rate.seconds / _TICKS)
        database.execute(
            "UPDATE calls SET ticks = ?, ends = ? WHERE bucket = ?",
            (json.dumps(ticks), now + rate.seconds, bucket),
        )
        if not stored:  # a new caller: make room
            database.execute("DELETE FROM calls WHERE ends < ?", (now,))
    left = rate.amount - sum(calls for _, calls in ticks)
    return Counted(granted, left, max(1, math.ceil(ticks[0][0] + rate.seconds - now)))


def _with_call(ticks: list[tuple[float, int]], now: float, tick: float) -> list[tuple[float, int]]:
    """One call more; ticks are (time of the last call, calls), oldest first."""
    if not ticks or ticks[-1][0] // tick != now // tick:
        return [*ticks, (now, 1)]
    return [*ticks[:-1], (now, ticks[-1][1] + 1)]


def take_question(store: Store, key_id: str, budget: Budget) -> tuple[bool, Use]:
    """Count a question of today unless the budget is used up; whether it was counted, and the use.

    Raises StoreError.
    """
    place = (key_id, today(store))
    room = [
        f" AND {name} < {most:d}"
        for name, most in (("questions", budget.questions), ("tokens", budget.tokens))
        if most is not None
    ]
    with store.counting() as (database, _):
        begun = database.execute(
            "INSERT INTO key_use (key_id, day) VALUES (?, ?) ON CONFLICT DO NOTHING", place
        )
        if begun.rowcount:
            database.execute("DELETE FROM key_use WHERE day < ?", place[1:])
        counted = database.execute(
            "UPDATE key_use SET questions = questions + 1 WHERE key_id = ? AND day = ?"
            f"{''.join(room)} RETURNING questions, tokens",
            place,
        ).fetchall()
        used = (
            counted
            or database.execute(
                "SELECT questions, tokens FROM key_use WHERE key_id = ? AND day = ?", place
            ).fetchall()
        )
    return bool(counted), Use(*used[0])


def add_tokens(store: Store, key_id: str, tokens: int) -> None:
    """Count tokens of today, which a question has used. Raises StoreError."""
    with store.counting() as (database, _):
        database.execute(
            "INSERT INTO key_use (key_id, day, tokens) VALUES (?, ?, ?)"
            " ON CONFLICT (key_id, day) DO UPDATE SET tokens = key_use.tokens + excluded.tokens",
            (key_id, today(store), tokens),
        )


def used_today(store: Store) -> dict[str, Use]:
    """What each key has used today; a key that used nothing is left out. Raises StoreError."""
    with store.counting() as (database, _):
        rows = database.execute(
            "SELECT key_id, questions, tokens FROM key_use WHERE day = ?", (today(store),)
        ).fetchall()
    return {row[0]: Use(*row[1:]) for row in rows}


def today(store: Store) -> str:
    """The day by which budgets go, in UTC."""
    return store.clock().astimezone(UTC).date().isoformat()


def until_tomorrow(store: Store) -> int:
    """Seconds until the day turns, at least one."""
    now = store.clock().astimezone(UTC)
    midnight = datetime.combine(now.date() + timedelta(days=1), time.min, UTC)
    return max(1, math.ceil((midnight - now).total_seconds()))
