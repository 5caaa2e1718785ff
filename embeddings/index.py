"""Nearest-neighbour search over unit vectors: FAISS, with ids, filters and a file.

The index is a cache. Who owns the vectors says with ``stamp`` what the file was built from, and
compares the stamp on loading; a file that is cut short or altered is refused by its checksum, never
half read. A large file is mapped into memory, so that all processes share one copy.

Search is exact, up to a size: where more rows are allowed than can be compared at once, the nearest
clusters are searched for candidates in 8 bits a dimension, which are then compared exactly.
"""

import json
import math
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
Mask = npt.NDArray[np.bool_]  # by id: whether it is allowed. An id beyond the end is not

# Measured (docs/decisions/0023): 300,000 rows take 20 ms exactly, 5 ms by clusters.
EXACT_ROWS = 150_000  # allowed ones, up to which all are compared
CLUSTERS = 1024  # at least; the root of the rows where that is more
PROBED = 0.25  # of the clusters, where all rows are allowed; more where fewer are
_SPARSE = 0.1  # of the rows: fewer are visited one by one, not filtered out of all
_CANDIDATES = 2  # for each row wanted, that are compared exactly
_TRAINED_ON = 64  # rows a cluster
_MAPPED = 64 * 1024 * 1024  # bytes, from which a file is mapped
_FORMAT = "dateline-vectors-2"
_ALIGNED = 64  # bytes
_LONGEST_HEADER = 64 * 1024


