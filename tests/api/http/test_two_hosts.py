"""Two hosts on one archive in PostgreSQL: each sees at once what the other did, and outlives it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.cli import ProcessCli
from tests.support.server import running_server

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

ROUNDS = 20
ARTICLES = 240


def article(number: int) -> dict[str, Any]:
    return {
        "id": f"a{number}",
        "text": f"Gauge number{number} stood at {number} metres. " * 8,
        "published_at": "2024-03-05",
    }


def test_a_write_on_one_host_is_seen_on_the_other(process_cli: ProcessCli, postgres: str) -> None:
    environment = {**process_cli.environment, "DATELINE_STORE": postgres}
    folder = process_cli.folder
    with (
        running_server(folder, environment) as one,
        running_server(folder, environment) as two,
        httpx.Client(timeout=60) as client,
    ):
        stale = []
        for number in range(ROUNDS):
            here, there = (one.url, two.url) if number % 2 else (two.url, one.url)
            stored = client.put(f"{here}/v1/articles/a{number}", json=article(number))
            assert stored.status_code == 200
            asked = {"question": f"gauge number{number}", "k": 1}
            (hit,) = client.post(f"{there}/v1/retrieve", json=asked).json()["hits"]
            stale.append(hit["article"]["id"] != f"a{number}")
            assert client.delete(f"{there}/v1/articles/a{number}").status_code == 204
            stale.append(client.get(f"{here}/v1/articles/a{number}").status_code != 404)
        assert stale == [False] * 2 * ROUNDS
        batch = {"articles": [article(number) for number in range(ARTICLES)]}
        job = client.post(f"{one.url}/v1/articles", json=batch).json()["id"]
        one.process.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 120
        while client.get(f"{two.url}/v1/jobs/{job}").json()["status"] != "done":
            assert time.monotonic() < deadline
            time.sleep(0.2)
        results = client.get(f"{two.url}/v1/jobs/{job}").json()["results"]
        assert len(results) == ARTICLES
        assert client.get(f"{two.url}/v1/status").json()["articles"] == ARTICLES


def test_two_hosts_ingest_at_once_and_one_is_killed(
    process_cli: ProcessCli, postgres: str, tmp_path: Path
) -> None:
    """Half of the articles are in both files. Nothing is lost, and nothing is there twice."""
    environment = {**process_cli.environment, "DATELINE_STORE": postgres}
    process_cli("keys", "create", "first", DATELINE_STORE=postgres)  # makes an empty archive
    parts = (range(2 * ARTICLES // 3), range(ARTICLES // 3, ARTICLES))
    files = []
    for name, numbers in zip("ab", parts, strict=True):
        files.append(tmp_path / f"{name}.jsonl")
        lines = [json.dumps(article(number)) for number in numbers]
        files[-1].write_text("\n".join(lines), "utf-8")
    command = [sys.executable, "-m", "api.cli", "ingest"]
    running = [
        subprocess.Popen(
            [*command, str(file)],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for file in files
    ]

    def stored() -> int:
        done = process_cli("status", "--json", DATELINE_STORE=postgres)
        return int(json.loads(done.stdout)["articles"])

    deadline = time.monotonic() + 120
    while not (tmp_path / "begun").exists():
        if stored() > 0:
            (tmp_path / "begun").touch()
        assert time.monotonic() < deadline
    running[0].kill()
    for process in running:
        process.wait(120)
    assert running[1].returncode == 0
    process_cli("ingest", str(files[0]), DATELINE_STORE=postgres)
    assert stored() == ARTICLES
    doctor = json.loads(process_cli("doctor", "--json", DATELINE_STORE=postgres).stdout)
    assert doctor["findings"] == []
    assert doctor["counts"]["versions"] == ARTICLES
