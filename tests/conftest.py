"""What tests share: archives in a fresh folder, and no way out to a network."""

import json
import os
import shutil
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from embeddings import packaged
from qa.archive.archive import Archive
from qa.archive.postgres.store import PostgresStore
from qa.archive.sqlite.store import SqliteStore
from tests.support.archives import WriteArticles
from tests.support.cli import Demo, LocalCli, ProcessCli
from tests.support.fakes import BagOfWordsEmbedder
from tests.support.stores import NewStore

ON_BOTH_STORES = ("tests/qa/", "tests/api/http/")
pytest_plugins = ["tests.support.postgres"]

# The same examples each time, on a slow machine too: a change is refused for its own faults only.
settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what needs an archive on both stores, unless it is marked as SQLite's own, or is about
    something above the archive.
    """
    if "store_kind" not in metafunc.fixturenames:
        return
    kinds: list[Any] = ["sqlite"]
    both = metafunc.definition.nodeid.startswith(ON_BOTH_STORES)
    if both and metafunc.definition.get_closest_marker("sqlite_only") is None:
        kinds.append(pytest.param("postgres", marks=pytest.mark.postgres))
    metafunc.parametrize("store_kind", kinds)


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
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared_folder: Path) -> None:
    """No setting, archive, cache or dateline.toml of the person who runs the tests."""
    for name in (
        "DATELINE_DATA_DIR",
        "DATELINE_STORE",
        "DATELINE_TEST_POSTGRES",
        "DATELINE_MODEL",
        "DATELINE_EMBEDDER",
        "OPENAI_API_KEY",
        "ANTHROPIC_API_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATELINE_DATA_DIR", str(tmp_path / "archive"))
    monkeypatch.setenv("DATELINE_CACHE_DIR", str(shared_folder / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def embedder() -> BagOfWordsEmbedder:
    return BagOfWordsEmbedder()


@pytest.fixture
def new_store(request: pytest.FixtureRequest, store_kind: str, tmp_path: Path) -> NewStore:
    if store_kind == "sqlite":
        return partial(SqliteStore.create, tmp_path / "archive")
    return partial(PostgresStore.create, request.getfixturevalue("postgres"))


@pytest.fixture
def archive(new_store: NewStore, embedder: BagOfWordsEmbedder) -> Iterator[Archive]:
    """An empty archive with the bag-of-words embedder."""
    store = new_store(embedder.name, embedder.digest, embedder.dimension)
    yield Archive(store, embedder)
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
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the whole run, also where several processes run the tests."""
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    shared = folder / "shared"
    shared.mkdir(exist_ok=True)
    return shared


@pytest.fixture(scope="session")
def model_cache(shared_folder: Path) -> Path:
    """Where the packaged models are unpacked. The network is exported here, once for all tests,
    over a spoiled one, which must not be used.
    """
    cache = shared_folder / "cache"
    with FileLock(shared_folder / "cache.lock"):
        if not cache.exists():
            cache.mkdir()
            network = f"minilm-{packaged.WEIGHTS_SHA256[:16]}-{packaged._EXPORT_VERSION}.onnx"
            (cache / network).write_bytes(b"no network")
            packaged._digest_path(cache / network).write_text("0" * 64)
            packaged.PackagedEmbedder(cache).embed_question("ready?")
    return cache


@pytest.fixture
def cli(tmp_path: Path, model_cache: Path) -> LocalCli:
    return LocalCli(tmp_path, model_cache)


@pytest.fixture
def process_cli(tmp_path: Path, model_cache: Path) -> ProcessCli:
    """For the tests in which a process of its own is the point."""
    return ProcessCli(tmp_path, model_cache)


@pytest.fixture(scope="session")
def demo(shared_folder: Path, model_cache: Path) -> Demo:
    """An archive of the sample corpus, and the answers of `dateline demo`, with the real packaged
    models. The archive is for all tests: none may change its articles.
    """
    folder = shared_folder / "demo"
    answers = folder / "answers.jsonl"
    cli = ProcessCli(folder, model_cache)
    with FileLock(shared_folder / "demo.lock"):
        if not folder.exists():
            folder.mkdir()
            done = cli("demo", "--json", "--data-dir", cli.data)
            assert done.stderr == "", "the models are quiet"
            answers.write_text(done.stdout, "utf-8")
    return cli, [json.loads(line) for line in answers.read_text("utf-8").splitlines()]


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
