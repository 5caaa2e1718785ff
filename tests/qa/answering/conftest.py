"""A store of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.archive.store import Store
from tests.support.stores import create


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = create(tmp_path / "store")
    yield opened
    opened.close()
