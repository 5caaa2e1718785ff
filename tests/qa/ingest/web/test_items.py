"""Entries, and addresses that mean the same page."""

import pytest

from qa.ingest.web.items import Item, in_order, language_code, same_site, without_tracking


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://a.example/x?utm_source=rss&id=7&utm_medium=feed#top", "http://a.example/x?id=7"),
        ("http://a.example/x?fbclid=abc", "http://a.example/x"),
        ("http://a.example/x?b=2&a=%20", "http://a.example/x?b=2&a=%20"),
        ("http://a.example/x?a=", "http://a.example/x?a="),
    ],
)
def test_parameters_that_count_clicks_are_left_out(url: str, plain: str) -> None:
    assert without_tracking(url) == plain


@pytest.mark.parametrize(
    ("url", "other", "same"),
    [
        ("http://a.example/x", "https://www.a.example/y", True),
        ("http://feeds.a.example/x", "http://a.example/", True),
        ("http://a.example/x", "http://b.example/x", False),
        ("http://nota.example/", "http://a.example/", False),
        ("http://[broken", "http://a.example/", False),
        ("tag:a.example,2024:1", "http://a.example/", False),
    ],
)
def test_a_site_is_a_host_with_its_subdomains(url: str, other: str, same: bool) -> None:
    assert same_site(url, other) is same
    assert same_site(other, url) is same


def test_an_entry_that_changes_has_another_digest() -> None:
    entry = Item("1", "http://a.example/x", "Title", "2024-03-04", text="Teaser")
    assert (
        entry.digest == Item("1", "http://a.example/x", "Title", "2024-03-04", text="Teaser").digest
    )
    for changed in (
        Item("1", "http://a.example/y", "Title", "2024-03-04", text="Teaser"),
        Item("1", "http://a.example/x", "New title", "2024-03-04", text="Teaser"),
        Item("1", "http://a.example/x", "Title", "2024-03-04", "2024-03-05", text="Teaser"),
        Item("1", "http://a.example/x", "Title", "2024-03-04", text="Longer"),
        Item("1", "http://a.example/x", "Title", "2024-03-04", text="Teaser", changed="2024-03-05"),
    ):
        assert changed.digest != entry.digest


def test_an_update_comes_after_publication_or_is_none() -> None:
    assert in_order("2024-03-04", "2024-03-05") == "2024-03-05"
    assert in_order("2024-03-04T08:00:00+00:00", "2024-03-04T09:00:00+01:00") is None
    assert in_order("2024-03-05", "2024-03-04") is None
    assert in_order(None, "2024-03-04") == "2024-03-04"
    assert in_order("2024-03-04", None) is None


def test_a_language_is_its_primary_subtag() -> None:
    codes = [language_code(text) for text in ("en-GB", "de_AT", "FR", "english", 7, None)]
    assert codes == ["en", "de", "fr", None, None, None]
