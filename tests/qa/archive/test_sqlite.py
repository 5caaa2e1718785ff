"""The truth on disk: versions and dates, filters, deletion, one writer at a time, and what a failing disk costs."""

import hashlib
import math
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import qa.archive.sqlite
from qa.archive.keys import any_key
from qa.archive.sqlite import DATABASE, SCHEMA_VERSION, NewVersion, Store, Writer
from qa.errors import (
    ArchiveBusy,
    BadInput,
    EmptyArchive,
    NotAnArchive,
    NotFound,
    StorageFailed,
    StoreError,
)
from qa.ingest.files import version_of
from qa.retrieval.hybrid import lexical_expression
from qa.types import Article, Filters, instant
from tests.support.values import an_answer

ROOT = Path(__file__).parents[3]
DIMENSION = 4
EVERYTHING = Filters()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    opened = create(folder)
    yield opened
    opened.close()


def create(folder: Path) -> Store:
    return Store.create(folder, "fake", "d" * 64, DIMENSION)


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
    """The texts that a question under these filters may see; `articles` and `searchable` must agree on them."""
    chosen = Filters(**filters)
    with store.snapshot() as snapshot:
        listed = [stored.article.text for stored in snapshot.articles(chosen, 10_000)]
        ids = snapshot.searchable(chosen).tolist()
        assert ids == sorted(ids)
        searched = {passage.article.text for passage in snapshot.passages(ids)}
    assert searched == set(listed)
    return listed


def found(store: Store, question: str, k: int = 100, **filters: Any) -> list[str]:
    """The ids of the articles that the lexical search finds, best first."""
    with store.snapshot() as snapshot:
        expression = lexical_expression(question)
        ranked = (
            snapshot.search_lexical(expression, k, Filters(**filters), 0.5) if expression else []
        )
        return [
            passage.article.id
            for passage in snapshot.passages([identity for identity, _ in ranked])
        ]


def generation(store: Store) -> int:
    with store.snapshot() as snapshot:
        return snapshot.generation


def faults(store: Store) -> list[str]:
    with store.snapshot() as snapshot:
        return snapshot.faults()


def lexical_is_sound(store: Store) -> bool:
    """FTS5 compares its index with the text that it was made of."""
    database = store._borrow()
    try:
        database.execute("INSERT INTO lexical (lexical, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError:
        return False
    finally:
        store._give_back(database)
    return True


def lexical_words(store: Store) -> set[str]:
    """Every word (stem) that the lexical index still holds."""
    database = sqlite3.connect(store.folder / DATABASE)
    try:
        database.execute(
            "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'lexical', 'row')"
        )
        return {row[0] for row in database.execute("SELECT term FROM temp.vocabulary")}
    finally:
        database.close()


# Versions and dates

OLD = Article(id="flood", text="Three are dead.", published_at="2022-01-10")
NEWER = Article(
    id="flood", text="Nine are dead.", published_at="2022-01-10", updated_at="2022-03-01T15:00:00"
)


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (None, ["Nine are dead."]),
        ("2022-01-09", []),
        ("2022-01-10", ["Three are dead."]),
        ("2022-02-20", ["Three are dead."]),
        ("2022-03-01T14:59:59", ["Three are dead."]),
        ("2022-03-01T15:00:00", ["Nine are dead."]),
        ("2022-03-01T16:59:59+02:00", ["Three are dead."]),  # 14:59:59 UTC
        ("2022-03-01", ["Nine are dead."]),  # a bare day is its end
        ("2022-02-28", ["Three are dead."]),
        ("2030-01-01", ["Nine are dead."]),
    ],
)
def test_as_of_shows_each_articles_newest_version_dated_no_later(
    store: Store, as_of: str | None, expected: list[str]
) -> None:
    put(store, OLD)
    put(store, NEWER)
    assert seen(store, as_of=as_of) == expected


def test_an_update_without_a_date_of_its_own_is_dated_by_its_publication(store: Store) -> None:
    put(store, OLD)
    put(store, Article(id="flood", text="Nine are dead.", published_at="2022-02-01"))
    assert seen(store, as_of="2022-01-31") == ["Three are dead."]
    assert seen(store, as_of="2022-02-01") == ["Nine are dead."]


def test_a_text_published_later_than_as_of_is_not_seen_though_it_claims_an_earlier_update(
    store: Store,
) -> None:
    put(store, Article(id="a", text="Later.", published_at="2022-05-01", updated_at="2022-01-01"))
    assert seen(store, as_of="2022-04-30") == []
    assert seen(store, as_of="2022-05-01") == ["Later."]


def test_a_text_that_was_restored_is_a_new_version_and_the_newest(store: Store) -> None:
    put(store, OLD)
    put(store, NEWER)
    put(store, OLD.model_copy(update={"updated_at": "2022-04-01"}))
    assert seen(store) == ["Three are dead."]
    assert seen(store, as_of="2022-03-15") == ["Nine are dead."]
    with store.snapshot() as snapshot:
        assert (snapshot.counts().articles, snapshot.counts().versions) == (1, 3)
        assert snapshot.article("flood").key == 3
        assert snapshot.article("flood", version_of(NEWER)).article == NEWER


def test_dates_in_other_time_zones_are_compared_as_instants(store: Store) -> None:
    put(
        store, Article(id="a", text="Late show.", published_at="2022-03-01T23:30:00-05:00")
    )  # 2 March, 04:30 UTC
    assert seen(store, as_of="2022-03-01") == []
    assert seen(store, as_of="2022-03-02") == ["Late show."]


