"""Errors as problem documents: true, useful, and without what only the operator should see."""

from contextlib import closing
from http import HTTPStatus
from pathlib import Path

import pytest

from api.http.problems import to_problem
from qa.archive.archive import Archive
from qa.errors import (
    AnswerModelRateLimited,
    ArchiveBusy,
    ArchiveUnreachable,
    EmptyArchive,
    NotAnArchive,
    QAError,
    QueueFull,
    StorageFailed,
)
from tests.support.client import check_problem
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of
from tests.support.stores import opened_again


@pytest.mark.parametrize(
    ("seconds", "header"),
    [
        (5.0, "5"),
        (0.2, "1"),
        (-3.0, "0"),
        (float("inf"), "86400"),
        (float("nan"), "2"),
        (1e30, "86400"),
        (None, None),
    ],
)
def test_any_number_of_a_model_server_becomes_a_retry_after(
    seconds: float | None, header: str | None
) -> None:
    problem = to_problem(AnswerModelRateLimited("scripted", seconds))
    assert problem.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert (problem.headers or {}).get("Retry-After") == header


def test_a_full_queue_has_its_own_type() -> None:
    problem = to_problem(QueueFull("16 questions are waiting already", 34))
    assert problem.type_ == "urn:dateline:queue-full"
    assert problem.headers == {"Retry-After": "34"}


def test_a_full_disk_asks_for_a_longer_wait_and_hides_its_folder() -> None:
    problem = to_problem(StorageFailed("/srv/news/archive.db: the disk is full"))
    assert problem.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert problem.headers == {"Retry-After": "60"}
    assert problem.detail == "the archive cannot be used now; try again in 60 seconds"


def test_a_database_that_cannot_be_reached_is_not_said_to_be_written() -> None:
    problem = to_problem(ArchiveUnreachable("no connection to postgresql://db/news"))
    assert problem.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert problem.headers == {"Retry-After": "2"}
    assert problem.detail == "the database cannot be reached; try again in 2 seconds"


@pytest.mark.parametrize(
    "kind", [ArchiveBusy, ArchiveUnreachable, EmptyArchive, NotAnArchive, StorageFailed]
)
def test_no_folder_of_the_server_is_sent_to_a_client(
    kind: type[QAError], caplog: pytest.LogCaptureFixture
) -> None:
    problem = to_problem(kind("the archive in /srv/secret cannot be written"))
    assert "/srv" not in problem.detail
    assert problem.detail
    assert "/srv/secret" in caplog.text, "the operator needs it"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/ask", b'{"question":"caf\xe9"}'),
        ("POST", "/v1/retrieve", b'{"question":"caf\xe9"}'),
        ("POST", "/v1/articles", b'{"text":"caf\xe9 is open."}'),
        ("PUT", "/v1/articles/x", b'{"text":"caf\xe9 is open."}'),
    ],
)
def test_a_body_in_another_encoding_is_bad_input(
    filled: Archive, method: str, path: str, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    kind = {"content-type": "application/json"}
    with client_of(filled, FirstSentenceModel()) as asking:
        check_problem(asking.request(method, path, content=body, headers=kind), 400, "UTF-8")
    assert "Traceback" not in caplog.text


def test_a_missing_route_and_a_wrong_method_say_what_exists(filled: Archive) -> None:
    with client_of(filled, FirstSentenceModel()) as asking:
        check_problem(asking.get("/nowhere"), 404, "no such route", "/schema/docs")
        refused = asking.put("/v1/ask", json={})
        check_problem(refused, 405, "POST")
        assert "POST" in refused.headers["allow"]
        check_problem(asking.get("/mcp"), 405, "POST")
        check_problem(asking.get("/v1/articles/nobody"), 404, "nobody")


def test_a_busy_archive_says_when_to_come_back(filled: Archive, tmp_path: Path) -> None:
    with client_of(filled, FirstSentenceModel()) as asking:
        with closing(opened_again(filled.store)) as other, other.locked():
            busy = asking.put("/v1/articles/x", json={"text": "Rain."})
        check_problem(busy, 503, "being written")
        assert int(busy.headers["retry-after"]) > 0
        assert str(tmp_path) not in busy.text
        assert asking.put("/v1/articles/x", json={"text": "Rain."}).status_code == 200


def test_dates_in_the_wrong_order_are_both_named(filled: Archive) -> None:
    period = {"published_from": "2024-03-08", "published_to": "2024-03-01"}
    with client_of(filled, FirstSentenceModel()) as asking:
        for path in ("/v1/ask", "/v1/retrieve"):
            reply = asking.post(path, json={"question": "Who spoke?", "filters": period})
            check_problem(reply, 400, "published_from", "2024-03-08", "published_to", "2024-03-01")
        day = {"published_from": "2024-03-08", "published_to": "2024-03-08"}
        reply = asking.post("/v1/retrieve", json={"question": "Who spoke?", "filters": day})
        assert [hit["article"]["id"] for hit in reply.json()["hits"]] == ["later"]


@pytest.mark.parametrize("k", ["3", 3.0, True, None])
def test_a_k_that_is_not_an_integer_is_refused(filled: Archive, k: object) -> None:
    with client_of(filled, FirstSentenceModel()) as asking:
        check_problem(asking.post("/v1/retrieve", json={"question": "Who?", "k": k}), 400, "k")
