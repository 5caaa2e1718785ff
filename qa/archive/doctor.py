"""What is wrong with an archive, and the command that fixes it."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from qa.archive.archive import Archive
from qa.archive.embedding import check_embedder, embedding_errors
from qa.archive.keys import key_for_chats
from qa.archive.snapshot import COPIES, Snapshot
from qa.errors import BadInput, EmbedderMismatch, ModelUnavailable
from qa.ingest.apply import unfinished
from qa.ingest.copies import COPIES_VERSION


@dataclass(frozen=True, slots=True)
class Check:
    """A check that failed, what it found, and the command or step that fixes it."""

    name: Literal["database", "lexical", "ingest", "embedder", "index", "copies", "chat_key"]
    message: str
    fix: str


def examine(
    archive: Archive, data_dir: Path | None = None, chat_key: str | None = None
) -> list[Check]:
    """Every check that failed; [] for an archive in order. Reads all of it.

    ``data_dir``: what the commands that are suggested must be given as --data-dir. ``chat_key``:
    the id of the key that is set for chats.
    """
    with archive.snapshot() as snapshot:
        failed = list(_failed(archive, snapshot, data_dir))
    if chat_key is not None:
        try:
            key_for_chats(archive.store, chat_key)
        except BadInput as error:
            fix = "set DATELINE_CHAT_KEY to the id of a key with the scope 'ask'; see: "
            listing = _command("keys", "list", data_dir=data_dir)
            failed.append(Check("chat_key", str(error), fix + listing))
    return failed


def _failed(archive: Archive, snapshot: Snapshot, data_dir: Path | None) -> Iterator[Check]:
    reindex = _command("reindex", data_dir=data_dir)
    for fault in snapshot.faults():
        restore = "restore a backup, or ingest into a new data directory"
        fix = reindex if fault.part == "lexical" else restore
        yield Check(fault.part, fault.message, fault.fix or fix)
    if paths := unfinished(snapshot.manifest):
        yield Check(
            "ingest",
            f"an ingest of {', '.join(paths)} did not end; what it had stored is kept",
            _command("ingest", *paths, data_dir=data_dir),
        )
    if snapshot.manifest.get(COPIES) != str(COPIES_VERSION):
        message = "copies of reports were not looked for, or by older rules"
        yield Check("copies", message, reindex)
    try:
        with embedding_errors():
            check_embedder(snapshot, archive.embedder)
    except EmbedderMismatch as error:
        yield Check("embedder", error.fault, reindex)
        return  # the vectors are another embedder's: nothing to say about their index
    except ModelUnavailable as error:
        doctor = _command("doctor", data_dir=data_dir)
        fix = f"set DATELINE_EMBEDDER to a model that is there, then: {doctor}"
        yield Check("embedder", str(error), fix)
        return
    if (index := snapshot.index_fault()) is not None:
        yield Check("index", index.message, index.fix or reindex)


def _command(*words: str, data_dir: Path | None) -> str:
    place = [] if data_dir is None else ["--data-dir", str(data_dir)]
    return shlex.join(["dateline", *words, *place])
