"""The page's archive, its service and a tab, for the tests of its modules."""

from collections.abc import Iterator
from typing import Any

import pytest

from qa.archive.archive import Archive
from tests.support.browser import ARTICLES, Newsroom, archive_of, opened
from tests.support.server import serving


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with archive_of(tmp_path_factory.mktemp("archive"), ARTICLES) as archive:
        yield archive


@pytest.fixture(scope="module")
def site(archive: Archive) -> Iterator[str]:
    model = Newsroom()
    with serving(archive, model) as url:
        yield url
        model.hurry.set()


@pytest.fixture
def page(browser: Any, site: str) -> Iterator[Any]:
    with opened(browser, site) as tab:
        yield tab
