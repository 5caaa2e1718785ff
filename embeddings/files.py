"""Files that must be whole or absent: digests, and writing that never shows a half."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def sha256_of(path: Path) -> str:
    """The file's SHA-256 as lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def replace_atomically(path: Path, write: Callable[[Path], None], *, mode: int = 0o644) -> None:
    """Give ``write`` a fresh path beside ``path``, then put what it wrote in ``path``'s place.

    A reader, or a power cut, sees the old file or the new one, never a part.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    fresh = Path(name)
    try:
        write(fresh)
        fresh.chmod(mode)  # mkstemp's files are their maker's alone
        with fresh.open("rb") as file:
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
