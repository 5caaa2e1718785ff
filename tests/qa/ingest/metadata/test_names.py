"""By-lines and JSON-LD authors to names."""

from typing import Any

import pytest

from qa.ingest.metadata.names import clean_names, last_first, names_of


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["By Ann Roe"], ["Ann Roe"]),
        (["Ann Roe, Bo Vane & Cy Mott"], ["Ann Roe", "Bo Vane", "Cy Mott"]),
        (["Ann Roe", "Ann-Roe"], ["Ann Roe"]),
        (["ann-roe"], ["Ann Roe"]),
        (["ann-roe", "ANN ROE"], ["Ann Roe"]),
        (["Anne-Marie Roe-Vane"], ["Anne-Marie Roe-Vane"]),
        (["Ann Roe, Political Correspondent"], ["Ann Roe"]),
        (["Ann Roe, Professor of Law, University of Quorl"], ["Ann Roe"]),
        (["Bo Vane Jr.", "J. R."], ["Bo Vane Jr.", "J. R."]),
        (["Ann Roe (Quorl)", "bo@gazette.example", "@annroe"], ["Ann Roe"]),
        (["https://social.example/ann"], []),
        (["Harbour Gazette", "The Harbour Gazette", "Www Gazette Example"], []),
        (["You, Xia", "Lenhard, Mara"], ["Xia You", "Mara Lenhard"]),
        (["Staff Reporter", "admin", ""], []),
        (["Von Trapp", "von Änne Rohde"], ["Von Trapp", "Änne Rohde"]),
    ],
)
def test_texts_become_names(texts: list[str], expected: list[str]) -> None:
    assert clean_names(texts, ["Harbour Gazette", "gazette.example"]) == expected


def test_the_word_for_and_is_that_of_the_page() -> None:
    assert clean_names(["Ana Ríos y Beto Vañó"], language="es") == ["Ana Ríos", "Beto Vañó"]
    assert clean_names(["Ana Ríos y Vañó"], language="en") == ["Ana Ríos y Vañó"]


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Ann Roe", ["Ann Roe"]),
        ({"name": "Ann Roe"}, ["Ann Roe"]),
        ({"name": ["Ann Roe", {"name": "Bo"}]}, ["Ann Roe", "Bo"]),
        ([["Ann Roe"], {"byline": "Bo Vane"}], ["Ann Roe", "Bo Vane"]),
        ({"givenName": "Ann", "familyName": "Roe"}, ["Ann Roe"]),
        ([{"@type": "Person", "name": "Ann"}, {"@type": "Organization", "name": "O"}], ["Ann"]),
        ([{"@type": "Organization", "name": "Wire"}], ["Wire"]),
        (None, []),
        (5, []),
        ({"name": None}, []),
    ],
)
def test_an_author_of_any_form_gives_its_names(author: Any, expected: list[str]) -> None:
    assert list(names_of(author)) == expected


def test_only_a_single_comma_turns_a_name_round() -> None:
    assert last_first("Roe, Ann") == "Ann Roe"
    assert last_first("Roe, Ann, Bo") == "Roe, Ann, Bo"
    assert last_first("Ann Roe") == "Ann Roe"
