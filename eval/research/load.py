"""How the service bears a crowd: ``make load ARCHIVE=folder``. Searches, then questions, while articles come in.

A real `dateline serve` over a copy of the archive; each phase for ``--seconds``. Throughput is told as a ratio to the
same service asked one at a time, as timings alone say little about another machine.
"""

import argparse
import asyncio
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

_READY = 120  # seconds
_INGESTED_EVERY = 0.5  # seconds between two articles that are put


@dataclass(slots=True)
class Phase:
    """What was seen while ``crowd`` clients asked at once."""

    name: str
    crowd: int
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    ingested: Counter[str] = field(default_factory=Counter)
    memory: list[int] = field(default_factory=list)  # MB, at its beginning and its end

    @property
    def throughput(self) -> float:
        return len(self.latencies) / self.seconds

    def line(self, alone: float | None) -> str:
        ranked = sorted(self.latencies)
        p99 = ranked[min(len(ranked) - 1, int(0.99 * len(ranked)))]
        ratio = f"{self.throughput / alone:.2f}" if alone else "1"
        return (
            f"| {self.name} | {self.crowd} | {len(ranked)} | {self.throughput:.1f} | {ratio}"
            f" | {statistics.median(ranked) * 1000:.0f} | {p99 * 1000:.0f} | {_told(self.statuses)}"
            f" | {_told(self.ingested) or '-'} | {self.memory[0]} → {self.memory[-1]} |"
        )


async def phase(
    url: str,
    process: int,
    path: str,
    questions: Sequence[str],
    crowd: int,
    seconds: float,
    *,
    ingest: bool,
) -> Phase:
    """``crowd`` clients, each asking its next question as soon as it has the last one's answer."""
    seen = Phase(f"{path}{', articles coming in' if ingest else ''}", crowd)
    seen.memory.append(memory_of(process))
    ends = time.monotonic() + seconds
    started = time.monotonic()

    async def ask(line: httpx.AsyncClient, number: int) -> None:
        while time.monotonic() < ends:
            began = time.monotonic()
            try:
                reply = await line.post(
                    f"{url}{path}", json={"question": questions[number % len(questions)]}
                )
                seen.statuses[str(reply.status_code)] += 1
                if reply.status_code == 200:
                    seen.latencies.append(time.monotonic() - began)
            except httpx.HTTPError as error:
                seen.statuses[type(error).__name__] += 1
            number += crowd

    async def put(line: httpx.AsyncClient) -> None:
        number = 0
        while time.monotonic() < ends:
            text = f"The council of town {number} met on Monday. It voted to mend road {number} for EUR {number + 1},000."
            reply = await line.put(
                f"{url}/v1/articles/load-{path[4:]}-{number}", json={"text": text}
            )
            seen.ingested[str(reply.status_code)] += 1
            number += 1
            await asyncio.sleep(_INGESTED_EVERY)

    limits = httpx.Limits(max_connections=crowd + 2)
    async with httpx.AsyncClient(timeout=120, limits=limits) as line:
        tasks = [ask(line, number) for number in range(crowd)]
        await asyncio.gather(*tasks, *([put(line)] if ingest else []))
    seen.seconds = time.monotonic() - started
    seen.memory.append(memory_of(process))
    return seen


def memory_of(process: int) -> int:
    """Resident MB of a process and its children, by the kernel's own account."""
    total = 0
    for pid in [process, *(int(child) for child in _children(process))]:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        total += (
            next(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmRSS"))
            // 1024
        )
    return total


def _children(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{count} × {name}" for name, count in sorted(counts.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("archive", type=Path)
    parser.add_argument("cases", type=Path, help="their questions are asked")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    questions = [
        json.loads(row)["question"] for row in options.cases.read_text("utf-8").splitlines()
    ]
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        data = Path(folder) / "archive"
        shutil.copytree(options.archive, data)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        command = [
            sys.executable,
            "-m",
            "api.cli",
            "serve",
            "--port",
            str(port),
            "--workers",
            str(options.workers),
        ]
        server = subprocess.Popen(  # noqa: S603  # our own command
            [*command, "--data-dir", str(data)], stderr=subprocess.DEVNULL, env={**os.environ}
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url)
            asyncio.run(_all(url, server.pid, questions, options.seconds))
        finally:
            server.terminate()
            server.wait(60)


async def _all(url: str, process: int, questions: Sequence[str], seconds: float) -> None:
    print(
        "| asked | at once | answered | a second | ratio | p50 ms | p99 ms | statuses | ingested | memory MB |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for path, crowd in (("/v1/retrieve", 32), ("/v1/ask", 8)):
        alone = await phase(url, process, path, questions, 1, seconds / 4, ingest=False)
        print(alone.line(None), flush=True)
        together = await phase(url, process, path, questions, crowd, seconds / 4, ingest=False)
        print(together.line(alone.throughput), flush=True)
        busy = await phase(url, process, path, questions, crowd, seconds, ingest=True)
        print(busy.line(alone.throughput), flush=True)


def _wait(url: str) -> None:
    ends = time.monotonic() + _READY
    while time.monotonic() < ends:
        try:
            if httpx.get(f"{url}/health/ready").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise SystemExit("the service did not become ready")


if __name__ == "__main__":
    main()
