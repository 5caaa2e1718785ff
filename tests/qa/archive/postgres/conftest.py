"""Connections to an empty schema."""

from collections.abc import Iterator

import pytest

from qa.archive.postgres.connection import Connections


@pytest.fixture
def connections(postgres: str) -> Iterator[Connections]:
    opened = Connections(postgres)
    yield opened
    opened.close()