@pytest.mark.parametrize(
    "date", [{"as_of": "2030-01-01"}, {"published_to": "2030-01-01"}, {"published_from": "1990"}]
)
def test_an_undated_article_is_seen_under_a_date_only_when_included(
    store: Store, date: dict[str, str]
) -> None:
    given = {key: value if len(value) > 4 else f"{value}-01-01" for key, value in date.items()}
    put(
        store,
        Article(id="dated", text="Dated.", published_at="2022-01-01"),
        Article(id="un", text="Undated."),
    )
    assert seen(store) == ["Dated.", "Undated."]
    assert seen(store, **given) == ["Dated."]
    assert seen(store, **given, include_undated=True) == ["Dated.", "Undated."]


def test_include_undated_brings_no_dated_article_from_later(store: Store) -> None:
    put(
        store,
        Article(id="late", text="Late.", published_at="2022-06-01"),
        Article(id="un", text="Undated."),
    )
    put(store, Article(id="only-updated", text="Updated late.", updated_at="2022-07-01"))
    assert seen(store, as_of="2022-05-31", include_undated=True) == ["Undated."]


def test_with_an_undated_new_version_as_of_falls_back_to_the_dated_one(store: Store) -> None:
    put(store, OLD)
    put(store, Article(id="flood", text="Undated rewrite."))
    assert seen(store, as_of="2022-02-01") == ["Three are dead."]
    assert seen(store) == ["Undated rewrite."]


# Filters

REPORTS = [
    Article(
        id="1", text="One.", source="Herald", language="en", published_at="2022-01-01T00:00:00"
    ),
    Article(id="2", text="Two.", source="Post", language="en", published_at="2022-01-01T23:59:59"),
    Article(id="3", text="Three.", source="Herald", language="de", published_at="2022-01-02"),
    Article(id="4", text="Four.", source=None, language=None, published_at="2022-01-03T12:00:00"),
    Article(id="5", text="Five.", source="Post", language="de"),
]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "12345"),
        ({"sources": ("Herald",)}, "13"),
        ({"sources": ("Herald", "Post")}, "1235"),
        ({"sources": ("herald",)}, ""),
        ({"sources": ("' OR 1=1 --",)}, ""),
        ({"languages": ("de",)}, "35"),
        ({"sources": ("Post",), "languages": ("de",)}, "5"),
        ({"published_from": "2022-01-01"}, "1234"),
        ({"published_from": "2022-01-01T00:00:01"}, "234"),
        ({"published_to": "2022-01-01"}, "12"),
        ({"published_to": "2022-01-01T23:59:58"}, "1"),
        ({"published_from": "2022-01-02", "published_to": "2022-01-02"}, "3"),
        ({"published_from": "2022-01-03", "published_to": "2022-01-01"}, ""),
        ({"published_to": "2022-01-01", "include_undated": True}, "125"),
        ({"published_from": "2022-01-02", "include_undated": True, "sources": ("Post",)}, "5"),
        ({"as_of": "2022-01-01", "published_from": "2022-01-01", "sources": ("Post",)}, "2"),
        ({"as_of": "2022-01-02", "languages": ("de",), "include_undated": True}, "35"),
    ],
)
def test_filters_let_through_what_meets_them_all(
    store: Store, filters: dict[str, Any], expected: str
) -> None:
    put(store, *REPORTS)
    with store.snapshot() as snapshot:
        listed = [stored.article.id for stored in snapshot.articles(Filters(**filters), 100)]
    assert "".join(listed) == expected
    seen(store, **filters)


def test_a_filter_is_asked_of_the_version_that_is_visible_not_of_an_older_one(store: Store) -> None:
    put(store, Article(id="a", text="First.", source="Herald", published_at="2022-01-01"))
    put(store, Article(id="a", text="Second.", source="Post", published_at="2022-02-01"))
    assert seen(store, sources=("Herald",)) == []
    assert seen(store, sources=("Herald",), as_of="2022-01-15") == ["First."]
    assert seen(store, sources=("Herald",), as_of="2022-02-15") == []


def test_pages_of_articles_cover_all_once_in_the_order_of_arrival(store: Store) -> None:
    put(store, *(Article(id=f"a{number}", text=f"Text {number}.") for number in (3, 1, 2, 9, 5)))
    after, walked = 0, []
    with store.snapshot() as snapshot:
        while page := snapshot.articles(EVERYTHING, 2, after):
            walked += [stored.article.id for stored in page]
            after = page[-1].key
    assert walked == ["a3", "a1", "a2", "a9", "a5"]


def test_sources_are_those_of_the_newest_versions(store: Store) -> None:
    put(store, *REPORTS)
    put(store, REPORTS[0].model_copy(update={"text": "New.", "source": "Argus"}))
    delete(store, "3")
    with store.snapshot() as snapshot:
        assert snapshot.sources() == ["Argus", "Post"]


# Amending: the same text, other things said about it


