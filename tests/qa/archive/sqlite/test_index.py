"""The FAISS file as a cache: whatever happens to it, a search equals plain numpy's."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import numpy as np
import pytest

import qa.archive.sqlite.index
from embeddings.index import Ids, Mask, VectorIndex, Vectors, mask_of
from qa.archive.snapshot import Snapshot
from qa.archive.sqlite.index import FILE, IndexCache
from qa.archive.sqlite.search import SqliteSnapshot
from qa.archive.sqlite.store import DATABASE, SqliteStore
from qa.archive.store import Store
from qa.archive.writer import NewVersion
from qa.types import Article, Filters

pytestmark = pytest.mark.sqlite_only("the FAISS file")

DIMENSION = 16
RANDOM_ARCHIVES = 6


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    opened = create(folder)
    yield opened
    opened.close()


def create(folder: Path, digest: str = "d" * 64) -> Store:
    return SqliteStore.create(folder, "fake", digest, DIMENSION)


def unit_vectors(random: np.random.Generator, rows: int) -> Vectors:
    drawn = random.normal(size=(rows, DIMENSION))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


def put(store: Store, random: np.random.Generator, *ids: str, rows: int = 2) -> None:
    with store.writing() as writer:
        for article_id in ids:
            spans = [(number, number + 1) for number in range(rows)]
            writer.put(
                NewVersion(
                    Article(id=article_id, text="x" * rows), None, spans, unit_vectors(random, rows)
                )
            )


def put_vector(store: Store, article_id: str, vector: Vectors) -> None:
    with store.writing() as writer:
        writer.put(
            NewVersion(Article(id=article_id, text="x"), None, [(0, 1)], vector.reshape(1, -1))
        )


def delete(store: Store, article_id: str) -> None:
    with store.writing() as writer:
        writer.delete(article_id)


def refresh(store: Store, cache: IndexCache, *, force: bool = False) -> None:
    with store.snapshot() as snapshot:
        cache.refresh(snapshot, force=force)


def fault(store: Store, cache: IndexCache) -> str | None:
    with store.snapshot() as snapshot:
        return cache.fault(snapshot)


def agrees(store: Store, cache: IndexCache, seed: int = 0) -> None:
    """A search through ``cache`` finds what plain numpy finds among SQLite's vectors."""
    random = np.random.default_rng(seed)
    with store.snapshot() as snapshot:
        ids, vectors = snapshot.vectors_above(0, DIMENSION)
        searchable = np.flatnonzero(seen(snapshot))
        for allowed in (searchable, searchable[::3], ids):
            question = unit_vectors(random, 1)[0]
            for k in (1, 5, len(ids) + 3):
                found = cache.search(snapshot, question, k, mask_of(allowed))
                expected = brute_force(ids, vectors, question, k, allowed)
                assert [score for _, score in found] == pytest.approx(
                    [score for _, score in expected], abs=1e-5
                )
                # Where rounding swaps two neighbours, their true scores are the same to 1e-5.
                exact = dict(brute_force(ids, vectors, question, len(ids), allowed))
                true = [exact[identity] for identity, _ in found]
                assert true == pytest.approx([score for _, score in expected], abs=1e-5)
                assert len({identity for identity, _ in found}) == len(found)


def seen(snapshot: Snapshot) -> Mask:
    assert isinstance(snapshot, SqliteSnapshot)
    return snapshot.seen(Filters())


def brute_force(
    ids: Ids, vectors: Vectors, question: Vectors, k: int, allowed: Ids
) -> list[tuple[int, float]]:
    permitted = set(allowed.tolist())
    scores = vectors.astype(np.float64) @ question.astype(np.float64)
    scored = [(int(identity), float(score)) for identity, score in zip(ids, scores, strict=True)]
    kept = [pair for pair in scored if pair[0] in permitted]
    return sorted(kept, key=lambda pair: (-pair[1], pair[0]))[:k]


# What can happen to the file


def _missing(path: Path) -> None:
    path.unlink()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def _altered(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-30] ^= 0x40
    path.write_bytes(content)


def _header_altered(path: Path) -> None:
    """A row fewer than there are: the ids would be read as vectors."""
    content = path.read_bytes()
    rows = content.split(b'"rows": ')[1].split(b",")[0]
    path.write_bytes(content.replace(b'"rows": ' + rows, b'"rows": %d' % (int(rows) - 1)))


