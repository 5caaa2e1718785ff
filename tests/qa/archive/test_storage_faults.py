"""Faults of storage: a disk that is full once the articles are stored, a database of others."""

import errno
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from embeddings.index import VectorIndex
from qa.archive.archive import Archive
from qa.archive.sqlite import store as sqlite
from qa.archive.sqlite.store import DATABASE, SqliteStore
from qa.errors import NotAnArchive, StorageFailed
from tests.support.archives import put

pytestmark = pytest.mark.sqlite_only("a full disk, and the FAISS file")


def _full(*_: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_articles_are_stored_although_the_index_file_cannot_be_written(
    archive: Archive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(VectorIndex, "save", _full)
    report = put(archive, [{"id": "a", "text": "The mayor resigned."}], tmp_path)
    assert report.added == 1
    assert "cannot be written: No space left on device" in (archive.store.index_fault or "")
    assert "fix it with dateline reindex" in caplog.text
    with pytest.raises(StorageFailed, match="No space left"):
        archive.reindex()


def test_a_database_that_is_not_ours_is_closed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(tmp_path / DATABASE)
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    connect = sqlite._connect
    opened: list[sqlite3.Connection] = []

    def connected(*arguments: Any) -> sqlite3.Connection:
        opened.append(connect(*arguments))
        return opened[-1]

    monkeypatch.setattr(sqlite, "_connect", connected)
    with pytest.raises(NotAnArchive):
        SqliteStore.open(tmp_path)
    with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
        opened[0].execute("SELECT 1")
