"""Commands on an archive in PostgreSQL."""

import json
from pathlib import Path

import pytest

from tests.support.archives import write
from tests.support.cli import LocalCli
from tests.support.postgres import Server

pytestmark = pytest.mark.postgres

SECRET = "mistaken"  # noqa: S105  # a password that is not one


@pytest.fixture
def archive_url(postgres: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATELINE_STORE", postgres)
    return postgres


def test_an_archive_is_filled_asked_copied_and_backed_up(
    cli: LocalCli, archive_url: str, another_postgres: str, tmp_path: Path
) -> None:
    assert "no archive in postgresql://" in cli.refused("status")
    write(tmp_path / "a.jsonl", {"id": "storm", "text": "A storm closed the harbour of Arren."})
    cli("ingest", tmp_path / "a.jsonl")
    cli("ingest", tmp_path / "a.jsonl")
    assert json.loads(cli("status", "--json").stdout)["articles"] == 1
    (hit,) = json.loads(cli("retrieve", "What closed the harbour?", "--json").stdout)["hits"]
    assert hit["article"]["id"] == "storm"
    cli("keys", "create", "reader")
    assert "OK" in cli("doctor").stdout
    assert "over 1 passages, 0 of them embedded again" in cli("reindex").stdout
    assert list(cli.data.glob("*")) == []

    copied = json.loads(cli("copy", archive_url, tmp_path / "copy", "--json").stdout)
    again = json.loads(cli("copy", tmp_path / "copy", another_postgres, "--json").stdout)
    assert copied["fingerprint"] == again["fingerprint"]
    assert "holds an archive already" in cli.refused("copy", archive_url, another_postgres)
    (tmp_path / "restored").mkdir()
    cli("backup", tmp_path / "restored" / "archive.sqlite3")
    for folder in ("copy", "restored"):
        place = ("--data-dir", tmp_path / folder)
        cli("reindex", *place)
        assert "OK" in cli("doctor", *place).stdout
        assert "reader" in cli("keys", "list", *place).stdout
    cli("articles", "delete", "storm", "--data-dir", tmp_path / "copy")
    assert json.loads(cli("status", "--json").stdout)["articles"] == 1


def test_a_server_that_cannot_be_used_is_one_line_without_the_password(
    cli: LocalCli, private_postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url, reason in (
        (f"postgresql://dateline:{SECRET}@127.0.0.1:9/news", "cannot use"),
        (private_postgres.url(user="guarded", password=SECRET), "password"),
        (private_postgres.url("nowhere", password=SECRET), "does not exist"),
        (f"postgresql://user:{SECRET}@127.0.0.1/news?unknown=1", "the option 'unknown'"),
        (f"mysql://user:{SECRET}@host/news", "expected postgresql://"),
    ):
        monkeypatch.setenv("DATELINE_STORE", url)
        said = cli.refused("status")
        assert reason in said
        assert SECRET not in said


def test_an_explicit_folder_wins_over_the_setting(
    cli: LocalCli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_STORE", "postgresql://127.0.0.1:9/news")
    folder = tmp_path / "own"
    write(tmp_path / "a.jsonl", {"id": "storm", "text": "A storm closed the harbour of Arren."})
    cli("ingest", tmp_path / "a.jsonl", "--data-dir", folder)
    said = cli("status", "--json", "--data-dir", folder).stdout
    assert json.loads(said)["articles"] == 1
