"""The headline among the titles of a page."""

import pytest

from qa.ingest.metadata.titles import Stated, choose_title, without_site

SITE = ["Harbour Gazette", "gazette.example"]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Ships came | Harbour Gazette", "Ships came"),
        ("Ships came - Harbour Gazette", "Ships came"),
        ("Ships came – The Harbour Gazette", "Ships came"),
        ("Ships came to port today | News | Harbour Gazette", "Ships came to port today"),
        ("Harbour Gazette: Ships came", "Harbour Gazette: Ships came"),
        ("Harbour Gazette - Ships came", "Ships came"),
        ("Ships came - and left", "Ships came - and left"),
        ("Ships - came", "Ships - came"),
        ("Harbour Gazette", "Harbour Gazette"),
    ],
)
def test_the_site_is_no_part_of_a_title(title: str, expected: str) -> None:
    assert without_site(title, SITE) == expected


@pytest.mark.parametrize(
    ("stated", "visible", "expected"),
    [
        ([("Ships came", 3), ("Ships: all you need to know", 3)], ["Ships came"], "Ships came"),
        ([("Ships came to port", 3), ("Ships came to port", 1)], ["Sport"], "Ships came to port"),
        ([("Ships came to…", 3), ("Ships came to port", 1)], [], "Ships came to port"),
        ([], ["Harbour Gazette", "Ships came"], "Ships came"),
        ([], [], None),
    ],
)
def test_the_headline_is_what_most_of_the_page_says(
    stated: list[tuple[str, int]], visible: list[str], expected: str | None
) -> None:
    titles = [Stated(text, weight) for text, weight in stated]
    assert choose_title(titles, visible, SITE, None) == expected