def test_amending_replaces_what_is_said_and_keeps_version_and_passages(store: Store) -> None:
    before = Article(
        id="a",
        title="Storm",
        text="A storm.",
        source="Herald",
        published_at="2022-01-01",
        language="en",
    )
    put(store, before, origin="/old")
    after = before.model_copy(
        update={
            "source": "Post",
            "authors": ("Ann",),
            "url": "https://news.example/a",
            "language": "de",
            "extra": {"rank": 3},
        }
    )
    amend(store, after, "/new")
    with store.snapshot() as snapshot:
        stored = snapshot.article("a")
        assert (stored.article, stored.key, stored.version) == (after, 1, version_of(before))
        assert snapshot.passage_ids().tolist() == [1]
        assert (snapshot.ids_from("/old"), snapshot.ids_from("/new")) == (set(), {"a"})
    assert seen(store, sources=("Post",), languages=("de",)) == ["A storm."]
    assert seen(store, sources=("Herald",)) == []
    assert faults(store) == []


def test_an_update_stamp_on_an_unchanged_text_does_not_move_it_to_a_later_day(store: Store) -> None:
    put(store, OLD)
    amend(store, OLD.model_copy(update={"updated_at": "2022-03-01"}))
    assert seen(store, as_of="2022-01-10") == ["Three are dead."]


def test_nor_do_several_update_stamps_one_after_another(store: Store) -> None:
    """A feed that stamps its articles daily."""
    put(store, OLD)
    for day in ("2022-03-01", "2022-03-02", "2022-03-03"):
        amend(store, OLD.model_copy(update={"updated_at": day}))
    assert seen(store, as_of="2022-01-10") == ["Three are dead."]


def test_an_update_stamp_does_not_move_an_unchanged_text_that_has_only_update_stamps(
    store: Store,
) -> None:
    stamped = Article(id="a", text="Text.", updated_at="2022-01-05")
    put(store, stamped)
    amend(store, stamped.model_copy(update={"updated_at": "2022-03-01"}))
    assert seen(store, as_of="2022-01-05") == ["Text."]


def test_an_update_stamp_moves_nothing_where_the_same_day_is_written_otherwise(
    store: Store,
) -> None:
    put(store, OLD)
    amend(
        store,
        OLD.model_copy(
            update={"published_at": "2022-01-10T00:00:00+00:00", "updated_at": "2022-03-01"}
        ),
    )
    assert seen(store, as_of="2022-01-31") == ["Three are dead."]


def test_an_updated_text_is_not_moved_before_its_update_by_an_amendment(store: Store) -> None:
    put(store, OLD)
    put(store, NEWER)
    amend(store, NEWER.model_copy(update={"updated_at": None, "source": "Post"}))
    assert seen(store, as_of="2022-02-01") == ["Three are dead."]
    assert seen(store, as_of="2022-03-01") == ["Nine are dead."]


def test_a_corrected_publication_date_counts_from_then_on(store: Store) -> None:
    put(store, OLD)
    amend(store, OLD.model_copy(update={"published_at": "2022-01-20"}))
    assert seen(store, as_of="2022-01-19") == []
    assert seen(store, as_of="2022-01-20") == ["Three are dead."]


def test_a_date_given_later_dates_an_undated_article_and_one_taken_back_undates_it(
    store: Store,
) -> None:
    undated = Article(id="a", text="Text.")
    put(store, undated)
    amend(store, undated.model_copy(update={"published_at": "2022-01-20"}))
    assert seen(store, as_of="2022-01-19") == []
    assert seen(store, as_of="2022-01-20") == ["Text."]
    amend(store, undated)
    assert seen(store, as_of="2030-01-01") == []
    assert seen(store, as_of="2010-01-01", include_undated=True) == ["Text."]


def test_amending_what_is_not_there_changes_nothing(store: Store) -> None:
    with pytest.raises(NotFound, match="no article 'none'"):
        amend(store, Article(id="none", text="Text."))
    assert generation(store) == 0


# Deleting


def test_a_delete_takes_every_version_out_of_every_index_also_after_reopening(
    store: Store, folder: Path
) -> None:
    put(store, Article(id="gone", title="Zeppelin", text="A quokka was seen in Ulm."))
    put(store, Article(id="gone", title="Airship", text="An axolotl was seen in Ulm."))
    put(store, Article(id="stays", title="Bus", text="A badger was seen in Ulm."))
    assert "quokka" in lexical_words(store)
    delete(store, "gone")

    def check(archive: Store) -> None:
        for question in ("quokka", "axolotl", "zeppelin", "airship"):
            assert found(archive, question) == []
        assert found(archive, "Ulm") == ["stays"]
        assert lexical_words(archive) == {
            "bu",
            "a",
            "badger",
            "wa",
            "seen",
            "in",
            "ulm",
        }  # as Porter stems them
        with archive.snapshot() as snapshot:
            assert (
                snapshot.counts().articles,
                snapshot.counts().versions,
                snapshot.counts().passages,
            ) == (1, 1, 1)
            assert snapshot.passage_ids().tolist() == [3]
            assert snapshot.passages([1, 2, 3])[0].article.id == "stays"
            assert snapshot.find("gone") is None
            with pytest.raises(NotFound, match="no article 'gone'"):
                snapshot.article("gone")
            with pytest.raises(NotFound, match="no passage 1 "):
                snapshot.passage(1)
        assert seen(archive, as_of="2030-01-01", include_undated=True) == [
            "A badger was seen in Ulm."
        ]
        assert faults(archive) == []
        assert lexical_is_sound(archive)

    check(store)
    store.close()
    reopened = Store.open(folder)
    try:
        check(reopened)
    finally:
        reopened.close()


