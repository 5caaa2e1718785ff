"""Fixtures of the interfaces' tests."""

from pathlib import Path

import pytest

from qa.archive.archive import Archive
from tests.support.archives import put
from tests.support.client import ARTICLES


@pytest.fixture
def filled(archive: Archive, tmp_path: Path) -> Archive:
    """An archive that holds `ARTICLES`."""
    put(archive, ARTICLES, tmp_path)
    return archive


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK takes a proxy for loopback too."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
