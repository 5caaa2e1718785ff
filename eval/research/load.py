"""Load test: ``make load ARCHIVE=folder CASES=file``. Searches and questions, also with writes.

A real `dateline serve` over a copy of the archive, ``--seconds`` a phase. Throughput is a ratio to
the same service with one client, as timings alone say little about another machine.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from eval.research.service import Service, resident_mb, running_service

_WRITE_EVERY = 0.5  # seconds between two articles


@dataclass(slots=True)
class Phase:
    """One phase of the test, with ``clients`` at once."""

    name: str
    clients: int
    seconds: float = 0.0
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
        ranked = sorted(self.latencies)
        p99 = ranked[min(len(ranked) - 1, int(0.99 * len(ranked)))]
        ratio = f"{self.throughput / alone:.2f}" if alone else "1"
        return (
            f"| {self.name} | {self.clients} | {len(ranked)} | {self.throughput:.1f} | {ratio}"
            f" | {statistics.median(ranked) * 1000:.0f} | {p99 * 1000:.0f}"
            f" | {_listed(self.statuses)}"
            f" | {_listed(self.ingested) or '-'} | {self.memory_mb[0]} → {self.memory_mb[-1]} |"
        )


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
    seen.memory_mb.append(resident_mb(service.pid))
    ends = time.monotonic() + seconds
    started = time.monotonic()

    async def ask(client: httpx.AsyncClient, number: int) -> None:
        while time.monotonic() < ends:
            began = time.monotonic()
            try:
                reply = await client.post(
                    f"{service.url}{path}", json={"question": questions[number % len(questions)]}
                )
                seen.statuses[str(reply.status_code)] += 1
                if reply.status_code == 200:
                    seen.latencies.append(time.monotonic() - began)
            except httpx.HTTPError as error:
                seen.statuses[type(error).__name__] += 1
            number += clients

    async def put(client: httpx.AsyncClient) -> None:
        number = 0
        while time.monotonic() < ends:
            text = (
                f"The council of town {number} met on Monday."
                f" It voted to repair road {number} for EUR {number + 1},000."
            )
            reply = await client.put(
                f"{service.url}/v1/articles/load-{path[4:]}-{number}", json={"text": text}
            )
            seen.ingested[str(reply.status_code)] += 1
            number += 1
            await asyncio.sleep(_WRITE_EVERY)

    limits = httpx.Limits(max_connections=clients + 2)
    async with httpx.AsyncClient(timeout=120, limits=limits) as client:
        tasks = [ask(client, number) for number in range(clients)]
        await asyncio.gather(*tasks, *([put(client)] if ingest else []))
    seen.seconds = time.monotonic() - started
    seen.memory_mb.append(resident_mb(service.pid))
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
    options = parser.parse_args()
    questions = [
        json.loads(row)["question"] for row in options.cases.read_text("utf-8").splitlines()
    ]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "archive"
        shutil.copytree(options.archive, data)
        with running_service(data, options.workers) as service:
            asyncio.run(_run_phases(service, questions, options.seconds))


async def _run_phases(service: Service, questions: Sequence[str], seconds: float) -> None:
    print(
        "| path | clients | answered | a second | ratio | p50 ms | p99 ms | statuses"
        " | writes | memory MB |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for path, clients in (("/v1/retrieve", 32), ("/v1/ask", 8)):
        alone = await phase(service, path, questions, 1, seconds / 4, ingest=False)
        print(alone.line(None), flush=True)
        together = await phase(service, path, questions, clients, seconds / 4, ingest=False)
        print(together.line(alone.throughput), flush=True)
        busy = await phase(service, path, questions, clients, seconds, ingest=True)
        print(busy.line(alone.throughput), flush=True)


if __name__ == "__main__":
    main()
