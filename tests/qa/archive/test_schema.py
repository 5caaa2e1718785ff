"""Archives of older versions."""

import sqlite3
from pathlib import Path

import pytest

from qa.archive import answers
from qa.archive.keys import any_key
from qa.archive.schema import SCHEMA_VERSION
from qa.archive.sqlite import DATABASE, Store
from qa.types import Article
from tests.support.stores import put, seen
from tests.support.values import an_answer

_LIFE = "".join(
    f"DROP INDEX versions_{name};" for name in ("withdrawn", "embargoed", "expiring", "correcting")
) + "".join(
    f"ALTER TABLE versions DROP COLUMN {name};"
    for name in ("section", "status", "embargoed", "expires", "corrects", "received")
)
_COPIES = "DROP TABLE copies; DROP TABLE runs;"
_LACKING = {
    1: f"{_LIFE} {_COPIES} DROP TABLE quoted; DROP TABLE answers;"
    " DROP TABLE job_articles; DROP TABLE jobs; DROP TABLE keys;",
    2: f"{_LIFE} {_COPIES} DROP TABLE job_articles; DROP TABLE jobs; DROP TABLE keys;",
    3: f"{_LIFE} {_COPIES}",
    6: _COPIES,
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


def test_keys_that_were_unused_before_become_fields(tmp_path: Path) -> None:
    folder = tmp_path / "old"
    store = Store.create(folder, "e", "d", 4)
    put(store, Article(id="a", text="Ships came."), Article(id="b", text="Ships left."))
    store.close()
    database = sqlite3.connect(folder / DATABASE)
    database.executescript(
        f"{_LIFE} {_COPIES} PRAGMA user_version = 3;"
        "UPDATE versions SET record = json_set(json_remove(record, '$.section', '$.status'),"
        ' \'$.extra\', json(\'{"section": "World", "status": "canceled", "x": 1}\'))'
        " WHERE article_id = 'a';"
    )
    database.close()
    store = Store.open(folder)
    assert seen(store) == ["Ships left."]
    with store.snapshot() as snapshot:
        article = snapshot.article("a").article
        assert snapshot.values_of("sections") == ["World"]
    store.close()
    assert (article.section, article.status, article.extra) == ("World", "canceled", {"x": 1})