def test_deleted_ids_are_never_used_again(store: Store) -> None:
    put(store, OLD)
    delete(store, "flood")
    put(store, OLD)
    with store.snapshot() as snapshot:
        assert snapshot.passage_ids().tolist() == [2]
        assert snapshot.article("flood").key == 2


def test_deleting_what_is_not_there_is_refused_and_changes_nothing(store: Store) -> None:
    put(store, OLD)
    with pytest.raises(NotFound, match="no article 'none'"):
        delete(store, "none")
    assert generation(store) == 1
    assert seen(store) == ["Three are dead."]


def test_a_passage_beyond_what_sqlite_counts_is_simply_not_there(store: Store) -> None:
    with store.snapshot() as snapshot:
        for identity in (-1, 0, 2**63, 10**30):
            with pytest.raises(NotFound):
                snapshot.passage(identity)


@pytest.mark.parametrize("seed", range(3))
def test_the_lexical_index_equals_a_rebuilt_one_through_random_writes(
    store: Store, seed: int
) -> None:
    random = np.random.default_rng(seed)
    words = [
        "storm",
        "Straße",
        "naïve",
        "选举",
        "🌊",
        "election",
        "elections",
        "U.S.",
        "it’s",
        "3.5",
    ]
    for _ in range(40):
        article_id = f"a{random.integers(6)}"
        known = article_id in {stored.article.id for stored in articles(store)}
        if known and random.random() < 0.4:
            delete(store, article_id)
        else:
            text = " ".join(random.choice(words, size=8))
            cut = len(text) // 2
            with store.writing() as writer:
                title = str(random.choice(words)) if random.random() < 0.5 else None
                article = Article(id=article_id, title=title, text=text)
                writer.put(new(article, spans=[(0, cut), (cut, len(text))]))
        assert lexical_is_sound(store)
    assert faults(store) == []
    incremental = lexical_words(store)
    with store.writing() as writer:
        writer.rebuild_lexical()
    assert incremental == lexical_words(store)


def articles(store: Store) -> list[Any]:
    with store.snapshot() as snapshot:
        return snapshot.articles(EVERYTHING, 10_000)


# Passages


def test_passages_come_in_the_order_asked_without_those_that_are_not_there(store: Store) -> None:
    article = Article(id="a", text="One. Two. Three.")
    with store.writing() as writer:
        writer.put(new(article, spans=[(0, 5), (5, 10), (10, 16)]))
    with store.snapshot() as snapshot:
        passages = snapshot.passages([3, 99, 1, 2, 3])
        assert [passage.text for passage in passages] == ["Three.", "One. ", "Two. ", "Three."]
        assert snapshot.passages([]) == []


def test_more_passages_than_sqlite_takes_values_keep_their_order(store: Store) -> None:
    put(store, *(Article(id=f"a{number}", text=f"Text {number}.") for number in range(1, 1203)))
    ids = np.random.default_rng(0).permutation(np.arange(1, 1203)).tolist()
    with store.snapshot() as snapshot:
        assert [passage.id for passage in snapshot.passages(ids)] == ids
        assert all(passage.article.id == f"a{passage.id}" for passage in snapshot.passages(ids))


def test_offsets_count_code_points_also_in_the_lexical_index(store: Store) -> None:
    text = "👩‍👩‍👧‍👦 Überall Straße. Żubr ran."
    start = text.index("Żubr")
    with store.writing() as writer:
        writer.put(new(Article(id="a", text=text), spans=[(0, start), (start, len(text))]))
    assert lexical_is_sound(store)
    with store.snapshot() as snapshot:
        ((identity, _),) = snapshot.search_lexical('"zubr"', 5, EVERYTHING, 0.5)
        assert snapshot.passage(identity).text == "Żubr ran."


def test_what_is_stored_comes_back_equal(store: Store) -> None:
    article = Article(
        id="https://news.example/a?b=c&d=%20 ü",
        title="“Never”",
        text="Line one.\r\n\tLine two 🌊.\n",
        published_at="2022-01-19T10:00:00+01:00",
        updated_at="2022-01-20",
        source="Herald & Sons",
        authors=("Ann Ü", "Bob"),
        url="https://news.example/",
        language="en-GB",
        extra={"rank": 1.5, "nested": {"null": None, "list": [1, "two"]}},
    )
    put(store, article)
    with store.snapshot() as snapshot:
        assert snapshot.article(article.id).article == article


def test_vectors_come_back_to_the_bit(store: Store) -> None:
    vectors = np.random.default_rng(1).normal(size=(3, DIMENSION)).astype(np.float32)
    with store.writing() as writer:
        writer.put(NewVersion(Article(id="a", text="abc"), None, [(0, 1), (1, 2), (2, 3)], vectors))
    with store.snapshot() as snapshot:
        ids, stored = snapshot.vectors_above(1, DIMENSION)
        assert ids.tolist() == [2, 3]
        assert np.array_equal(stored, vectors[1:])
        empty_ids, empty = snapshot.vectors_above(3, DIMENSION)
        assert (empty_ids.shape, empty.shape) == ((0,), (0, DIMENSION))


# Lexical search


