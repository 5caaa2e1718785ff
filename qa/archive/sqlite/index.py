"""The FAISS index as a cache of the store's vectors: loaded, caught up, and replaced when it pays.

The file says which archive, embedder and generation it was built from. Rows newer than the file are
searched beside it; rows that are gone are never returned, since every search is confined to ids of
the store's snapshot. So a missing, damaged or old file costs time and nothing else. A process that
searches replaces an old file beside its searches, or takes over one that another process wrote.
"""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG
from threading import Lock, Thread
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from embeddings.errors import IndexUnusable
from embeddings.index import Mask, VectorIndex, Vectors
from qa.archive.snapshot import Snapshot
from qa.errors import QAError

FILE = "vectors.faiss"
LOCK = "vectors.lock"
_PAGE = 20_000  # vectors read at a time
_SLACK_ROWS = 1000  # rows that may lie beside the index, or dead in it, before it is rebuilt …
_SLACK_SHARE = 0.1  # … and this share of it on top

OpenSnapshot = Callable[[], AbstractContextManager[Snapshot]]

_log = logging.getLogger("dateline")


@dataclass(frozen=True, slots=True)
class _Loaded:
    """An immutable state: searching never waits for catching up."""

    generation: int
    main: VectorIndex
    beside: VectorIndex

    @property
    def last_id(self) -> int:
        return max(self.main.last_id, self.beside.last_id)

    @property
    def outgrown(self) -> bool:
        """Whether so much lies beside the index that it should be built again."""
        return len(self.beside) > _SLACK_ROWS + _SLACK_SHARE * len(self.main)


class IndexCache:
    """Vectors ready to search, for any snapshot of one archive. Safe to share between threads.

    ``snapshot`` opens one of the archive, for building beside the searches; without it the search
    that needs the index builds it. ``load_fault`` says why the file could not be used when it was
    last needed, so that the index was built in memory; None when it could.
    """

    def __init__(self, folder: Path, snapshot: OpenSnapshot | None = None) -> None:
        self.path = folder / FILE
        self.load_fault: str | None = None
        self._open_snapshot = snapshot
        self._loaded: _Loaded | None = None
        self._read: tuple[tuple[int, ...], VectorIndex, dict[str, Any]] | None = None
        self._lock = Lock()
        self._building = Lock()

    @property
    def generation(self) -> int | None:
        """The generation that has been loaded; None before the first search."""
        loaded = self._loaded
        return None if loaded is None else loaded.generation

    def search(
        self, snapshot: Snapshot, vector: Vectors, k: int, allowed: Mask
    ) -> list[tuple[int, float]]:
        """The ``k`` best of the ``allowed`` passages as ``(id, cosine)``.

        Best first, ties by lower id.
        """
        loaded = self._caught_up(snapshot)
        found = [*loaded.main.search(vector, k, allowed), *loaded.beside.search(vector, k, allowed)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]

    def refresh(self, snapshot: Snapshot, *, force: bool = False) -> None:
        """Write the file again if it cannot be used, or enough has changed since.

        A process that has searched does that beside its searches. Of two processes that do so at
        once, the file of either will serve. A file that cannot be written is reported in the log:
        the articles are stored by then. With ``force`` at once, and OSError is raised.
        """
        if force:
            self._replace(snapshot, force=True)
        elif self._needs_replacing(snapshot):
            if self._loaded is None or self._open_snapshot is None:
                self._replace(snapshot)
            else:
                self._replace_beside()

    def fault(self, snapshot: Snapshot) -> str | None:
        """What is wrong with the file; None if nothing. Reads all of it."""
        rows = snapshot.size().passages
        if rows == 0 and not self.path.exists():
            return None  # the first ingest writes it; a key or a feed may have made the archive
        try:
            index, _ = self._load(snapshot.manifest, known=False)
        except IndexUnusable as error:
            return str(error)
        changed = len(np.setxor1d(snapshot.passage_ids(), index.ids, assume_unique=True))
        return _stale(changed, rows)

    def _needs_replacing(self, snapshot: Snapshot) -> bool:
        """As `fault`, without reading the ids of the archive, nor a file that was read before.

        A file holds every passage of its time, so that ids up to its last are in both or are gone.
        """
        try:
            index, _ = self._load(snapshot.manifest)
        except IndexUnusable:
            return True
        rows = snapshot.size().passages
        newer = snapshot.passages_above(index.last_id)
        gone = len(index) - (rows - newer)
        return _stale(newer + gone, rows) is not None

    def _caught_up(self, snapshot: Snapshot) -> _Loaded:
        generation, loaded = snapshot.generation, self._loaded
        if loaded is not None and loaded.generation >= generation:
            return loaded
        with self._lock:
            loaded = self._loaded
            if loaded is not None and loaded.generation >= generation:
                return loaded
            if loaded is None or loaded.outgrown:
                loaded = self._reloaded(snapshot, loaded)
            more = snapshot.vectors_above(loaded.last_id, loaded.main.dimension)
            loaded = _Loaded(generation, loaded.main, loaded.beside.extended(*more))
            if loaded.outgrown and self._open_snapshot is None:
                loaded = _alone(generation, _build(snapshot))
            self._loaded = loaded
        if loaded.outgrown:
            self._replace_beside()
        return loaded

    def _reloaded(self, snapshot: Snapshot, loaded: _Loaded | None) -> _Loaded:
        """What the file holds, if that is more than what is loaded."""
        manifest = snapshot.manifest
        if self._open_snapshot is not None:
            # Another process may have written the file for what came after this snapshot.
            with self._open_snapshot() as latest:
                manifest = latest.manifest
        try:
            index, stamp = self._load(manifest)
        except IndexUnusable as error:
            if loaded is not None:
                return loaded
            index = _build(snapshot)
            if len(index):  # an archive without articles has no file yet
                self.load_fault = str(error)
                _log.warning("%s; built in memory: fix it with dateline reindex", error)
            return _alone(snapshot.generation, index)
        if loaded is not None and loaded.main.last_id >= index.last_id:
            return loaded
        return _alone(int(stamp["generation"]), index)

    def _load(
        self, manifest: Mapping[str, str], *, known: bool = True
    ) -> tuple[VectorIndex, dict[str, Any]]:
        """The index in the file, and its stamp. Raises IndexUnusable when it cannot serve.

        ``known``: without reading a file again that was read before.
        """
        read, identity = self._read, _identity(self.path)
        if identity is None:
            raise IndexUnusable("the vector index is missing")
        if read is None or read[0] != identity or not known:
            read = (identity, *VectorIndex.load(self.path))
            self._read = read
        _, index, stamp = read
        _check(stamp, manifest)
        return index, stamp

    def _replace_beside(self) -> None:
        """Build and write the index in a thread of its own, unless one is at it."""
        if self._building.acquire(blocking=False):
            Thread(target=self._replace_in_thread, name="vector index", daemon=True).start()

    def _replace_in_thread(self) -> None:
        """Of several processes one builds; the others find its file when they catch up next."""
        lock = FileLock(self.path.with_name(LOCK), thread_local=False)
        try:
            try:
                lock.acquire(timeout=0)
            except Timeout:
                return
            except OSError:
                pass  # a folder that cannot be written to: built for this process alone
            with self._opened() as snapshot:
                if self._needs_replacing(snapshot):
                    self._replace(snapshot)
        except QAError as error:
            _log.warning("the vector index cannot be built: %s", error)
        finally:
            lock.release()
            self._building.release()

    def _opened(self) -> AbstractContextManager[Snapshot]:
        assert self._open_snapshot is not None  # noqa: S101 - only then is a thread started
        return self._open_snapshot()

    def _replace(self, snapshot: Snapshot, *, force: bool = False) -> None:
        index = _build(snapshot)
        fault = None
        try:
            index.save(self.path, _stamp(snapshot.manifest))
            # The file's content takes its place, which other processes share.
            index, _ = self._load(snapshot.manifest)
        except IndexUnusable as error:
            fault = str(error)
        except OSError as error:
            if force:
                raise
            fault = f"the vector index cannot be written: {error.strerror or error}"
            _log.warning("%s; it is in memory: fix it with dateline reindex", fault)
        with self._lock:
            self.load_fault = fault
            self._loaded = _alone(snapshot.generation, index)


