"""What tests share: archives in a fresh folder, and no way out to a network."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from litestar.testing import TestClient

from api.http.app import create_app
from api.http.protocol import ImpatientProtocol
from qa.answering.answerer import Answerer
from qa.archive.archive import Archive
from qa.archive.index import IndexCache
from qa.archive.sqlite import Store
from qa.bootstrap import open_retriever
from qa.ingest.apply import IngestReport
from qa.models.base import AnswerModel
from qa.settings import Settings
from tests.support.fakes import BagOfWordsEmbedder

SHARED_BENCH = Path(__file__).parents[2] / "shared" / "bench"


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


WriteArticles = Callable[..., Path]


@pytest.fixture
def write_articles(tmp_path: Path) -> WriteArticles:
    """Write records (dicts, or raw lines) as a .jsonl file."""

    def write(*records: dict[str, Any] | str, name: str = "articles.jsonl") -> Path:
        path = tmp_path / name
        lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    return write


def ingest(archive: Archive, *paths: Path, **options: Any) -> IngestReport:
    return archive.ingest(paths, **options)


def put(archive: Archive, records: Sequence[dict[str, Any]], tmp_path: Path) -> IngestReport:
    """Ingest records given as dicts."""
    path = tmp_path / "put.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    return ingest(archive, path)


class Cli:
    """`dateline` with a data directory and a cache of its own."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DATELINE_", "PYTEST"))
        }
        self.environment = {
            **kept,
            "DATELINE_DATA_DIR": str(self.data),
            "DATELINE_CACHE_DIR": str(cache),
        }

    def __call__(
        self, *words: str | Path, code: int = 0, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", *map(str, words)],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={**self.environment, **environment},
            timeout=170,
            check=False,
        )
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done

    def refused(self, *words: str | Path, **environment: str) -> str:
        """Run what must be refused: exit code 2, one line on stderr, which is returned."""
        done = self(*words, code=2, **environment)
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1, done.stderr
        assert done.stderr.startswith("dateline: ")
        return done.stderr


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the packaged models are unpacked, once for all these tests."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def cli(tmp_path: Path, model_cache: Path) -> Cli:
    return Cli(tmp_path, model_cache)


@pytest.fixture(scope="session")
def demo(
    model_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Cli, list[dict[str, Any]]]:
    """An archive of the sample corpus, and the answers of `dateline demo`, with the real packaged
    models.
    """
    cli = Cli(tmp_path_factory.mktemp("demo"), model_cache)
    done = cli("demo", "--json", "--data-dir", cli.data)
    assert done.stderr == "", "the models are quiet"
    return cli, [json.loads(line) for line in done.stdout.splitlines()]


def write(path: Path, *lines: object) -> Path:
    path.write_text(
        "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines),
        "utf-8",
    )
    return path


def client_of(
    archive: Archive,
    model: AnswerModel,
    *,
    client: str = "127.0.0.1",
    host: str = "127.0.0.1",
    **settings: Any,
) -> TestClient[Any]:
    """The service without a server, asked from an address for a host."""
    answerer = Answerer(open_retriever(archive), model, 0.0)
    app = create_app(
        lambda: nullcontext((answerer, archive)), Settings.load(**{"write_wait": 0.2, **settings})
    )

    async def from_there(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope["client"] = (client, 50000)
        await app(scope, receive, send)

    return TestClient(from_there, base_url=f"http://{host}")


@contextmanager
def serving(archive: Archive, model: AnswerModel, **settings: Any) -> Iterator[str]:
    """The real service under a real server, on a free port of loopback; its URL."""
    answerer = Answerer(open_retriever(archive), model, 0.0)
    app = create_app(lambda: nullcontext((answerer, archive)), Settings.load(**settings))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=0,
            log_level="error",
            http=ImpatientProtocol,
            proxy_headers=False,
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


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
