"""The FAISS index as a cache of the store's vectors: loaded, caught up, and replaced when it pays.

The file says which archive, embedder and generation it was built from. Rows newer than the file are
searched beside it; rows that are gone are never returned, since every search is confined to ids of
the store's snapshot. So a missing, damaged or old file costs time and nothing else.
"""

import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Lock

import numpy as np

from embeddings.errors import IndexUnusable
from embeddings.index import Ids, VectorIndex, Vectors
from qa.archive.snapshot import Snapshot
from qa.types import Filters

FILE = "vectors.faiss"
_REMEMBERED = 16  # sets of filters whose visible passages are remembered
_SLACK_ROWS = 1000  # rows that may lie beside the index, or dead in it, before it is rebuilt …
_SLACK_SHARE = 0.1  # … and this share of it on top

_log = logging.getLogger("dateline")


@dataclass(frozen=True, slots=True)
class _Loaded:
    """An immutable state: searching never waits for catching up."""

    generation: int
    main: VectorIndex
    beside: VectorIndex


class IndexCache:
    """Vectors ready to search, for any snapshot of one archive. Safe to share between threads.

    ``load_fault`` says why the file could not be used when it was last needed, so that the index
    was built in memory; None when it could.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.load_fault: str | None = None
        self._loaded: _Loaded | None = None
        self._visible: OrderedDict[tuple[tuple[int, int], bytes], Ids] = OrderedDict()
        self._lock = Lock()

    @property
    def generation(self) -> int | None:
        """The generation that has been loaded; None before the first search."""
        loaded = self._loaded
        return None if loaded is None else loaded.generation

    def visible(self, snapshot: Snapshot, filters: Filters) -> Ids:
        """The passages that a question under these filters may see.

        The same for one state of the archive, so the last few are remembered: reading 12,000 ids
        takes a sixth of a search.
        """
        if filters.article_ids:  # few, and soon read
            return snapshot.searchable(filters)
        # A digest, so that what a client sent is not kept.
        key = (snapshot.state, sha256(repr(filters).encode("utf-8", "surrogatepass")).digest())
        with self._lock:
            known = self._visible.get(key)
        if known is None:
            known = snapshot.searchable(filters)
            with self._lock:
                self._visible[key] = known
                while len(self._visible) > _REMEMBERED:
                    self._visible.popitem(last=False)
        return known

    def search(
        self, snapshot: Snapshot, vector: Vectors, k: int, allowed: Ids
    ) -> list[tuple[int, float]]:
        """The ``k`` best of the ``allowed`` passages as ``(id, cosine)``.

        Best first, ties by lower id.
        """
        loaded = self._caught_up(snapshot)
        found = [*loaded.main.search(vector, k, allowed), *loaded.beside.search(vector, k, allowed)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]

    def refresh(self, snapshot: Snapshot, *, force: bool = False) -> None:
        """Write the file again if it cannot be used, or enough has changed since.

        Of two processes that do so at once, the file of either will serve. A file that cannot be
        written is reported in the log: the articles are stored by then. With ``force``, OSError.
        """
        if not force and self.fault(snapshot) is None:
            return
        index = _build(snapshot)
        fault = None
        try:
            index.save(self.path, _stamp(snapshot.manifest))
        except OSError as error:
            if force:
                raise
            fault = f"the vector index cannot be written: {error.strerror or error}"
            _log.warning("%s; it is in memory: fix it with dateline reindex", fault)
        with self._lock:
            self.load_fault = fault
            self._loaded = _Loaded(snapshot.generation, index, VectorIndex(index.dimension))

    def fault(self, snapshot: Snapshot) -> str | None:
        """What is wrong with the file; None if nothing. Reads all of it."""
        try:
            index = _load(self.path, snapshot.manifest)
        except IndexUnusable as error:
            return str(error)
        changed, rows = _difference(snapshot, index), snapshot.size().passages
        if changed > _SLACK_ROWS + _SLACK_SHARE * rows:
            return f"the vector index is stale: {changed} rows differ from the archive's {rows}"
        return None

    def _caught_up(self, snapshot: Snapshot) -> _Loaded:
        generation, loaded = snapshot.generation, self._loaded
        if loaded is not None and loaded.generation >= generation:
            return loaded
        with self._lock:
            loaded = self._loaded
            if loaded is not None and loaded.generation >= generation:
                return loaded
            main = loaded.main if loaded is not None else self._load_or_build(snapshot)
            beside = VectorIndex(main.dimension)
            beside.add(*snapshot.vectors_above(main.last_id, main.dimension))
            if len(beside) > _SLACK_ROWS + _SLACK_SHARE * len(main):
                main, beside = _build(snapshot), VectorIndex(main.dimension)
            self._loaded = _Loaded(generation, main, beside)
            return self._loaded

    def _load_or_build(self, snapshot: Snapshot) -> VectorIndex:
        try:
            return _load(self.path, snapshot.manifest)
        except IndexUnusable as error:
            index = _build(snapshot)
            if len(index):  # an archive without articles has no file yet
                self.load_fault = str(error)
                _log.warning("%s; built in memory: fix it with dateline reindex", error)
            return index


def _build(snapshot: Snapshot) -> VectorIndex:
    dimension = int(snapshot.manifest["dimension"])
    index = VectorIndex(dimension)
    index.add(*snapshot.vectors_above(0, dimension))
    return index


def _stamp(manifest: Mapping[str, str]) -> dict[str, str]:
    return {key: manifest[key] for key in ("archive_id", "embedder_digest", "generation")}


def _load(path: Path, manifest: Mapping[str, str]) -> VectorIndex:
    """The index in the file. Raises IndexUnusable when it cannot serve this archive."""
    if not path.is_file():
        raise IndexUnusable("the vector index is missing")
    index, stamp = VectorIndex.load(path)
    for key in ("archive_id", "embedder_digest"):
        if stamp.get(key) != manifest[key]:
            raise IndexUnusable(f"the vector index belongs to another archive or embedder ({key})")
    if int(stamp["generation"]) > int(manifest["generation"]):
        raise IndexUnusable(
            "the vector index is ahead of the archive (was an older copy put back?)"
        )
    return index


def _difference(snapshot: Snapshot, index: VectorIndex) -> int:
    """How many rows are in one and not in the other."""
    return len(np.setxor1d(snapshot.passage_ids(), index.ids, assume_unique=True))