def _alone(generation: int, index: VectorIndex) -> _Loaded:
    return _Loaded(generation, index, VectorIndex(index.dimension))


def _build(snapshot: Snapshot) -> VectorIndex:
    dimension = int(snapshot.manifest["dimension"])
    index = VectorIndex(dimension)
    index.reserve(snapshot.size().passages)
    while True:
        ids, vectors = snapshot.vectors_above(index.last_id, dimension, _PAGE)
        if len(ids) == 0:
            index.cluster()
            return index
        index.add(ids, vectors)


def _stamp(manifest: Mapping[str, str]) -> dict[str, str]:
    return {key: manifest[key] for key in ("archive_id", "embedder_digest", "generation")}


def _check(stamp: Mapping[str, Any], manifest: Mapping[str, str]) -> None:
    """Raises IndexUnusable when a file with this stamp cannot serve the archive."""
    for key in ("archive_id", "embedder_digest"):
        if stamp.get(key) != manifest[key]:
            raise IndexUnusable(f"the vector index belongs to another archive or embedder ({key})")
    if int(stamp["generation"]) > int(manifest["generation"]):
        raise IndexUnusable(
            "the vector index is ahead of the archive (was an older copy put back?)"
        )


def _stale(changed: int, rows: int) -> str | None:
    if changed > _SLACK_ROWS + _SLACK_SHARE * rows:
        return f"the vector index is stale: {changed} rows differ from the archive's {rows}"
    return None


def _identity(path: Path) -> tuple[int, ...] | None:
    """Tells one file of this name from the next; None without one."""
    try:
        found = path.stat()
    except OSError:
        return None
    if not S_ISREG(found.st_mode):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
