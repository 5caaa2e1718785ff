"""Articles from files and folders: find the files, pick the reader of each, report faults.

Knows nothing of the store. The formats are in `qa.ingest.readers`.
"""

import gzip
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

from qa.errors import BadInput
from qa.ingest.readers import SUPPORTED, reader_of
from qa.ingest.readers.base import DAMAGED, Entry, Unreadable
from qa.ingest.record import parse_record, version_of
from qa.types import Article

__all__ = ["Read", "Skipped", "parse_record", "read_paths", "version_of"]


@dataclass(frozen=True, slots=True)
class Read:
    """An article, the place it was read from, and warnings that did not spoil it."""

    article: Article
    place: str  # "feed.jsonl:12", "notes/kyiv.txt"
    origin: str  # the path that was asked for; --prune compares articles of one origin
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line or file that is not an article, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    name: str  # relative to the folder given
    origin: str


def read_paths(paths: Sequence[Path]) -> Iterator[Read | Skipped]:
    """Yield every article in the files and folders given, in sorted order.

    Raises BadInput at once, before anything can be changed, when a path does not exist or has an
    unsupported format, or when none of the files holds an article.
    """
    for path in paths:
        if not path.exists():
            raise BadInput(f"no such file or folder: {path}")
        if path.is_file() and reader_of(path.name) is None:
            kind = path.suffix or "a name without a suffix"
            raise BadInput(f"{path}: {kind} is not a supported format; supported: {SUPPORTED}")
    items = _read_all(paths)
    skipped: list[Skipped] = []
    for item in items:
        if isinstance(item, Read):
            return chain(skipped, [item], items)
        skipped.append(item)
    raise BadInput(_nothing_found(paths, skipped))


def _nothing_found(paths: Sequence[Path], skipped: Sequence[Skipped]) -> str:
    names = ", ".join(str(path) for path in paths)
    message = f"no article found in {names}"
    if skipped:
        first = skipped[0]
        return f"{message}: {len(skipped)} skipped, the first being {first.place}: {first.reason}"
    unsupported = Counter(
        file.suffix.lower()
        for path in paths
        for file in path.rglob("*")
        if file.is_file() and file.suffix and reader_of(file.name) is None
    )
    if unsupported:
        kinds = ", ".join(suffix for suffix, _ in unsupported.most_common(5))
        return f"{message}: {kinds} not supported; supported: {SUPPORTED}"
    return message


def _read_all(paths: Sequence[Path]) -> Iterator[Read | Skipped]:
    seen: set[Path] = set()
    for path in paths:
        for item in _files(path):
            if isinstance(item, Skipped):
                yield item
                continue
            real = item.path.resolve()
            if real not in seen:
                seen.add(real)
                yield from _read_file(item)


def _files(path: Path) -> Iterator[_File | Skipped]:
    """Yield the supported files of a path; hidden ones are left out.

    A link inside a folder is followed only to a file of the same folder: a folder from elsewhere
    must not be able to name the host's own files. The path itself may be a link.
    """
    root = path.resolve()
    origin = str(root)
    if path.is_file():
        yield _File(path, path.name, origin)
        return
    for file in sorted(path.rglob("*")):
        relative = file.relative_to(path)
        name = relative.as_posix()
        hidden = any(part.startswith(".") for part in relative.parts)
        if hidden or reader_of(name) is None:
            continue
        if not file.resolve().is_relative_to(root):
            yield Skipped(name, "symbolic link out of the folder")
        elif file.is_file():
            yield _File(file, name, origin)


def _read_file(file: _File) -> Iterator[Read | Skipped]:
    read = reader_of(file.name)
    assert read is not None  # noqa: S101  # `_files` and `read_paths` let only supported ones pass
    try:
        with _open(file) as content:
            for entry in read(content):
                yield _article(file, entry)
    except BadInput as error:
        yield Skipped(file.name, str(error))
    except DAMAGED as error:
        yield Skipped(file.name, f"the compressed file is damaged: {error}")
    except OSError as error:
        yield Skipped(file.name, f"cannot be read: {error.strerror or error}")


def _open(file: _File) -> BinaryIO:
    if file.name.lower().endswith(".gz"):
        return cast("BinaryIO", gzip.open(file.path))
    return file.path.open("rb")


def _article(file: _File, entry: Entry | Unreadable) -> Read | Skipped:
    place = file.name if entry.line is None else f"{file.name}:{entry.line}"
    if isinstance(entry, Unreadable):
        return Skipped(place, entry.reason)
    # A line has no name of its own; a file that is one article is named by its path.
    fallback_id = file.name if entry.line is None else None
    try:
        article, warnings = parse_record(entry.record, fallback_id=fallback_id)
    except BadInput as error:
        return Skipped(place, str(error))
    return Read(article, place, file.origin, (*entry.warnings, *warnings))
