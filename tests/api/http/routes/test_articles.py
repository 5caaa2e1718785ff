"""Articles over HTTP: conditions, and writes that wait."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from embeddings.index import Vectors
from qa.archive.archive import Archive
from qa.archive.sqlite.index import FILE
from tests.support.archives import put
from tests.support.client import check_problem
from tests.support.fakes import BagOfWordsEmbedder, FirstSentenceModel
from tests.support.ingests import fresh
from tests.support.jobs import articles, ids
from tests.support.server import client_of, serving
from tests.support.stores import folder_of, opened_again


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
    with serving(archive, FirstSentenceModel()) as url, ThreadPoolExecutor(6) as pool:
        for number in range(3):
            made = [
                pool.submit(
                    httpx.put,
                    f"{url}/v1/articles/n{number}",
                    json={"text": f"Rain {who}."},
                    headers={"If-None-Match": "*"},
                    timeout=60,
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


# Writes that wait


class SlowEmbedder(BagOfWordsEmbedder):
    """Embeds a text with "slow" in it only once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.may_end = threading.Event()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if any("slow" in text for text in texts):
            self.begun.set()
            assert self.may_end.wait(60)
        return super().embed_passages(texts)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[tuple[Archive, SlowEmbedder]]:
    embedder = SlowEmbedder()
    archive = fresh(tmp_path / "slow", embedder)
    yield archive, embedder
    embedder.may_end.set()
    archive.store.close()


def write_many(asking: TestClient[Any], pool: ThreadPoolExecutor) -> list[Future[Any]]:
    """Fifty writes at once, each with the seconds that it took."""
    return [
        pool.submit(timed, asking.put, f"/v1/articles/w{number}", json={"text": f"Rain {number}."})
        for number in range(50)
    ]


def test_writes_that_wait_for_another_process_keep_no_reader_waiting(archive: Archive) -> None:
    with (
        client_of(archive, FirstSentenceModel(), write_wait=60.0) as asking,
        closing(opened_again(archive.store)) as other,
        ThreadPoolExecutor(50) as pool,
    ):
        with other.locked():
            writes = write_many(asking, pool)
            time.sleep(0.3)  # they have come as far as they can
            for path in ("/health/ready", "/metrics", "/v1/articles"):
                assert asking.get(path).status_code == 200
            assert not any(write.done() for write in writes)
        assert {write.result()[1].status_code for write in writes} == {200}


def test_the_limit_of_a_write_s_wait_is_that_of_the_whole_wait(archive: Archive) -> None:
    """One after another, fifty writes would wait for a quarter of a minute."""
    with (
        client_of(archive, FirstSentenceModel(), write_wait=0.3) as asking,
        closing(opened_again(archive.store)) as other,
        other.locked(),
        ThreadPoolExecutor(50) as pool,
    ):
        for write in write_many(asking, pool):
            seconds, reply = write.result()
            check_problem(reply, 503)
            assert int(reply.headers["retry-after"]) > 0
            assert seconds < 10
    assert ids(archive) == set()


def timed(call: Callable[..., Any], *given: Any, **options: Any) -> tuple[float, Any]:
    started = time.monotonic()
    reply = call(*given, **options)
    return time.monotonic() - started, reply


def test_a_text_is_embedded_before_the_lock_is_taken(slow: tuple[Archive, SlowEmbedder]) -> None:
    archive, embedder = slow
    with (
        client_of(archive, FirstSentenceModel(), write_wait=0.2) as asking,
        ThreadPoolExecutor(1) as pool,
    ):
        long = pool.submit(asking.put, "/v1/articles/long", json={"text": "A slow text."})
        assert embedder.begun.wait(60)
        assert asking.put("/v1/articles/small", json={"text": "Rain."}).status_code == 200
        assert asking.delete("/v1/articles/small").status_code == 204
        embedder.may_end.set()
        assert long.result().status_code == 200
    assert ids(archive) == {"long"}


def test_a_condition_is_checked_again_once_the_lock_is_held(
    slow: tuple[Archive, SlowEmbedder],
) -> None:
    archive, embedder = slow
    with (
        client_of(archive, FirstSentenceModel()) as asking,
        ThreadPoolExecutor(1) as pool,
    ):
        asking.put("/v1/articles/a", json={"text": "Rain."})
        condition = {"If-Match": asking.get("/v1/articles/a").headers["etag"]}
        late = pool.submit(
            asking.put, "/v1/articles/a", json={"text": "A slow text."}, headers=condition
        )
        assert embedder.begun.wait(60)
        asking.put("/v1/articles/a", json={"text": "Snow."})
        embedder.may_end.set()
        check_problem(late.result(), 412)
        assert asking.get("/v1/articles/a").json()["text"] == "Snow."


