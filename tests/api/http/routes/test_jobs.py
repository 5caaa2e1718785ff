"""Batches and jobs over HTTP."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from qa.archive.archive import Archive
from qa.archive.jobs import accept
from qa.errors import BadInput
from tests.support.archives import put
from tests.support.client import check_problem, until
from tests.support.fakes import FirstSentenceModel
from tests.support.jobs import articles, ids, step
from tests.support.server import client_of


def test_a_batch_tells_what_became_of_each(archive: Archive, tmp_path: Path) -> None:
    put(
        archive,
        [
            {"id": "same", "text": "Rain."},
            {"id": "other", "text": "Rain."},
            {"id": "meta", "text": "Hail."},
        ],
        tmp_path,
    )
    batch = [
        {"id": "same", "text": "Rain."},
        {"id": "other", "text": "Snow."},
        {"id": "meta", "text": "Hail.", "source": "Gazette"},
        {"id": "new", "text": "Wind.", "published_at": "some day"},
        {"id": "new", "text": "Storm."},
    ]
    with client_of(archive, FirstSentenceModel()) as asking:
        reply = asking.post("/v1/articles", json={"articles": batch})
    assert reply.status_code == 201
    body = reply.json()
    assert [result["status"] for result in body["results"]] == [
        "unchanged",
        "updated",
        "amended",
        "added",
        "skipped",
    ]
    assert [result["id"] for result in body["results"]] == ["same", "other", "meta", "new", "new"]
    assert "articles[3]" in body["results"][4]["reason"]
    assert "some day" in body["results"][3]["warnings"][0]
    assert (body["added"], body["updated"], body["amended"], body["unchanged"]) == (1, 1, 1, 1)


def test_a_long_batch_is_a_job_that_can_be_watched(archive: Archive) -> None:
    with client_of(archive, FirstSentenceModel()) as asking:
        reply = asking.post("/v1/articles", json={"articles": articles(55)})
        assert reply.status_code == 202
        assert reply.headers["location"] == f"/v1/jobs/{reply.json()['id']}"
        seen: list[int] = []

        def done() -> bool:
            job = asking.get(reply.headers["location"]).json()
            seen.append(job["done"])
            return bool(job["status"] == "done")

        until(done)
        job = asking.get(reply.headers["location"]).json()
        assert seen == sorted(seen)
        assert (job["done"], job["total"]) == (55, 55)
        assert [result["id"] for result in job["results"]] == [f"a{number}" for number in range(55)]
        assert {result["status"] for result in job["results"]} == {"added"}
        assert asking.get("/v1/articles/a54").json()["text"] == "Rain fell on town 54."


def test_a_short_one_is_a_job_when_the_client_prefers(archive: Archive) -> None:
    with client_of(archive, FirstSentenceModel()) as asking:
        reply = asking.post(
            "/v1/articles", json={"id": "x", "text": "Rain."}, headers={"Prefer": "respond-async"}
        )
        assert reply.status_code == 202
        check_problem(asking.get("/v1/jobs/job_none"), 404, "job_none")


def test_a_job_with_a_bad_article_is_refused_whole(archive: Archive) -> None:
    bad = [*articles(60), {"id": "bad"}]
    with client_of(archive, FirstSentenceModel()) as asking:
        check_problem(
            asking.post("/v1/articles", json={"articles": bad}), 400, "articles[60]", "text"
        )
    assert ids(archive) == set()
    with pytest.raises(BadInput):
        accept(archive.store, bad)
    assert not step(archive)


def test_a_job_that_breaks_something_ends_and_the_next_is_done(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed = archive.embedder.embed_passages

    def broken(texts: Sequence[str]) -> Any:
        if any("BOOM" in text for text in texts):
            raise RuntimeError("boom")
        return embed(texts)

    monkeypatch.setattr(archive.embedder, "embed_passages", broken)
    with client_of(archive, FirstSentenceModel()) as asking:
        first, second = (
            asking.post("/v1/articles", json={"articles": articles(51, word)}).json()["id"]
            for word in ("BOOM", "Rain")
        )
        until(lambda: asking.get(f"/v1/jobs/{second}").json()["status"] == "done")
        jobs = [asking.get(f"/v1/jobs/{job}").json() for job in (first, second)]
        assert [job["status"] for job in jobs] == ["failed", "done"]
        assert "RuntimeError" in jobs[0]["error"]
