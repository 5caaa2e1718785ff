"""A store of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.archive.store import Store
from tests.support.stores import DIMENSION, NewStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def store(new_store: NewStore) -> Iterator[Store]:
    opened = new_store("fake", "d" * 64, DIMENSION)
    yield opened
    opened.close()
