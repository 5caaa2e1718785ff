"""Connections to PostgreSQL: a pool, its transactions, and its errors as ours."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psycopg
from pgvector.psycopg import register_vector
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo, PGconn, Ping
from psycopg_pool import ConnectionPool

from qa.archive.database import Values
from qa.errors import (
    ArchiveBusy,
    ArchiveUnreachable,
    BadInput,
    EmptyArchive,
    StorageFailed,
    StoreError,
)

OLDEST_SERVER = 13
OLDEST_PGVECTOR = (0, 7, 0)  # the first with `sparsevec`

_SIZE = 16  # connections of one process, at most
_WAIT = 5  # seconds that a transaction waits for a connection
# Unless the URL says otherwise. A host that vanished is noticed in half a minute, not in two hours.
_DEFAULTS: Mapping[str, str | int] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "application_name": "dateline",
}
# Compiling a statement costs more than the second that the longest of ours takes.
_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off"
_BEGIN_WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL jit = off"

_ROW = re.compile(r"\bVALUES (\((?:\?, )*\?\))(?!.*DO UPDATE)")
_AT_ONCE = 500  # rows

_UNREACHABLE = frozenset({"57P01", "57P02", "57P03", "57P05", "53300"})
_BUSY = frozenset({"40001", "40P01", "55P03", "57014"})
_FAILED = frozenset({"53100", "53200", "58030", "42501", "3F000"})


@dataclass(frozen=True, slots=True)
class Server:
    """What was found at the other end. A standby, and a server that is set so, is ``read_only``."""

    version: int  # the major one
    read_only: bool


class Transaction:
    """A connection inside a transaction, for statements in the SQL that both stores share."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self.connection = connection

    def execute(self, statement: str, values: Values = (), /) -> "psycopg.Cursor[Any]":
        return self.connection.execute(translate(statement), _without_nul(values))

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> object:
        values = [_without_nul(row) for row in rows]
        row = _ROW.search(statement)
        cursor = self.connection.cursor()
        if row is None:
            cursor.executemany(translate(statement), values)
            return cursor
        # A statement for many rows takes a third of the time of one for each.
        for start in range(0, len(values), _AT_ONCE):
            part = values[start : start + _AT_ONCE]
            marks = ", ".join([row[1].replace("?", "%s")] * len(part))
            head, tail = statement[: row.start(1)], statement[row.end(1) :]
            cursor.execute(
                translate(head) + marks.encode() + translate(tail),
                [value for one in part for value in one],
            )
        return cursor

    def run(self, script: str) -> None:
        """Run statements without values, separated by semicolons."""
        self.connection.execute(script.encode())


