"""What becomes of each article, and in which windows: without a store."""

from typing import Any

import pytest

from qa.ingest.files import Read, Skipped, version_of
from qa.ingest.plan import Known, distinct, plan, windows
from qa.types import Article, StoredArticle

STORM = Article(id="storm", title="Storm", text="A storm hit the port.", source="Herald")


def read(article: Article = STORM, origin: str = "/feed", place: str = "feed:1") -> Read:
    return Read(article, place, origin)


def known(article: Article = STORM, origin: str | None = "/feed") -> Known:
    return Known(StoredArticle(1, version_of(article), article), origin)


def variant(**fields: Any) -> Article:
    return STORM.model_copy(update=fields)


@pytest.mark.parametrize(
    ("before", "status", "embeds", "writes"),
    [
        (None, "added", True, True),
        (known(variant(text="A gale.")), "updated", True, True),
        (known(variant(title="Gale")), "updated", True, True),
        (known(variant(source="Post")), "amended", False, True),
        (known(origin="/other"), "unchanged", False, True),
        (known(), "unchanged", False, False),
    ],
)
def test_an_article_is_compared_with_what_is_known_of_it(
    before: Known | None, status: str, embeds: bool, writes: bool
) -> None:
    step = plan(read(), before)
    assert (step.status, step.embeds, step.writes) == (status, embeds, writes)


def test_of_several_with_one_id_all_but_the_first_are_skipped() -> None:
    bad = Skipped("feed:2", "no text")
    items: list[Read | Skipped] = [
        read(),
        bad,
        read(place="feed:3"),
        read(variant(id="other"), place="feed:4"),
    ]
    assert list(distinct(items)) == [
        items[0],
        bad,
        Skipped("feed:3", "id 'storm' was already read at feed:1"),
        items[3],
    ]


def test_windows_hold_every_item_once_and_double_up_to_the_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("qa.ingest.plan.FIRST_WINDOW", 4)
    monkeypatch.setattr("qa.ingest.plan.WINDOW", 10)
    items = [read(place=f"feed:{number}") for number in range(30)]
    cut = list(windows(items))
    assert [len(window) for window in cut] == [4, 8, 10, 8]
    assert [item for window in cut for item in window] == items
    assert list(windows([])) == []


def test_a_long_article_fills_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.ingest.plan.FIRST_WINDOW", 4)
    long = read(variant(text="word " * 440))  # four passages of 110 words
    assert list(windows([long, read()])) == [[long], [read()]]
