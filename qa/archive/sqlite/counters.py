"""The counters of limits and budgets, in a small file beside an archive on disk.

In the archive itself each call would wait for whoever writes articles, and they for it. The file
may be lost: then the windows and the day begin anew.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue

from filelock import FileLock

from qa.archive.usage import COUNTERS

FILE = "counters.sqlite3"
LOCK = "counters.lock"
_BUSY = 2  # seconds that a call waits for the others


class Counters:
    """Transactions over the file, which is made when it is first needed. Safe to share between
    threads.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._idle: SimpleQueue[sqlite3.Connection] = SimpleQueue()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction. Raises sqlite3.Error and OSError."""
        database = self._borrow()
        try:
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")
        finally:
            if database.in_transaction:
                database.rollback()
            self._idle.put(database)

    def close(self) -> None:
        """Close the connections that are not in use."""
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return

    def _borrow(self) -> sqlite3.Connection:
        try:
            return self._idle.get_nowait()
        except Empty:
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        # SQLite does not wait for another process that turns the same new file to WAL.
        with FileLock(self._path.with_name(LOCK), timeout=_BUSY):
            return self._open()

    def _open(self) -> sqlite3.Connection:
        self._path.touch(mode=0o600)
        database = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, timeout=_BUSY
        )
        try:
            database.execute("PRAGMA journal_mode = WAL")
            # A power cut may take the last calls back, but does not damage the file.
            database.execute("PRAGMA synchronous = NORMAL")
            database.executescript(COUNTERS)
        except sqlite3.Error:
            database.close()
            raise
        return database
