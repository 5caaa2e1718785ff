"""A transaction of either store, for the statements that both share.

Shared statements are written once, in the SQL that SQLite and PostgreSQL have in common, with
``?`` or ``:name`` for values. ``IN :name`` takes a list of any length.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

Values = Sequence[Any] | Mapping[str, Any]


class Rows(Protocol):
    """What a statement returned."""

    @property
    def rowcount(self) -> int:
        """How many rows an INSERT, UPDATE or DELETE changed."""

    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Database(Protocol):
    """A connection inside a transaction that somebody else ends."""

    def execute(self, statement: str, values: Values = (), /) -> Rows: ...
    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> object: ...


def raise_generation(database: Database) -> None:
    """Make caches notice a change."""
    database.execute(
        "UPDATE manifest SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)"
        " WHERE key = 'generation'"
    )


def insert(database: Database, table: str, row: Mapping[str, Any], key: str = "key") -> int:
    """Add a row; returns the ``key`` that the database gave it."""
    marks = ", ".join("?" * len(row))
    inserted = database.execute(
        f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks}) RETURNING {key}",
        tuple(row.values()),
    )
    ((given,),) = inserted.fetchall()
    return int(given)
