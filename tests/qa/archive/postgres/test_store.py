"""What PostgreSQL adds to a store: several writers, and servers that are shared with others."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from qa.answer import Citation
from qa.archive import answers
from qa.archive.answers import cited_articles
from qa.archive.archive import Archive
from qa.archive.feeds import add_feed
from qa.archive.jobs import accept, find_job, work
from qa.archive.postgres import dense
from qa.archive.postgres.schema import SCHEMA_VERSION
from qa.archive.postgres.store import PostgresStore
from qa.archive.snapshot import Fault
from qa.archive.store import Store
from qa.archive.watches import Seen, add_watch, note_seen
from qa.errors import ArchiveBusy, BadInput, EmptyArchive, NotAnArchive
from qa.ingest.apply import unfinished
from qa.ingest.files import Read, parse_record
from qa.types import Article, Filters
from tests.support.archives import write
from tests.support.fakes import BagOfWordsEmbedder
from tests.support.stores import DIMENSION, delete, faults, found, new, opened_again, put, seen
from tests.support.values import an_answer

pytestmark = pytest.mark.postgres

STORM = (
    "A storm closed the harbour of Arren, and forty boats were moved to Velm by night. The mayor,"
    " Ida Brandt, said that two piers had been lost, and that the ferries would not run before"
    " Thursday. Divers of the coast guard searched for a trawler that had called for help at noon."
    " Insurers put the damage at nine million crowns, twice that of the flood of last autumn."
)
SOON = 60  # seconds for what should happen at once


def a_citation(article_id: str) -> Citation:
    given = {"title": None, "source": None, "url": None, "published_at": None, "passage_id": 1}
    return Citation(
        n=1, article_id=article_id, version="v", quote="A storm", start=0, end=7, **given
    )


def create(url: str) -> PostgresStore:
    return PostgresStore.create(url, "fake", "d" * 64, DIMENSION)


@pytest.fixture
def store(postgres: str) -> Iterator[PostgresStore]:
    with closing(create(postgres)) as opened:
        yield opened


@pytest.fixture
def other(store: PostgresStore) -> Iterator[Store]:
    """The same archive, from another host."""
    with closing(opened_again(store)) as opened:
        yield opened


@pytest.fixture
def start() -> Iterator[Callable[..., Future[Any]]]:
    """Run something in another thread; it ends with the test."""
    with ThreadPoolExecutor(4) as pool:
        yield pool.submit


def test_two_hosts_create_one_archive(postgres: str) -> None:
    gate = threading.Barrier(4)

    def begin(_: int) -> str:
        gate.wait()
        with closing(create(postgres)) as store, store.snapshot() as snapshot:
            return snapshot.manifest["archive_id"]

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(begin, range(4)))) == 1


def test_an_empty_database_is_an_empty_archive(postgres: str) -> None:
    with pytest.raises(EmptyArchive, match="no archive in postgresql://"):
        PostgresStore.open(postgres)


@pytest.mark.parametrize("table", ["manifest (key text, value text)", "versions (mine text)"])
def test_tables_of_something_else_are_refused_and_left_alone(postgres: str, table: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE {table}".encode())
    with pytest.raises(NotAnArchive, match=r"not a Dateline archive|something else"):
        create(postgres)
    with psycopg.connect(postgres) as connection:
        rows = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = current_schema()::regnamespace"
        ).fetchall()
    assert rows == [(1,)]


def test_a_newer_schema_is_refused_at_the_next_transaction(
    store: PostgresStore, postgres: str
) -> None:
    put(store, Article(id="a", text="Rain."))
    with store.aside() as database:
        database.execute("UPDATE manifest SET value = '999' WHERE key = 'schema'")
    expected = f"has schema 999, this Dateline knows {SCHEMA_VERSION}: upgrade it"
    with pytest.raises(NotAnArchive, match=expected):
        seen(store)
    with pytest.raises(NotAnArchive, match=expected):
        put(store, Article(id="b", text="Snow."))
    with pytest.raises(NotAnArchive, match=expected):
        PostgresStore.open(postgres)


def test_an_older_schema_is_brought_up_once_by_many(
    store: PostgresStore, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.archive.postgres.store.SCHEMA_VERSION", SCHEMA_VERSION + 1)
    step = {SCHEMA_VERSION: "CREATE TABLE added (once INTEGER); INSERT INTO added VALUES (1)"}
    monkeypatch.setattr("qa.archive.postgres.store.MIGRATIONS", step)

    def upgrade(_: int) -> list[Any]:
        with closing(PostgresStore.open(postgres)) as opened, opened.reading() as database:
            return database.execute("SELECT once FROM added").fetchall()

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(upgrade, range(3))) == [[(1,)]] * 3


def test_writers_of_different_articles_do_not_wait_for_each_other(
    store: PostgresStore, other: Store
) -> None:
    with store.writing(0, ["a"]) as writer:
        writer.put(new(Article(id="a", text="Rain.")))
        with other.writing(SOON, ["b"]) as meanwhile:
            meanwhile.put(new(Article(id="b", text="Snow.")))
        assert seen(other) == ["Snow."]
    assert sorted(seen(store)) == ["Rain.", "Snow."]
    assert faults(store) == []


def test_ingests_begin_and_end_while_another_host_writes(
    store: PostgresStore, other: Store, tmp_path: Path, start: Callable[..., Future[Any]]
) -> None:
    """None is refused as the archive is being written, and each notes and clears its own path."""
    with store.writing() as writer:
        writer.note("embedder_digest", BagOfWordsEmbedder(DIMENSION, "fake").digest)
    files = [
        write(tmp_path / f"{name}.jsonl", {"id": name, "text": f"Rain {name}."}) for name in "abc"
    ]
    with other.writing(0, ["x"]) as writer:
        writer.put(new(Article(id="x", text="Snow.")))
        embedder = BagOfWordsEmbedder(DIMENSION, "fake")
        hosts = [Archive(opened_again(store), embedder) for _ in files]
        ingests = [start(host.ingest, [file]) for host, file in zip(hosts, files, strict=True)]
        assert [ingest.result(SOON).added for ingest in ingests] == [1, 1, 1]
        for host in hosts:
            host.store.close()
    with store.snapshot() as snapshot:
        assert unfinished(snapshot.manifest) == []
        assert (snapshot.size().articles, snapshot.faults()) == (4, [])


@pytest.mark.parametrize(("held", "wanted"), [(["a"], ["b", "a"]), (None, ["a"]), (["a"], None)])
def test_writers_of_one_article_wait(
    store: PostgresStore, other: Store, held: list[str] | None, wanted: list[str] | None
) -> None:
    with (
        store.writing(0, held),
        pytest.raises(ArchiveBusy, match="being written"),
        other.writing(0.05, wanted),
    ):
        pass


def test_a_lock_keeps_others_away_and_lets_its_holder_write(
    store: PostgresStore, other: Store
) -> None:
    with store.locked(), store.locked():
        with pytest.raises(ArchiveBusy), other.writing(0.05, ["a"]):
            pass
        with store.writing(0, ["a"]) as writer:
            writer.put(new(Article(id="a", text="Rain.")))
    with other.writing(SOON, ["b"]) as writer:
        writer.put(new(Article(id="b", text="Snow.")))
    assert sorted(seen(store)) == ["Rain.", "Snow."]


def test_what_is_stored_meanwhile_is_compared_under_the_lock(
    store: PostgresStore, other: Store, start: Callable[..., Future[Any]]
) -> None:
    """Both embed at once; the second then finds the article there, and does not store it twice."""
    read = Read(parse_record({"id": "a", "text": STORM})[0], "a", "")
    archives = [Archive(place, BagOfWordsEmbedder(DIMENSION, "fake")) for place in (store, other)]
    for archive in archives:
        with archive.store.writing() as writer:
            writer.note("embedder_digest", archive.embedder.digest)
    both = [start(archive.put, [read], wait=SOON) for archive in archives]
    statuses = sorted(job.result(SOON).steps[0].status for job in both)
    assert statuses == ["added", "unchanged"]
    with store.snapshot() as snapshot:
        assert snapshot.size().versions == 1


def test_copies_that_arrive_at_once_find_each_other(
    store: PostgresStore, other: Store, start: Callable[..., Future[Any]]
) -> None:
    gate = threading.Barrier(2)

    def write(place: Store, name: str, source: str) -> None:
        with place.writing(SOON, [name]) as writer:
            gate.wait()
            article = Article(id=name, text=STORM, source=source, published_at="2024-03-05")
            writer.put(new(article))
            gate.wait()  # neither is committed

    jobs = [start(write, store, "a", "Herald"), start(write, other, "b", "Post")]
    for job in jobs:
        job.result(SOON)
    with store.snapshot() as snapshot:
        assert snapshot.are_copies("a", "b")
        assert snapshot.generation == 2


def test_no_pair_is_left_of_an_article_that_is_deleted_while_its_copy_arrives(
    store: PostgresStore, other: Store
) -> None:
    put(store, Article(id="a", text=STORM, source="Herald", published_at="2024-03-05"))
    with store.writing(SOON, ["a"]) as writer:
        writer.delete("a")
        put_copy = Article(id="b", text=STORM, source="Post", published_at="2024-03-05")
        with other.writing(SOON, ["b"]) as meanwhile:
            meanwhile.put(new(put_copy))
    with store.reading() as database:
        assert database.execute("SELECT * FROM copies").fetchall() == []
        left = database.execute(
            "SELECT count(*) FROM runs WHERE version_key NOT IN (SELECT key FROM versions)"
        ).fetchone()
    assert left == (0,)


def test_an_answer_that_is_stored_while_its_article_is_deleted_keeps_no_text_of_it(
    store: PostgresStore, start: Callable[..., Future[Any]]
) -> None:
    put(store, Article(id="a", text=STORM))
    answer = an_answer(id="x", answer="Secret.", citations=(a_citation(article_id="a"),))
    with store.aside(cited_articles(answer)) as database:
        answers.store(database, answer, 10)
        deleting = start(delete_in_time, store)
        with pytest.raises(TimeoutError):
            deleting.result(0.3)
    deleting.result(SOON)
    with store.snapshot() as snapshot:
        assert snapshot.answer("x").answer is None


def delete_in_time(store: Store) -> None:
    with store.writing(SOON, ["a"]) as writer:
        writer.delete("a")


def test_a_watch_sees_what_was_begun_before_it_looked_and_ended_after(
    store: PostgresStore, other: Store
) -> None:
    """Ids are given out in the order of writing, and become visible in that of committing."""
    watch = add_watch(store, "What closed the harbour?", Filters())
    with store.writing(0, ["slow"]) as writer:
        writer.put(new(Article(id="slow", text=STORM)))
        with other.writing(SOON, ["fast"]) as meanwhile:
            meanwhile.put(new(Article(id="fast", text="Rain.")))
        with other.snapshot() as snapshot:
            compared = Seen(snapshot.last_passage, snapshot.now, snapshot.generation)
    note_seen(store, watch, compared)
    with store.snapshot() as snapshot:
        ids = snapshot.arrived(compared.passages, compared.looked_at, Filters()).tolist()
        assert [passage.article.id for passage in snapshot.passages(ids)] == ["slow"]


@pytest.mark.usefixtures("patient_writes")
def test_of_two_hosts_that_follow_a_feed_at_once_one_is_told_that_it_is_followed(
    store: PostgresStore, other: Store, start: Callable[..., Future[Any]]
) -> None:
    url = "https://news.example/feed"
    with store.aside() as database:
        database.execute(
            "INSERT INTO feeds (url, kind, every, added_at, next_due) VALUES (?, 'feed', 9, 0, 0)",
            (url,),
        )
        second = start(add_feed, other, url, "feed", 9)
        with pytest.raises(TimeoutError):
            second.result(0.3)
    with pytest.raises(BadInput, match="followed already"):
        second.result(SOON)


def test_two_hosts_work_on_two_jobs_and_never_on_one(store: PostgresStore, other: Store) -> None:
    jobs = [accept(store, [{"id": name, "text": "Rain."}]) for name in "ab"]
    with store.claim() as first, other.claim() as second:
        assert first is not None
        assert second is not None
        assert (first.job, second.job) == (1, 2)
        with opened_again(store).claim() as third:
            assert third is None
    assert [find_job(store, job.id).status for job in jobs] == ["queued", "queued"]


def test_a_job_waits_for_an_older_one_with_an_article_of_the_same_id(
    store: PostgresStore, other: Store
) -> None:
    for text in ("Rain.", "Snow."):
        accept(store, [{"id": "a", "text": text}, {"id": text, "text": text}])
    accept(store, [{"url": "http://news.example/\0", "text": "Hail."}])
    with store.claim() as first, other.claim() as second:
        assert first is not None
        assert second is not None
        assert (first.job, second.job) == (1, 3)


def test_a_step_whose_host_dies_is_done_by_another(store: PostgresStore, postgres: str) -> None:
    archive = Archive(store, BagOfWordsEmbedder(DIMENSION, "fake"))
    with store.writing() as writer:
        writer.note("embedder_digest", archive.embedder.digest)
    job = accept(store, [{"id": "a", "text": "Rain."}])

    def die() -> None:
        with store.claim() as step:
            assert step is not None
            with psycopg.connect(postgres, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE state = 'idle in transaction' AND query LIKE '%job_articles%'"
                )
            with step.noting() as database:
                database.execute("SELECT 1")

    with pytest.raises(ArchiveBusy):
        die()
    assert work(archive, SOON)
    assert find_job(store, job.id).status == "done"


def test_an_id_may_be_longer_than_a_row_of_an_index(store: PostgresStore) -> None:
    name = "".join(f"{number:x}" for number in range(9000))
    put(store, Article(id=name, text="Rain."), Article(id=f"{name}2", text="Snow."))
    put(store, Article(id=name, text="More rain."))
    assert sorted(seen(store)) == ["More rain.", "Snow."]
    assert seen(store, article_ids=(name,)) == ["More rain."]
    archive = Archive(store, BagOfWordsEmbedder())
    archive.store_answer(an_answer(id="x", citations=(a_citation(article_id=name),)), 10)
    delete(store, name)
    with store.snapshot() as snapshot:
        assert snapshot.answer("x").citations[0].quote == ""
    assert found(store, "rain snow") == [f"{name}2"]


def test_counts_of_terms_are_summed_up_and_stay_right(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.archive.postgres.store._MOST_UNFOLDED", 3)
    for number in range(5):
        put(store, Article(id=f"{number}", text=f"Rain number{number}."))
    delete(store, "0")
    store.settle()
    with store.reading() as database:
        rows = database.execute("SELECT count(*), count(DISTINCT term) FROM term_counts").fetchone()
    assert rows[0] == rows[1]
    assert found(store, "number3 rain")[0] == "3"
    assert faults(store) == []


def test_archives_in_one_database_do_not_lock_each_other(
    store: PostgresStore, another_postgres: str
) -> None:
    with closing(create(another_postgres)) as neighbour, store.locked():
        put(neighbour, Article(id="a", text="Rain."))
        assert seen(neighbour) == ["Rain."]
    assert seen(store) == []


def test_an_index_of_vectors_is_made_where_it_is_set_and_removed_where_it_is_not(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything, first = Filters(), np.eye(DIMENSION, dtype=np.float32)[0]
    monkeypatch.setattr("qa.archive.postgres.dense.OLDEST_HNSW", (0, 8, 0))
    with closing(PostgresStore.create(postgres, "fake", "d" * 64, DIMENSION, hnsw=True)) as store:
        put(store, *(Article(id=f"{number}", text="Rain.") for number in range(5)))
        with store.snapshot() as snapshot:
            assert snapshot.index_fault() == Fault(
                "index", "there is no HNSW index; vectors are compared one by one"
            )
            exact = snapshot.dense(first, 3, everything)
        store.settle(force=True)
        with store.snapshot() as snapshot:
            assert snapshot.index_fault() is None
            assert snapshot.dense(first, 3, everything) == exact
            assert snapshot.generation == 1
    with closing(PostgresStore.open(postgres)) as store:
        store.settle(force=True)
        with store.reading() as database:
            assert not dense.has_index(database, DIMENSION)


def test_an_index_that_this_pgvector_would_damage_is_refused(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.archive.postgres.dense.OLDEST_HNSW", (99, 0, 0))
    with closing(PostgresStore.create(postgres, "fake", "d" * 64, DIMENSION, hnsw=True)) as store:
        with pytest.raises(BadInput, match=r"needs pgvector 99\.0\.0"):
            store.settle(force=True)
        put(store, Article(id="a", text="Rain."))
        assert seen(store) == ["Rain."]
        with store.snapshot() as snapshot:
            fault = snapshot.index_fault()
    assert fault is not None
    assert "needs pgvector 99.0.0" in fault.message
    assert "ALTER EXTENSION vector UPDATE" in str(fault.fix), "`reindex` alone cannot help"
