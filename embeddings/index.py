"""Exact nearest-neighbour search over unit vectors: FAISS, with ids, filters and a file.

The index is a cache. Who owns the vectors says with ``stamp`` what the file was built from, and
compares the stamp on loading; a file that is cut short or altered is refused by its checksum, never
half read.
"""

import json
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from embeddings.errors import IndexUnusable
from embeddings.files import replace_atomically

Vectors = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]

_FORMAT = "dateline-vectors-1"


class VectorIndex:
    """Rows of unit length, each under an id of its own; ids ascend in the order of adding."""

    def __init__(self, dimension: int) -> None:
        import faiss

        self.dimension = dimension
        self.ids: Ids = np.empty(0, dtype=np.int64)
        self._flat: Any = faiss.IndexFlatIP(dimension)

    def __len__(self) -> int:
        return int(self._flat.ntotal)

    @property
    def last_id(self) -> int:
        """The highest id held; 0 when empty."""
        return int(self.ids[-1]) if len(self.ids) else 0

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Append ``vectors`` (len(ids), dimension), float32, rows of length 1.

        Raises ValueError when ids do not ascend from what is held, or the shapes disagree.
        """
        if vectors.shape != (len(ids), self.dimension):
            raise ValueError(
                f"vectors have shape {vectors.shape}, expected {(len(ids), self.dimension)}"
            )
        if len(ids) == 0:
            return
        if ids[0] <= self.last_id or np.any(np.diff(ids) <= 0):
            raise ValueError("ids must ascend, and lie above every id already held")
        self._flat.add(np.ascontiguousarray(vectors, dtype=np.float32))
        self.ids = np.concatenate([self.ids, ids.astype(np.int64)])

    def search(self, vector: Vectors, k: int, allowed: Ids) -> list[tuple[int, float]]:
        """The ``k`` best of the ``allowed`` ids as ``(id, score)``, best first; equal scores by
        lower id.

        ``vector`` is (dimension,). The score is the inner product of unit vectors, that is their
        cosine: higher is better. The filter acts inside the search, so ``k`` come back whenever
        ``k`` are allowed and held. An allowed id that is not held is passed over.
        """
        import faiss

        wanted = np.flatnonzero(np.isin(self.ids, allowed, assume_unique=True))
        k = min(k, len(wanted))
        if k <= 0:
            return []
        every = len(wanted) == len(self.ids)
        bits = np.zeros(len(self.ids), dtype=bool)
        bits[wanted] = True
        # FAISS's wrappers take arrays and keywords that its stubs do not know.
        selector: Any = faiss.IDSelectorBitmap
        parameters: Any = faiss.SearchParameters
        confined = None if every else parameters(sel=selector(np.packbits(bits, bitorder="little")))
        # FAISS keeps any of equal scores at the cut: look further until the cut falls between two
        # scores.
        take = min(k + 1, len(wanted))
        # With more, the threads of a search spin: 14.6 against 1.0 ms of CPU (docs/decisions/0024).
        # Each calling thread has a setting of its own.
        faiss.omp_set_num_threads(1)
        while True:
            scores, rows = self._flat.search(vector.reshape(1, -1), take, params=confined)
            if take == len(wanted) or scores[0][take - 1] < scores[0][k - 1]:
                break
            take = min(2 * take, len(wanted))
        found = [
            (int(self.ids[row]), float(score))
            for row, score in zip(rows[0], scores[0], strict=True)
            if row >= 0  # FAISS pads missing rows with -1
        ]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]

    def save(self, path: Path, stamp: dict[str, Any]) -> None:
        """Write ids and vectors to ``path`` in one step, marked with ``stamp``."""
        import faiss

        ids = self.ids.tobytes()
        body = ids + faiss.serialize_index(self._flat).tobytes()
        header = {
            "format": _FORMAT,
            "stamp": stamp,
            "rows": len(self),
            "dimension": self.dimension,
        }
        header["crc32"] = _checksum(header, body)
        replace_atomically(
            path,
            lambda fresh: _write(fresh, [json.dumps(header).encode(), b"\n", body]),
            mode=0o600,  # as private as the archive that it belongs to
        )

    @classmethod
    def load(cls, path: Path) -> tuple[Self, dict[str, Any]]:
        """The index and the stamp it was saved with. Raises IndexUnusable, saying what is wrong."""
        import faiss

        try:
            data = path.read_bytes()
        except OSError as error:
            raise IndexUnusable(
                f"the vector index {path.name} cannot be read: {error.strerror}"
            ) from error
        line = data[: data.find(b"\n") + 1]
        body = memoryview(data)[
            len(line) :
        ]  # a view: the vectors are in memory once here, once in FAISS
        try:
            header = json.loads(line)
            rows, dimension, stamp = (
                int(header["rows"]),
                int(header["dimension"]),
                dict(header["stamp"]),
            )
            checksum = header.pop("crc32")
            whole = header["format"] == _FORMAT and checksum == _checksum(header, body)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise IndexUnusable(f"the vector index {path.name} has no readable header") from error
        if not whole:
            raise IndexUnusable(f"the vector index {path.name} is cut short or altered")
        index = cls(dimension)
        index.ids = np.frombuffer(body[: rows * 8], dtype=np.int64).copy()
        index._flat = faiss.deserialize_index(np.frombuffer(body[rows * 8 :], dtype=np.uint8))
        return index, stamp


def _checksum(header: dict[str, Any], body: bytes | memoryview) -> int:
    """Over the header too: a wrong row count would read ids as vectors."""
    return zlib.crc32(body, zlib.crc32(json.dumps(header).encode()))


def _write(path: Path, parts: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(parts)
