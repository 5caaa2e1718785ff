"""A real `dateline serve` on loopback, for the measurements that need one."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

READY_WITHIN = 120  # seconds


@dataclass(frozen=True, slots=True)
class Service:
    """A service that is ready. ``started_in``: seconds that it took."""

    url: str
    pid: int
    started_in: float


@contextmanager
def running_service(data_dir: Path, workers: int = 1) -> Iterator[Service]:
    """Serve the archive on a free port, and stop afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "api.cli", "serve", "--port", str(port)]
    command += ["--workers", str(workers), "--data-dir", str(data_dir)]
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, process)
        yield Service(url, process.pid, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(60)


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + READY_WITHIN
    while time.monotonic() < ends:
        try:
            if httpx.get(f"{url}/health/ready", timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        if process.poll() is not None:
            raise SystemExit("the service did not start")
        time.sleep(0.02)
    raise SystemExit("the service did not become ready")
