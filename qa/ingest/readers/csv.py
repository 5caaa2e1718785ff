"""CSV: a header that names the columns, then one article a row."""

import csv
from collections.abc import Iterator
from typing import BinaryIO

from qa.errors import BadInput
from qa.ingest.readers.base import MAX_BYTES, TOO_LONG, Entry, Unreadable, bounded_lines
from qa.ingest.readers.columns import COLUMNS, field_of, renamed

_DELIMITERS = ",;\t|"


def read_csv(file: BinaryIO) -> Iterator[Entry | Unreadable]:
    """Yield a record a row, by the line where it begins.

    The delimiter is the one of , ; tab | that makes most columns of the header known ones. Raises
    BadInput without a header that names a text, and where rows can no longer be told apart.
    """
    lines = _Lines(file)
    header_line = next(lines, None)
    if header_line is None:
        raise BadInput("no text: the file is empty")
    delimiter, header = _header(header_line)
    # Of the process, as the module has it; Python's own limit is 128 kB.
    csv.field_size_limit(MAX_BYTES)
    rows = csv.reader(lines, delimiter=delimiter)
    while True:
        line = lines.number + 1
        lines.start_record()
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise BadInput(f"invalid CSV in line {line}: {error}") from error
        if row is None:
            return
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(header):
            yield Unreadable(f"{len(row)} cells, but the header names {len(header)}", line)
            continue
        yield Entry(renamed(dict(zip(header, row, strict=False))), line)


def _header(line: str) -> tuple[str, list[str]]:
    def columns(delimiter: str) -> list[str]:
        return [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]

    def known(delimiter: str) -> int:
        return len({field_of(name) for name in columns(delimiter)} - {None})

    delimiter = max(_DELIMITERS, key=known)
    header = columns(delimiter)
    if "text" not in {field_of(name) for name in header}:
        shown = ", ".join(f"'{name[:30]}'" for name in header[:8])
        wanted = ", ".join(COLUMNS["text"][:3])
        raise BadInput(f"no text: expected a column such as {wanted}; got {shown}")
    return delimiter, header


class _Lines:
    """The lines of a file as the csv module wants them, counted and bounded for each record."""

    def __init__(self, file: BinaryIO) -> None:
        self._lines = bounded_lines(file)
        self._left = MAX_BYTES
        self.number = 0

    def start_record(self) -> None:
        self._left = MAX_BYTES

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        if line is not None:
            self._left -= len(line)
        if line is None or self._left < 0:
            raise BadInput(f"line {self.number}: the row is {TOO_LONG}; is a quote missing?")
        try:
            return line.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise BadInput(f"line {self.number} is not UTF-8 (byte {error.start + 1})") from error
