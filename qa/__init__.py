"""Dateline as a library: articles in, cited answers out.

    with open_archive("archive") as archive:
        archive.ingest([Path("articles.jsonl")])
        answer = archive.ask("How much aid was announced?")

Everything importable from `qa` itself is public; the modules below it may change.
"""

from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qa.answer import Answer
    from qa.archive.archive import Archive
    from qa.errors import (
        AnswerModelError,
        ArchiveBusy,
        BadInput,
        EmbedderMismatch,
        EmptyArchive,
        ModelUnavailable,
        NotAnArchive,
        NotFound,
        QAError,
        StorageFailed,
        StoreError,
    )
    from qa.settings import Settings
    from qa.types import Filters

__all__ = [
    "Answer",
    "AnswerModelError",
    "Archive",
    "ArchiveBusy",
    "BadInput",
    "EmbedderMismatch",
    "EmptyArchive",
    "Filters",
    "ModelUnavailable",
    "NotAnArchive",
    "NotFound",
    "QAError",
    "Settings",
    "StorageFailed",
    "StoreError",
    "open_archive",
]

# Where each name is defined. Loaded on first use, so that importing one module stays light.
_HOMES = {
    "Answer": "qa.answer",
    "Archive": "qa.archive.archive",
    "Filters": "qa.types",
    "Settings": "qa.settings",
}


def open_archive(
    folder: str | Path | None = None, **settings: Any
) -> "AbstractContextManager[Archive]":
    """Open the archive in a folder, or make an empty one there; to be used with ``with``.

    Without a folder: as `DATELINE_STORE`, `DATELINE_DATA_DIR` or the platform says. ``settings``
    win over the environment and ``dateline.toml``. Raises BadInput for a wrong setting,
    NotAnArchive when the folder holds something else.
    """
    from qa.bootstrap import open_archive as open_with
    from qa.settings import Settings

    data_dir = Path(folder) if folder is not None else None
    return open_with(Settings.load(data_dir=data_dir, **settings), create=True)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'qa' has no attribute '{name}'")
    return getattr(import_module(_HOMES.get(name, "qa.errors")), name)
