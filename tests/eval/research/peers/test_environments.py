"""Environments of the peers. Nothing is installed here: pip and venv are replaced."""

import subprocess
import sys
from pathlib import Path

import pytest

from eval.research.peers import environments
from eval.research.peers.environments import HERE, PEERS, NotInstalled, find_python, install

OURS = sys.version_info[:2]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that would have been run; an environment is made as a folder."""
    run: list[list[str]] = []

    def record(command: list[str]) -> None:
        run.append(command)
        if "venv" in command:
            Path(command[-1]).mkdir()

    monkeypatch.setattr(environments, "_run", record)
    return run


def test_dateline_runs_in_our_own_environment(tmp_path: Path, commands: list[list[str]]) -> None:
    assert install(PEERS["Dateline"], tmp_path) == Path(sys.executable)
    assert commands == []


def test_a_peer_gets_an_environment_of_its_own_once(
    tmp_path: Path, commands: list[list[str]]
) -> None:
    python = install(PEERS["txtai"], tmp_path)
    assert python == tmp_path / "txtai" / "bin" / "python"
    assert commands[0] == [sys.executable, "-m", "venv", str(tmp_path / "txtai")]
    assert commands[1][0] == str(python)
    assert commands[1][-2:] == ["-r", str(HERE / "requirements" / "txtai.txt")]
    install(PEERS["txtai"], tmp_path)
    assert len(commands) == 2


def test_other_requirements_make_it_anew(tmp_path: Path, commands: list[list[str]]) -> None:
    install(PEERS["txtai"], tmp_path)
    (tmp_path / "txtai" / "requirements.sha256").write_text("of an earlier version")
    (tmp_path / "txtai" / "left-over").touch()
    install(PEERS["txtai"], tmp_path)
    assert len(commands) == 4
    assert not (tmp_path / "txtai" / "left-over").exists()


def test_an_installation_that_fails_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = subprocess.CompletedProcess([], 1, "", "Looking\nERROR: no such version\n")
    monkeypatch.setattr(environments, "_version_of", lambda _: (3, 11))
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    for _ in range(2):
        with pytest.raises(NotInstalled, match="ERROR: no such version"):
            install(PEERS["txtai"], tmp_path)


def test_without_a_python_that_is_new_enough_it_says_which_one_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "_version_of", lambda _: (3, 11))
    with pytest.raises(NotInstalled, match=r"needs Python 3\.12 or newer; name one with --python"):
        install(PEERS["haiku.rag"], tmp_path)


def test_the_first_python_that_is_new_enough_is_taken() -> None:
    versions = {sys.executable: (3, 11), "old": (3, 9), "new": (3, 13), "python3.12": (3, 12)}
    assert find_python((3, 11), ["new"], versions.get) == sys.executable
    assert find_python((3, 12), ["old", "new"], versions.get) == "new"
    assert find_python((3, 12), ["old"], versions.get) == "python3.12"
    assert find_python((3, 14), ["new"], versions.get) is None


def test_our_own_python_is_asked_for_its_version() -> None:
    assert environments._version_of(sys.executable) == OURS
    assert environments._version_of("no-such-python") is None


def test_every_requirement_is_pinned_and_torch_exactly() -> None:
    for peer in PEERS.values():
        if peer.requirements is None:
            continue
        lines = (HERE / "requirements" / peer.requirements).read_text().splitlines()
        pins = [line for line in lines if not line.startswith("#")]
        assert all("==" in pin for pin in pins), peer.name
        torch = [pin for pin in pins if pin.startswith("torch==")]
        assert torch in ([], ["torch==2.13.0"])
