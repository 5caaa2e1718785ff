"""Articles by their day, and how many there are by month, source, author, section or language."""

from datetime import UTC, datetime
from typing import Any

import pytest

from qa.archive.browsing import By, Order, Place, search_words
from qa.archive.sources import add_alias
from qa.archive.store import Store
from qa.errors import BadInput
from qa.types import Article, Filters
from tests.support.stores import amend, put

NOON = datetime(2024, 5, 10, 12, tzinfo=UTC)
ARTICLES = [
    Article(
        id="bridge",
        title="Bridge opens",
        text="Ada Lind opened the span.",
        published_at="2024-03-31T23:30:00-02:00",  # 1 April in UTC
        source="Coast Daily",
        authors=("R. Moe", "T. Lund"),
        section="Local",
        language="en",
    ),
    Article(id="ferry", text="The ferry sails.", published_at="2024-03-04", source="The Argus"),
    Article(
        id="ferry-2", text="The ferry sank.", published_at="2024-03-04", source="argus.example"
    ),
    Article(id="hall", text="The hall is of oak.", section="LOCAL", authors=("R. Moe",)),
    Article(id="early", text="It rained.", published_at="1969-07-20T20:17:40.5Z", section="Local"),
]


def filled(store: Store) -> Store:
    store.clock = lambda: NOON
    put(store, *ARTICLES)
    return store


def pages(store: Store, order: Order, size: int = 2, **filters: Any) -> list[str]:
    """Every article, read page by page, with the cursors that a client sends back."""
    ids: list[str] = []
    after = None
    while True:
        with store.snapshot() as snapshot:
            found = snapshot.browse(Filters(**filters), size, order=order, after=after)
        ids += [stored.article.id for stored in found]
        if len(found) < size:
            return ids
        after = Place.parse(Place.of(found[-1]).text)


def held(store: Store, query: str) -> list[str]:
    with store.snapshot() as snapshot:
        found = snapshot.browse(Filters(), 10, words=search_words(query))
    return [stored.article.id for stored in found]


def counted(store: Store, by: By, words: str = "", **filters: Any) -> dict[str | None, int]:
    with store.snapshot() as snapshot:
        counts = snapshot.count_by(by, Filters(**filters), search_words(words))
    return {count.value: count.articles for count in counts.counts}


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_articles_come_by_day_undated_ones_last_and_each_once(store: Store, size: int) -> None:
    filled(store)
    assert pages(store, "newest", size) == ["bridge", "ferry-2", "ferry", "early", "hall"]
    assert pages(store, "oldest", size) == ["early", "ferry", "ferry-2", "bridge", "hall"]


def test_a_filter_holds_on_every_page(store: Store) -> None:
    filled(store)
    assert pages(store, "newest", 1, published_from="2024-03-01") == ["bridge", "ferry-2", "ferry"]


@pytest.mark.parametrize("cursor", ["", "soon", "nan:1", "1e400:1", ":", "1:-1", "1:" + "9" * 19])
def test_a_cursor_of_another_making_is_refused(cursor: str) -> None:
    with pytest.raises(BadInput, match="next_cursor"):
        Place.parse(cursor)


def test_a_search_finds_what_holds_all_of_its_words_in_text_or_title(store: Store) -> None:
    filled(store)
    assert held(store, "ferry") == ["ferry-2", "ferry"]
    assert held(store, "FERRIES") == ["ferry-2", "ferry"], "words are compared by their stems"
    assert held(store, "ferry sails") == ["ferry"]
    assert held(store, "bridge span") == ["bridge"], "one word in the title, one in the text"
    assert held(store, "bridge ferry") == []
    assert held(store, 'span" OR "ferry') == [], "nothing in a search is syntax"
    assert held(store, 'sp\ud800 "span" \0span –') == [], "half a character is no fault"
    assert held(store, '"span" \0span – !') == ["bridge"]
    for query, said in (("– !", "no word"), ("a" * 501, "limit is 500")):
        with pytest.raises(BadInput, match=said):
            search_words(query)


def test_months_are_counted_in_utc_as_filters_take_them(store: Store) -> None:
    filled(store)
    months = counted(store, "month")
    assert months == {None: 1, "1969-07": 1, "2024-03": 2, "2024-04": 1}
    assert list(months) == [None, "1969-07", "2024-03", "2024-04"]
    april: dict[str, Any] = {"published_from": "2024-04-01", "published_to": "2024-04-30"}
    assert pages(store, "newest", **april) == ["bridge"]


def test_names_are_counted_as_filters_take_them(store: Store) -> None:
    filled(store)
    with store.aside() as database:
        add_alias(database, "argus.example", "The Argus")
    assert counted(store, "source") == {"The Argus": 2, None: 2, "Coast Daily": 1}
    assert counted(store, "author") == {"R. Moe": 2, "T. Lund": 1}, "an article counts for each"
    assert counted(store, "section") == {"Local": 3, None: 2}
    assert counted(store, "language") == {None: 4, "en": 1}
    assert counted(store, "source", authors=("t. lund",)) == {"Coast Daily": 1}
    assert counted(store, "author", words="oak") == {"R. Moe": 1}


def test_what_nobody_may_see_is_neither_listed_nor_counted(store: Store) -> None:
    filled(store)
    withdrawn = ARTICLES[1].model_copy(update={"status": "canceled"})
    amend(store, withdrawn)
    secret: dict[str, Any] = {"embargoed_until": "2024-05-11", "section": "Secret"}
    put(store, Article(id="secret", text="The ferry burns.", published_at="2024-05-01", **secret))
    assert pages(store, "newest") == ["bridge", "ferry-2", "early", "hall"]
    assert held(store, "ferry") == ["ferry-2"]
    assert "Secret" not in counted(store, "section")
    with store.snapshot() as snapshot:
        assert snapshot.count_by("month", Filters()).articles == 4
    store.clock = lambda: datetime(2024, 5, 11, tzinfo=UTC)
    assert counted(store, "section")["Secret"] == 1, "now its embargo has ended"


def test_an_empty_archive_has_nothing_to_count(store: Store) -> None:
    assert pages(store, "newest") == []
    assert counted(store, "month") == counted(store, "author") == {}
