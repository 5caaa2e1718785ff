"""JSON: one article or many, whatever holds them, one by one and bounded."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from qa.ingest.readers.base import MAX_BYTES
from tests.support.formats import article, read, reasons

SHIPS = {"id": "a", "text": "Ships came."}
LEFT = {"id": "b", "text": "Ships left."}


def test_an_object_is_one_article_named_by_its_file(tmp_path: Path) -> None:
    found = article(tmp_path, "notes.json", {"text": "Ships came.", "desk_code": 5})
    assert (found.id, found.text, found.extra) == ("notes.json", "Ships came.", {"desk_code": 5})


@pytest.mark.parametrize(
    "content",
    [
        [SHIPS, LEFT],
        {"articles": [SHIPS, LEFT]},
        {"articles": [SHIPS, LEFT], "total": 2},
        {"status": "ok", "total": 2, "articles": [SHIPS, LEFT]},
        {"version": "1", "data": {"items": [SHIPS, LEFT]}},
        "\ufeff \n [" + json.dumps(SHIPS) + "\n ,\t" + json.dumps(LEFT) + " ] ",
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
def test_a_list_is_read_wherever_it_is(tmp_path: Path, content: Any, name: str) -> None:
    reads, skipped = read(tmp_path, name, content)
    assert skipped == []
    places = [(item.place, item.article.id) for item in reads]
    assert places == [(f"{name}:1", "a"), (f"{name}:2", "b")]


def test_other_peoples_keys_are_read_as_columns_are(tmp_path: Path) -> None:
    found = article(
        tmp_path,
        "a.json",
        {"articles": [{"source": {"id": None, "name": "Gazette"}, "author": "By Ann Roe",
                       "title": "Ships", "url": "https://e.example/1",
                       "publishedAt": "2022-03-16T09:30:00Z", "content": "Ships came."}]},
    )  # fmt: skip
    assert (found.source, found.authors, found.id) == ("Gazette", ("Ann Roe",), found.url)
    assert found.published_at == "2022-03-16T09:30:00+00:00"


def test_items_that_are_no_articles_are_reported_by_their_number(tmp_path: Path) -> None:
    reads, skipped = read(tmp_path, "a.json", [SHIPS, 5, {"title": "x"}, {}, None, LEFT])
    assert [item.article.id for item in reads] == ["a", "b"]
    assert [(item.place, item.reason) for item in skipped] == [
        ("a.json:2", "expected a JSON object, got a number"),
        ("a.json:3", "no text: expected a key 'text', got 'title'"),
        ("a.json:4", "no text: the object is empty"),
        ("a.json:5", "expected a JSON object, got null"),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "invalid JSON: the file ends here"),
        ("{", "invalid JSON: Expecting property name enclosed in double quotes"),
        ('{"text": "a"}\n{"text": "b"}', "invalid JSON: more than one value"),
        (b'{"text": "caf\xe9"}', "not UTF-8 (about byte 14)"),
        ('{"code": "rest_no_route", "data": {"status": 404}}', "no text: expected a key 'text'"),
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 100_000, "nested too deep"),
        ('{"text": ' + "9" * 5000 + "}", "invalid JSON: Exceeds the limit"),
        ('{"text": "' + "x" * (MAX_BYTES + 1) + '"}', "longer than 10,000,000 bytes"),
        ('[{"text": "' + "x" * (MAX_BYTES + 1) + '"}]', "longer than 10,000,000 bytes"),
        ('"text"', "expected a JSON object, got a string"),
    ],
)
def test_what_is_no_json_of_articles_is_refused_with_the_reason(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    (found,) = reasons(tmp_path, "a.json.gz", content)
    assert reason in found


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ('[{"id": "a", "text": "Ships came."}, {"id": "b"', "invalid JSON: Expecting"),
        ('[{"id": "a", "text": "Ships came."} {"id": "b"}]', "expected ',', got '{'"),
        ('[{"id": "a", "text": "Ships came."}', "expected ',', got the end of the file"),
        ('{"articles": [{"id": "a", "text": "Ships came."}, nonsense]}', "Expecting value"),
    ],
)
def test_a_list_that_breaks_off_gives_what_came_before(
    tmp_path: Path, broken: str, reason: str
) -> None:
    reads, skipped = read(tmp_path, "a.json", broken)
    assert [item.article.id for item in reads] == ["a"]
    assert reason in skipped[0].reason


def test_a_long_list_is_not_held_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for number in range(4_000):
            file.write("," if number else "")
            file.write(json.dumps({"id": str(number), "text": f"Ship {number} came. " * 400}))
        file.write("]")
    assert path.stat().st_size > 25_000_000
    from qa.ingest.readers.json import read_json

    tracemalloc.start()
    with path.open("rb") as opened:
        count = sum(1 for _ in read_json(opened))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 4_000
    assert peak < 5_000_000
