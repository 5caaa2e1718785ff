"""A real `dateline serve` on loopback, for the measurements that need one."""

import os
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
_TICKS = os.sysconf("SC_CLK_TCK")  # in which the kernel counts processor time, a second


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


def resident_mb(pid: int) -> int:
    """The resident memory of a process and its children, as the kernel reports it."""
    return sum(_resident_mb(number) for number in _family(pid))


def cpu_seconds(pid: int) -> float:
    """The processor time that a process and its living children have used, on all cores."""
    return sum(_cpu_seconds(number) for number in _family(pid))


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]


def _resident_mb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0  # it has ended
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1024
    return 0


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0  # it has ended
    user, system = int(fields[11]), int(fields[12])
    return (user + system) / _TICKS


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
