"""A small SQLite store for tests, and short ways to fill and read it."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

import qa.archive.postgres.store
import qa.archive.sqlite.counters
import qa.archive.sqlite.store
from qa.archive.postgres.lexical import number_of
from qa.archive.postgres.store import PostgresStore
from qa.archive.snapshot import Snapshot
from qa.archive.sqlite.store import DATABASE, SqliteStore
from qa.archive.store import Store
from qa.archive.writer import NewVersion
from qa.retrieval.hybrid import search_words
from qa.settings import Settings
from qa.types import Article, Filters

DIMENSION = 4


EVERYTHING = Filters()


class NewStore(Protocol):
    """Makes an empty store of the kind that is tested."""

    def __call__(self, embedder: str, digest: str, dimension: int) -> Store: ...


def wait_long(setting: Callable[[object, str, object], object]) -> None:
    """Have short writes wait for each other for a minute. ``setting``: `setattr`, or as that."""
    setting(qa.archive.sqlite.store, "_ASIDE", 60)
    setting(qa.archive.sqlite.counters, "_BUSY", 60)
    setting(qa.archive.postgres.store, "_ASIDE", 60)


def create(folder: Path) -> SqliteStore:
    return SqliteStore.create(folder, "fake", "d" * 64, DIMENSION)


def new(
    article: Article, origin: str | None = None, spans: Sequence[tuple[int, int]] | None = None
) -> NewVersion:
    passages = [(0, len(article.text))] if spans is None else spans
    return NewVersion(
        article, origin, passages, np.eye(DIMENSION, dtype=np.float32)[: len(passages)]
    )


def put(store: Store, *articles: Article, origin: str | None = None) -> None:
    with store.writing() as writer:
        for article in articles:
            writer.put(new(article, origin))


def amend(store: Store, article: Article, origin: str | None = None) -> None:
    with store.writing() as writer:
        writer.amend(article, origin)


def delete(store: Store, article_id: str) -> None:
    with store.writing() as writer:
        writer.delete(article_id)


def seen(store: Store, **filters: Any) -> list[str]:
    """The texts that a question under these filters may see, in both views."""
    chosen = Filters(**filters)
    with store.snapshot() as snapshot:
        listed = [stored.article.text for stored in snapshot.articles(chosen, 10_000)]
        ids = searchable(snapshot, chosen)
        searched = {passage.article.text for passage in snapshot.passages(ids)}
    assert searched == set(listed)
    return listed


def searchable(snapshot: Snapshot, filters: Filters = EVERYTHING) -> list[int]:
    """The ids of all passages that a search under these filters may find, ascending."""
    vector = np.eye(1, int(snapshot.manifest["dimension"]), dtype=np.float32)[0]
    ranked = snapshot.dense(vector, snapshot.size().passages, filters)
    return sorted(identity for identity, _ in ranked)


def found(store: Store, question: str, k: int = 100, **filters: Any) -> list[str]:
    """The ids of the articles that the lexical search finds, best first."""
    with store.snapshot() as snapshot:
        ranked = snapshot.lexical(search_words(question), k, Filters(**filters))
        return [
            passage.article.id
            for passage in snapshot.passages([identity for identity, _ in ranked])
        ]


def folder_of(store: Store) -> Path:
    """The data directory of a SQLite store."""
    assert isinstance(store, SqliteStore)
    return store.folder


def settings_of(store: Store, **given: Any) -> Settings:
    """Settings for the archive in the store."""
    if isinstance(store, PostgresStore):
        return Settings.load(store=store.url, **given)
    return Settings.load(data_dir=folder_of(store), **given)


def opened_again(store: Store) -> Store:
    """The same archive, as another process opens it."""
    if isinstance(store, PostgresStore):
        return PostgresStore.open(store.url)
    return SqliteStore.open(folder_of(store))


def generation(store: Store) -> int:
    with store.snapshot() as snapshot:
        return snapshot.generation


def faults(store: Store) -> list[str]:
    with store.snapshot() as snapshot:
        return [fault.message for fault in snapshot.faults()]


def lexical_is_sound(store: Store) -> bool:
    """FTS5 compares its index with the text that it was made of; in PostgreSQL the totals agree."""
    if not isinstance(store, SqliteStore):
        return not faults(store)
    database = store._borrow()
    try:
        database.execute("INSERT INTO lexical (lexical, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError:
        return False
    finally:
        store._give_back(database)
    return True


def lexical_words(store: Store, *known: str) -> set[str]:
    """Every word (stem) that the lexical index still holds; in PostgreSQL, which stores no words,
    the numbers of those that are not ``known``.
    """
    if isinstance(store, PostgresStore):
        return _postgres_words(store, {number_of(word): word for word in known})
    database = sqlite3.connect(folder_of(store) / DATABASE)
    try:
        database.execute(
            "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'lexical', 'row')"
        )
        return {row[0] for row in database.execute("SELECT term FROM temp.vocabulary")}
    finally:
        database.close()


def _postgres_words(store: Store, names: dict[int, str]) -> set[str]:
    with store.reading() as database:
        indexed = database.execute("SELECT terms FROM passage_terms").fetchall()
        counted = database.execute(
            "SELECT term FROM term_counts WHERE term >= 0 GROUP BY term HAVING sum(passages) > 0"
        ).fetchall()
    numbers = {number for (terms,) in indexed for number in terms.indices()}
    assert numbers == {number for (number,) in counted}
    return {names.get(number, str(number)) for number in numbers}


OLD = Article(id="flood", text="Three are dead.", published_at="2022-01-10")


NEWER = Article(
    id="flood", text="Nine are dead.", published_at="2022-01-10", updated_at="2022-03-01T15:00:00"
)


REPORTS = [
    Article(
        id="1", text="One.", source="Herald", language="en", published_at="2022-01-01T00:00:00"
    ),
    Article(id="2", text="Two.", source="Post", language="en", published_at="2022-01-01T23:59:59"),
    Article(id="3", text="Three.", source="Herald", language="de", published_at="2022-01-02"),
    Article(id="4", text="Four.", source=None, language=None, published_at="2022-01-03T12:00:00"),
    Article(id="5", text="Five.", source="Post", language="de"),
]
