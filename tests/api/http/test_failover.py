"""The database fails over while a service answers: no 500, no wrong answer, and no restart."""

import json
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.archives import write
from tests.support.cli import ProcessCli
from tests.support.postgres import Server, url_of_both, wait_for_deletes
from tests.support.server import running_server

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

ASKS = 50
PLACES = ("Arren", "Velm", "Corran", "Tarn", "Ostrel")
WITHIN = 180  # seconds
CRASH = signal.SIGQUIT


def report(number: int, place: str) -> dict[str, Any]:
    text = f"The storm killed {number + 11} people in {place}, the mayor said on Tuesday."
    return {"id": place, "text": text, "published_at": "2024-03-05"}


def ask(client: httpx.Client, url: str, place: str) -> httpx.Response:
    question = f"How many people did the storm kill in {place}?"
    return client.post(f"{url}/v1/ask", json={"question": question})


def essence(reply: httpx.Response) -> tuple[Any, ...]:
    """Whatever of an answer must not depend on the server that the archive is read from."""
    answer = reply.json()
    quotes = [(cited["article_id"], cited["quote"]) for cited in answer["citations"]]
    return answer["status"], answer["answer"], answer["confidence"], quotes


@dataclass
class Asking:
    """Clients that try again when they are asked to come back."""

    url: str
    expected: dict[str, tuple[Any, ...]]
    refused: list[httpx.Response] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)

    def until_answered(self, number: int) -> None:
        place = PLACES[number % len(PLACES)]
        deadline = time.monotonic() + WITHIN
        with httpx.Client(timeout=60) as client:
            while True:
                assert time.monotonic() < deadline
                reply = ask(client, self.url, place)
                if reply.status_code == 503:
                    self.refused.append(reply)
                    time.sleep(0.2)
                    continue
                if reply.status_code != 200 or essence(reply) != self.expected[place]:
                    self.wrong.append((reply.status_code, reply.text))
                return


def test_a_failover_during_fifty_asks(
    process_cli: ProcessCli, tmp_path: Path, primary_and_standby: tuple[Server, Server]
) -> None:
    primary, standby = primary_and_standby
    wait_for_deletes(primary)
    store = url_of_both(primary, standby)
    write(tmp_path / "a.jsonl", *[report(number, place) for number, place in enumerate(PLACES)])
    process_cli("ingest", tmp_path / "a.jsonl", DATELINE_STORE=store)
    environment = {**process_cli.environment, "DATELINE_STORE": store}
    with (
        running_server(process_cli.folder, environment) as service,
        httpx.Client(timeout=60) as client,
        ThreadPoolExecutor(3) as threads,
    ):
        expected = {place: essence(ask(client, service.url, place)) for place in PLACES}
        for number, place in enumerate(PLACES):
            status, answer, _, quotes = expected[place]
            assert status == "answered"
            assert f"{number + 11}" in answer
            assert [article for article, _ in quotes] == [place]
        asking = Asking(service.url, expected)
        running = [threads.submit(asking.until_answered, number) for number in range(ASKS)]
        while sum(one.done() for one in running) < ASKS // 4:
            time.sleep(0.05)
        primary.stop(CRASH)
        refused = ask(client, service.url, PLACES[0])
        assert refused.status_code == 503, "nobody takes writes yet"
        standby.execute("SELECT pg_promote()")
        for one in running:
            one.result(WITHIN)
        assert asking.wrong == []
        for reply in [refused, *asking.refused]:
            assert int(reply.headers["retry-after"]) > 0
            assert reply.headers["content-type"] == "application/problem+json"
        stored = client.put(f"{service.url}/v1/articles/new", json={"text": "Rain fell."})
        assert stored.status_code == 200
        assert service.process.poll() is None
    doctor = json.loads(process_cli("doctor", "--json", DATELINE_STORE=store).stdout)
    assert doctor["findings"] == []
