"""The interface of a reader, and bounded reading for all of them."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from qa.errors import BadInput

# Of one record, or of a file that is one article. A long book has 5 MB; a compressed file of
# 400 kB may hold a line of gigabytes.
MAX_BYTES = 10_000_000
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)  # what reading a broken .gz raises
TOO_LONG = f"longer than {MAX_BYTES:,} bytes"
_SKIP_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One record, as `parse_record` takes it.

    ``line`` is None if the file is one article, else the line, row or number of the record.
    ``warnings`` report what the reader could not make out.
    """

    record: object
    line: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line, row or item without a record, and why."""

    reason: str
    line: int


# Takes the open, uncompressed file. Raises BadInput when the file as a whole cannot be read.
Reader = Callable[[BinaryIO], Iterator[Entry | Unreadable]]


def read_bounded(file: BinaryIO, limit: int = MAX_BYTES) -> bytes:
    """Return the whole file. Raises BadInput beyond ``limit`` bytes."""
    content = file.read(limit + 1)
    if len(content) > limit:
        raise BadInput(f"longer than {limit:,} bytes")
    return content


def bounded_lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield each line, or None for one of more than ``MAX_BYTES``, which is read past."""
    while line := file.readline(MAX_BYTES + 1):
        if len(line) <= MAX_BYTES:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(_SKIP_BYTES)
        yield None


class BoundedRecords:
    """A file for a parser that reads ahead: one record may take ``limit`` bytes.

    Call `next_record` at the end of each; `read` raises BadInput when none ends in time.
    """

    def __init__(self, file: BinaryIO, limit: int = MAX_BYTES) -> None:
        self._file = file
        self._limit = self._left = limit

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes, b"" at the end."""
        wanted = self._left + 1 if size < 0 else size
        content = self._file.read(wanted)
        self._left -= len(content)
        if self._left < 0:
            raise BadInput(f"a record is longer than {self._limit:,} bytes")
        return content

    def next_record(self) -> None:
        """Start to count anew."""
        self._left = self._limit
