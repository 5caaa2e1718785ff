"""Several worker processes on one archive: each sees what any of them stored, without a restart."""

import json
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from tests.support.archives import write
from tests.support.cli import ProcessCli


@pytest.mark.slow
def test_two_workers_see_each_others_articles_and_count_together(process_cli: ProcessCli) -> None:
    write(
        process_cli.folder / "a.jsonl",
        {"id": "first", "text": "The council pledged USD 40 million in relief."},
    )
    process_cli("ingest", "a.jsonl")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve", "--port", str(port), "--workers", "2", "--json"],
        cwd=process_cli.folder,
        env=process_cli.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _ready(url)
        generations = set()
        for number in range(6):
            identity = f"new-{number}"
            # A connection stays with the worker that took it; each request here has its own.
            stored = httpx.put(
                f"{url}/v1/articles/{identity}",
                json={"text": f"Gauge {number} stood at {number} metres."},
                timeout=120,
            )
            assert stored.status_code == 200
            for _ in range(6):
                found = httpx.post(
                    f"{url}/v1/retrieve", json={"question": f"Gauge {number}", "k": 20}, timeout=120
                ).json()
                assert identity in {hit["article"]["id"] for hit in found["hits"]}
                generations.add(httpx.get(f"{url}/health/ready", timeout=60).json()["generation"])
        assert len(generations) == 6
        batch = {
            "articles": [
                {"id": f"many-{number}", "text": f"Rain fell on {number}."} for number in range(60)
            ]
        }
        job = httpx.post(f"{url}/v1/articles", json=batch, timeout=120).json()
        ends = time.monotonic() + 120
        while (seen := httpx.get(f"{url}/v1/jobs/{job['id']}", timeout=60).json())[
            "status"
        ] != "done":
            assert time.monotonic() < ends, seen
            time.sleep(0.1)
        assert {result["status"] for result in seen["results"]} == {"added"}
        puts = [
            float(line.rpartition(" ")[2])
            for line in httpx.get(f"{url}/metrics", timeout=60).text.splitlines()
            if line.startswith("dateline_requests_total") and 'method="PUT"' in line
        ]
        assert sum(puts) == 6, "the workers' counts are added up, whichever answers"
    finally:
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=120)
    assert "Traceback" not in said
    # multiprocessing's own tracker may say at the end that it cleaned up
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    workers = {line["message"] for line in lines if "Started server process" in line["message"]}
    assert len(workers) == 2, workers


def _ready(url: str) -> None:
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        try:
            if httpx.get(f"{url}/health/ready", timeout=60).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("not ready")
