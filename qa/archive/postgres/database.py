"""A connection to PostgreSQL that takes the statements of `qa.archive.database`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg

from qa.archive.database import Rows, Values
from qa.errors import BadInput

_LIST = re.compile(r"\bIN :(\w+)")
_NAMED = re.compile(r"(?<!:):(\w+)")
_ASKS = re.compile(r"\s*(SELECT|WITH|DELETE)\b")
# PostgreSQL's text holds no NUL, so nothing stored equals this either: a character that Unicode
# gives to nobody.
_NOTHING = "\U0010ffff"


class PostgresDatabase:
    """A transaction; who opened it ends it."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def execute(self, statement: str, values: Values = (), /) -> Rows:
        if _ASKS.match(statement):
            values = _findable(values)
        return self.connection.execute(_translate(statement), values)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> None:
        with self.connection.cursor() as cursor:
            cursor.executemany(_translate(statement), list(rows))


@lru_cache(maxsize=512)
def _translate(statement: str) -> bytes:
    """The statement with psycopg's marks for values. Bytes: it is not made of what users send."""
    listed = _LIST.sub(r"= ANY(:\1)", statement.replace("%", "%%"))
    return _NAMED.sub(r"%(\1)s", listed).replace("?", "%s").encode()


def _findable(values: Values) -> Values:
    """The values that are looked for, with NUL as a character that is not there."""
    if isinstance(values, Mapping):
        return {name: _without_nul(value) for name, value in values.items()}
    return [_without_nul(value) for value in values]


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", _NOTHING)
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    return value


def refuse_nul(text: str | None) -> None:
    """Raises BadInput for what PostgreSQL cannot store."""
    if text is not None and "\0" in text:
        raise BadInput(f"{text[:40]!a} holds a NUL, which PostgreSQL cannot store")
