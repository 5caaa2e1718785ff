"""`docs/every_way_in.py`: a folder, ninjs, WARC, a feed and a sitemap, into one archive, twice."""

import importlib.util
import logging
from pathlib import Path
from types import ModuleType

import pytest

from qa.archive.sqlite.store import SqliteStore
from qa.types import Filters
from tests.support.cli import LocalCli
from tests.support.fakes import BagOfWordsEmbedder

SCRIPT = Path(__file__).parents[3] / "docs" / "every_way_in.py"
ALLOWED = {"DATELINE_FETCH_PRIVATE_ADDRESSES": "true", "DATELINE_FETCH_DELAY": "0"}
STORED = {
    "budget": ("Council passes budget", "2023-12-14", "Tarnbrook Gazette"),
    "bridge": ("Bridge closed to lorries", "2024-01-09T10:00:00+00:00", "Arren Courier"),
    "2019/mill.html": ("Old mill burns down", "2019-08-11T07:15:00+02:00", "Arren Courier"),
    "urn:newsml:wire.example:20220920:strike": (
        "Dockers end strike", "2022-09-20T14:45:00+00:00", "Northern Wire"
    ),
    "https://morrow.example/lighthouse": (
        "Lighthouse goes dark", "2021-05-03T18:00:00+00:00", "Morrow Observer"
    ),
    # the feed's name, as the page has none
    "/tram": ("Tram line reopens", "2024-03-06T06:30:00+00:00", "The Herald"),
    "/harvest": ("Apple harvest halved", "2024-03-07T11:00:00+00:00", "Vell Valley Radio"),
    # the sitemap's date and name
    "/library": ("Library lends tools", "2024-03-08T09:00:00+00:00", "Tarnbrook Gazette"),
}  # fmt: skip


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("every_way_in", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stored(data: Path) -> dict[str, tuple[str | None, str | None, str | None]]:
    """Title, date and source by id; of an address on this machine only the path."""
    store = SqliteStore.open(data)
    with store.snapshot() as snapshot:
        articles = [one.article for one in snapshot.articles(Filters(), 1000)]
        assert snapshot.counts().versions == len(articles), "no article has two versions"
    store.close()
    return {
        f"/{one.id.rpartition('/')[2]}" if "127.0.0.1" in one.id else one.id: (
            one.title, one.published_at, one.source
        )
        for one in articles
    }  # fmt: skip


def test_every_way_in_leads_to_one_archive_and_a_second_run_changes_nothing(
    script: ModuleType,
    tmp_path: Path,
    embedder: BagOfWordsEmbedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The MCP server of another test may have let every INFO line through to stderr.
    monkeypatch.setattr(logging.getLogger("httpx"), "disabled", True)
    monkeypatch.setattr("qa.bootstrap.open_embedder", lambda _: embedder)
    light_cli = LocalCli(tmp_path, tmp_path / "cache")

    def run(*words: str) -> str:
        return light_cli(*words, code=0, **ALLOWED).stdout

    shown = script.demonstrate(run, tmp_path)
    first = [next(shown)[1] for _ in range(4)]
    assert first[0].startswith("5 added, 0 updated, 0 amended, 0 unchanged, 0 deleted, 0 skipped")
    assert [line.partition(": ")[2] for line in first[3].splitlines()] == [
        "2 added",
        "1 added, 1 unchanged",
    ]
    assert stored(light_cli.data) == STORED
    embedded = embedder.embedded
    assert embedded >= len(STORED)

    files, feeds, pages, sources = (next(shown)[1] for _ in range(4))
    assert files.startswith("0 added, 0 updated, 0 amended, 5 unchanged, 0 deleted, 0 skipped")
    assert [line.partition(": ")[2] for line in feeds.splitlines()] == ["not modified"] * 2
    assert pages.startswith("0 added, 0 updated, 0 amended, 2 unchanged, 0 deleted, 0 skipped")
    assert "; 0 passages embedded" in files
    assert "; 0 passages embedded" in pages
    assert embedder.embedded == embedded
    assert stored(light_cli.data) == STORED
    assert len(sources.splitlines()) == len({source for _, _, source in STORED.values()})
    assert next(shown, None) is None
