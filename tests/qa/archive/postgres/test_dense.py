"""The nearest vectors in PostgreSQL, against numpy."""

import numpy as np
import pytest

from embeddings.index import Vectors
from qa.archive.postgres import dense
from qa.archive.postgres.connection import Connections, Transaction
from qa.errors import BadInput

pytestmark = pytest.mark.postgres

DIMENSION = 32


def clustered(rows: int, seed: int = 1) -> Vectors:
    """Vectors in groups, as those of texts are; (rows, dimension), of length 1."""
    generator = np.random.default_rng(seed)
    centres = generator.standard_normal((20, DIMENSION))
    vectors = centres[generator.integers(0, 20, rows)]
    vectors = vectors + 0.6 * generator.standard_normal((rows, DIMENSION))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def fill(connections: Connections, vectors: Vectors) -> None:
    with connections.writing(1) as database:
        database.run("CREATE TABLE passages (id BIGINT PRIMARY KEY, day INTEGER, vector vector)")
        database.executemany(
            "INSERT INTO passages VALUES (?, ?, ?)",
            [(row, row % 100, vector) for row, vector in enumerate(vectors)],
        )


def nearest(vectors: Vectors, question: Vectors, k: int, days: int) -> list[int]:
    products = vectors @ question
    allowed = [row for row in range(len(vectors)) if row % 100 < days]
    return sorted(allowed, key=lambda row: (-products[row], row))[:k]


def test_the_nearest_are_exact_under_a_condition(connections: Connections) -> None:
    vectors = clustered(500)
    fill(connections, vectors)
    for question in clustered(5, seed=2):
        with connections.reading() as database:
            found = dense.search(database, question, 20, "p.day < :days", {"days": 30})
        assert [row for row, _ in found] == nearest(vectors, question, 20, 30)
        assert [score for _, score in found] == pytest.approx(
            [float(vectors[row] @ question) for row, _ in found], abs=1e-6
        )


def test_ties_go_by_lower_id(connections: Connections) -> None:
    vectors = np.repeat(clustered(1), 9, axis=0)
    fill(connections, vectors)
    with connections.reading() as database:
        found = dense.search(database, vectors[0], 4, "p.id != 1", {})
    assert [row for row, _ in found] == [0, 2, 3, 4]


def test_vectors_of_another_dimension_are_not_compared(connections: Connections) -> None:
    fill(connections, clustered(2))
    with connections.reading() as database:
        assert dense.search(database, clustered(1)[0], 1, "FALSE", {}) == []


@pytest.mark.parametrize("days", [100, 50, 20, 3])
def test_the_index_finds_nearly_all_under_a_condition(connections: Connections, days: int) -> None:
    """4,000 vectors, of which the condition leaves all, a half, a fifth and 120."""
    vectors = clustered(4000)
    fill(connections, vectors)
    with connections.writing(10) as database:
        dense.create_index(database, DIMENSION)
        database.run("ANALYZE passages")
    hits, wanted = 0, 0
    for question in clustered(20, seed=3):
        with connections.reading() as database:
            # A small table is scanned otherwise.
            database.run("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
            assert uses_index(database, question)
            found = dense.search_index(database, question, 100, "p.day < :days", {"days": days})
        rows, scores = zip(*found, strict=True)
        assert all(row % 100 < days for row in rows)
        assert list(scores) == sorted(scores, reverse=True)
        best = nearest(vectors, question, 100, days)
        hits += len(set(best) & set(rows))
        wanted += len(best)
    assert hits / wanted >= 0.95


def uses_index(database: Transaction, question: Vectors) -> bool:
    plan = database.execute(
        f"EXPLAIN SELECT id FROM passages ORDER BY CAST(vector AS halfvec({DIMENSION}))"
        f" <#> CAST(? AS halfvec({DIMENSION})) LIMIT 10",
        (question,),
    ).fetchall()
    return any(dense.INDEX in line for (line,) in plan)


def test_the_index_is_of_one_dimension(connections: Connections) -> None:
    fill(connections, clustered(10))
    with connections.writing(1) as database:
        assert not dense.has_index(database, DIMENSION)
        dense.create_index(database, DIMENSION)
        dense.create_index(database, DIMENSION)
        assert dense.has_index(database, DIMENSION)
        assert not dense.has_index(database, 384)
        dense.drop_index(database)
        assert not dense.has_index(database, DIMENSION)
        with pytest.raises(BadInput, match="at most 4000 dimensions, not 4096"):
            dense.create_index(database, 4096)


def test_versions_that_may_damage_an_index_are_refused() -> None:
    version: tuple[int, ...]
    for version in ((0, 8, 0), (0, 8, 3), (0, 7, 4)):
        assert "needs pgvector 0.8.4, and the database has 0." in str(dense.refusal(version))
    for version in ((0, 8, 4), (0, 8, 10), (1, 0)):
        assert dense.refusal(version) is None
