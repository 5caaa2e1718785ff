"""What tests share: archives in a fresh folder, and no way out to a network."""

import json
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qa.archive.archive import Archive
from qa.archive.index import IndexCache
from qa.archive.sqlite import Store
from tests.support.archives import WriteArticles
from tests.support.cli import ProcessCli
from tests.support.fakes import BagOfWordsEmbedder


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anywhere but this machine is a failure, not a slow test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting, archive or dateline.toml of whoever runs the tests."""
    for name in (
        "DATELINE_DATA_DIR",
        "DATELINE_MODEL",
        "DATELINE_EMBEDDER",
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATELINE_DATA_DIR", str(tmp_path / "archive"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def embedder() -> BagOfWordsEmbedder:
    return BagOfWordsEmbedder()


@pytest.fixture
def archive(tmp_path: Path, embedder: BagOfWordsEmbedder) -> Iterator[Archive]:
    """An empty archive with the bag-of-words embedder."""
    folder = tmp_path / "archive"
    store = Store.create(folder, embedder.name, embedder.digest, embedder.dimension)
    yield Archive(store, IndexCache(folder), embedder)
    store.close()


@pytest.fixture
def write_articles(tmp_path: Path) -> WriteArticles:
    """Write records (dicts, or raw lines) as a .jsonl file."""

    def write(*records: dict[str, Any] | str, name: str = "articles.jsonl") -> Path:
        path = tmp_path / name
        lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the packaged models are unpacked, once for all these tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def cli(tmp_path: Path, model_cache: Path) -> ProcessCli:
    return ProcessCli(tmp_path, model_cache)


@pytest.fixture(scope="session")
def demo(
    model_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ProcessCli, list[dict[str, Any]]]:
    """An archive of the sample corpus, and the answers of `dateline demo`, with the real packaged
    models.
    """
    cli = ProcessCli(tmp_path_factory.mktemp("demo"), model_cache)
    done = cli("demo", "--json", "--data-dir", cli.data)
    assert done.stderr == "", "the models are quiet"
    return cli, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    chromium = (
        shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if chromium is None:
        assert not os.environ.get("CI"), "CI drives the page in Chromium: .ci/run installs it"
        pytest.skip("no Chromium on this machine: install Debian's package 'chromium'")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        yield running
        running.close()