class Connections:
    """A pool of connections to one database. Safe to share between threads.

    A connection that broke is replaced when it is next asked for, so that a server that was
    restarted, or another that took over, is used again by itself.
    """

    def __init__(self, url: str, size: int = _SIZE) -> None:
        """Raises StorageFailed, ArchiveUnreachable and BadInput; see `check`."""
        given = _parse(url)
        self.place = _describe(given)
        self._conninfo = make_conninfo(**{**_DEFAULTS, **given})
        self.server = self._look()
        self._pool = ConnectionPool(
            self._conninfo,
            min_size=0,
            max_size=size,
            timeout=_WAIT,
            # Each request begins a new attempt; one that goes on by itself pauses ever longer.
            reconnect_timeout=_WAIT,
            # Prepared statements do not survive PgBouncer, nor does a plan fit every filter.
            kwargs={"autocommit": True, "prepare_threshold": None},
            configure=register_vector,
            check=ConnectionPool.check_connection,
            open=True,
            name="dateline",
        )

    def reading(self) -> AbstractContextManager[Transaction]:
        """One read transaction, in which everything is as it was at its first statement."""
        return self._transaction(_BEGIN_READING)

    def writing(self, wait: float) -> AbstractContextManager[Transaction]:
        """One write transaction, committed at the end; all of it happens, durably, or nothing.

        ``wait``: seconds to wait for any one lock; then ArchiveBusy. A lost connection raises
        ArchiveUnreachable; if that was at the very end, the transaction may have happened.
        """
        # PostgreSQL reads 0 as "for ever".
        limit = max(1, round(wait * 1000))
        return self._transaction(f"{_BEGIN_WRITING}; SET LOCAL lock_timeout = {limit}")

    @contextmanager
    def single(self) -> Iterator["psycopg.Connection[Any]"]:
        """A connection outside of any transaction: for advisory locks, VACUUM and the like.

        It is closed afterwards, which releases what it locked.
        """
        with (
            translating_errors(self.place),
            psycopg.connect(self._conninfo, autocommit=True) as connection,
        ):
            register_vector(connection)
            yield connection

    def close(self) -> None:
        """Close every connection, once those in use are given back."""
        self._pool.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Transaction]:
        with translating_errors(self.place), self._pool.connection() as connection:
            connection.execute(begin.encode())
            yield Transaction(connection)

    def _look(self) -> Server:
        try:
            connection = psycopg.connect(self._conninfo, autocommit=True)
        except psycopg.OperationalError as error:
            # A failed attempt has no SQLSTATE, and its message may be in any language.
            reached = PGconn.ping(self._conninfo.encode()) in (Ping.OK, Ping.NO_ATTEMPT)
            kind = StorageFailed if reached else ArchiveUnreachable
            raise kind(f"cannot use {self.place}: {_one_line(error)}") from error
        with connection, translating_errors(self.place):
            return check(connection, self.place)