def test_bm25_is_as_worked_out_by_hand(store: Store) -> None:
    """k1 = 1.2, b = .75; idf = ln((N - n + .5) / (n + .5)); a word in the title counts .5; lengths take in titles."""
    put(
        store,
        Article(id="twice", title="Harbour", text="storm storm port"),  # 1 + 3 words
        Article(id="once", title=None, text="storm over the old port today"),  # 6
        Article(id="title", title="Storm", text="ships were lost"),  # 1 + 3
        *(
            Article(id=f"other{number}", text="nothing of the kind here") for number in range(5)
        ),  # 5 each
    )
    rows, holding, mean_length = 8, 3, (4 + 6 + 4 + 25) / 8
    idf = math.log((rows - holding + 0.5) / (holding + 0.5))

    def bm25(frequency: float, length: int) -> float:
        return idf * frequency * 2.2 / (frequency + 1.2 * (1 - 0.75 + 0.75 * length / mean_length))

    with store.snapshot() as snapshot:
        ranked = snapshot.search_lexical('"storm"', 10, EVERYTHING, 0.5)
        ids = [
            passage.article.id
            for passage in snapshot.passages([identity for identity, _ in ranked])
        ]
    assert ids == ["twice", "once", "title"]
    assert [score for _, score in ranked] == pytest.approx([bm25(2, 4), bm25(1, 6), bm25(0.5, 4)])


def test_equal_lexical_scores_come_by_lower_id_and_k_cuts_among_them(store: Store) -> None:
    put(store, *(Article(id=f"a{number}", text="The same storm.") for number in range(9)))
    put(store, *(Article(id=f"b{number}", text="Something else.") for number in range(30)))
    assert found(store, "storm", k=4) == ["a0", "a1", "a2", "a3"]


def test_the_rarer_word_weighs_more(store: Store) -> None:
    put(store, *(Article(id=f"common{number}", text="The minister spoke.") for number in range(9)))
    put(store, Article(id="rare", text="The zeppelin landed."))
    put(store, *(Article(id=f"other{number}", text="Nothing of note.") for number in range(20)))
    assert found(store, "minister or zeppelin")[0] == "rare"


def test_words_are_found_by_their_stem_and_without_accents(store: Store) -> None:
    put(
        store,
        Article(id="a", text="The elections in Málaga were flooded."),
        Article(id="b", text="Other."),
    )
    for question in ("election", "ELECTIONS", "malaga", "Málaga", "flooding"):
        assert found(store, question) == ["a"]


@pytest.mark.parametrize(
    "question",
    [
        'storm" OR "other',
        "storm AND NOT",
        "NEAR(storm",
        "storm*",
        "^storm",
        "{title}: storm",
        "-storm +storm",
        "storm;DROP TABLE passages;--",
        "(((storm",
        '"""storm',
        "storm\\",
        "title:storm",
        "storm\0x",
        "%storm_",
    ],
)
def test_nothing_in_a_question_is_syntax(store: Store, question: str) -> None:
    put(
        store,
        Article(id="storm", text="A storm came."),
        Article(id="calm", text="Quiet seas lay there."),
    )
    assert found(store, question) == ["storm"]


def test_a_word_of_the_query_language_is_a_word(store: Store) -> None:
    put(store, Article(id="near", text="The near miss."), Article(id="far", text="The far hit."))
    assert found(store, "NEAR") == ["near"]
    assert lexical_expression('say "NEAR" OR near*') == '"say" OR "near"'


def test_an_expression_of_symbols_alone_is_empty_and_stop_words_alone_are_searched() -> None:
    assert lexical_expression("?! … ( ) 🌊 _ *") == ""
    assert lexical_expression("Who was the") == '"who" OR "was" OR "the"'
    assert lexical_expression("Who was the minister, the Minister?") == '"minister"'


def test_characters_that_only_one_side_calls_words_find_nothing_and_break_nothing(
    store: Store,
) -> None:
    put(store, Article(id="a", text="A storm."))
    for question in ("²", "½", "①", "\u0301", "ª", "\U0001d7d8", "ⅷ", "storm ² ①"):
        assert found(store, question) == (["a"] if "storm" in question else [])


def test_a_thousand_different_words_are_one_query(store: Store) -> None:
    put(store, Article(id="a", text="A storm."))
    words = " ".join([*(f"w{number}" for number in range(1000)), "storm"])
    assert found(store, words) == ["a"]


def test_the_lexical_search_obeys_the_filters(store: Store) -> None:
    put(store, *(report.model_copy(update={"text": "A storm."}) for report in REPORTS))
    assert found(store, "storm", sources=("Herald",)) == ["1", "3"]
    assert found(store, "storm", as_of="2022-01-01") == ["1", "2"]
    assert found(store, "storm", k=1, languages=("de",)) == ["3"]


def test_an_old_version_is_found_only_as_of_its_time(store: Store) -> None:
    put(store, OLD)
    put(store, NEWER)
    assert found(store, "three") == []
    assert found(store, "nine") == ["flood"]
    assert found(store, "three", as_of="2022-02-01") == ["flood"]
    assert found(store, "nine", as_of="2022-02-01") == []


# Generations and snapshots


def test_every_write_raises_the_generation_and_a_failed_one_does_not(store: Store) -> None:
    assert generation(store) == 0
    put(store, OLD)
    assert generation(store) == 1
    amend(store, OLD)
    delete(store, "flood")
    assert generation(store) == 3
    with pytest.raises(RuntimeError, match="half-way"):
        _fail_half_way(store)
    assert generation(store) == 3
    assert seen(store) == []


def _fail_half_way(store: Store) -> None:
    with store.writing() as writer:
        writer.put(new(OLD))
        raise RuntimeError("half-way")


