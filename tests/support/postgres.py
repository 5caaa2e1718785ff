"""A PostgreSQL server for the tests: private, on a Unix socket in a temporary folder.

`DATELINE_TEST_POSTGRES=postgresql://…` has the tests use that server instead, but for those that
stop the server, change its settings or lock users out: they always start one of their own.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import psycopg
import pytest

SETTING = "DATELINE_TEST_POSTGRES"
GIVEN = os.environ.get(SETTING)  # before `_own_settings` hides it from the tests
SHARED = Path("/usr/share/postgresql")  # Debian's
PASSWORD = "correct horse"  # noqa: S105 - of the role `guarded`, the only one that needs it
MISSING = (
    "these tests need a PostgreSQL server with pgvector. Install one, as root:"
    " tests/support/install_postgres.sh; or name one: {setting}=postgresql://…;"
    " or leave these tests out: -m 'not slow and not bench and not postgres'"
)
_STARTING = 120  # seconds until the server must answer
# Tests lose nothing in a power cut.
_FAST = ("fsync=off", "full_page_writes=off")


@dataclass
class Server:
    """A running PostgreSQL that belongs to the tests."""

    programs: Path
    folder: Path
    settings: tuple[str, ...] = ()
    process: "subprocess.Popen[bytes] | None" = None

    def url(
        self,
        database: str = "postgres",
        *,
        user: str = "postgres",
        password: str | None = None,
        **options: str,
    ) -> str:
        secret = "" if password is None else f":{quote(password)}"
        query = urlencode({"host": str(self.folder), **options})
        return f"postgresql://{user}{secret}@/{database}?{query}"

    def start(self) -> None:
        arguments = ["-D", f"{self._data}", "-k", f"{self.folder}"]
        for setting in ("listen_addresses=", "max_connections=200", *_FAST, *self.settings):
            arguments += ["-c", setting]
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [f"{self.programs / 'postgres'}", *arguments],
                stdout=log,
                stderr=log,
                **_as_postgres(),
            )
        self.process = process
        deadline = time.monotonic() + _STARTING
        while not self._answers():
            if process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                tail = (self.folder / "log").read_text("utf-8", "replace")[-2000:]
                raise RuntimeError(f"PostgreSQL did not start:\n{tail}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """``how``: SIGINT ends the sessions and shuts down; SIGQUIT is as good as a crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(120)
            self.process = None

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as the superuser, outside of any transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return [] if cursor.description is None else cursor.fetchall()

    def standby(self, folder: Path) -> "Server":
        """Another server that follows this one by streaming, started."""
        shutil.chown(folder, *_owner())
        slot = folder.name.replace("-", "_")
        _run(
            self.programs / "pg_basebackup",
            f"-d {self.url()} -D {folder}/data -R -X stream -C -S {slot} -c fast",
        )
        standby = Server(self.programs, folder, self.settings)
        standby.start()
        return standby

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url()).close()
            return True
        return False


def create_server(*settings: str) -> Server:
    """Start a server in a fresh folder; ``settings`` as in ``work_mem=64MB``.

    The test fails where none is installed.
    """
    programs = _find_programs()
    folder = make_folder()
    _run(
        programs / "initdb",
        f"-D {folder}/data -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync",
    )
    access = folder / "data" / "pg_hba.conf"
    first = "local all guarded scram-sha-256\n"
    access.write_text(first + access.read_text("utf-8"), "utf-8")
    server = Server(programs, folder, settings)
    server.start()
    server.execute("CREATE EXTENSION vector")
    server.execute(f"CREATE ROLE guarded LOGIN PASSWORD '{PASSWORD}'")
    return server


def make_folder() -> Path:
    """A folder that the server may use. pytest's are private, and too long for a socket's path."""
    folder = Path(tempfile.mkdtemp(prefix="dateline-pg-"))
    shutil.chown(folder, *_owner())
    return folder


def remove(server: Server) -> None:
    server.stop()
    shutil.rmtree(server.folder)


@pytest.fixture(scope="session")
def private_postgres() -> Iterator[Server]:
    """A server that the tests may stop and restart. They leave it running."""
    server = create_server()
    yield server
    remove(server)


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> str:
    """The URL of the server that the tests use."""
    if GIVEN:
        return GIVEN
    server: Server = request.getfixturevalue("private_postgres")
    return server.url()


@pytest.fixture
def primary_and_standby() -> Iterator[tuple[Server, Server]]:
    """A primary and a standby, which it does not wait for."""
    primary = create_server()
    folder = make_folder()
    standby = None
    try:
        standby = primary.standby(folder)
        yield primary, standby
    finally:
        # The primary waits for its standby when it shuts down.
        remove(primary)
        if standby is not None:
            remove(standby)


def url_of_both(primary: Server, standby: Server) -> str:
    """The URL of whichever of the two takes writes."""
    url = primary.url(target_session_attrs="read-write", connect_timeout="2")
    both = f"{primary.folder},{standby.folder}"
    return url.replace(quote(f"{primary.folder}", ""), quote(both, ""))


def wait_for_deletes(primary: Server, standbys: int = 1) -> None:
    """Have each write wait until that many standbys show it."""
    primary.execute(f"ALTER SYSTEM SET synchronous_standby_names = 'FIRST {standbys} (*)'")
    primary.execute("ALTER SYSTEM SET synchronous_commit = 'remote_apply'")
    primary.execute("SELECT pg_reload_conf()")
    deadline = time.monotonic() + _STARTING
    wanted = [("sync",)] * standbys
    while primary.execute("SELECT sync_state FROM pg_stat_replication") != wanted:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The URL of an empty schema, which is dropped after the test."""
    with fresh_schema(postgres_server) as url:
        yield url


@pytest.fixture
def another_postgres(postgres_server: str) -> Iterator[str]:
    """The URL of a second empty schema."""
    with fresh_schema(postgres_server) as url:
        yield url


@contextmanager
def fresh_schema(server: str) -> Iterator[str]:
    """The URL of an empty schema on a server; it is dropped in the end."""
    schema = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        connection.execute(f"CREATE SCHEMA {schema}".encode())
        yield in_schema(server, schema)
        connection.execute(f"DROP SCHEMA {schema} CASCADE".encode())


def in_schema(url: str, schema: str) -> str:
    """The URL with a search path that puts the schema first."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    options["options"] = f"{options.get('options', '')} -csearch_path={schema},public".strip()
    return parts._replace(query=urlencode(options, quote_via=quote)).geturl()


def _find_programs() -> Path:
    """The folder with the programs of the newest installed server that has pgvector."""
    found = sorted(SHARED.glob("*/extension/vector.control"), key=lambda path: int(path.parts[-3]))
    if not found:
        pytest.fail(MISSING.format(setting=SETTING), pytrace=False)
    return Path("/usr/lib/postgresql") / found[-1].parts[-3] / "bin"


def _run(program: Path, arguments: str) -> None:
    command = [f"{program}", *arguments.split()]
    subprocess.run(command, check=True, capture_output=True, **_as_postgres())


def _as_postgres() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    return {"user": "postgres", "group": "postgres", "extra_groups": [], "cwd": "/"}


def _owner() -> tuple[str | int, str | int]:
    return ("postgres", "postgres") if os.geteuid() == 0 else (os.geteuid(), os.getegid())
