"""Readers, one module per format. To add one: write the module, add its line to `READERS`."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import PurePath

from qa.ingest.readers.base import Reader

# The module, by how the file's name ends, in lower case; `.gz` may follow any of them. It has a
# `Reader` called `read_` and its own name, and is imported when a file needs it: all of them take
# a tenth of the time that it takes to import what answers a question.
READERS: Mapping[str, str] = {
    ".jsonl": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".parquet": "parquet",
    ".txt": "text",
    ".md": "text",
    ".html": "html",
    ".htm": "html",
    ".pdf": "pdf",
    ".xml": "xml",
    ".warc": "warc",
}
SUPPORTED = f"{', '.join(READERS)}, each also compressed as .gz"


def reader_of(name: str) -> Reader | None:
    """Return the reader of a file by its name, or None for an unsupported format."""
    format_ = READERS.get(PurePath(name.lower().removesuffix(".gz")).suffix)
    return None if format_ is None else _reader(format_)


@cache
def _reader(name: str) -> Reader:
    reader: Reader = getattr(import_module(f"{__name__}.{name}"), f"read_{name}")
    return reader
