"""The server that the tests start for themselves."""

from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import Server, create_server

pytestmark = pytest.mark.postgres


def test_a_schema_of_its_own_for_each_test(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        row = connection.execute("SELECT current_schema(), '[1,2]'::vector <#> '[1,2]'").fetchone()
        tables = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
        ).fetchone()
    assert row is not None
    assert row[0].startswith("test_")
    assert row[1] == -5
    assert tables == (0,)


def test_a_private_server_can_be_stopped_and_started(private_postgres: Server) -> None:
    private_postgres.stop()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(private_postgres.url())
    private_postgres.start()
    assert private_postgres.execute("SHOW server_encoding") == [("UTF8",)]


def test_without_a_server_a_test_fails_and_says_how_to_install_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.postgres.SHARED", tmp_path)
    with pytest.raises(pytest.fail.Exception, match=r"tests/support/install_postgres\.sh"):
        create_server()
