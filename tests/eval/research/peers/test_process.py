"""An adapter's process: replies, failures, and what it uses."""

import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from eval.research.peers.process import PeerFailed, PeerProcess
from eval.research.peers.wire import Query
from eval.research.usage import family
from tests.support.peers import FAULT


def started(folder: Path, fault: str = "") -> PeerProcess:
    environment = {FAULT: fault}
    return PeerProcess(Path(sys.executable), "tests.support.peers", folder / "log", environment)


def test_what_a_library_prints_is_not_taken_for_a_reply(tmp_path: Path) -> None:
    with started(tmp_path) as peer:
        described = peer.ask("open", folder=str(tmp_path), encoder_python=None)
    assert described["version"] == "Fake 1"
    assert "a library that prints" in (tmp_path / "log").read_text()


def test_a_system_is_held_to_its_cores(tmp_path: Path) -> None:
    with started(tmp_path) as peer:
        described = peer.ask("open", folder=str(tmp_path), encoder_python=None)
    assert described["setup"].startswith("1 cores")


def test_an_error_of_a_system_is_reported_in_its_words(tmp_path: Path) -> None:
    with (
        started(tmp_path, "broken") as peer,
        pytest.raises(PeerFailed, match="'search': LookupError: no index"),
    ):
        peer.ask("search", **asdict(Query("What?", 10)))


def test_a_system_that_ends_is_reported_each_time(tmp_path: Path) -> None:
    with started(tmp_path, "gone") as peer:
        for _ in range(2):
            with pytest.raises(PeerFailed, match="ended during 'search': nothing in its log"):
                peer.ask("search", **asdict(Query("What?", 10)))
        assert peer.usage().resident_mb == 0


def test_a_request_that_no_adapter_knows_is_refused(tmp_path: Path) -> None:
    with started(tmp_path) as peer, pytest.raises(PeerFailed, match="unknown request 'fly'"):
        peer.ask("fly")


def test_children_count_too() -> None:
    with subprocess.Popen(["sh", "-c", "sleep 30 & echo started; wait"], stdout=-1) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        processes = family(parent.pid)
        subprocess.run(["kill", *map(str, processes)], check=True)
    assert len(processes) == 2
