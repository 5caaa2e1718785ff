"""A real `dateline serve` in a process of its own, for tests of what only a process shows."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

READY_WITHIN = 60  # seconds


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is ready. Its log is on the process's stderr."""

    url: str
    port: int
    process: "subprocess.Popen[str]"


def free_port() -> int:
    """A port of loopback that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def running_server(
    folder: Path, environment: Mapping[str, str], *options: str, port: int | None = None
) -> Iterator[Server]:
    """Start the server, wait until it is ready, and kill it afterwards."""
    port = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve", "--port", str(port), *options],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(url, process)
        yield Server(url, port, process)
    finally:
        process.kill()
        process.communicate()


def _wait_until_ready(url: str, process: "subprocess.Popen[str]") -> None:
    ends = time.monotonic() + READY_WITHIN
    while time.monotonic() < ends:
        assert process.poll() is None, process.communicate()[1]
        try:
            if httpx.get(f"{url}/health/ready").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("the server did not become ready")
