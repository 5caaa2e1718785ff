"""An archive in PostgreSQL as the first version made it."""

import json
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from qa.archive.keys import list_keys
from qa.archive.postgres.store import PostgresStore
from qa.archive.usage import UNLIMITED, Budget, take_question
from tests.support.postgres import fresh_schema

FIRST = Path(__file__).with_name("schema-1.sql")
OLD = {"generation": "0", "embedder": "fake", "embedder_digest": "d", "dimension": "4"}

pytestmark = pytest.mark.postgres


def columns(url: str) -> set[tuple[str, str, str]]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = current_schema()"
        ).fetchall()
        indexes = connection.execute(
            "SELECT tablename, indexname, '' FROM pg_indexes WHERE schemaname = current_schema()"
        ).fetchall()
    return {*rows, *indexes}


def test_an_archive_of_the_first_version_is_brought_up_to_this_one(
    postgres: str, postgres_server: str
) -> None:
    with psycopg.connect(postgres) as connection:
        connection.execute(FIRST.read_bytes())
        manifest = {**OLD, "archive_id": "a", "schema": "1", "chunker_version": "1"}
        for line in manifest.items():
            connection.execute("INSERT INTO manifest VALUES (%s, %s)", line)
        for number, rights in enumerate(["board", None]):
            connection.execute(
                "INSERT INTO versions (article, article_id, version, current, authors,"
                " authors_folded, text, record, visible_from, visible_until,"
                " visible_until_undated) VALUES (%s, %s, 'v', TRUE, '{}', '{}', 'Rain.', %s,"
                " '-Infinity', 'Infinity', 'Infinity')",
                (b"%d" % number, f"a{number}", json.dumps({"rights": rights, "extra": {"a": 1}})),
            )
        connection.execute(
            "INSERT INTO keys (id, name, digest, scopes, created_at)"
            " VALUES ('key_1', 'desk', 'd', '[\"ask\"]', '2024-01-01')"
        )
    with closing(PostgresStore.open(postgres)) as store:
        (key,) = list_keys(store)
        assert (key.rights, key.budget) == (frozenset(), UNLIMITED)
        assert take_question(store, key.id, Budget(questions=1))[0]
        store.hidden = lambda: frozenset(["board"])
        with store.snapshot() as snapshot:
            assert snapshot.counts().articles == 1
    with fresh_schema(postgres_server) as fresh:
        PostgresStore.create(fresh, "fake", "d", 4).close()
        assert columns(postgres) == columns(fresh)
