"""A store of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.archive.store import Store
from tests.support.stores import create


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    opened = create(folder)
    yield opened
    opened.close()
