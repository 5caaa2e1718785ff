"""The interface of a reader, and bounded reading for all of them."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from qa.errors import BadInput

# Of one line, or of a file that is one article. A long book has 5 MB; a compressed file of
# 400 kB may hold a line of gigabytes.
MAX_BYTES = 10_000_000
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)  # what reading a broken .gz raises
_SKIP_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One record, as `parse_record` takes it. ``line`` is None if the file is one article."""

    record: object
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line without a record, and why."""

    reason: str
    line: int


# Takes the open, uncompressed file. Raises BadInput when the file as a whole cannot be read.
Reader = Callable[[BinaryIO], Iterator[Entry | Unreadable]]


def read_bounded(file: BinaryIO) -> bytes:
    """Return the whole file. Raises BadInput beyond ``MAX_BYTES``."""
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise BadInput(f"longer than {MAX_BYTES:,} bytes")
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