def test_after_a_failed_write_the_next_one_goes_through(store: Store) -> None:
    with pytest.raises(RuntimeError):
        _fail_half_way(store)
    put(store, NEWER)
    assert seen(store) == ["Nine are dead."]
    assert faults(store) == []


def test_a_snapshot_keeps_seeing_what_it_saw_while_others_write(store: Store) -> None:
    put(store, OLD)
    with store.snapshot() as before:
        assert before.generation == 1
        with store.writing() as writer:
            writer.delete("flood")
            writer.put(new(Article(id="other", text="Another storm.")))
            with store.snapshot() as during:  # not committed: nobody else sees it
                assert during.article("flood").article == OLD
                assert during.counts().articles == 1
        assert before.generation == 1
        assert before.article("flood").article == OLD
        assert [passage.text for passage in before.passages(before.passage_ids().tolist())] == [
            "Three are dead."
        ]
        assert [
            identity for identity, _ in before.search_lexical('"dead"', 5, EVERYTHING, 0.5)
        ] == [1]
        assert before.search_lexical('"storm"', 5, EVERYTHING, 0.5) == []
        with store.snapshot() as after:
            assert after.generation == 2
            assert after.find("flood") is None


def test_readers_in_threads_never_see_half_a_write(store: Store) -> None:
    """Each write replaces both articles; a reader that saw one of them new and one old would be torn."""
    stop, torn, reads = threading.Event(), [], 0

    def read() -> None:
        nonlocal reads
        while not stop.is_set():
            with store.snapshot() as snapshot:
                texts = {stored.article.text for stored in snapshot.articles(EVERYTHING, 10)}
                number = snapshot.generation
            reads += 1
            if texts and texts != {f"Round {number}."}:
                torn.append((number, texts))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 41):
        put(
            store,
            Article(id="left", text=f"Round {number}."),
            Article(id="right", text=f"Round {number}."),
        )
    stop.set()
    for reader in readers:
        reader.join(10)
    assert torn == []
    assert reads > 10


# One writer at a time


def test_a_second_thread_is_told_that_the_archive_is_busy_and_reads_on(store: Store) -> None:
    outcome: list[object] = []

    def second() -> None:
        try:
            put(store, NEWER)
        except ArchiveBusy as error:
            outcome.append(str(error))
        outcome.append(seen(store))

    with store.writing() as writer:
        writer.put(new(OLD))
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(10)
    assert len(outcome) == 2
    assert "is being written" in str(outcome[0])
    assert outcome[1] == []
    assert seen(store) == ["Three are dead."]


def test_a_second_thread_that_waits_gets_its_turn(store: Store) -> None:
    errors: list[Exception] = []

    def write(number: int) -> None:
        try:
            with store.writing(wait=20) as writer:
                writer.put(new(Article(id=f"a{number}", text=f"Text {number}.")))
        except Exception as error:  # noqa: BLE001  # whatever it is, the test must tell
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert len(seen(store)) == 12
    assert generation(store) == 12


def test_the_thread_that_holds_the_lock_may_write_under_it(store: Store) -> None:
    with store.locked():
        put(store, OLD)
        put(store, NEWER)
    assert seen(store) == ["Nine are dead."]


