"""Articles as files, and archives filled with them."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from qa.archive.archive import Archive
from qa.ingest.apply import IngestReport

WriteArticles = Callable[..., Path]


def write(path: Path, *lines: object) -> Path:
    """Write lines, or objects as lines of JSON."""
    path.write_text(
        "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines),
        "utf-8",
    )
    return path


def ingest(archive: Archive, *paths: Path, **options: Any) -> IngestReport:
    return archive.ingest(paths, **options)


def put(archive: Archive, records: Sequence[dict[str, Any]], tmp_path: Path) -> IngestReport:
    """Ingest records given as dicts."""
    path = tmp_path / "put.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return ingest(archive, path)
