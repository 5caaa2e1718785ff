"""The FAISS index against plain numpy, and its file against damage of every kind."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from embeddings.errors import IndexUnusable
from embeddings.index import Ids, VectorIndex, Vectors, mask_of, seen_by

STAMP = {"archive_id": "a1b2", "generation": "17"}


def unit_vectors(random: np.random.Generator, rows: int, dimension: int) -> Vectors:
    drawn = random.normal(size=(rows, dimension))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


def coarse_vectors(random: np.random.Generator, rows: int) -> Vectors:
    """Sixteen entries of +1/4 or -1/4 each: of length 1, and every inner product is exact and one
    of 33 values.
    """
    vectors = np.zeros((rows, 32), dtype=np.float32)
    for row in vectors:
        row[random.permutation(32)[:16]] = random.choice([-0.25, 0.25], size=16)
    return vectors


def ascending_ids(random: np.random.Generator, rows: int) -> Ids:
    return np.cumsum(random.integers(1, 5, size=rows)).astype(np.int64)


def brute_force(
    ids: Ids, vectors: Vectors, question: Vectors, k: int, allowed: Ids
) -> list[tuple[int, float]]:
    permitted = set(allowed.tolist())
    scored = [
        (int(identity), float(row.astype(np.float64) @ question.astype(np.float64)))
        for identity, row in zip(ids, vectors, strict=True)
        if int(identity) in permitted
    ]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:k]


def filled(ids: Ids, vectors: Vectors) -> VectorIndex:
    index = VectorIndex(vectors.shape[1])
    index.add(ids, vectors)
    return index


@pytest.mark.parametrize("seed", range(12))
def test_the_index_finds_what_plain_numpy_finds_under_random_filters(seed: int) -> None:
    random = np.random.default_rng(seed)
    dimension = int(random.choice([8, 96, 384]))
    ids = ascending_ids(random, int(random.integers(1, 500)))
    vectors = unit_vectors(random, len(ids), dimension)
    index = filled(ids, vectors)
    for share in (0.02, 0.3, 0.9, 1.0):
        allowed = ids[random.random(len(ids)) < share]
        for k in (1, 10, 100, 1000):
            question = unit_vectors(random, 1, dimension)[0]
            found = index.search(question, k, mask_of(allowed))
            expected = brute_force(ids, vectors, question, k, allowed)
            assert [score for _, score in found] == pytest.approx(
                [score for _, score in expected], abs=1e-5
            )
            exact = dict(brute_force(ids, vectors, question, len(ids), allowed))
            swapped = [
                (one, other)
                for (one, _), (other, score) in zip(found, expected, strict=True)
                # rounding may swap neighbours whose true scores are the same to 1e-6, nothing else
                if one != other and abs(exact[one] - score) > 1e-6
            ]
            assert swapped == []
            assert len({identity for identity, _ in found}) == len(found)


@pytest.mark.parametrize("seed", range(8))
def test_of_equal_scores_the_lower_ids_are_found_also_where_k_cuts_among_them(seed: int) -> None:
    random = np.random.default_rng(seed)
    ids = ascending_ids(random, 300)
    vectors = coarse_vectors(
        random, len(ids)
    )  # 300 rows, at most 33 scores: every cut falls among equals
    index = filled(ids, vectors)
    for allowed in (ids, ids[random.random(len(ids)) < 0.5]):
        for k in (1, 2, 7, 50, 100, 120):
            question = coarse_vectors(random, 1)[0]
            assert index.search(question, k, mask_of(allowed)) == brute_force(
                ids, vectors, question, k, allowed
            )


def test_a_copy_of_a_row_does_not_hide_the_first() -> None:
    """Worked out by hand: scores .6, .6, 1 for the ids 1, 2, 3; the best two are 3 and 1."""
    vectors = np.array([[0.6, 0.8], [0.6, 0.8], [1.0, 0.0]], dtype=np.float32)
    index = filled(np.array([1, 2, 3]), vectors)
    question = np.array([1.0, 0.0], dtype=np.float32)
    found = index.search(question, 2, mask_of(np.array([1, 2, 3])))
    assert [identity for identity, _ in found] == [3, 1]


def test_a_row_finds_itself_first_with_a_cosine_of_one() -> None:
    random = np.random.default_rng(5)
    ids = ascending_ids(random, 60)
    vectors = unit_vectors(random, 60, 384)
    index = filled(ids, vectors)
    for identity, vector in zip(ids, vectors, strict=True):
        ((first, score),) = index.search(vector, 1, mask_of(ids))
        assert first == identity
        assert score == pytest.approx(1.0, abs=1e-5)


def test_an_opposite_vector_comes_last_with_a_cosine_of_minus_one() -> None:
    vectors = np.array([[1, 0], [0, 1], [-1, 0]], dtype=np.float32)
    index = filled(np.array([4, 5, 6]), vectors)
    assert index.search(vectors[0], 3, mask_of(np.array([4, 5, 6]))) == [
        (4, 1.0),
        (5, 0.0),
        (6, -1.0),
    ]


def test_as_many_as_are_allowed_come_back_when_k_is_larger() -> None:
    random = np.random.default_rng(3)
    ids = ascending_ids(random, 40)
    index = filled(ids, unit_vectors(random, 40, 16))
    question = unit_vectors(random, 1, 16)[0]
    assert {identity for identity, _ in index.search(question, 10**6, mask_of(ids[5:8]))} == set(
        ids[5:8].tolist()
    )
    assert len(index.search(question, 41, mask_of(ids))) == 40
    assert index.search(question, 10, mask_of(np.empty(0, dtype=np.int64))) == []
    assert index.search(question, 0, mask_of(ids)) == []


def test_a_filter_acts_inside_the_search_so_that_the_best_200_may_all_be_excluded() -> None:
    random = np.random.default_rng(8)
    ids = ascending_ids(random, 260)
    vectors = unit_vectors(random, 260, 32)
    index = filled(ids, vectors)
    question = unit_vectors(random, 1, 32)[0]
    ranking = [identity for identity, _ in brute_force(ids, vectors, question, 260, ids)]
    allowed = np.array(sorted(ranking[200:]))
    assert [identity for identity, _ in index.search(question, 10, mask_of(allowed))] == ranking[
        200:210
    ]


def test_an_allowed_id_that_is_not_held_is_passed_over() -> None:
    index = filled(np.array([2, 9]), np.eye(2, dtype=np.float32))
    question = np.array([0.8, 0.6], dtype=np.float32)
    ((found, score),) = index.search(question, 5, mask_of(np.array([1, 2, 5, 10])))
    assert found == 2
    assert score == pytest.approx(0.8)


def test_an_empty_index_finds_nothing() -> None:
    index = VectorIndex(4)
    assert (len(index), index.last_id) == (0, 0)
    assert (
        index.search(np.array([1, 0, 0, 0], dtype=np.float32), 3, mask_of(np.array([1, 2]))) == []
    )


def test_rows_added_in_several_steps_are_found_as_if_added_in_one() -> None:
    random = np.random.default_rng(2)
    ids, vectors = ascending_ids(random, 90), unit_vectors(random, 90, 24)
    whole, stepwise = filled(ids, vectors), VectorIndex(24)
    for start in range(0, 90, 17):
        stepwise.add(ids[start : start + 17], vectors[start : start + 17])
    stepwise.add(ids[:0], vectors[:0])
    question = unit_vectors(random, 1, 24)[0]
    assert stepwise.search(question, 90, mask_of(ids)) == whole.search(question, 90, mask_of(ids))
    assert stepwise.last_id == int(ids[-1])


@pytest.mark.parametrize("ids", [[5, 6], [7, 7], [9, 8], [1, 2], [0, 7]])
def test_ids_that_do_not_ascend_from_what_is_held_are_refused_and_change_nothing(
    ids: list[int],
) -> None:
    index = filled(np.array([3, 6]), np.eye(2, dtype=np.float32))
    with pytest.raises(ValueError, match="ids must ascend"):
        index.add(np.array(ids), np.eye(2, dtype=np.float32))
    assert (len(index), index.ids.tolist()) == (2, [3, 6])


@pytest.mark.parametrize("shape", [(2, 3), (1, 2), (3, 2), (2,)])
def test_vectors_of_another_shape_are_refused_with_both_shapes_named(
    shape: tuple[int, ...],
) -> None:
    index = VectorIndex(2)
    with pytest.raises(ValueError, match=r"expected \(2, 2\)"):
        index.add(np.array([1, 2]), np.zeros(shape, dtype=np.float32))
    assert len(index) == 0


@pytest.mark.parametrize("rows", [0, 1, 77])
def test_what_was_saved_is_loaded_with_its_stamp(tmp_path: Path, rows: int) -> None:
    random = np.random.default_rng(rows)
    ids, vectors = ascending_ids(random, rows), unit_vectors(random, rows, 12)
    path = tmp_path / "deeper" / "vectors.faiss"
    filled(ids, vectors).save(path, STAMP)
    loaded, stamp = VectorIndex.load(path)
    assert stamp == STAMP
    assert (loaded.dimension, len(loaded), loaded.ids.tolist()) == (12, rows, ids.tolist())
    question = unit_vectors(random, 1, 12)[0]
    assert loaded.search(question, 77, mask_of(ids)) == filled(ids, vectors).search(
        question, 77, mask_of(ids)
    )
    assert [entry.name for entry in path.parent.iterdir()] == [
        path.name
    ]  # no temporary file is left


def test_a_loaded_index_takes_more_rows(tmp_path: Path) -> None:
    filled(np.array([1]), np.array([[1.0, 0.0]], dtype=np.float32)).save(tmp_path / "v", STAMP)
    loaded, _ = VectorIndex.load(tmp_path / "v")
    loaded.add(np.array([2]), np.array([[0.0, 1.0]], dtype=np.float32))
    assert loaded.search(np.array([0.0, 1.0], dtype=np.float32), 2, mask_of(np.array([1, 2]))) == [
        (2, 1.0),
        (1, 0.0),
    ]


def saved(folder: Path) -> tuple[Path, bytes]:
    random = np.random.default_rng(1)
    path = folder / "vectors.faiss"
    filled(ascending_ids(random, 20), unit_vectors(random, 20, 4)).save(path, STAMP)
    return path, path.read_bytes()


def test_a_file_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    path, whole = saved(tmp_path)
    for length in [*range(0, len(whole), 7), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(IndexUnusable, match=r"vectors\.faiss"):
            VectorIndex.load(path)


def test_a_file_with_bytes_behind_its_end_is_refused(tmp_path: Path) -> None:
    path, whole = saved(tmp_path)
    path.write_bytes(whole + b"\0")
    with pytest.raises(IndexUnusable, match="altered"):
        VectorIndex.load(path)


def test_a_byte_altered_in_the_vectors_is_refused(tmp_path: Path) -> None:
    path, whole = saved(tmp_path)
    for position in range(whole.index(b"\n") + 1, len(whole), 5):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0x20]) + whole[position + 1 :])
        with pytest.raises(IndexUnusable, match="altered"):
            VectorIndex.load(path)


@pytest.mark.parametrize("flip", [0x01, 0x02, 0x20, 0x80])
def test_a_byte_altered_in_the_header_is_refused_or_changes_nothing(
    tmp_path: Path, flip: int
) -> None:
    path, whole = saved(tmp_path)
    original, _ = VectorIndex.load(path)
    accepted: list[str] = []
    for position in range(whole.index(b"\n") + 1):
        altered = whole[:position] + bytes([whole[position] ^ flip]) + whole[position + 1 :]
        path.write_bytes(altered)
        try:
            loaded, stamp = VectorIndex.load(path)
        except IndexUnusable:
            continue
        header = altered.split(b"\n")[0].decode(errors="replace")
        if (stamp, loaded.dimension, loaded.ids.tolist()) != (
            STAMP,
            original.dimension,
            original.ids.tolist(),
        ):
            accepted.append(header)
    assert accepted == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: whole.replace(b"dateline-vectors-", b"dateline-vectors-0"),
        lambda whole: whole.replace(b'"rows": 20', b'"rows": 19'),
        lambda whole: whole.replace(b'"rows": 20', b'"rows": -1'),
        lambda whole: whole.replace(b'"dimension": 4', b'"dimension": 8'),
        lambda whole: whole.replace(b'"dimension": 4', b'"dimension": 0'),
        lambda whole: whole.replace(b'"stamp": {', b'"stamp": 3, "x": {'),
        lambda whole: b"[1, 2]\n" + whole,
        lambda whole: b"3\n" + whole,
        lambda whole: b"{}\n" + whole,
        lambda whole: b"null\n",
        lambda whole: b"\xff\xfe\n" + whole,
        lambda whole: b"\x89PNG\r\n\x1a\n" * 40,
        lambda whole: b"[" * 100_000,
        lambda whole: b"",
        lambda whole: whole.split(b"\n")[0],
    ],
    ids=[
        "another format",
        "a row too few",
        "rows below none",
        "another dimension",
        "no dimension",
        "no stamp",
        "a list",
        "a number",
        "no keys",
        "null",
        "no text",
        "a picture",
        "deep brackets",
        "empty",
        "header alone",
    ],
)
def test_a_wrong_header_or_another_kind_of_file_is_refused(
    tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    path, whole = saved(tmp_path)
    path.write_bytes(spoil(whole))
    with pytest.raises(IndexUnusable, match=r"vectors\.faiss"):
        VectorIndex.load(path)


def test_what_is_missing_or_a_folder_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(IndexUnusable, match="No such file"):
        VectorIndex.load(tmp_path / "none")
    with pytest.raises(IndexUnusable, match="cannot be read"):
        VectorIndex.load(tmp_path)


def test_a_save_that_fails_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, before = saved(tmp_path)

    def breaks_off(fresh: Path, parts: object) -> None:
        fresh.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("embeddings.index._write", breaks_off)
    with pytest.raises(OSError, match="No space"):
        VectorIndex(4).save(path, STAMP)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == [path.name]


def test_a_saved_index_is_as_private_as_its_archive(tmp_path: Path) -> None:
    VectorIndex(4).save(tmp_path / "v", STAMP)
    assert (tmp_path / "v").stat().st_mode & 0o077 == 0


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core has no second thread to spin")
def test_a_search_uses_no_core_but_its_own() -> None:
    random = np.random.default_rng(3)
    index = VectorIndex(384)
    ids = np.arange(1, 12_001)
    index.add(ids, unit_vectors(random, len(ids), 384))
    question = unit_vectors(random, 1, 384)[0]
    index.search(question, 100, mask_of(ids))
    own, whole = time.thread_time(), time.process_time()
    for _ in range(50):
        index.search(question, 100, mask_of(ids))
    own, whole = time.thread_time() - own, time.process_time() - whole
    assert whole < 1.5 * own


# Many rows: clusters, and a file that is mapped


def grouped_vectors(random: np.random.Generator, rows: int) -> Vectors:
    """Around 60 middles, as texts lie around their subjects."""
    middles = unit_vectors(random, 60, 24)
    drawn = middles[random.integers(60, size=rows)] + random.normal(scale=0.12, size=(rows, 24))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> VectorIndex:
    """8,000 rows in 128 clusters, which are searched from 1,500 allowed rows on."""
    monkeypatch.setattr("embeddings.index.EXACT_ROWS", 1500)
    monkeypatch.setattr("embeddings.index.CLUSTERS", 128)
    random = np.random.default_rng(4)
    index = filled(ascending_ids(random, 8000), grouped_vectors(random, 8000))
    index.cluster()
    return index


@pytest.mark.parametrize("share", [1.0, 0.5, 0.25])
def test_clusters_miss_at_most_one_in_a_hundred_of_the_best_hundred(
    large: VectorIndex, share: float
) -> None:
    random = np.random.default_rng(5)
    held = 0
    for question in grouped_vectors(random, 40):
        allowed = mask_of(large.ids[random.random(len(large)) < share])
        found = large.search(question, 100, allowed)
        best = large.search(question, 100, allowed, exact=True)
        scores = dict(large.search(question, len(large), allowed, exact=True))
        assert len(found) == 100
        assert all(scores[identity] == score for identity, score in found)
        assert found == sorted(found, key=lambda pair: (-pair[1], pair[0]))
        held += len(set(found) & set(best))
    assert held >= 0.99 * 40 * 100


def test_few_allowed_rows_are_all_compared(large: VectorIndex) -> None:
    random = np.random.default_rng(6)
    for question in grouped_vectors(random, 20):
        allowed = mask_of(random.choice(large.ids, 1500, replace=False))
        assert large.search(question, 50, allowed) == large.search(
            question, 50, allowed, exact=True
        )


def test_a_row_that_is_added_to_clusters_is_found(large: VectorIndex) -> None:
    vector = -large.vectors[0]
    identity = large.last_id + 1
    large.add(np.array([identity]), vector.reshape(1, -1))
    ((found, _), *_) = large.search(vector, 1, mask_of(large.ids))
    assert found == identity


@pytest.mark.parametrize("mapped_from", [0, 10**9])
def test_a_file_with_clusters_gives_the_hits_of_what_was_saved(
    large: VectorIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mapped_from: int
) -> None:
    monkeypatch.setattr("embeddings.index._MAPPED", mapped_from)
    path = tmp_path / "vectors.faiss"
    large.save(path, STAMP)
    loaded, stamp = VectorIndex.load(path)
    assert stamp == STAMP
    VectorIndex(24).save(path, STAMP)  # another file takes its place; what is mapped stays
    allowed = mask_of(large.ids)
    for question in grouped_vectors(np.random.default_rng(7), 10):
        assert loaded.search(question, 30, allowed) == large.search(question, 30, allowed)


def test_an_index_that_is_extended_stays_as_it_was() -> None:
    random = np.random.default_rng(8)
    ids, vectors = ascending_ids(random, 60), unit_vectors(random, 60, 8)
    growing = VectorIndex(8)
    seen = []
    for start in range(0, 60, 7):
        growing = growing.extended(ids[start : start + 7], vectors[start : start + 7])
        seen.append(growing)
    question = unit_vectors(random, 1, 8)[0]
    for number, index in enumerate(seen, start=1):
        end = min(7 * number, 60)
        assert index.ids.tolist() == ids[:end].tolist()
        expected = filled(ids[:end], vectors[:end]).search(question, 60, mask_of(ids))
        assert index.search(question, 60, mask_of(ids)) == expected


@given(st.sets(st.integers(0, 40)), st.sets(st.integers(0, 40)))
def test_a_mask_allows_its_ids_and_what_its_ranges_span(one: set[int], other: set[int]) -> None:
    runs = [identity for identity in sorted(other) if identity - 1 not in other]
    ranges = [
        (first, next(last for last in range(first, 50) if last + 1 not in other)) for first in runs
    ]
    mask = mask_of(
        np.array(sorted(one), dtype=np.int64), np.array(ranges, dtype=np.int64).reshape(-1, 2)
    )
    allowed = seen_by(mask, np.arange(60))
    assert set(np.flatnonzero(allowed).tolist()) == one | other