@pytest.fixture
def other_process(store: Store) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the write lock until a line is sent to it."""
    script = (
        "import sys, pathlib\n"
        "from qa.archive.sqlite import Store\n"
        "store = Store.open(pathlib.Path(sys.argv[1]))\n"
        "with store.locked():\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.readline()\n"
        "store.close()\n"
        "print('free', flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(store.folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_another_process_that_writes_makes_ours_wait_or_refuse(
    store: Store, other_process: "subprocess.Popen[str]"
) -> None:
    assert other_process.stdin is not None
    for _ in range(2):  # a refusal leaves nothing held
        with pytest.raises(ArchiveBusy, match="another process is writing"):
            put(store, OLD)
    with pytest.raises(ArchiveBusy):
        _write(store, wait=0.2)
    assert seen(store) == []  # reading goes on
    release = threading.Timer(0.3, lambda: other_process.communicate("go\n"))
    release.start()
    _write(store, wait=20)
    release.join()
    assert seen(store) == ["Three are dead."]


def _write(store: Store, wait: float) -> None:
    with store.writing(wait=wait) as writer:
        writer.put(new(OLD))


def test_a_lock_dies_with_the_process_that_held_it(
    store: Store, other_process: "subprocess.Popen[str]"
) -> None:
    with pytest.raises(ArchiveBusy):
        put(store, OLD)
    other_process.kill()
    other_process.wait()
    put(store, OLD)
    assert seen(store) == ["Three are dead."]


# Opening


def test_an_archive_is_opened_as_it_was_left(folder: Path) -> None:
    first = create(folder)
    put(first, OLD)
    first.close()
    for again in (Store.open(folder), Store.create(folder, "another", "e" * 64, 9)):
        with again.snapshot() as snapshot:
            assert snapshot.article("flood").article == OLD
            manifest = snapshot.manifest
        again.close()
        assert (manifest["embedder"], manifest["embedder_digest"], manifest["dimension"]) == (
            "fake",
            "d" * 64,
            "4",
        )


def test_two_archives_have_ids_of_their_own(tmp_path: Path) -> None:
    ids = set()
    for name in ("one", "two"):
        archive = create(tmp_path / name)
        with archive.snapshot() as snapshot:
            ids.add(snapshot.manifest["archive_id"])
        archive.close()
    assert len(ids) == 2


def test_where_there_is_no_archive_it_says_how_to_make_one(tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(EmptyArchive, match="dateline ingest PATH"):
            Store.open(folder)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_folders_place_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_text("mine")
    with pytest.raises(NotAnArchive, match="is a file"):
        Store.open(path)
    with pytest.raises((NotAnArchive, StorageFailed), match="data"):
        create(path)
    assert path.read_text() == "mine"


def test_a_folder_that_holds_other_things_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(NotAnArchive, match="not empty"):
        create(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("opening", [Store.open, create])
def test_a_foreign_database_is_refused_and_not_changed_by_a_byte(
    tmp_path: Path, opening: Any
) -> None:
    path = tmp_path / DATABASE
    foreign = sqlite3.connect(path)
    foreign.execute("CREATE TABLE versions (mine TEXT)")
    foreign.execute("PRAGMA user_version = 1")
    foreign.close()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(NotAnArchive, match="no Dateline archive"):
        opening(tmp_path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("opening", [Store.open, create])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, opening: Any) -> None:
    path = tmp_path / DATABASE
    path.write_bytes(b"%PDF-1.7 " * 1000)
    with pytest.raises(NotAnArchive, match="not ours"):
        opening(tmp_path)
    assert path.read_bytes() == b"%PDF-1.7 " * 1000


@pytest.mark.parametrize("opening", [Store.open, create])
def test_an_archive_of_a_newer_schema_is_refused_with_both_numbers(
    folder: Path, opening: Any
) -> None:
    create(folder).close()
    database = sqlite3.connect(folder / DATABASE)
    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    database.close()
    with pytest.raises(
        NotAnArchive, match=f"schema {SCHEMA_VERSION + 1}, this Dateline knows {SCHEMA_VERSION}"
    ):
        opening(folder)


@pytest.mark.parametrize("statements", [0, 1, 5])
def test_a_creation_that_was_cut_short_can_be_repeated(
    folder: Path, monkeypatch: pytest.MonkeyPatch, statements: int
) -> None:
    """What `kill -9` in the first milliseconds leaves: a database file in which nothing was committed."""
    whole = qa.archive.sqlite._statements

    def cut_short(script: str) -> Iterator[str]:
        for number, statement in enumerate(whole(script)):
            if number == statements:
                raise KeyboardInterrupt
            yield statement

    monkeypatch.setattr(qa.archive.sqlite, "_statements", cut_short)
    with pytest.raises(KeyboardInterrupt):
        create(folder)
    monkeypatch.undo()
    with pytest.raises(StoreError):
        Store.open(folder)
    store = create(folder)
    put(store, OLD)
    assert seen(store) == ["Three are dead."]
    assert faults(store) == []
    store.close()


def test_two_processes_that_create_at_once_make_one_archive(folder: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from qa.errors import ArchiveBusy\n"
        "from qa.archive.sqlite import Store\n"
        "sys.stdin.readline()\n"
        "try:\n"
        "    store = Store.create(pathlib.Path(sys.argv[1]), 'fake', 'd' * 64, 4)\n"
        "except ArchiveBusy:\n"
        "    print('busy')\n"
        "else:\n"
        "    with store.snapshot() as snapshot:\n"
        "        print(snapshot.manifest['archive_id'])\n"
        "    store.close()\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [process.communicate() for process in processes]
    assert [errors for _, errors in ended] == ["", ""]
    made = {output.strip() for output, _ in ended} - {"busy"}
    assert len(made) == 1


# Backups


def test_a_backup_taken_while_writing_is_a_whole_archive_of_one_instant(
    store: Store, tmp_path: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set() and number < 2000:
            number += 1
            put(store, Article(id=f"a{number}", text=f"Text {number}. " * 50))

    writer = threading.Thread(target=write)
    writer.start()
    copies = [tmp_path / f"copy{number}" for number in range(4)]
    for copy in copies:
        copy.mkdir()
        store.backup(copy / DATABASE)
    stop.set()
    writer.join(30)
    for copy in copies:
        restored = Store.open(copy)
        count = generation(restored)  # each write is one article
        with restored.snapshot() as snapshot:
            ids = [stored.article.id for stored in snapshot.articles(EVERYTHING, 10_000)]
        assert ids == [f"a{number}" for number in range(1, count + 1)]
        assert faults(restored) == []
        assert lexical_is_sound(restored)
        put(restored, OLD)  # and it can be written
        restored.close()


def test_a_backup_overwrites_nothing(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("mine")
    with pytest.raises(BadInput, match="exists already"):
        store.backup(target)
    assert target.read_text() == "mine"


def test_a_backup_where_nothing_can_be_written_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StorageFailed):
        store.backup(tmp_path / "no" / "such" / "folder")


# A disk that fails


def _fill(store: Store, pages: int) -> None:
    database = store._borrow()
    used = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {used + pages}")
    store._give_back(database)


@pytest.mark.parametrize("pages", [0, 1, 5, 40])
def test_a_full_disk_fails_the_write_and_loses_nothing(
    store: Store, folder: Path, pages: int
) -> None:
    put(store, OLD)
    _fill(store, pages)
    with pytest.raises(StorageFailed, match="full; nothing of this step was stored"):
        put(
            store, *(Article(id=f"a{number}", text=f"word{number} " * 2000) for number in range(30))
        )
    assert seen(store) == ["Three are dead."]
    assert generation(store) == 1
    assert faults(store) == []
    assert lexical_is_sound(store)
    _fill(store, 10**6)  # space again
    put(store, NEWER)
    assert seen(store) == ["Nine are dead."]
    store.close()
    reopened = Store.open(folder)
    assert faults(reopened) == []
    reopened.close()


def test_a_disk_that_fails_at_the_commit_loses_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, OLD)

    class Failing:
        """A connection whose commits fail, as with an I/O error."""

        def __init__(self, real: sqlite3.Connection) -> None:
            self._real = real

        def execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
            if statement == "COMMIT":
                raise sqlite3.OperationalError("disk I/O error")
            return self._real.execute(statement, values)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

    real = store._borrow()
    with monkeypatch.context() as patch:
        patch.setattr(store, "_borrow", lambda: Failing(real))
        patch.setattr(store, "_give_back", lambda _: None)
        with pytest.raises(StorageFailed, match="disk I/O error"):
            delete(store, "flood")
    store._give_back(real)
    assert seen(store) == ["Three are dead."]
    assert generation(store) == 1
    put(store, NEWER)
    assert faults(store) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write in read-only folders")
def test_a_read_only_folder_is_read_from_and_not_written(store: Store, folder: Path) -> None:
    put(store, OLD)
    (folder / "writer.lock").unlink(missing_ok=True)
    folder.chmod(0o500)
    try:
        with pytest.raises(StorageFailed, match="cannot write"):
            put(store, NEWER)
        assert seen(store) == ["Three are dead."]
    finally:
        folder.chmod(0o700)


def test_a_damaged_database_is_named_and_not_a_traceback(store: Store, folder: Path) -> None:
    put(store, *(Article(id=f"a{number}", text=f"word{number} " * 500) for number in range(50)))
    store.close()
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    path = folder / DATABASE
    content = bytearray(path.read_bytes())
    for page in range(3, len(content) // 4096):
        content[page * 4096 : page * 4096 + 200] = os.urandom(200)
    path.write_bytes(content)
    with pytest.raises(NotAnArchive, match="damaged"), closing(Store.open(folder)) as damaged:
        seen(damaged)


def test_copying_the_folder_of_a_closed_archive_copies_the_archive(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    put(store, OLD)
    store.close()
    copy = Store.open(Path(shutil.copytree(folder, tmp_path / "copy")))
    assert seen(copy) == ["Three are dead."]
    copy.close()


def test_a_question_sees_only_what_had_appeared_by_then_whatever_the_dates(store: Store) -> None:
    """Against a plain restatement of the rule, over random versions, dates and filters."""
    random = np.random.default_rng(11)

    def day() -> str | None:
        return None if random.random() < 0.2 else f"2022-01-{random.integers(1, 29):02}"

    history: list[Article] = []
    for number in range(120):
        article = Article(
            id=f"a{random.integers(25)}",
            text=f"Text {number}.",
            published_at=day(),
            updated_at=day(),
            source=str(random.choice(["Herald", "Post"])),
        )
        history.append(article)
    put(store, *history)

    def rule(as_of: str, include_undated: bool, sources: tuple[str, ...]) -> set[str]:
        newest: dict[str, Article] = {}
        for article in history:
            dates = [
                date for date in (article.published_at, article.updated_at) if date is not None
            ]
            if not dates:
                appeared = include_undated
            else:
                appeared = max(article.published_at or "", article.updated_at or "") <= as_of
            if appeared:
                newest[article.id] = article
        return {
            article.text for article in newest.values() if not sources or article.source in sources
        }

    for _ in range(60):
        as_of = f"2022-01-{random.integers(1, 31):02}"
        include_undated = bool(random.random() < 0.5)
        sources = ("Post",) if random.random() < 0.5 else ()
        listed = seen(store, as_of=as_of, include_undated=include_undated, sources=sources)
        assert set(listed) == rule(as_of, include_undated, sources)
        assert len(listed) == len(set(listed))


def test_instants_of_bare_days_begin_and_end_where_the_day_does() -> None:
    start, end, following = (
        instant("2022-03-01"),
        instant("2022-03-01", end_of_day=True),
        instant("2022-03-02"),
    )
    assert following - start == 86_400
    assert 0 < following - end <= 1e-5
    for earlier, later in pairwise(
        ["2022-03-01", "2022-03-01T00:00:01", "2022-03-01T01:30:00+01:00"]
    ):
        assert instant(earlier) < instant(later)


def test_a_writer_is_a_snapshot_of_its_own_changes(store: Store) -> None:
    with store.writing() as writer:
        assert isinstance(writer, Writer)
        writer.put(new(OLD))
        assert writer.article("flood").article == OLD
        assert writer.counts().passages == 1
        writer.note("colour", "blue")
        assert writer.manifest["colour"] == "blue"
        writer.note("colour", None)
        assert "colour" not in writer.manifest


# What each schema lacks of this one.
_LACKING = {
    1: "DROP TABLE quoted; DROP TABLE answers; DROP TABLE job_articles; DROP TABLE jobs; DROP TABLE keys;",
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
        store.keep_answer(an_answer(id="a"), 5)
        with store.snapshot() as snapshot:
            assert snapshot.answer("a") == an_answer(id="a")
        assert not any_key(store)
        store.close()
    database = sqlite3.connect(folder / DATABASE)
    assert database.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    database.close()
