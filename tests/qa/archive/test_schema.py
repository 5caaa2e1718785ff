"""Archives of older versions."""

import sqlite3
from pathlib import Path

import pytest

from qa.archive import answers
from qa.archive.keys import any_key
from qa.archive.schema import SCHEMA_VERSION
from qa.archive.sqlite import DATABASE, Store
from tests.support.values import an_answer

_LACKING = {
    1: "DROP TABLE quoted; DROP TABLE answers;"
    " DROP TABLE job_articles; DROP TABLE jobs; DROP TABLE keys;",
    2: "DROP TABLE job_articles; DROP TABLE jobs; DROP TABLE keys;",
}


@pytest.mark.parametrize("version", sorted(_LACKING))
def test_an_archive_of_an_older_version_is_brought_up_to_this_one(
    tmp_path: Path, version: int
) -> None:
    folder = tmp_path / "old"
    Store.create(folder, "e", "d", 4).close()
    database = sqlite3.connect(folder / DATABASE)
    database.executescript(f"{_LACKING[version]} PRAGMA user_version = {version};")
    database.close()
    for _ in range(2):
        store = Store.open(folder)
        with store.aside() as database:
            answers.store(database, an_answer(id="a"), 5)
        with store.snapshot() as snapshot:
            assert snapshot.answer("a") == an_answer(id="a")
        assert not any_key(store)
        store.close()
    database = sqlite3.connect(folder / DATABASE)
    assert database.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    database.close()
