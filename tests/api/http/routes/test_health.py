"""Metrics: where they are served, and what becomes of workers that died."""

import os
import subprocess
from pathlib import Path

import pytest

from api.http.routes.health import forget_dead_workers
from qa.archive.archive import Archive
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of


@pytest.mark.parametrize(
    "path", ["/metrics/", "//metrics", "/metrics//", "/metrics/x", "/%6detrics"]
)
def test_the_metrics_have_one_address(filled: Archive, path: str) -> None:
    """A proxy that keeps "/metrics" from outside matches no other spelling."""
    with client_of(filled, FirstSentenceModel()) as asking:
        assert "dateline_articles 3.0" in asking.get("/metrics").text
        assert asking.get(f"http://127.0.0.1{path}").status_code == 404


def test_the_live_gauges_of_killed_workers_are_dropped(tmp_path: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    dead, alive = ended.pid, os.getpid()
    stays = {f"gauge_livesum_{alive}.db", f"gauge_max_{dead}.db", f"counter_{dead}.db"}
    for name in (*stays, f"gauge_livesum_{dead}.db"):
        (tmp_path / name).touch()
    forget_dead_workers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == stays
