"""Where an archive is stored. `qa.bootstrap` chooses: a data directory, or PostgreSQL."""

import uuid
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from qa.archive.claims import Step
from qa.archive.database import Database
from qa.archive.snapshot import COPIES, Snapshot
from qa.archive.writer import Writer
from qa.errors import BadInput
from qa.ingest.copies import COPIES_VERSION
from qa.ingest.passages import CHUNKER_VERSION

Clock = Callable[[], datetime]
Hidden = Callable[[], frozenset[str]]
UNFINISHED = "unfinished_copy"  # manifest: a copy into this archive has not ended


def system_clock() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def nothing_hidden() -> frozenset[str]:
    """Whoever reads sees every article, whatever its rights."""
    return frozenset()


def new_manifest(embedder: str, digest: str, dimension: int) -> dict[str, str]:
    """What an empty archive says of itself."""
    return {
        "generation": "0",
        "embedder": embedder,
        "embedder_digest": digest,
        "dimension": str(dimension),
        "chunker_version": str(CHUNKER_VERSION),
        COPIES: str(COPIES_VERSION),
        "archive_id": uuid.uuid4().hex,
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def check_target(target: Path) -> None:
    """Raises BadInput for a backup that would replace a file, or have no folder."""
    if target.exists():
        raise BadInput(f"{target} exists already; name a new file")
    if not target.parent.is_dir():
        raise BadInput(f"cannot write {target}: there is no folder {target.parent}")


class Store(Protocol):
    """An archive. Safe to share between threads.

    ``clock`` gives the time, with a zone: embargoes and terms end by it. ``hidden`` gives the
    rights whose articles are withheld from whoever opens a snapshot at that moment. ``place`` names
    the archive in messages. Writing to one that is ``read_only`` raises StorageFailed.
    """

    clock: Clock
    hidden: Hidden
    read_only: bool

    @property
    def place(self) -> str: ...

    @property
    def index_fault(self) -> str | None:
        """Why the index of the vectors could not be used when it was last needed; None: it could,
        or was not needed yet.
        """

    @property
    def cached_generation(self) -> int | None:
        """The generation whose vectors this process has loaded; None: none, or it loads none."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """The archive as it is now, whatever is written meanwhile."""

    def reading(self) -> AbstractContextManager[Database]:
        """One read transaction, for the modules that own tables beside the articles."""

    def writing(
        self, wait: float = 0, article_ids: Collection[str] | None = None
    ) -> AbstractContextManager[Writer]:
        """One write transaction; all of it happens, durably, or nothing.

        ``article_ids``: the only articles that it changes, so that others can be changed meanwhile
        ([]: only the manifest); None: any. Raises ArchiveBusy when another writer does not finish
        within ``wait`` seconds.
        """

    def aside(self, article_ids: Collection[str] = ()) -> AbstractContextManager[Database]:
        """A write transaction beside the articles: answers, keys, jobs.

        It leaves the generation alone: nothing that can be found changes. ``article_ids``: articles
        that must not change meanwhile. Raises ArchiveBusy.
        """

    def counting(self) -> AbstractContextManager[tuple[Database, Callable[[], float]]]:
        """A short write transaction over the counters of `qa.archive.usage`, beside the archive,
        and the clock that all who share them go by: seconds since some moment.

        Raises StoreError.
        """

    def scrub(self) -> None:
        """Remove what was deleted `aside` from logs of changes too, where the store has its own."""

    def locked(self, wait: float = 0) -> AbstractContextManager[None]:
        """Keep other writers away, for work of several transactions; a thread may take it twice.

        Raises ArchiveBusy after ``wait`` seconds.
        """

    def claim(self) -> AbstractContextManager[Step | None]:
        """The next articles of the oldest unfinished job that no other process works on."""

    def alone(self, work: str) -> AbstractContextManager[bool]:
        """Whether no other process does this work; while this is open, none begins it."""

    def settle(self, *, force: bool = False) -> None:
        """Bring what searches rest on up to date after a write, where that is not done by it.

        ``force``: in any case, and raise OSError where it cannot be done.
        """

    def size_in_bytes(self) -> int:
        """How much room the archive takes."""

    def backup(self, target: Path) -> None:
        """Copy the archive to a file, whole, while others read and write. Raises BadInput."""

    def close(self) -> None:
        """Close every connection, once those in use are given back."""