class VectorIndex:
    """Rows of unit length, each under an id of its own; ids ascend in the order of adding."""

    def __init__(self, dimension: int) -> None:
        self.dimension = dimension
        self.ids: Ids = np.empty(0, dtype=np.int64)
        self.vectors: Vectors = np.empty((0, dimension), dtype=np.float32)
        self._clusters: Any = None  # a FAISS index of the same rows
        self._content: Any = None  # what it and the arrays are views of

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def last_id(self) -> int:
        """The highest id held; 0 when empty."""
        return int(self.ids[-1]) if len(self.ids) else 0

    def reserve(self, rows: int) -> None:
        """Make room for so many rows, so that adding them copies nothing twice."""
        self.ids = _with_room(self.ids, rows)
        self.vectors = _with_room(self.vectors, rows)

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
        self.ids = _appended(self.ids, ids)
        self.vectors = _appended(self.vectors, vectors)
        self._clusters = None

    def extended(self, ids: Ids, vectors: Vectors) -> "VectorIndex":
        """An index with more rows, while searches go on in this one.

        They share memory: extend only the newest.
        """
        longer = VectorIndex(self.dimension)
        longer.ids, longer.vectors = self.ids, self.vectors
        longer.add(ids, vectors)
        return longer

    def cluster(self) -> None:
        """Prepare for searches that are not exact, if there are enough rows to need them."""
        if len(self) > EXACT_ROWS:
            self._clusters = _clustered(self.vectors)

    def search(
        self, vector: Vectors, k: int, allowed: Mask, *, exact: bool = False
    ) -> list[tuple[int, float]]:
        """The ``k`` best of the ``allowed`` ids as ``(id, score)``, best first; equal scores by
        lower id.

        ``vector`` is (dimension,). The score is the inner product of unit vectors, that is their
        cosine: higher is better. The filter acts inside the search, so ``k`` come back whenever
        ``k`` are allowed and held. An allowed id that is not held is passed over. ``exact``:
        however many rows are allowed.
        """
        rows = seen_by(allowed, self.ids)
        count = int(np.count_nonzero(rows))
        k = min(k, count)
        if k <= 0:
            return []
        vector = np.ascontiguousarray(vector, dtype=np.float32)
        # With more, the threads of a search spin: 14.6 against 1.0 ms of CPU (docs/decisions/0024).
        # Each calling thread has a setting of its own.
        _faiss().omp_set_num_threads(1)
        if self._clusters is not None and count > EXACT_ROWS and not exact:
            among = self._candidates(vector, k, rows, count)
            if len(among) >= k:
                found, scores = self._nearest(vector, len(among), rows, among)
                return best_first(self.ids[found], scores, k)
        few = np.flatnonzero(rows) if count < _SPARSE * len(self) else None
        # FAISS keeps any of equal scores at the cut: look further until the cut falls between two
        # scores.
        take = min(k + 1, count)
        while True:
            found, scores = self._nearest(vector, take, rows, few)
            if take == count or scores[take - 1] < scores[k - 1]:
                return best_first(self.ids[found], scores, k)
            take = min(2 * take, count)

    def _nearest(
        self, vector: Vectors, take: int, rows: Mask, among: Ids | None
    ) -> tuple[Ids, Vectors]:
        """The ``take`` best rows and their scores, best first, of ``among`` or else of ``rows``."""
        faiss = _faiss()
        scores = np.empty(take, dtype=np.float32)
        found = np.empty(take, dtype=np.int64)
        pointer = faiss.swig_ptr
        compared = (pointer(vector), pointer(self.vectors))
        sizes = (self.dimension, 1, len(self))
        best = (pointer(scores), pointer(found))
        if among is not None:
            faiss.knn_inner_products_by_idx(
                *compared, pointer(among), *sizes, len(among), take, *best, -1
            )
        elif rows.all():
            faiss.knn_inner_product(*compared, *sizes, take, *best)
        else:
            bits = np.packbits(rows, bitorder="little")
            faiss.knn_inner_product(*compared, *sizes, take, *best, faiss.IDSelectorBitmap(bits))
        return found, scores

    def _candidates(self, vector: Vectors, k: int, rows: Mask, count: int) -> Ids:
        """Rows that are likely to hold the ``k`` best, by the nearest clusters."""
        faiss = _faiss()
        every = self._clusters.nlist
        probed = min(every, math.ceil(PROBED * every * len(self) / count))
        confined = {"nprobe": probed}
        if count < len(self):
            bits = np.packbits(rows, bitorder="little")
            confined["sel"] = faiss.IDSelectorBitmap(bits)
        _, found = self._clusters.search(
            vector.reshape(1, -1),
            min(_CANDIDATES * k, count),
            params=faiss.SearchParametersIVF(**confined),
        )
        held: Ids = found[0][found[0] >= 0]  # FAISS pads missing rows with -1
        return held

    def save(self, path: Path, stamp: dict[str, Any]) -> None:
        """Write ids and vectors to ``path`` in one step, marked with ``stamp``."""
        clusters: npt.NDArray[Any] = np.empty(0, dtype=np.uint8)
        if self._clusters is not None:
            clusters = _faiss().serialize_index(self._clusters)
        parts = [_bytes_of(part) for part in (self.ids, self.vectors, clusters)]
        header = {
            "format": _FORMAT,
            "stamp": stamp,
            "rows": len(self),
            "dimension": self.dimension,
        }
        header["crc32"] = _checksum(header, parts)
        line = json.dumps(header).encode()
        line += b" " * (-(len(line) + 1) % _ALIGNED) + b"\n"
        replace_atomically(
            path,
            lambda fresh: _write(fresh, [line, *parts]),
            mode=0o600,  # as private as the archive that it belongs to
        )

    @classmethod
    def load(cls, path: Path) -> tuple[Self, dict[str, Any]]:
        """The index and the stamp it was saved with. Raises IndexUnusable, saying what is wrong."""
        try:
            content = _content(path)
        except OSError as error:
            raise IndexUnusable(
                f"the vector index {path.name} cannot be read: {error.strerror}"
            ) from error
        line = content[:_LONGEST_HEADER].tobytes().partition(b"\n")[0]
        body = content[len(line) + 1 :]
        try:
            header = json.loads(line)
            rows, dimension, stamp = (
                int(header["rows"]),
                int(header["dimension"]),
                dict(header["stamp"]),
            )
            known = header["format"] == _FORMAT
            checksum = header.pop("crc32")
            whole = known and checksum == _checksum(header, [_bytes_of(body)])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise IndexUnusable(f"the vector index {path.name} has no readable header") from error
        if not known:
            raise IndexUnusable(f"the vector index {path.name} is of another version of Dateline")
        if not whole:
            raise IndexUnusable(f"the vector index {path.name} is cut short or altered")
        index = cls(dimension)
        ids, vectors, clusters = np.split(body, [rows * 8, rows * (8 + 4 * dimension)])
        index.ids = ids.view(np.int64)
        index.vectors = vectors.view(np.float32).reshape(rows, dimension)
        if len(clusters):
            faiss = _faiss()
            source = faiss.ZeroCopyIOReader(faiss.swig_ptr(clusters), len(clusters))
            index._clusters = faiss.read_index(source)
        index._content = content
        return index, stamp