def check(connection: "psycopg.Connection[Any]", place: str) -> Server:
    """Look at a server, and enable pgvector where that has not been done.

    Raises StorageFailed when an archive cannot be there.
    """
    version = connection.info.server_version // 10_000
    if version < OLDEST_SERVER:
        raise StorageFailed(
            f"{place} is PostgreSQL {version}, which is too old: Dateline needs {OLDEST_SERVER}"
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise StorageFailed(
            f"the database of {place} has the encoding {encoding}: create one with UTF8"
        )
    pgvector = _pgvector(connection)
    if pgvector is None:
        pgvector = _enable_pgvector(connection, place)
    if pgvector < OLDEST_PGVECTOR:
        raise StorageFailed(
            f"{place} has pgvector {_dotted(pgvector)}, which is too old: Dateline needs"
            f" {_dotted(OLDEST_PGVECTOR)}; after installing it: ALTER EXTENSION vector UPDATE"
        )
    ((setting,),) = connection.execute("SHOW transaction_read_only").fetchall()
    return Server(version, setting == "on")


def translate(statement: str) -> bytes:
    """A statement of the shared SQL as psycopg wants it."""
    return _translate(statement).encode()


def explain(error: psycopg.Error, place: str) -> StoreError | BadInput | None:
    """The error as ours; None where it is a fault of the program."""
    state, message = error.sqlstate, _one_line(error)
    if state is None:
        lost = isinstance(error, psycopg.OperationalError)
        return ArchiveUnreachable(f"no connection to {place}: {message}") if lost else None
    if state in _UNREACHABLE or state.startswith("08"):
        return ArchiveUnreachable(f"no connection to {place}: {message}")
    if state in _BUSY:
        return ArchiveBusy(f"the archive in {place} is being written; try again shortly")
    if state in _FAILED or state.startswith("28") or state == "3D000":
        return StorageFailed(f"{place}: {message}; nothing of this step was stored")
    if state == "25006":
        return StorageFailed(f"{place} is read-only: a standby, or set so; nothing was stored")
    if state == "42P01":
        return EmptyArchive(f"no archive in {place}; give it articles first: dateline ingest PATH")
    if state in ("54000", "22021"):
        return BadInput(f"{place} cannot store this: {message}")
    return None


@contextmanager
def translating_errors(place: str) -> Iterator[None]:
    """PostgreSQL's errors, as ours."""
    try:
        yield
    except psycopg.Error as error:
        ours = explain(error, place)
        if ours is None:
            raise
        raise ours from error
    except UnicodeEncodeError as error:  # half of a surrogate pair, in an id or a filter
        raise BadInput(f"{error.object[:40]!a} is not valid Unicode text") from error


_SYNTAX = re.compile(
    r"'(?:[^']|'')*'"  # text, in which only a percent sign means anything to psycopg
    r"|::"
    r"|\bNOT\s+IN\s+:(?P<none>\w+)"
    r"|\bIN\s+:(?P<any>\w+)"
    r"|:(?P<name>[a-z_]\w*)"
    r"|(?P<mark>\?)"
    r"|%",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def _translate(statement: str) -> str:
    return _SYNTAX.sub(_replacement, statement)


def _replacement(found: re.Match[str]) -> str:
    if found["mark"]:
        return "%s"
    if found["name"]:
        return f"%({found['name']})s"
    if found["any"]:
        return f"= ANY(%({found['any']})s)"
    if found["none"]:
        return f"<> ALL(%({found['none']})s)"
    return found[0].replace("%", "%%")


def _without_nul(values: Values) -> Values:
    """PostgreSQL's text has no NUL. It becomes U+FFFD, so that what is stored is found again."""
    if isinstance(values, Mapping):
        return {name: _replace_nul(value) for name, value in values.items()}
    return [_replace_nul(value) for value in values]


def _replace_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
    if isinstance(value, list):
        return [_replace_nul(part) for part in value]
    return value


def _parse(url: str) -> dict[str, Any]:
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:  # its message would repeat the password
        unknown = _unknown_option(url)
        raise BadInput(
            "the store's address is not valid: postgresql://USER@HOST/DATABASE is expected,"
            " with special characters percent-encoded"
            if unknown is None
            else f"the store's address has the option '{unknown}', which PostgreSQL does not know"
        ) from None
    return {name: value for name, value in given.items() if value is not None}


def _unknown_option(url: str) -> str | None:
    """The first option of an address that libpq does not know; never a part of a password."""
    address, _, options = url.rpartition("@")[2].partition("?")
    port = address.partition("://")[2].partition("/")[0].partition(":")[2]
    names = [option.partition("=")[0] for option in options.split("&") if "=" in option]
    # Of an address without "@" what looks like a port may be a password with a "?" in it, and what
    # follows an unencoded "&" belongs to a password before it.
    if (port and not port.isdigit()) or any(name.endswith("password") for name in names):
        return None
    known = {"ssl", *(option.keyword.decode() for option in Conninfo.get_defaults())}
    return next((name for name in names if name not in known), None)


def _describe(given: Mapping[str, Any]) -> str:
    """Where the database is, without the password."""
    user = f"{given['user']}@" if "user" in given else ""
    host = given.get("host") or given.get("hostaddr") or ""
    port = f":{given['port']}" if "port" in given else ""
    return f"postgresql://{user}{host}{port}/{given.get('dbname', '')}"


def _pgvector(connection: "psycopg.Connection[Any]") -> tuple[int, ...] | None:
    row = connection.execute(
        "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
    ).fetchone()
    return None if row is None else tuple(int(part) for part in row[0].split("."))


def _enable_pgvector(connection: "psycopg.Connection[Any]", place: str) -> tuple[int, ...]:
    available = connection.execute(
        "SELECT 1 FROM pg_available_extensions WHERE name = 'vector'"
    ).fetchone()
    if available is None:
        raise StorageFailed(f"the server of {place} has no pgvector: install it there")
    try:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except psycopg.Error as error:
        # "IF NOT EXISTS" does not see what another process enables at the same moment.
        if (enabled := _pgvector(connection)) is not None:
            return enabled
        raise StorageFailed(
            f"pgvector is not enabled in the database of {place} ({_one_line(error)});"
            " its owner must run there: CREATE EXTENSION vector"
        ) from error
    return _pgvector(connection) or ()


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))


def _one_line(error: psycopg.Error) -> str:
    return " ".join((error.diag.message_primary or str(error)).split())
