"""Archives of older versions."""

import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from qa.archive import answers
from qa.archive.keys import any_key
from qa.archive.sqlite.schema import APPLICATION_ID, MIGRATIONS, SCHEMA, SCHEMA_VERSION, statements
from qa.archive.sqlite.store import DATABASE, SqliteStore
from qa.types import Article
from tests.support.stores import create, delete, seen
from tests.support.stores import new as new_version
from tests.support.values import an_answer


def older_archive(folder: Path, version: int) -> sqlite3.Connection:
    """An empty archive as a Dateline of that schema version made it."""
    folder.mkdir()
    database = sqlite3.connect(folder / DATABASE)
    for script in (SCHEMA, *(MIGRATIONS[step] for step in range(1, version))):
        for statement in statements(script):
            database.execute(statement)
    manifest = {"generation": "0", "embedder": "e", "embedder_digest": "d", "dimension": "4"}
    database.executemany("INSERT INTO manifest VALUES (?, ?)", manifest.items())
    database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    database.execute(f"PRAGMA user_version = {version}")
    database.commit()
    return database


def dump(folder: Path) -> set[str]:
    """The definitions of all tables, indexes and columns."""
    database = sqlite3.connect(folder / DATABASE)
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master")]
    columns = {
        f"{name}.{row[1]}"
        for name in names
        for row in database.execute(f"PRAGMA table_info({name})")
    }
    database.close()
    return columns | set(names)


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_an_archive_of_an_older_version_is_brought_up_to_this_one(
    tmp_path: Path, version: int
) -> None:
    older_archive(tmp_path / "old", version).close()
    SqliteStore.create(tmp_path / "new", "e", "d", 4).close()
    for _ in range(2):
        store = SqliteStore.open(tmp_path / "old")
        with store.aside() as database:
            answers.store(database, an_answer(id="a"), 5)
        with store.snapshot() as snapshot:
            assert snapshot.answer("a") == an_answer(id="a")
        assert not any_key(store)
        store.close()
    assert dump(tmp_path / "old") == dump(tmp_path / "new")
    file = sqlite3.connect(tmp_path / "old" / DATABASE)
    assert file.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    file.close()


def test_keys_that_were_unused_before_become_fields(tmp_path: Path) -> None:
    database = older_archive(tmp_path / "old", 3)
    extra = {"section": "World", "status": "canceled", "x": 1}
    for identity, text, other in (("a", "Ships came.", extra), ("b", "Ships left.", {})):
        record: dict[str, object] = {"updated_at": None, "authors": [], "url": None, "extra": other}
        key = database.execute(
            "INSERT INTO versions (article_id, version, current, text, record)"
            " VALUES (?, 'v', 1, ?, ?)",
            (identity, text, json.dumps(record)),
        ).lastrowid
        database.execute(
            "INSERT INTO passages (version_key, start, end, vector) VALUES (?, 0, ?, ?)",
            (key, len(text), bytes(16)),
        )
    database.commit()
    database.close()
    store = SqliteStore.open(tmp_path / "old")
    assert seen(store) == ["Ships left."]
    with store.snapshot() as snapshot:
        article = snapshot.article("a").article
    store.close()
    assert (article.section, article.status, article.extra) == ("World", "canceled", {"x": 1})


def test_an_archive_of_schema_7_is_seen_as_one_that_was_written_now(tmp_path: Path) -> None:
    """Its versions get the intervals, and the places of their passages, that a writer gives."""
    new = create(tmp_path / "new")
    drawn = random.Random(7)
    days = [None, *(f"2024-05-{day:02}" for day in range(1, 9))]
    for number in range(120):
        article = Article(
            id=f"report-{drawn.randrange(40)}",
            text=f"Number {number}. It was said.",
            published_at=drawn.choice(days),
            updated_at=drawn.choice(days),
            embargoed_until=drawn.choice(days) if drawn.random() < 0.3 else None,
        )
        put_passages(new, article, [(0, 10), (10, len(article.text))][: drawn.randint(1, 2)])
    delete(new, "report-3")
    old = older_archive(tmp_path / "old", 7)
    old.execute("ATTACH ? AS new", (str(tmp_path / "new" / DATABASE),))
    for table in ("versions", "passages"):
        columns = ", ".join(
            f'"{row[1]}"' for row in old.execute(f"PRAGMA main.table_info({table})")
        )
        old.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
    old.commit()
    old.close()
    migrated = SqliteStore.open(tmp_path / "old")
    assert rows_of_versions(migrated) == rows_of_versions(new)
    for as_of in days[1:]:
        for include_undated in (False, True):
            filters = {"as_of": as_of, "include_undated": include_undated}
            assert seen(migrated, **filters) == seen(new, **filters) != []
    new.close()
    migrated.close()


def put_passages(store: SqliteStore, article: Article, spans: list[tuple[int, int]]) -> None:
    with store.writing() as writer:
        writer.put(new_version(article, spans=spans))


def rows_of_versions(store: SqliteStore) -> list[tuple[Any, ...]]:
    with store.reading() as database:
        return database.execute(
            "SELECT key, article_id, text, visible_from, visible_until, visible_until_undated,"
            " first_passage, last_passage FROM versions ORDER BY key"
        ).fetchall()
