"""Sources, their counts, and several names of one publisher."""

from pathlib import Path

import pytest

from qa.archive.sources import Source, add_alias, all_names, remove_alias
from qa.archive.store import Store
from qa.errors import BadInput, NotFound
from qa.types import Article
from tests.support.stores import REPORTS, create, put, seen


def alias(store: Store, name: str, source: str) -> None:
    with store.aside() as database:
        add_alias(database, name, source)


def sources(store: Store) -> list[Source]:
    with store.snapshot() as snapshot:
        return snapshot.sources()


def test_each_source_has_its_articles_and_its_period(tmp_path: Path) -> None:
    store = create(tmp_path / "archive")
    put(store, *REPORTS)
    assert sources(store) == [
        Source("Herald", (), 2, "2022-01-01T00:00:00", "2022-01-02"),
        Source("Post", (), 2, "2022-01-01T23:59:59", "2022-01-01T23:59:59"),
        Source(None, (), 1, "2022-01-03T12:00:00", "2022-01-03T12:00:00"),
    ]


def test_what_nobody_may_see_is_not_counted(tmp_path: Path) -> None:
    store = create(tmp_path / "archive")
    put(
        store,
        Article(id="1", text="Out.", source="Herald", published_at="2022-01-01"),
        Article(id="2", text="Later.", source="Herald", embargoed_until="2999-01-01"),
        Article(id="3", text="Gone.", source="Post", status="canceled"),
        Article(id="4", text="Over.", source="Post", expires_at="2001-01-01"),
    )
    assert [(source.name, source.articles) for source in sources(store)] == [("Herald", 1)]


def test_an_alias_is_the_source_in_filters_and_counts(tmp_path: Path) -> None:
    store = create(tmp_path / "archive")
    put(
        store,
        Article(id="1", text="One.", source="BBC", published_at="2022-01-02"),
        Article(id="2", text="Two.", source="bbc.co.uk", published_at="2022-01-01"),
        Article(id="3", text="Three.", source="BBC News", published_at="2022-01-03"),
        Article(id="4", text="Four.", source="Post"),
    )
    assert seen(store, sources=("BBC News",)) == ["Three."]
    alias(store, "BBC", "BBC News")
    alias(store, "BBC.co.uk", "bbc")
    everything = ["One.", "Two.", "Three."]
    for name in ("BBC News", "bbc news", "BBC", "bbc.co.uk"):
        assert seen(store, sources=(name,)) == everything, name
    assert seen(store, sources=("Post",)) == ["Four."]
    assert seen(store, sources=("BBC", "Post")) == [*everything, "Four."]
    first = sources(store)[0]
    assert first == Source("BBC News", ("bbc", "bbc.co.uk"), 3, "2022-01-01", "2022-01-03")


def test_aliases_of_aliases_lead_to_one_source(tmp_path: Path) -> None:
    store = create(tmp_path / "archive")
    put(store, *(Article(id=name, text=f"{name}.", source=name) for name in "abcd"))
    alias(store, "a", "b")
    alias(store, "b", "c")
    alias(store, "d", "a")
    assert [(source.name, source.aliases) for source in sources(store)] == [("c", ("a", "b", "d"))]
    for name in "abcd":
        assert seen(store, sources=(name,)) == ["a.", "b.", "c.", "d."]
    with pytest.raises(BadInput, match="one name already"):
        alias(store, "c", "a")


def test_an_alias_can_be_removed(tmp_path: Path) -> None:
    store = create(tmp_path / "archive")
    put(store, *REPORTS)
    alias(store, "Herald", "The Herald")
    with store.aside() as database:
        remove_alias(database, " HERALD ")
    assert seen(store, sources=("The Herald",)) == []
    with pytest.raises(NotFound, match="'Herald' is not an alias"), store.aside() as database:
        remove_alias(database, "Herald")


@pytest.mark.parametrize("name", ["", "  ", "x" * 501])
def test_a_name_has_some_characters_and_not_too_many(tmp_path: Path, name: str) -> None:
    store = create(tmp_path / "archive")
    with pytest.raises(BadInput, match="1 to 500 characters"):
        alias(store, name, "Herald")
    with pytest.raises(BadInput, match="1 to 500 characters"):
        alias(store, "Herald", name)


def test_without_aliases_the_names_stay_as_they_are() -> None:
    assert all_names(("Herald", "Post"), {}) == ("Herald", "Post")
    assert all_names((), {"bbc": "BBC News"}) == ()
    assert all_names(("Herald",), {"bbc": "BBC News"}) == ("Herald",)
