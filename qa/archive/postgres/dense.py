"""The nearest passages, by pgvector: exact, or with an HNSW index over half-precision vectors."""

from collections.abc import Mapping, Sequence
from typing import Any

from embeddings.index import Vectors
from qa.archive.database import Database
from qa.errors import BadInput

# The first that neither overflows a buffer while it builds an index (0.8.2), nor damages one while
# rows are removed (0.8.3) or added during a vacuum (0.8.4).
OLDEST_HNSW = (0, 8, 4)
# A new package alone changes nothing in a database that has the extension.
UPGRADE = (
    "install it on the server, then run ALTER EXTENSION vector UPDATE in the database and dateline"
    " reindex; or unset DATELINE_HNSW, to search exactly"
)
INDEX = "passages_nearest"
_CANDIDATES = 400  # that the index gives; the best of them by the exact vectors are returned
_CANDIDATES_FOR_EACH = 4  # at least this many for each that is wanted
_LONGEST_HALF = 4000  # dimensions of a half-precision vector that an index can hold


def search(
    database: Database, vector: Vectors, k: int, condition: str, values: Mapping[str, Any]
) -> list[tuple[int, float]]:
    """The ``k`` nearest passages as ``(id, cosine)``, best first, ties by lower id.

    ``vector`` is (dimension,), of length 1. ``condition`` says which may be seen, over the columns
    of `passages`, alias ``p``. Every vector that may be seen is compared.
    """
    rows = database.execute(
        "SELECT p.id, p.vector <#> :vector AS product FROM passages p"
        f" WHERE {condition} ORDER BY product, p.id LIMIT :k",
        {**values, "vector": vector, "k": k},
    )
    return [(identity, -product) for identity, product in rows]


def search_index(
    database: Database, vector: Vectors, k: int, condition: str, values: Mapping[str, Any]
) -> list[tuple[int, float]]:
    """As `search`, but with the index: faster in a large archive, and some of the nearest may be
    missing. See docs/decisions/0026 for how many.
    """
    # An index scan that ends before enough rows meet the condition goes on; in any order, as the
    # candidates are sorted afterwards.
    database.execute("SET LOCAL hnsw.iterative_scan = relaxed_order")
    database.execute(f"SET LOCAL hnsw.ef_search = {_CANDIDATES}")
    half = f"halfvec({len(vector)})"
    rows = database.execute(
        "SELECT id, vector <#> :vector AS product FROM ("
        f" SELECT p.id, p.vector FROM passages p WHERE {condition}"
        f" ORDER BY CAST(p.vector AS {half}) <#> CAST(:vector AS {half}) LIMIT :most) AS near"
        " ORDER BY product, id LIMIT :k",
        {
            **values,
            "vector": vector,
            "most": max(_CANDIDATES, _CANDIDATES_FOR_EACH * k),
            "k": k,
        },
    )
    return [(identity, -product) for identity, product in rows]


def version(database: Database) -> tuple[int, ...]:
    """That of pgvector in this database, which may be older than the server's package."""
    ((found,),) = database.execute(
        "SELECT extversion FROM pg_extension WHERE extname = 'vector'"
    ).fetchall()
    return tuple(int(part) for part in found.split("."))


def refusal(pgvector: Sequence[int]) -> str | None:
    """Why there must be no index with this version: it may damage one. None if there may be."""
    if tuple(pgvector) >= OLDEST_HNSW:
        return None
    wanted, there = (".".join(map(str, numbers)) for numbers in (OLDEST_HNSW, pgvector))
    return f"an HNSW index needs pgvector {wanted}, and the database has {there}"


def create_index(database: Database, dimension: int) -> None:
    """Build the index, where there is none of this dimension. Others can read meanwhile."""
    if dimension > _LONGEST_HALF:
        raise BadInput(f"an HNSW index holds at most {_LONGEST_HALF} dimensions, not {dimension}")
    if has_index(database, dimension):
        return
    drop_index(database)
    database.execute(
        f"CREATE INDEX {INDEX} ON passages"
        f" USING hnsw (CAST(vector AS halfvec({dimension})) halfvec_ip_ops)"
    )


def drop_index(database: Database) -> None:
    database.execute(f"DROP INDEX IF EXISTS {INDEX}")


def has_index(database: Database, dimension: int) -> bool:
    """Return True if the index is there, whole, and of this dimension."""
    row = database.execute(
        "SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indexrelid = to_regclass(?) AND i.indisvalid",
        (INDEX,),
    ).fetchone()
    return row is not None and f"halfvec({dimension})" in row[0]
