"""A site on loopback for each test."""

from collections.abc import Iterator

import pytest

from qa.ingest.web.fetch import Fetcher
from tests.support.web import Site, running_site, settings


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as site:
        yield site


@pytest.fixture
def fetcher() -> Fetcher:
    """Private addresses are allowed; no delay."""
    return Fetcher(settings())