def test_what_another_writer_changed_during_the_embedding_is_planned_again(
    slow: tuple[Archive, SlowEmbedder],
) -> None:
    archive, embedder = slow
    with (
        client_of(archive, FirstSentenceModel()) as asking,
        ThreadPoolExecutor(1) as pool,
    ):
        batch = [{"id": "a", "text": "Rain."}, {"id": "b", "text": "A slow text."}]
        asking.put("/v1/articles/a", json={"text": "Rain."})
        late = pool.submit(asking.post, "/v1/articles", json={"articles": batch})
        assert embedder.begun.wait(60)
        asking.put("/v1/articles/a", json={"text": "Snow."})  # "unchanged" is no longer true
        embedder.may_end.set()
        results = late.result().json()["results"]
        assert [result["status"] for result in results] == ["updated", "added"]
        assert asking.get("/v1/articles/a").json()["text"] == "Rain."


@pytest.mark.sqlite_only("the FAISS file")
def test_an_index_that_cannot_be_used_shows_in_health_and_metrics(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, articles(3), tmp_path)
    with client_of(archive, FirstSentenceModel()) as asking:
        assert asking.get("/health/ready").json()["index_fault"] is None
        assert "dateline_index_fault 0.0" in asking.get("/metrics").text
    (folder_of(archive.store) / FILE).write_bytes(b"not an index")
    store = opened_again(archive.store)
    damaged = Archive(store, archive.embedder)
    with closing(store), client_of(damaged, FirstSentenceModel()) as asking:
        assert "no readable header" in asking.get("/health/ready").json()["index_fault"]
        assert "dateline_index_fault 1.0" in asking.get("/metrics").text
        damaged.reindex()
        assert asking.get("/health/ready").json()["index_fault"] is None


def test_a_filter_of_any_size_is_refused(archive: Archive) -> None:
    with client_of(archive, FirstSentenceModel()) as asking:
        for filters in ({"sources": ["x" * 501]}, {"published_from": "2" * 501}):
            reply = asking.post("/v1/retrieve", json={"question": "Rain?", "filters": filters})
            check_problem(reply, 400, "500")


def test_an_article_under_embargo_exists_for_writers_alone(archive: Archive) -> None:
    held_back = {"text": "Nine are dead.", "embargoed_until": "2024-05-10T18:00:00Z"}
    archive.store.clock = lambda: datetime(2024, 5, 10, 17, tzinfo=UTC)
    with client_of(archive, FirstSentenceModel()) as asking:
        assert asking.put("/v1/articles/dam", json=held_back).status_code == 200
        check_problem(asking.get("/v1/articles/dam"), 404, "no article 'dam'")
        check_problem(asking.get("/v1/passages/1"), 404)
        assert asking.get("/v1/articles").json()["articles"] == []
        assert asking.get("/health/ready").json()["articles"] == 0
        assert b"dateline_articles 0.0" in asking.get("/metrics").content
        new_only = {"If-None-Match": "*"}
        again = asking.put("/v1/articles/dam", json={"text": "Nobody."}, headers=new_only)
        check_problem(again, 412, "has changed")
        archive.store.clock = lambda: datetime(2024, 5, 10, 18, tzinfo=UTC)
        assert asking.get("/v1/articles/dam").json()["text"] == "Nine are dead."
        archive.store.clock = lambda: datetime(2024, 5, 10, 17, tzinfo=UTC)
        assert asking.delete("/v1/articles/dam").status_code == 204
        check_problem(asking.delete("/v1/articles/dam"), 404)


def test_a_put_with_another_status_withdraws_an_article(archive: Archive) -> None:
    report = {"text": "Nine are dead.", "source": "Argus", "published_at": "2024-05-01"}
    with client_of(archive, FirstSentenceModel()) as asking:
        asking.put("/v1/articles/dam", json=report)
        put = asking.put("/v1/articles/dam", json={**report, "status": "canceled"})
        assert put.json()["amended"] == 1
        shown = asking.get("/v1/articles/dam").json()
        assert (shown["status"], shown["text"]) == ("canceled", "Nine are dead.")
        assert asking.get("/v1/articles").json()["articles"] == []
        found = asking.post("/v1/retrieve", json={"question": "How many are dead?"}).json()
        assert found["hits"] == []


def test_an_article_names_what_corrects_it_and_its_tag_changes_with_that(archive: Archive) -> None:
    with client_of(archive, FirstSentenceModel()) as asking:
        asking.put("/v1/articles/dam", json={"text": "Nine are dead."})
        first = asking.get("/v1/articles/dam")
        assert first.json()["corrected_by"] == []
        asking.put("/v1/articles/c", json={"text": "Six are dead.", "corrects": "dam"})
        second = asking.get("/v1/articles/dam")
        assert second.json()["corrected_by"] == ["c"]
        assert second.headers["etag"] != first.headers["etag"]
        assert asking.get("/v1/articles/c").json()["corrects"] == "dam"
        over = {"If-Match": second.headers["etag"]}
        assert asking.put("/v1/articles/dam", json={"text": "Six."}, headers=over).is_success
