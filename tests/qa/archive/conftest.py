"""A store of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.archive.store import Store
from tests.support.stores import DIMENSION, NewStore, wait_long


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def store(new_store: NewStore) -> Iterator[Store]:
    opened = new_store("fake", "d" * 64, DIMENSION)
    yield opened
    opened.close()


@pytest.fixture
def patient_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the disk, and whoever is first: nobody is told that the archive is busy."""
    wait_long(monkeypatch.setattr)
