"""Reading one file of any format, as `ingest` reads it."""

import gzip
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qa.ingest.files import Read, Skipped, _File, _read_file
from qa.types import Article


@dataclass(frozen=True, slots=True)
class File:
    """A file that was read, and how many articles came out of it."""

    name: str
    digest: str
    head: bytes
    reads: int


FILES: list[File] = []  # of this test, for `tests.support.format_counts`


def read(folder: Path, name: str, content: object) -> tuple[list[Read], list[Skipped]]:
    """Write a file and read it: bytes and text as they are, anything else as JSON."""
    path = folder / name
    path.write_bytes(_bytes(content, name))
    items = list(_read_file(_File(path, name, str(folder))))
    reads = [item for item in items if isinstance(item, Read)]
    plain = _plain(content)
    FILES.append(File(name, hashlib.sha256(plain).hexdigest(), plain[:2000], len(reads)))
    return reads, [item for item in items if isinstance(item, Skipped)]


def article(folder: Path, name: str, content: object) -> Article:
    """Read a file that holds one article, without faults or warnings."""
    reads, skipped = read(folder, name, content)
    assert skipped == []
    assert [item.warnings for item in reads] == [()]
    return reads[0].article


def reasons(folder: Path, name: str, content: object) -> list[str]:
    """Read a file that holds no article, and return why."""
    reads, skipped = read(folder, name, content)
    assert reads == []
    return [item.reason for item in skipped]


def _bytes(content: Any, name: str) -> bytes:
    encoded = _plain(content)
    return gzip.compress(encoded) if name.endswith(".gz") else encoded


def _plain(content: Any) -> bytes:
    if not isinstance(content, bytes | str):
        content = json.dumps(content)
    return content if isinstance(content, bytes) else content.encode()
