"""Sources, their counts, and several names of one publisher."""

from dataclasses import replace
from datetime import UTC, datetime
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
    """Without the time at which they were received, which is that of the test."""
    with store.snapshot() as snapshot:
        return [replace(source, last_received_at=None) for source in snapshot.sources()]


def test_each_source_has_its_articles_and_its_period(tmp_path: Path) -> None:
    store = create(tmp_path / "archive")
    put(store, *REPORTS)
    assert sources(store) == [
        Source("Herald", (), 2, "2022-01-01T00:00:00", "2022-01-02"),
        Source("Post", (), 2, "2022-01-01T23:59:59", "2022-01-01T23:59:59"),
        Source(None, (), 1, "2022-01-03T12:00:00", "2022-01-03T12:00:00"),
    ]


def test_a_source_says_when_it_last_sent_something(tmp_path: Path) -> None:
    """By the archive's clock, whatever date the report has: a feed may be dead for weeks."""
    store = create(tmp_path / "archive")
    for day, source in ((1, "Herald"), (2, "the herald"), (3, "Post")):
        store.clock = lambda day=day: datetime(2024, 5, day, tzinfo=UTC)  # type: ignore[misc]
        put(store, Article(id=f"{day}", text=f"{day}.", source=source, published_at="2022-01-01"))
    with store.snapshot() as snapshot:
        found = {source.name: source.last_received_at for source in snapshot.sources()}
    assert found["Post"] == "2024-05-03T00:00:00+00:00"
    assert set(found.values()) == {"2024-05-02T00:00:00+00:00", "2024-05-03T00:00:00+00:00"}


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
    alias(store, "Herald", "Bay Herald")
    with store.aside() as database:
        remove_alias(database, " HERALD ")
    assert seen(store, sources=("Bay Herald",)) == []
    with pytest.raises(NotFound, match="'Herald' is not an alias"), store.aside() as database:
        remove_alias(database, "Herald")


def test_the_is_no_part_of_a_name(tmp_path: Path) -> None:
    store = create(tmp_path / "archive")
    put(
        store,
        Article(id="1", text="One.", source="The Bay Herald"),
        Article(id="2", text="Two.", source="The Bay Herald"),
        Article(id="3", text="Three.", source="Bay Herald"),
        Article(id="4", text="Four.", source="bayherald.example"),
    )
    for name in ("Bay Herald", "the bay herald", "THE BAY HERALD"):
        assert seen(store, sources=(name,)) == ["One.", "Two.", "Three."], name
    assert [(source.name, source.articles) for source in sources(store)] == [
        ("The Bay Herald", 3),
        ("bayherald.example", 1),
    ]
    alias(store, "bayherald.example", "Bay Herald")
    for name in ("The Bay Herald", "bayherald.example"):
        assert seen(store, sources=(name,)) == ["One.", "Two.", "Three.", "Four."], name
    with pytest.raises(BadInput, match="one name already"):
        alias(store, "the Bay Herald", "Bay Herald")


def test_a_domain_is_said_to_be_perhaps_the_source_of_that_name(tmp_path: Path) -> None:
    store = create(tmp_path / "archive")
    put(
        store,
        Article(id="1", text="One.", source="The Bay Herald"),
        Article(id="2", text="Two.", source="bayherald.example"),
        Article(id="3", text="Three.", source="hillpost.example"),
        Article(id="4", text="Four.", source="Dr. Who"),
    )
    perhaps = {source.name: source.perhaps for source in sources(store)}
    assert perhaps.pop("bayherald.example") == "The Bay Herald"
    assert set(perhaps.values()) == {None}
    alias(store, "bayherald.example", "The Bay Herald")
    assert all(source.perhaps is None for source in sources(store))


def test_caches_notice_an_alias(tmp_path: Path) -> None:
    store = create(tmp_path / "archive")
    put(store, *REPORTS)

    def generation() -> int:
        with store.snapshot() as snapshot:
            return snapshot.generation

    before = generation()
    alias(store, "Herald", "Bay Herald")
    added = generation()
    with store.aside() as database:
        remove_alias(database, "Herald")
    assert before < added < generation()


@pytest.mark.parametrize("name", ["", "  ", "x" * 501])
def test_a_name_has_some_characters_and_not_too_many(tmp_path: Path, name: str) -> None:
    store = create(tmp_path / "archive")
    with pytest.raises(BadInput, match="1 to 500 characters"):
        alias(store, name, "Herald")
    with pytest.raises(BadInput, match="1 to 500 characters"):
        alias(store, "Herald", name)


def test_without_aliases_the_names_stay_as_they_are() -> None:
    assert all_names(("Herald", "Post"), {}) == ("Herald", "Post", "The Herald", "The Post")
    assert all_names((), {"bbc": "BBC News"}) == ()
    assert all_names(("The Sun",), {"bbc": "BBC News"}) == ("The Sun", "Sun")
