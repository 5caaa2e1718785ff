"""The HTTP service, asked as a client asks it."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from qa.answer import Answer
from qa.archive.archive import Archive
from qa.errors import AnswerModelRateLimited, AnswerModelTimeout
from qa.models.base import Statement
from tests.support.archives import put
from tests.support.client import ARTICLES, QUESTION, check_problem, events_of
from tests.support.fakes import FirstSentenceModel, ScriptedAnswerModel
from tests.support.server import client_of


@pytest.fixture
def client(archive: Archive, tmp_path: Path) -> Iterator[TestClient[Any]]:
    put(archive, ARTICLES, tmp_path)
    with client_of(archive, FirstSentenceModel()) as client:
        yield client


def test_retrieve_answers_in_the_form_of_the_contract(client: TestClient[Any]) -> None:
    response = client.post("/v1/retrieve", json={"question": QUESTION, "k": 2})
    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"question", "applied_filters", "hits"}
    first = body["hits"][0]
    assert set(first) == {
        "rank",
        "score",
        "scores",
        "passage",
        "article",
        "also_reported_by",
    }
    assert set(first["passage"]) == {"id", "text", "start", "end"}
    assert set(first["article"]) == {"id", "title", "source", "url", "published_at"}
    assert first["article"]["id"] == ARTICLES[0]["id"]
    assert [hit["rank"] for hit in body["hits"]] == [1, 2]


def test_ask_answers_with_an_exact_quote(client: TestClient[Any]) -> None:
    body = client.post("/v1/ask", json={"question": QUESTION}).json()
    assert body["status"] == "answered"
    (citation,) = body["citations"]
    assert citation["quote"] == "The council pledged USD 40 million in relief."
    assert ARTICLES[0]["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert "answer_start" not in citation  # this model names no short answer
    assert "hits" not in body
    assert set(body) == Answer.model_fields.keys() - {"hits"}


def test_ask_includes_hits_on_request(client: TestClient[Any]) -> None:
    assert client.post("/v1/ask", json={"question": QUESTION, "include_hits": True}).json()["hits"]


def test_a_streamed_answer_is_the_plain_one_in_parts(client: TestClient[Any]) -> None:
    response = client.post("/v1/ask", json={"question": QUESTION, "stream": True})
    assert response.headers["content-type"].startswith("text/event-stream")
    events = events_of(response)
    assert [name for name, _ in events] == ["hits", "token", "answer"]
    plain = client.post("/v1/ask", json={"question": QUESTION}).json()
    streamed = events[-1][1]
    assert {**streamed, "timings_ms": 0} == {**plain, "timings_ms": 0}
    assert events[1][1]["text"] == plain["answer"]


def test_what_fails_before_the_first_event_is_a_problem_and_later_an_event(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, ARTICLES, tmp_path)
    with client_of(
        archive, ScriptedAnswerModel(AnswerModelTimeout("scripted: no reply in time"))
    ) as client:
        check_problem(client.post("/v1/ask", json={"question": " ", "stream": True}), 400, "empty")
        events = events_of(client.post("/v1/ask", json={"question": QUESTION, "stream": True}))
    assert [name for name, _ in events] == ["hits", "error"]
    assert (events[-1][1]["status"], events[-1][1]["detail"]) == (503, "scripted: no reply in time")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"question": ""}, ["the question is empty"]),
        ({"question": "x" * 100_000}, ["100,000", "2,000"]),
        ({}, ["question"]),
        ({"question": 7}, ["question"]),
        ({"question": "a", "k": 0}, ["k is 0"]),
        ({"question": "a", "k": -1}, ["k is -1"]),
        ({"question": "a", "k": 10**9}, ["k is 1000000000"]),
        ({"question": "a", "k": "ten"}, ["k"]),
        ({"question": "a", "as_of": "soon"}, ["as_of", "soon"]),
        ({"question": "a", "filters": {"published_from": "6 hours ago"}}, ["published_from"]),
        ({"question": "a", "filters": {"source": "x"}}, ["source"]),
        ({"question": "a", "colour": "red"}, ["colour"]),
        ({"question": "a", "form": "poem"}, ["form"]),
        ({"question": "a", "form": 7}, ["form"]),
    ],
)
@pytest.mark.parametrize("route", ["/v1/retrieve", "/v1/ask"])
def test_bad_input_is_named(
    client: TestClient[Any], route: str, body: dict[str, Any], words: Sequence[str]
) -> None:
    check_problem(client.post(route, json=body), 400, *words)


def test_a_body_that_is_no_json_or_too_large_or_of_another_kind_is_refused(
    client: TestClient[Any],
) -> None:
    check_problem(
        client.post("/v1/ask", content=b"{", headers={"content-type": "application/json"}), 400
    )
    check_problem(
        client.post(
            "/v1/ask", content=b"[" * 100_000, headers={"content-type": "application/json"}
        ),
        400,
    )
    check_problem(
        client.post("/v1/ask", content=b"question=x", headers={"content-type": "text/plain"}),
        415,
        "text/plain",
    )
    large = b'{"text": "' + b"x" * (33 * 1024 * 1024) + b'"}'
    check_problem(
        client.post("/v1/articles", content=large, headers={"content-type": "application/json"}),
        413,
    )
    check_problem(client.get("/nowhere"), 404)
    check_problem(client.put("/v1/ask", json={}), 405)


def test_a_question_in_another_script_or_of_stop_words_is_answered_or_declined(
    client: TestClient[Any],
) -> None:
    for question in (
        "Сколько помощи было объявлено?",
        "什么时候?",
        "what is the",
        "Wie viel Hilfe wurde versprochen?",
        "How much was pledged, and why?",
        "pledged " * 250,
        '"; DROP TABLE versions; --',
        "🎉",
    ):
        assert client.post("/v1/ask", json={"question": question}).status_code == 200, question


@pytest.mark.parametrize("form", ["short", "sentences", "yes_no", "list", "brief"])
def test_the_form_that_is_asked_for_is_the_answers(client: TestClient[Any], form: str) -> None:
    body = client.post("/v1/ask", json={"question": QUESTION, "form": form}).json()
    assert (body["form"], body["status"]) == (form, "answered")
    assert len(body["items"]) == (1 if form == "list" else 0)


def test_an_unknown_form_is_refused_with_the_known_ones(client: TestClient[Any]) -> None:
    response = client.post("/v1/ask", json={"question": QUESTION, "form": "poem"})
    check_problem(response, 400)
    for form in ("short", "sentences", "yes_no", "list", "brief"):
        assert form in response.text


def test_filters_and_as_of_act(client: TestClient[Any]) -> None:
    def found(**fields: Any) -> set[str]:
        hits = client.post("/v1/retrieve", json={"question": "the council", **fields}).json()[
            "hits"
        ]
        return {hit["article"]["id"] for hit in hits}

    everything = {ARTICLES[0]["id"], "later", "undated"}
    assert found() == everything
    assert found(as_of="2024-03-05") == {ARTICLES[0]["id"]}
    assert found(as_of="2024-03-05", include_undated=True) == {ARTICLES[0]["id"], "undated"}
    assert found(filters={"sources": ["Hill Times"]}) == {"later"}
    assert found(filters={"published_from": "2024-03-05"}) == {"later"}


def test_an_article_goes_in_is_found_changes_and_goes_out(client: TestClient[Any]) -> None:
    added = client.post(
        "/v1/articles", json={"id": "new/one", "text": "Penguins toured Eldric. Nobody minded."}
    )
    assert added.status_code == 201
    assert added.json()["added"] == 1
    path = "/v1/articles/new%2Fone"
    first = client.get(path).json()
    assert first["text"] == "Penguins toured Eldric. Nobody minded."
    assert first["version"] == added.json()["results"][0]["version"]
    again = client.put(path, json={"text": "Penguins toured Eldric. Nobody minded."}).json()
    assert (again["added"], again["updated"], again["unchanged"]) == (0, 0, 1)
    assert client.put(path, json={"text": "Penguins left Eldric."}).json()["updated"] == 1
    assert client.get(path).json()["text"] == "Penguins left Eldric."
    assert client.get(path, params={"version": first["version"]}).json()["text"] == first["text"]
    hit = client.post("/v1/retrieve", json={"question": "penguins", "k": 1}).json()["hits"][0]
    passage = client.get(f"/v1/passages/{hit['passage']['id']}").json()
    assert (passage["article_id"], passage["text"]) == ("new/one", "Penguins left Eldric.")
    assert client.delete(path).status_code == 204
    check_problem(client.get(path), 404, "new/one")
    check_problem(client.delete(path), 404)
    check_problem(client.get(f"/v1/passages/{hit['passage']['id']}"), 404)


def test_an_id_may_be_a_url(client: TestClient[Any]) -> None:
    quoted = "https%3A%2F%2Fcoast.example%2Fa%2F1%3Fx%3D1"
    assert client.get(f"/v1/articles/{quoted}").json()["title"] == "Relief for the coast"


def test_a_batch_goes_in_whole_or_not_at_all(client: TestClient[Any]) -> None:
    good, bad = {"id": "g", "text": "Good."}, {"id": "b", "text": 7}
    check_problem(
        client.post("/v1/articles", json={"articles": [good, bad]}), 400, "articles[1]", "text"
    )
    check_problem(client.get("/v1/articles/g"), 404)
    assert client.post("/v1/articles", json={"articles": [good]}).json()["added"] == 1
    check_problem(client.post("/v1/articles", json={"articles": []}), 400)
    check_problem(client.put("/v1/articles/x", json={"id": "y", "text": "Good."}), 400, "x", "y")


def test_articles_are_listed_page_by_page(client: TestClient[Any]) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = client.get(
            "/v1/articles", params={"limit": 2, **({"cursor": cursor} if cursor else {})}
        ).json()
        assert len(page["articles"]) <= 2
        assert all("text" not in article for article in page["articles"])
        seen += [article["id"] for article in page["articles"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [article["id"] for article in ARTICLES]
    assert [
        a["id"]
        for a in client.get("/v1/articles", params={"source": "Hill Times"}).json()["articles"]
    ] == ["later"]
    check_problem(client.get("/v1/articles", params={"cursor": "?"}), 400, "cursor")
    check_problem(client.get("/v1/articles", params={"limit": 0}), 400, "limit")


def test_nothing_is_no_id(client: TestClient[Any]) -> None:
    for path in ("/v1/articles/", "/v1/articles/%2F"):
        check_problem(client.get(path), 404, "slashes")
        assert client.delete(path).status_code == 405


def test_an_unknown_article_or_passage_is_404(client: TestClient[Any]) -> None:
    for path in (
        "/v1/articles/nobody",
        "/v1/articles/..%2F..%2Fetc%2Fpasswd",
        "/v1/passages/999",
        f"/v1/passages/{10**30}",
    ):
        check_problem(client.get(path), 404)


def test_a_rate_limit_behind_us_is_passed_on(archive: Archive, tmp_path: Path) -> None:
    put(archive, ARTICLES, tmp_path)
    with client_of(
        archive, ScriptedAnswerModel(AnswerModelRateLimited("scripted: too many requests", 7.0))
    ) as client:
        response = client.post("/v1/ask", json={"question": QUESTION})
    check_problem(response, 503, "too many requests")
    assert response.headers["retry-after"] == "7"


def test_an_empty_archive_answers_not_found(archive: Archive) -> None:
    with client_of(archive, ScriptedAnswerModel([Statement("Never asked.", (1,))])) as client:
        body = client.post("/v1/ask", json={"question": QUESTION}).json()
        assert (body["status"], body["citations"]) == ("not_found", [])
        assert client.get("/health/ready").json()["articles"] == 0


def test_health_and_the_description_of_the_api(client: TestClient[Any]) -> None:
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").json()["articles"] == 3
    schema = client.get("/schema/openapi.json").json()
    assert {
        "/v1/retrieve",
        "/v1/ask",
        "/v1/articles",
        "/v1/passages/{passage_id}",
        "/health/ready",
    } <= set(schema["paths"])
    assert "503" in schema["paths"]["/v1/ask"]["post"]["responses"]


def test_no_route_answers_with_a_traceback(archive: Archive) -> None:
    class Broken(FirstSentenceModel):
        def prepare(self) -> None:
            """Loads."""

    with client_of(archive, Broken()) as client:
        archive.store.close()
        response = client.get("/v1/articles/x")
    assert "Traceback" not in response.text


def test_an_answer_can_be_had_again_until_its_article_is_deleted(client: TestClient[Any]) -> None:
    given = client.post("/v1/ask", json={"question": QUESTION}).json()
    assert had_again(client, given["id"]) == given
    with client.stream(
        "POST", "/v1/ask", json={"question": "Who spoke on Friday?", "stream": True}
    ) as stream:
        last = [line for line in stream.iter_lines() if line.startswith("data: ")][-1]
    streamed = json.loads(last.removeprefix("data: "))
    assert had_again(client, streamed["id"]) == streamed
    client.delete("/v1/articles/https%3A%2F%2Fcoast.example%2Fa%2F1%3Fx%3D1")
    again = client.get(f"/v1/answers/{given['id']}").json()
    assert [citation["quote"] for citation in again["citations"]] == [""]
    assert had_again(client, streamed["id"]) == streamed
    check_problem(client.get("/v1/answers/nowhere"), 404, "nowhere")


def had_again(client: TestClient[Any], answer_id: str) -> dict[str, Any]:
    """The stored answer as it was given."""
    stored: dict[str, Any] = client.get(f"/v1/answers/{answer_id}").json()
    del stored["currency"]
    return stored