def _no_generation(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"generation"', b'"generatiom"'))


def _no_index(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" * 100)


SPOILERS = [_missing, _empty, _cut_short, _altered, _header_altered, _no_generation, _no_index]


@pytest.mark.parametrize("spoil", SPOILERS)
def test_a_spoiled_file_changes_no_result_and_is_written_anew_by_the_next_refresh(
    store: Store, folder: Path, spoil: Callable[[Path], None]
) -> None:
    put(store, np.random.default_rng(1), *"abcdef")
    refresh(store, IndexCache(folder))
    assert fault(store, IndexCache(folder)) is None
    whole = (folder / FILE).read_bytes()
    spoil(folder / FILE)
    assert fault(store, IndexCache(folder)) is not None
    agrees(store, IndexCache(folder))
    refresh(store, IndexCache(folder))
    assert fault(store, IndexCache(folder)) is None
    assert (folder / FILE).read_bytes() == whole


def test_an_archive_without_passages_needs_no_file(store: Store, folder: Path) -> None:
    """A first key or feed makes an archive before its first article."""
    cache = IndexCache(folder)
    assert fault(store, cache) is None
    put(store, np.random.default_rng(1), "a")
    assert fault(store, cache) == "the vector index is missing"


def test_each_fault_is_named(store: Store, folder: Path, tmp_path: Path) -> None:
    cache, random = IndexCache(folder), np.random.default_rng(1)
    put(store, random, *"abc")
    assert fault(store, cache) == "the vector index is missing"
    refresh(store, cache)
    _altered(folder / FILE)
    assert "cut short or altered" in str(fault(store, cache))

    for name, digest in (("other", "d" * 64), ("embedder", "e" * 64)):
        other = create(tmp_path / name, digest)
        put(other, random, *"xyz")
        refresh(other, IndexCache(tmp_path / name))
        other.close()
        shutil.copy(tmp_path / name / FILE, folder / FILE)
        assert "another archive or embedder" in str(fault(store, cache))


def test_the_file_of_another_archive_changes_no_result(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    random = np.random.default_rng(2)
    put(store, random, *"abcd")
    other = create(tmp_path / "other")
    put(other, random, *"abcd")
    refresh(other, IndexCache(tmp_path / "other"))
    other.close()
    shutil.copy(tmp_path / "other" / FILE, folder / FILE)
    agrees(store, IndexCache(folder))
    refresh(store, IndexCache(folder))
    agrees(store, IndexCache(folder))
    assert fault(store, IndexCache(folder)) is None


def test_a_file_ahead_of_an_archive_that_was_put_back_changes_no_result(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    random = np.random.default_rng(3)
    put(store, random, *"abc")
    store.backup(tmp_path / "backup")
    put(store, random, "later")
    refresh(store, IndexCache(folder), force=True)
    restored = put_back(store, folder, tmp_path / "backup")
    assert fault(restored, IndexCache(folder)) is not None
    agrees(restored, IndexCache(folder))
    restored.close()


def test_nor_does_it_once_the_archive_that_was_put_back_has_caught_up_with_other_articles(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    """The restored archive gives its new passages ids that the file uses for lost ones."""
    random = np.random.default_rng(3)
    put(store, random, *"abc")
    store.backup(tmp_path / "backup")
    put(store, random, "lost")
    refresh(store, IndexCache(folder), force=True)
    restored = put_back(store, folder, tmp_path / "backup")
    put(restored, random, "new one")
    put(restored, random, "another")
    refresh(restored, IndexCache(folder))
    agrees(restored, IndexCache(folder))
    restored.close()


def put_back(store: Store, folder: Path, backup: Path) -> Store:
    """As `dateline backup` says: the file in the data directory as archive.sqlite3."""
    store.close()
    for suffix in ("-wal", "-shm"):
        (folder / (DATABASE + suffix)).unlink(missing_ok=True)
    shutil.copy(backup, folder / DATABASE)
    return SqliteStore.open(folder)


def test_a_stale_file_is_searched_with_what_came_since(store: Store, folder: Path) -> None:
    random = np.random.default_rng(4)
    put(store, random, *"abcdef")
    refresh(store, IndexCache(folder))
    put(store, random, "g", "h")
    delete(store, "b")
    put(store, random, "c")
    agrees(store, IndexCache(folder))


def test_an_empty_archive_finds_nothing(store: Store, folder: Path) -> None:
    question = unit_vectors(np.random.default_rng(0), 1)[0]
    for cache in (IndexCache(folder), IndexCache(folder)):
        with store.snapshot() as snapshot:
            assert cache.search(snapshot, question, 5, mask_of(snapshot.passage_ids())) == []
        refresh(store, cache)
    delete_all = IndexCache(folder)
    put(store, np.random.default_rng(0), "a")
    refresh(store, delete_all, force=True)
    delete(store, "a")
    with store.snapshot() as snapshot:
        assert delete_all.search(snapshot, question, 5, mask_of(np.array([1, 2])[:0])) == []
    agrees(store, delete_all)


# What is written when


def test_a_single_new_article_is_found_at_once_and_the_file_is_not_rewritten(
    store: Store, folder: Path
) -> None:
    random, cache = np.random.default_rng(5), IndexCache(folder)
    put(store, random, *(f"a{number}" for number in range(50)))
    refresh(store, cache)
    os.utime(folder / FILE, (1000, 1000))
    before = (folder / FILE).read_bytes()
    vector = unit_vectors(random, 1)[0]
    put_vector(store, "single", vector)
    refresh(store, cache)
    for reader in (cache, IndexCache(folder)):
        with store.snapshot() as snapshot:
            ((identity, score),) = reader.search(snapshot, vector, 1, seen(snapshot))
            assert snapshot.passage(identity).article.id == "single"
            assert score == pytest.approx(1.0, abs=1e-5)
    assert (folder / FILE).stat().st_mtime == 1000
    assert (folder / FILE).read_bytes() == before
    assert fault(store, cache) is None


def test_a_deleted_row_is_never_returned_though_the_file_holds_it(
    store: Store, folder: Path
) -> None:
    random, cache = np.random.default_rng(6), IndexCache(folder)
    vector = unit_vectors(random, 1)[0]
    put(store, random, *"abc")
    put_vector(store, "gone", vector)
    refresh(store, cache)
    agrees(store, cache)
    delete(store, "gone")
    for reader in (cache, IndexCache(folder)):
        with store.snapshot() as snapshot:
            found = reader.search(snapshot, vector, 100, seen(snapshot))
            assert [identity for identity, _ in found if identity == 7] == []
            assert len(found) == 6
        agrees(store, reader)


def test_the_file_is_rewritten_once_more_than_1000_and_a_tenth_have_changed(
    store: Store, folder: Path
) -> None:
    """20 rows in the file; 1,112 more are too few of 1,132, 1,116 more enough of 1,136."""
    random, cache = np.random.default_rng(7), IndexCache(folder)
    put(store, random, *(f"a{number}" for number in range(10)))
    refresh(store, cache)
    os.utime(folder / FILE, (1000, 1000))
    put(store, random, "many", rows=1112)
    refresh(store, cache)
    assert (folder / FILE).stat().st_mtime == 1000
    assert fault(store, cache) is None
    agrees(store, cache)
    put(store, random, "more", rows=4)  # 1,116 changes of 1,136: more than 1,113.6
    assert "stale: 1116 rows differ from the archive's 1136" in str(fault(store, cache))
    agrees(store, IndexCache(folder))
    refresh(store, cache)
    assert (folder / FILE).stat().st_mtime > 1000
    assert fault(store, cache) is None
    agrees(store, cache)
    agrees(store, IndexCache(folder))


def test_deletions_count_as_changes_too(store: Store, folder: Path) -> None:
    random, cache = np.random.default_rng(8), IndexCache(folder)
    put(store, random, "many", rows=1100)
    put(store, random, "few", rows=10)
    refresh(store, cache)
    delete(store, "many")  # 1,100 of the file's rows are dead, 10 are left: more than 1,001
    assert "stale" in str(fault(store, cache))
    agrees(store, cache)
    refresh(store, cache)
    assert fault(store, cache) is None
    agrees(store, IndexCache(folder))


def test_a_forced_refresh_writes_whatever_has_changed(store: Store, folder: Path) -> None:
    cache = IndexCache(folder)
    put(store, np.random.default_rng(9), "a")
    refresh(store, cache)
    os.utime(folder / FILE, (1000, 1000))
    refresh(store, cache, force=True)
    assert (folder / FILE).stat().st_mtime > 1000


def test_an_older_snapshot_is_never_shown_a_newer_row(store: Store, folder: Path) -> None:
    random, cache = np.random.default_rng(10), IndexCache(folder)
    put(store, random, *"ab")
    with store.snapshot() as older:
        allowed = np.flatnonzero(seen(older))
        put(store, random, "c")
        agrees(store, cache)  # the cache is now ahead of the older snapshot
        found = cache.search(older, unit_vectors(random, 1)[0], 100, seen(older))
        assert sorted(identity for identity, _ in found) == allowed.tolist() == [1, 2, 3, 4]


def test_equal_scores_in_the_file_and_beside_it_come_by_lower_id(
    store: Store, folder: Path
) -> None:
    vector = np.eye(1, DIMENSION, dtype=np.float32)[0]
    cache = IndexCache(folder)
    for article_id in "ab":
        put_vector(store, article_id, vector)
    refresh(store, cache)
    for article_id in "cd":
        put_vector(store, article_id, vector)
    with store.snapshot() as snapshot:
        for k in (2, 3, 4):
            expected = [(identity, 1.0) for identity in range(1, k + 1)]
            assert (
                IndexCache(folder).search(snapshot, vector, k, mask_of(snapshot.passage_ids()))
                == expected
            )


@pytest.mark.parametrize("seed", range(RANDOM_ARCHIVES))
def test_every_cache_equals_plain_numpy_through_random_writes(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """A cache that has seen it all, one opened each time, one that refreshes now and then."""
    monkeypatch.setattr(qa.archive.sqlite.index, "_SLACK_ROWS", 6)  # so that every branch is taken
    random = np.random.default_rng(seed)
    lasting = IndexCache(folder)
    present: set[str] = set()
    for step in range(50):
        article_id = f"a{random.integers(15)}"
        if article_id in present and random.random() < 0.5:
            delete(store, article_id)
            present.remove(article_id)
        else:
            put(store, random, article_id, rows=int(random.integers(1, 5)))
            present.add(article_id)
        if random.random() < 0.2:
            refresh(store, lasting if random.random() < 0.5 else IndexCache(folder))
        if random.random() < 0.1 and (folder / FILE).exists():
            SPOILERS[int(random.integers(4))](folder / FILE)
        agrees(store, lasting, step)
        agrees(store, IndexCache(folder), step)
    assert present


def test_a_file_that_is_newer_than_what_a_reader_sees_is_used_and_no_fault(
    store: SqliteStore, folder: Path
) -> None:
    """Another process wrote articles, and then the file, after this reader had begun."""
    put(store, np.random.default_rng(1), "a", "b")
    cache = IndexCache(folder, store.snapshot)
    with store.snapshot() as before:
        assert before.generation == 1
        delete(store, "a")
        put(store, np.random.default_rng(2), "c")
        refresh(store, IndexCache(folder), force=True)
        found = cache.search(before, np.ones(DIMENSION, np.float32), 9, seen(before))
        assert {passage.article.id for passage in before.passages([i for i, _ in found])} == {"b"}
    assert cache.load_fault is None
    agrees(store, cache)


# Beside the searches of a process


@pytest.fixture
def beside(store: SqliteStore, folder: Path, monkeypatch: pytest.MonkeyPatch) -> IndexCache:
    """A cache of a process that answers questions; its file is old from seven changes on."""
    monkeypatch.setattr(qa.archive.sqlite.index, "_SLACK_ROWS", 6)
    put(store, np.random.default_rng(1), *"abcdef")
    refresh(store, IndexCache(folder))
    cache = IndexCache(folder, store.snapshot)
    agrees(store, cache)
    return cache


def wait_for_file(cache: IndexCache) -> None:
    """Until the thread that builds the index has ended."""
    assert cache._building.acquire(timeout=60)
    cache._building.release()


def test_an_old_file_is_replaced_beside_the_searches(
    store: SqliteStore, folder: Path, beside: IndexCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_build = Event()
    building = qa.archive.sqlite.index._build

    def build(snapshot: Snapshot) -> VectorIndex:
        assert may_build.wait(60)
        return building(snapshot)

    monkeypatch.setattr(qa.archive.sqlite.index, "_build", build)
    before = (folder / FILE).read_bytes()
    put(store, np.random.default_rng(2), *"ghijk")  # ten rows beside twelve
    agrees(store, beside)  # at once, while nothing can be built
    delete(store, "a")
    put(store, np.random.default_rng(3), "l")
    agrees(store, beside)
    assert (folder / FILE).read_bytes() == before
    may_build.set()
    wait_for_file(beside)
    assert fault(store, beside) is None
    assert (folder / FILE).read_bytes() != before
    agrees(store, beside)
    agrees(store, IndexCache(folder))


def test_a_process_takes_over_the_file_that_another_wrote(
    store: SqliteStore, folder: Path, beside: IndexCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, np.random.default_rng(2), *"ghijk")
    refresh(store, IndexCache(folder), force=True)
    monkeypatch.setattr(qa.archive.sqlite.index, "_build", None)  # it needs to build nothing
    agrees(store, beside)
    put(store, np.random.default_rng(3), "l")
    agrees(store, beside)
    assert beside._loaded is not None
    assert (len(beside._loaded.main), len(beside._loaded.beside)) == (22, 2)


def test_a_write_of_a_process_that_searches_does_not_wait_for_the_index(
    store: SqliteStore, folder: Path, beside: IndexCache
) -> None:
    put(store, np.random.default_rng(2), *"ghijk")
    before = (folder / FILE).read_bytes()
    with beside._lock:  # nothing can be put in the place of what is searched
        refresh(store, beside)
    wait_for_file(beside)
    assert (folder / FILE).read_bytes() != before
    agrees(store, beside)


def test_a_write_reads_neither_the_ids_of_the_archive_nor_a_file_that_it_knows(
    store: SqliteStore, beside: IndexCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Snapshot, "passage_ids", None)
    monkeypatch.setattr(VectorIndex, "load", None)
    put(store, np.random.default_rng(2), "g")
    refresh(store, beside)
    agrees(store, beside)
