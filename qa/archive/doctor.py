"""What is wrong with an archive, and the one command that mends it."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from embeddings.errors import EmbedderUnavailable
from qa.archive.archive import Archive
from qa.errors import EmbedderMismatch
from qa.ingest.apply import PENDING, check_embedder


@dataclass(frozen=True, slots=True)
class Finding:
    fault: str
    mend: str


def examine(archive: Archive) -> list[Finding]:
    """Every fault found; [] for an archive in order. Reads all of it."""
    return list(_findings(archive))


def _findings(archive: Archive) -> Iterator[Finding]:
    with archive.store.snapshot() as snapshot:
        faults = snapshot.faults()
        for fault in faults:
            lexical = fault.startswith("the lexical index")
            yield Finding(
                fault,
                "dateline reindex"
                if lexical
                else "restore a backup, or ingest into a new data directory",
            )
        if pending := snapshot.manifest.get(PENDING):
            paths = pending.splitlines()
            yield Finding(
                f"an ingest of {', '.join(paths)} did not end; what it had stored is kept",
                shlex.join(["dateline", "ingest", *paths]),
            )
        try:
            check_embedder(snapshot, archive.embedder)
        except EmbedderMismatch as error:
            yield Finding(str(error).split(": ")[0], "dateline reindex")
            return  # the vectors are another embedder's: nothing to say about their index
        except EmbedderUnavailable as error:
            yield Finding(
                str(error), "set DATELINE_EMBEDDER to a model that is there, then: dateline doctor"
            )
            return
        if (stale := archive.cache.fault(snapshot)) is not None:
            yield Finding(stale, "dateline reindex")
