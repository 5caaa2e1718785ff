"""The table of followed feeds."""

from pathlib import Path

import pytest

from qa.archive.feeds import (
    MOST_FAILURES,
    Checked,
    Seen,
    add_feed,
    feed_json,
    find_feed,
    list_feeds,
    note_check,
    note_items,
    remove_feed,
    seen_items,
)
from qa.errors import BadInput, NotFound
from tests.support.stores import create, generation

URL = "http://a.example/feed"


def test_a_feed_that_was_added_is_due_and_listed(tmp_path: Path) -> None:
    store = create(tmp_path / "archive")
    feed = add_feed(store, URL, "feed", 900)
    add_feed(store, "http://b.example/sitemap.xml", "sitemap", 86_400)
    assert feed.next_due <= store.clock().timestamp()
    assert feed_json(feed)["last_checked_at"] is None
    assert [one.url for one in list_feeds(store)] == [URL, "http://b.example/sitemap.xml"]
    with pytest.raises(BadInput, match="followed already"):
        add_feed(store, URL, "feed", 60)
    assert generation(store) == 0, "nothing that can be found has changed"


def test_a_failed_check_keeps_the_validators_and_the_last_success(tmp_path: Path) -> None:
    store = create(tmp_path / "archive")
    add_feed(store, URL, "feed", 900)
    note_check(store, URL, Checked("2 added", True, 5.0, 2, '"1"', "Mon"))
    first = find_feed(store, URL)
    note_check(store, URL, Checked("failed: 503", False, 6.0))
    feed = find_feed(store, URL)
    assert (feed.etag, feed.last_modified) == ('"1"', "Mon")
    assert feed.last_success_at == first.last_success_at
    assert (feed.ok, feed.last_outcome, feed.next_due) == (False, "failed: 503", 6.0)
    assert (feed.checks, feed.articles) == (2, 2)


def test_removing_a_feed_forgets_its_entries_also_those_of_a_check_that_still_runs(
    tmp_path: Path,
) -> None:
    store = create(tmp_path / "archive")
    add_feed(store, URL, "feed", 900)
    note_items(store, URL, {"g": Seen("d", "article")})
    assert seen_items(store, URL) == {"g": Seen("d", "article", 0)}
    remove_feed(store, URL)
    note_items(store, URL, {"h": Seen("d", "article")})
    note_check(store, URL, Checked("2 added", True, 5.0))
    assert (list_feeds(store), seen_items(store, URL)) == ([], {})
    with pytest.raises(NotFound, match="dateline follow list"):
        remove_feed(store, URL)


def test_an_entry_is_settled_once_it_is_stored_or_failed_often_until_it_changes() -> None:
    assert Seen("d", "article").settles("d")
    assert not Seen("d", "article").settles("e")
    assert not Seen("d", None, MOST_FAILURES - 1).settles("d")
    assert Seen("d", None, MOST_FAILURES).settles("d")
    assert not Seen("d", None, MOST_FAILURES).settles("e")
