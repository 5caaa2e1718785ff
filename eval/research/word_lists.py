"""Read WordNet's files, and write the packed word lists of `qa.language`."""

import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path


def read_lines(path: Path) -> Iterator[str]:
    """The entries of a file of WordNet, without the licence above them."""
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith(" "):
            yield line


def write_packed(path: Path, rows: Iterable[str]) -> None:
    """Write a word list, equal bytes for equal rows."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write("\n".join(rows).encode())
