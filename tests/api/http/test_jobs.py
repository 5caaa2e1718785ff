"""Many articles at once: accepted, stored in steps, told of one by one, also across a restart."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from qa.archive.archive import Archive
from qa.archive.jobs import STEP, accept, find_job, work
from qa.archive.sqlite import Store
from qa.errors import BadInput, NotFound, StorageFailed
from tests.conftest import client_of, put, serving
from tests.support.client import check_problem
from tests.support.fakes import FirstSentenceModel


def articles(count: int, word: str = "Rain") -> list[dict[str, Any]]:
    return [
        {"id": f"a{number}", "text": f"{word} fell on town {number}."} for number in range(count)
    ]


def step(archive: Archive) -> bool:
    return work(archive.store, archive.cache, archive.embedder, 0.1)


def ids(archive: Archive) -> set[str]:
    from qa.types import Filters

    with archive.store.snapshot() as snapshot:
        return {stored.article.id for stored in snapshot.articles(Filters(), 1000)}


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
        seen = []
        for _ in range(600):
            job = asking.get(reply.headers["location"]).json()
            seen.append(job["done"])
            if job["status"] == "done":
                break
            time.sleep(0.02)
        assert job["status"] == "done"
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


def test_a_job_goes_on_after_a_restart(archive: Archive) -> None:
    job = accept(archive.store, articles(2 * STEP + 3))
    assert step(archive)
    half = find_job(archive.store, job.id)
    assert (half.status, half.done) == ("running", STEP)
    assert ids(archive) == {f"a{number}" for number in range(STEP)}
    store = Store.open(archive.store.folder)  # as another process sees it
    again = Archive(store, archive.cache, archive.embedder)
    while step(again):
        pass
    done = find_job(store, job.id)
    assert (done.status, done.done) == ("done", 2 * STEP + 3)
    assert [result["id"] for result in done.results] == [
        f"a{number}" for number in range(2 * STEP + 3)
    ]
    store.close()


def test_a_step_that_was_cut_short_is_done_again_and_changes_nothing_twice(
    archive: Archive, tmp_path: Path
) -> None:
    job = accept(archive.store, articles(5))
    put(archive, articles(5)[:3], tmp_path)  # stored, and then the power went
    assert step(archive)
    done = find_job(archive.store, job.id)
    assert [result["status"] for result in done.results] == ["unchanged"] * 3 + ["added"] * 2
    with archive.store.snapshot() as snapshot:
        assert snapshot.counts().versions == 5


def test_of_two_with_one_id_the_first_wins_however_far_apart(archive: Archive) -> None:
    job = accept(archive.store, [*articles(STEP + 1), {"id": "a0", "text": "Snow."}])
    while step(archive):
        pass
    done = find_job(archive.store, job.id)
    assert done.results[-1]["status"] == "skipped"
    assert "articles[0]" in done.results[-1]["reason"]
    with archive.store.snapshot() as snapshot:
        assert snapshot.article("a0").article.text == "Rain fell on town 0."


def test_a_job_of_another_embedder_fails_and_says_why(archive: Archive) -> None:
    from tests.support.fakes import BagOfWordsEmbedder

    job = accept(archive.store, articles(2))
    assert work(archive.store, archive.cache, BagOfWordsEmbedder(name="stranger"), 0.1)
    failed = find_job(archive.store, job.id)
    assert failed.status == "failed"
    assert "reindex" in (failed.error or "")
    assert not step(archive)
    with pytest.raises(NotFound):
        find_job(archive.store, "job_none")


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
        for _ in range(600):
            jobs = [asking.get(f"/v1/jobs/{job}").json() for job in (first, second)]
            if jobs[1]["status"] == "done":
                break
            time.sleep(0.02)
        assert [job["status"] for job in jobs] == ["failed", "done"]
        assert "RuntimeError" in jobs[0]["error"]


def test_a_full_disk_loses_no_accepted_article(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = accept(archive.store, articles(3))
    with monkeypatch.context() as full:
        full.setattr("qa.archive.jobs.ingest_articles", _full)
        with pytest.raises(StorageFailed):
            step(archive)
    assert find_job(archive.store, job.id).status == "queued"
    assert step(archive)
    assert find_job(archive.store, job.id).done == 3


def _full(*_: Any, **__: Any) -> None:
    raise StorageFailed("the disk is full")


def test_exactly_full_steps_end(archive: Archive) -> None:
    job = accept(archive.store, articles(STEP))
    while step(archive):
        pass
    assert find_job(archive.store, job.id).status == "done"


# conditions


def test_an_article_has_an_etag_that_changes_with_anything_that_is_sent(archive: Archive) -> None:
    with client_of(archive, FirstSentenceModel()) as asking:
        asking.put("/v1/articles/a", json={"text": "Rain."})
        first = asking.get("/v1/articles/a")
        tag = first.headers["etag"]
        same = asking.get("/v1/articles/a", headers={"If-None-Match": tag})
        assert (same.status_code, same.content) == (304, b"")
        asking.put("/v1/articles/a", json={"text": "Rain.", "source": "Gazette"})
        assert asking.get("/v1/articles/a", headers={"If-None-Match": tag}).status_code == 200


def test_of_many_who_would_make_the_same_article_one_does(archive: Archive) -> None:
    with serving(archive, FirstSentenceModel()) as url, ThreadPoolExecutor(6) as crowd:
        for number in range(3):
            made = [
                crowd.submit(
                    httpx.put,
                    f"{url}/v1/articles/n{number}",
                    json={"text": f"Rain {who}."},
                    headers={"If-None-Match": "*"},
                    timeout=30,
                )
                for who in range(6)
            ]
            assert sorted(reply.result().status_code for reply in made) == [200] + [412] * 5


def test_tags_are_compared_as_the_rfc_says(archive: Archive) -> None:
    with client_of(archive, FirstSentenceModel()) as asking:
        asking.put("/v1/articles/a", json={"text": "Rain."})
        tag = asking.get("/v1/articles/a").headers["etag"]
        for headers in (
            [("If-None-Match", f'"x", W/{tag}')],
            [("If-None-Match", '"x"'), ("If-None-Match", tag)],
        ):
            assert asking.get("/v1/articles/a", headers=headers).status_code == 304
        check_problem(
            asking.put("/v1/articles/a", json={"text": "Snow."}, headers={"If-Match": f"W/{tag}"}),
            412,
        )


def test_a_change_may_be_bound_to_what_the_client_saw(archive: Archive) -> None:
    with client_of(archive, FirstSentenceModel()) as asking:
        made = asking.put("/v1/articles/a", json={"text": "Rain."}, headers={"If-None-Match": "*"})
        assert made.status_code == 200
        check_problem(
            asking.put("/v1/articles/a", json={"text": "Snow."}, headers={"If-None-Match": "*"}),
            412,
            "ETag",
        )
        tag = asking.get("/v1/articles/a").headers["etag"]
        assert (
            asking.put(
                "/v1/articles/a", json={"text": "Snow."}, headers={"If-Match": tag}
            ).status_code
            == 200
        )
        check_problem(
            asking.put("/v1/articles/a", json={"text": "Hail."}, headers={"If-Match": tag}), 412
        )
        check_problem(asking.delete("/v1/articles/a", headers={"If-Match": tag}), 412)
        check_problem(
            asking.put("/v1/articles/b", json={"text": "Hail."}, headers={"If-Match": tag}),
            412,
            "not exist",
        )
        assert asking.get("/v1/articles/a").json()["text"] == "Snow."
