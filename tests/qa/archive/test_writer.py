"""Changing an archive: amendments and deletions."""

from typing import Any

import numpy as np
import pytest

from qa.archive.store import Store
from qa.archive.writer import Writer
from qa.errors import (
    NotFound,
)
from qa.ingest.files import version_of
from qa.types import Article
from tests.support.stores import (
    EVERYTHING,
    NEWER,
    OLD,
    amend,
    delete,
    faults,
    found,
    generation,
    lexical_is_sound,
    lexical_words,
    new,
    opened_again,
    put,
    seen,
)


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


def test_a_delete_takes_every_version_out_of_every_index_also_after_reopening(
    store: Store,
) -> None:
    put(store, Article(id="gone", title="Zeppelin", text="A quokka was seen in Ulm."))
    put(store, Article(id="gone", title="Airship", text="An axolotl was seen in Ulm."))
    put(store, Article(id="stays", title="Bus", text="A badger was seen in Ulm."))
    assert "quokka" in lexical_words(store, "quokka")
    left = {"bu", "a", "badger", "wa", "seen", "in", "ulm"}  # as Porter stems them
    delete(store, "gone")

    def check(archive: Store) -> None:
        for question in ("quokka", "axolotl", "zeppelin", "airship"):
            assert found(archive, question) == []
        assert found(archive, "Ulm") == ["stays"]
        assert lexical_words(archive, *left) == left
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
    reopened = opened_again(store)
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
