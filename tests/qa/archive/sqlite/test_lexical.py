"""BM25 over the postings of FTS5's index, against FTS5's own."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import qa.archive.sqlite.lexical
from qa.archive.bm25 import terms_of
from qa.archive.database import Database
from qa.archive.sqlite.lexical import Postings, phrase_query
from qa.archive.sqlite.store import SqliteStore
from qa.types import Article, Filters
from tests.support.stores import amend, create, delete, new

WORDS = [
    *("storm", "storms", "port", "said", "minister", "zeppelin", "Málaga", "malaga", "flooding"),
    *("floods", "2024", "ten", "u.s", "naïve", "überall", "harbour", "ship", "shipping", "over"),
]
DAYS = [None, *(f"2024-05-{day:02}" for day in range(1, 9))]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = create(tmp_path / "archive")
    yield opened
    opened.close()


def write(store: SqliteStore, drawn: random.Random) -> None:
    """Something happens to one of 30 articles."""
    article_id = f"report-{drawn.randrange(30)}"
    with store.snapshot() as snapshot:
        found = snapshot.find(article_id)
    action = drawn.random()
    if found is not None and action < 0.15:
        delete(store, article_id)
    elif found is not None and action < 0.3:
        amend(store, found.article.model_copy(update={"published_at": drawn.choice(DAYS)}))
    else:
        texts = [" ".join(drawn.choices(WORDS, k=drawn.randint(1, 20))) for _ in range(3)]
        text = "\n".join(texts)
        cut = len(texts[0]) + 1
        article = Article(
            id=article_id,
            title=" ".join(drawn.choices(WORDS, k=3)) if drawn.random() < 0.8 else None,
            text=text,
            published_at=drawn.choice(DAYS),
            updated_at=drawn.choice(DAYS),
            source=drawn.choice(["Herald", "Post", None]),
            embargoed_until=drawn.choice(["2024-05-04", "2999-01-01", *[None] * 8]),
            status=drawn.choice(["usable", "usable", "usable", "canceled"]),
        )
        with store.writing() as writer:
            writer.put(new(article, spans=[(0, cut), (cut, len(text))]))


def by_statement(
    store: SqliteStore, words: list[str], k: int, filters: Filters
) -> list[tuple[int, float]]:
    """What FTS5 finds when SQLite alone joins, filters, scores and sorts."""
    with store.snapshot() as snapshot:
        seen = snapshot._visible(filters)
        rows = snapshot._db.execute(
            "SELECT lexical.rowid, -bm25(lexical, 0.5, 1.0) AS score"
            " FROM lexical JOIN passages p ON p.id = lexical.rowid"
            f" WHERE lexical MATCH :query AND p.version_key IN ({seen.keys})"
            " ORDER BY score DESC, lexical.rowid LIMIT :k",
            {**seen.values, "query": phrase_query(words), "k": k},
        )
        return [(identity, score) for identity, score in rows]


def random_filters(drawn: random.Random) -> Filters:
    chosen: dict[str, Any] = {
        "as_of": drawn.choice(DAYS),
        "include_undated": drawn.random() < 0.5,
        "sources": drawn.choice([(), (), ("herald",), ("Herald", "POST")]),
        "published_from": drawn.choice([None, None, "2024-05-03"]),
        "article_ids": drawn.choice([(), (), (), ("report-1", "report-2", "report-7")]),
    }
    return Filters(**chosen)


@pytest.mark.parametrize("seed", range(4))
def test_ranking_and_scores_are_those_of_fts5_to_the_last_bit(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    # so that some are read again
    monkeypatch.setattr(qa.archive.sqlite.lexical, "MOST_POSTINGS", 40)
    drawn = random.Random(seed)
    hits = 0
    for _ in range(40):
        for _ in range(3):
            write(store, drawn)
        for _ in range(4):
            # Stems repeat: "storm" and "storms" count twice, as in FTS5.
            words = [word.lower() for word in drawn.choices(WORDS, k=drawn.randint(1, 6))]
            k = drawn.choice([1, 3, 100])
            filters = random_filters(drawn)
            with store.snapshot() as snapshot:
                found = snapshot.lexical(words, k, filters)
            assert found == by_statement(store, words, k, filters)
            hits += len(found)
    assert hits > 500


def test_an_older_snapshot_keeps_its_own_scores(store: SqliteStore) -> None:
    drawn = random.Random(5)
    for _ in range(30):
        write(store, drawn)
    with store.snapshot() as older:
        before = older.lexical(["storm", "port"], 100, Filters())
        for _ in range(10):
            write(store, drawn)
        with store.snapshot() as newer:
            after = newer.lexical(["storm", "port"], 100, Filters())
        assert older.lexical(["storm", "port"], 100, Filters()) == before != after


def test_a_word_that_fts5_takes_for_a_phrase_is_found_as_one(store: SqliteStore) -> None:
    """ "u.s" is two words of FTS5's: they must be there one behind the other."""
    assert terms_of("u.s") == ("u", "s")
    for number, text in enumerate(["The U.S. team won.", "S came before U.", "Nothing."] * 3):
        with store.writing() as writer:
            writer.put(new(Article(id=f"report-{number}", text=text)))
    with store.snapshot() as snapshot:
        found = snapshot.lexical(["u.s", "team"], 100, Filters())
    assert [identity for identity, _ in found] == [1, 4, 7]
    assert found == by_statement(store, ["u.s", "team"], 100, Filters())


def test_what_is_no_word_finds_nothing(store: SqliteStore) -> None:
    with store.snapshot() as snapshot:  # an archive without articles
        assert snapshot.lexical(["storm"], 10, Filters()) == []
    with store.writing() as writer:
        writer.put(new(Article(id="a", text="The storm.")))
    with store.snapshot() as snapshot:
        assert snapshot.lexical([], 10, Filters()) == []
        assert snapshot.lexical(["zeppelin"], 10, Filters()) == []
        assert [found for found, _ in snapshot.lexical(["\u0301", "storm"], 10, Filters())] == [1]


def test_the_last_words_are_kept_while_the_archive_does_not_change(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    reading = qa.archive.sqlite.lexical._read_postings

    def noting(database: Database, term: str) -> Postings:
        read.append(term)
        return reading(database, term)

    monkeypatch.setattr(qa.archive.sqlite.lexical, "_read_postings", noting)
    drawn = random.Random(6)
    for _ in range(20):
        write(store, drawn)
    for _ in range(2):
        with store.snapshot() as snapshot:
            snapshot.lexical(["storm", "port"], 10, Filters())
            snapshot.lexical(["port"], 10, Filters(sources=("Herald",)))
    assert read == ["storm", "port"]
    write(store, drawn)
    with store.snapshot() as snapshot:
        snapshot.lexical(["port"], 10, Filters())
    assert read == ["storm", "port", "port"]
