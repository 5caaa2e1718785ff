"""The comparison as a command, with fake systems."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from eval.research.peers import __main__ as command
from eval.research.peers.environments import Peer, install
from tests.support.peers import FAULT

ARTICLE = {"id": "ferry", "text": "The ferry left the harbour of Luwuk."}
CASE = {
    "id": "1",
    "question": "Which harbour?",
    "answers": ["Luwuk"],
    "answerable": True,
    "relevant": ["ferry"],
}
FAKES: Mapping[str, Peer] = {
    name: Peer(name, "tests.support.peers") for name in ("first", "second")
}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one article and one case; the peers are fakes."""
    monkeypatch.setattr(command, "BUILD", tmp_path / "build")
    monkeypatch.setattr(command, "PEERS", FAKES)
    folder = tmp_path / "bench"
    folder.mkdir()
    (folder / "articles.jsonl").write_text(json.dumps(ARTICLE))
    (folder / "cases.jsonl").write_text(json.dumps(CASE))
    return folder


def test_each_system_is_measured_and_nothing_is_left_over(
    bench: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures.json"
    assert command.main(["--bench", str(bench), "--out", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "1 articles, 1 passages, 1 questions (1 answerable)" in lines[0]
    assert lines[2] == "|  | Fake 1 | Fake 1 |"
    assert "| hit@1 | 1.000 | 1.000 |" in lines
    assert json.loads(out.read_text())["second"]["deletes"]["gone"] == 1
    assert sorted(path.name for path in (tmp_path / "build").iterdir()) == [
        "first.log",
        "second.log",
    ]


def test_a_system_that_fails_is_noted_and_the_exit_code_says_so(
    bench: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(FAULT, "broken")
    assert command.main(["--bench", str(bench), "--only", "second"]) == 1
    printed = capsys.readouterr()
    assert "- second: not measured: 'search': LookupError: no index." in printed.out
    assert "second: 'search': LookupError: no index" in printed.err


def test_an_interrupt_prints_what_was_measured(
    bench: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(peer: Peer, *rest: Any) -> Path:
        if peer.name == "second":
            raise KeyboardInterrupt
        return install(peer, *rest)

    monkeypatch.setattr(command, "install", interrupted)
    assert command.main(["--bench", str(bench)]) == 1
    printed = capsys.readouterr().out
    assert "| hit@1 | 1.000 | - |" in printed
    assert "- second: not measured: interrupted." in printed


def test_a_folder_without_articles_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--bench", str(tmp_path)]) == 2
    assert "has no articles.jsonl[.gz]" in capsys.readouterr().err
