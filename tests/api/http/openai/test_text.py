"""The Markdown of an answer: markers that annotations point at, and reports that can be opened."""

from typing import Any

import pytest

from api.http.openai.text import Writing
from qa.answer import Answer
from qa.answering.answerer import Token
from tests.support.values import an_answer

BASE = "https://dateline.example"
HIT = {
    "rank": 1,
    "score": 1.0,
    "scores": {"dense": 1.0, "lexical": None},
    "passage": {"id": 1, "text": "x", "start": 0, "end": 1},
    "article": {
        "id": "a",
        "title": "Relief for the coast",
        "source": "Coast Daily",
        "url": "https://coast.example/",
        "published_at": "2024-03-04",
    },
}


def citation(n: int, **fields: Any) -> dict[str, Any]:
    known = {"article_id": f"a{n}", "version": "v1", "title": None, "source": None, "url": None}
    place = {"published_at": None, "passage_id": n, "quote": "It sank.", "start": 0, "end": 8}
    return {"n": n, **known, **place, **fields}


def answered(text: str, *citations: dict[str, Any], confidence: float = 0.9) -> Answer:
    return an_answer(status="answered", answer=text, confidence=confidence, citations=citations)


def test_each_marker_is_annotated_where_it_is_in_the_text() -> None:
    answer = answered(
        "The 🚢 *sank*.",
        citation(1, title="Ship sinks", url="https://coast.example/1"),
        citation(2, title="Ferry lost", url="https://hill.example/2"),
        confidence=0.4,
    )
    writing = Writing(BASE).write(answer)
    assert writing.text.startswith("Not sure: The 🚢 \\*sank\\*. [1][2]\n\n")
    assert [writing.text[mark.start : mark.end] for mark in writing.marks] == ["[1]", "[2]"]
    assert [(mark.url, mark.title) for mark in writing.marks] == [
        ("https://coast.example/1", "Ship sinks"),
        ("https://hill.example/2", "Ferry lost"),
    ]


@pytest.mark.parametrize("url", [None, "javascript:alert(1)", "not an address"])
def test_a_report_without_an_address_is_at_this_service(url: str | None) -> None:
    answer = answered("It sank.", citation(1, article_id="wire/7 ä", url=url))
    (mark,) = Writing(f"{BASE}/").write(answer).marks
    assert mark.url == f"{BASE}/v1/articles/wire%2F7%20%C3%A4?version=v1"
    assert mark.title == "wire/7 ä"


def test_pieces_make_the_same_text_as_the_whole() -> None:
    answer = answered("It sank. Nobody *died*.", citation(1), citation(2))
    pieces = Writing(BASE)
    added = [
        pieces.add(Token("It sank.", 0.9)),
        pieces.add(Token(" Nobody *died*.", 0.9)),
        pieces.finish(answer),
    ]
    whole = Writing(BASE).write(answer)
    assert "".join(added) == pieces.text == whole.text
    assert pieces.marks == whole.marks


def test_not_found_names_the_candidate_and_the_nearest_reports() -> None:
    answer = an_answer(
        reason="the best answer found is too uncertain: confidence 0.32, threshold 0.45",
        candidate={"text": "USD *40* million", "confidence": 0.32},
        hits=[HIT, {**HIT, "rank": 2}],
    )
    writing = Writing(BASE).write(answer)
    assert writing.marks == ()
    assert writing.text == (
        "Not found in the archive: the best answer found is too uncertain: confidence 0.32,"
        " threshold 0.45.\n\nNot sure: USD \\*40\\* million (confidence 0.32)"
        "\n\nThe nearest reports:\n- Relief for the coast · Coast Daily · 2024-03-04"
        ", https://coast.example/"
    )
