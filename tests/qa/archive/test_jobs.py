"""Jobs: accepted articles are stored in steps, also across a restart."""

from pathlib import Path
from typing import Any

import pytest

from qa.archive.archive import Archive
from qa.archive.claims import STEP
from qa.archive.jobs import accept, find_job, work
from qa.errors import NotFound, StorageFailed
from tests.support.archives import put
from tests.support.fakes import BagOfWordsEmbedder
from tests.support.jobs import articles, ids, step
from tests.support.stores import opened_again


def test_a_job_goes_on_after_a_restart(archive: Archive) -> None:
    job = accept(archive.store, articles(2 * STEP + 3))
    assert step(archive)
    half = find_job(archive.store, job.id)
    assert (half.status, half.done) == ("running", STEP)
    assert ids(archive) == {f"a{number}" for number in range(STEP)}
    store = opened_again(archive.store)  # as another process sees it
    again = Archive(store, archive.embedder)
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
    job = accept(archive.store, articles(2))
    assert work(Archive(archive.store, BagOfWordsEmbedder(name="stranger")), 0.1)
    failed = find_job(archive.store, job.id)
    assert failed.status == "failed"
    assert "reindex" in (failed.error or "")
    assert not step(archive)
    with pytest.raises(NotFound):
        find_job(archive.store, "job_none")


def test_a_full_disk_loses_no_accepted_article(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = accept(archive.store, articles(3))
    with monkeypatch.context() as full:
        full.setattr("qa.archive.jobs.store_articles", _full)
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