def _faiss() -> Any:
    """Imported when it is needed first. Its stubs miss functions, and what they take."""
    import faiss

    return faiss


def seen_by(mask: Mask, ids: npt.NDArray[Any]) -> Mask:
    """Of each id whether the mask allows it."""
    if len(ids) == 0 or ids.max() < len(mask):
        allowed: Mask = mask[ids]
        return allowed
    held = ids < len(mask)
    allowed = np.zeros(len(ids), dtype=bool)
    allowed[held] = mask[ids[held]]
    return allowed


def mask_of(ids: Ids, ranges: Ids | None = None) -> Mask:
    """The mask of ``ids``, and of those from ``ranges[:, 0]`` to ``ranges[:, 1]``, both included;
    ranges do not overlap.
    """
    if ranges is None:
        ranges = np.empty((0, 2), dtype=np.int64)
    last = max(ids.max(initial=-1), ranges[:, 1].max(initial=-1))
    steps = np.zeros(last + 2, dtype=np.int8)
    steps[ranges[:, 0]] += 1
    steps[ranges[:, 1] + 1] -= 1
    mask: Mask = np.cumsum(steps[:-1], dtype=np.int8).astype(bool)
    mask[ids] = True
    return mask


def best_first(ids: npt.NDArray[Any], scores: npt.NDArray[Any], k: int) -> list[tuple[int, float]]:
    """The ``k`` with the highest scores as ``(id, score)``, best first, ties by lower id."""
    if 0 < k < len(scores):
        cut = np.partition(scores, len(scores) - k)[len(scores) - k]
        best = np.flatnonzero(scores >= cut)
        ids, scores = ids[best], scores[best]
    order = np.lexsort((ids, -scores))[:k]
    return [(int(ids[place]), float(scores[place])) for place in order]


def _with_room(held: npt.NDArray[Any], rows: int) -> npt.NDArray[Any]:
    """The same rows, at the beginning of an array of ``rows``."""
    count = len(held)
    room = np.empty((max(rows, count), *held.shape[1:]), dtype=held.dtype)
    room[:count] = held
    return room[:count]


def _appended(held: npt.NDArray[Any], more: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Both in one array: behind ``held`` where its memory has room, which doubles otherwise."""
    count, size = len(held), len(held) + len(more)
    room = held.base
    if not isinstance(room, np.ndarray) or not held.flags.writeable or len(room) < size:
        room = np.empty((2 * size, *held.shape[1:]), dtype=held.dtype)
        room[:count] = held
    room[count:size] = more
    longer: npt.NDArray[Any] = room[:size]
    return longer


def _clustered(vectors: Vectors) -> Any:
    """A FAISS index of the rows in clusters, 8 bits a dimension. The same for the same rows."""
    faiss = _faiss()
    rows, dimension = vectors.shape
    clusters = max(CLUSTERS, math.isqrt(rows))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dimension),
        dimension,
        clusters,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
        False,  # of the vectors themselves, not of what they differ from their cluster's middle
    )
    index.cp.niter = 8
    index.cp.max_points_per_centroid = _TRAINED_ON
    drawn = np.random.default_rng(1)
    sample = drawn.choice(rows, min(rows, _TRAINED_ON * clusters), replace=False)
    index.train(vectors[np.sort(sample)])
    for start in range(0, rows, 50_000):
        index.add(np.ascontiguousarray(vectors[start : start + 50_000]))
    return index


def _content(path: Path) -> npt.NDArray[np.uint8]:
    """The bytes of a file, in memory or mapped."""
    if path.stat().st_size < _MAPPED:
        return np.frombuffer(path.read_bytes(), dtype=np.uint8)
    return np.asarray(np.memmap(path, dtype=np.uint8, mode="r"))


def _bytes_of(part: npt.NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(part).reshape(-1).view(np.uint8).data


def _checksum(header: dict[str, Any], parts: Iterable[memoryview]) -> int:
    """Over the header too: a wrong row count would read ids as vectors."""
    checksum = zlib.crc32(json.dumps(header).encode())
    for part in parts:
        checksum = zlib.crc32(part, checksum)
    return checksum


def _write(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    with path.open("wb") as file:
        file.writelines(parts)
