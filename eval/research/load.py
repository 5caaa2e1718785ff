"""Load test: ``make load ARCHIVE=folder CASES=file``. Searches and questions, also with writes.

A real `dateline serve` over a copy of the archive, ``--seconds`` a phase. Timings say little about
another machine, or a busy one: compare the ratio to one client, and the service's own processor
time for each answer, from which follows what idle cores could answer. The clients share the cores,
so they are as light as possible: one connection each, and nothing of a reply is parsed.
"""

import argparse
import asyncio
import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from eval.cases import load_cases
from eval.research.service import Service, running_service
from eval.research.usage import cpu_seconds, memory_mb
from eval.summary import percentile

_WRITE_EVERY = 0.5  # seconds between two articles
_PATHS = {"retrieve": ("/v1/retrieve", 32), "ask": ("/v1/ask", 8)}
_COLUMNS = (
    "path", "clients", "answered", "a second", "ratio", "CPU ms each", "cores busy", "p50 ms",
    "p99 ms", "statuses", "writes", "memory MB",
)  # fmt: skip


@dataclass(slots=True)
class Phase:
    """One phase of the test, with ``clients`` at once."""

    name: str
    clients: int
    seconds: float = 0.0
    cpu_seconds: float = 0.0  # of the service
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    ingested: Counter[str] = field(default_factory=Counter)
    memory_mb: list[int] = field(default_factory=list)  # at the beginning and the end

    @property
    def throughput(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def line(self, alone: float | None) -> str:
        """A row of the table. ``alone``: the throughput with one client."""
        answered = len(self.latencies)
        p50, p99 = (percentile(self.latencies, share) or 0.0 for share in (0.5, 0.99))
        cells = (
            self.name,
            self.clients,
            answered,
            f"{self.throughput:.1f}",
            f"{self.throughput / alone:.2f}" if alone else "1",
            f"{self.cpu_seconds / answered * 1000:.1f}",
            f"{self.cpu_seconds / self.seconds:.2f}",
            f"{p50 * 1000:.0f}",
            f"{p99 * 1000:.0f}",
            _listed(self.statuses),
            _listed(self.ingested) or "-",
            f"{self.memory_mb[0]} → {self.memory_mb[-1]}",
        )
        return f"| {' | '.join(map(str, cells))} |"


class Client:
    """One keep-alive connection, without a library: an HTTP client costs as much processor time as
    a tenth of a search.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, url: str) -> Self:
        where = urlsplit(url)
        return cls(*await asyncio.open_connection(where.hostname, where.port))

    async def send(self, method: str, path: str, body: dict[str, Any]) -> int:
        """Send one request and read its whole reply; its status."""
        content = json.dumps(body).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            f"content-length: {len(content)}\r\n\r\n"
        )
        self._writer.write(head.encode() + content)
        reply = await self._reader.readuntil(b"\r\n\r\n")
        status, *headers = reply.decode("latin-1").lower().split("\r\n")
        length = next(line for line in headers if line.startswith("content-length:"))
        await self._reader.readexactly(int(length.partition(":")[2]))
        return int(status.split()[1])

    def close(self) -> None:
        self._writer.close()


async def phase(
    service: Service,
    path: str,
    questions: Sequence[str],
    clients: int,
    seconds: float,
    *,
    ingest: bool,
) -> Phase:
    """Each of the ``clients`` asks its next question as soon as the last one is answered."""
    seen = Phase(f"{path}{', articles coming in' if ingest else ''}", clients)
    seen.memory_mb.append(memory_mb(service.pid))
    busy = cpu_seconds(service.pid)
    started = time.monotonic()
    ends = started + seconds

    async def ask(number: int) -> None:
        client = await Client.connect(service.url)
        while time.monotonic() < ends:
            began = time.monotonic()
            question = questions[number % len(questions)]
            status = await client.send("POST", path, {"question": question})
            seen.statuses[str(status)] += 1
            if status == 200:
                seen.latencies.append(time.monotonic() - began)
            number += clients
        client.close()

    async def put() -> None:
        client = await Client.connect(service.url)
        number = 0
        while time.monotonic() < ends:
            text = (
                f"The council of town {number} met on Monday."
                f" It voted to repair road {number} for EUR {number + 1},000."
            )
            place = f"/v1/articles/load-{path[4:]}-{number}"
            seen.ingested[str(await client.send("PUT", place, {"text": text}))] += 1
            number += 1
            await asyncio.sleep(_WRITE_EVERY)
        client.close()

    tasks = [ask(number) for number in range(clients)]
    await asyncio.gather(*tasks, *([put()] if ingest else []))
    seen.seconds = time.monotonic() - started
    seen.cpu_seconds = cpu_seconds(service.pid) - busy
    seen.memory_mb.append(memory_mb(service.pid))
    return seen


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} × {name}" for name, count in sorted(counts.items()))


def main() -> None:
    """Run every phase."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("archive", type=Path)
    parser.add_argument("cases", type=Path, help="their questions are asked")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--only", choices=list(_PATHS), help="only this path")
    options = parser.parse_args()
    questions = [case.question for case in load_cases(options.cases)]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "archive"
        shutil.copytree(options.archive, data)
        chosen = [options.only] if options.only else list(_PATHS)
        with running_service(data, options.workers) as service:
            asyncio.run(_run_phases(service, questions, options.seconds, chosen))


async def _run_phases(
    service: Service, questions: Sequence[str], seconds: float, chosen: Sequence[str]
) -> None:
    others = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load before: {others:.1f}\n")
    print(f"| {' | '.join(_COLUMNS)} |")
    print(f"|{' --- |' * len(_COLUMNS)}")
    for name in chosen:
        path, clients = _PATHS[name]
        await phase(service, path, questions, 1, 2, ingest=False)  # the first ones load and map
        alone = await phase(service, path, questions, 1, seconds / 4, ingest=False)
        print(alone.line(None), flush=True)
        together = await phase(service, path, questions, clients, seconds / 4, ingest=False)
        print(together.line(alone.throughput), flush=True)
        busy = await phase(service, path, questions, clients, seconds, ingest=True)
        print(busy.line(alone.throughput), flush=True)


if __name__ == "__main__":
    main()
