"""Two machines in one: network namespaces with an address each, on one bridge. As root only."""

import json
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NETWORK = "10.213.77"
GATEWAY = f"{NETWORK}.1"  # the address of this machine, as the hosts see it
PORT = 8000
KEY = "dateline_for_the_tests_of_two_hosts_only"
_READY_WITHIN = 180  # seconds


def can_make_hosts() -> bool:
    """Whether network namespaces may be made here."""
    return os.geteuid() == 0 and shutil.which("ip") is not None and shutil.which("curl") is not None


@dataclass(frozen=True, slots=True)
class Host:
    """A network namespace."""

    name: str
    address: str
    cable: str  # the end of it that is on the bridge

    def command(self, *words: str) -> list[str]:
        return ["ip", "netns", "exec", self.name, *words]

    def plug(self, *, into_network: bool) -> None:
        """Pull the cable, or put it back: what is sent meanwhile is lost without an error."""
        _ip("link", "set", self.cable, "up" if into_network else "down")

    def ask(
        self, method: str, address: str, path: str, body: object = None
    ) -> tuple[int, dict[str, str], Any]:
        """Status, headers and JSON of a request that this host sends to a service."""
        words = ["curl", "-s", "-i", "--max-time", "60", "-X", method]
        words += ["-H", f"Authorization: Bearer {KEY}"]
        if body is not None:
            words += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        replied = subprocess.run(
            self.command(*words, f"http://{address}:{PORT}{path}"),
            check=True,
            capture_output=True,
            text=True,
        )
        head, _, content = replied.stdout.partition("\n\n")
        status, *lines = head.splitlines()
        headers = dict(line.lower().split(": ", 1) for line in lines)
        return int(status.split()[1]), headers, json.loads(content) if content else None


@contextmanager
def serving(host: Host, folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """`dateline serve` on a host, ready."""
    process = subprocess.Popen(
        host.command(
            sys.executable, "-m", "api.cli", "serve", "--host", host.address, "--port", f"{PORT}"
        ),
        cwd=folder,
        env={**environment, "DATELINE_FIRST_KEY": KEY},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + _READY_WITHIN
        while not _ready(host):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
        yield
    finally:
        process.kill()
        process.wait()


def _ready(host: Host) -> bool:
    try:
        return host.ask("GET", host.address, "/health/ready")[0] == 200
    except subprocess.CalledProcessError:
        return False  # nothing listens yet


@contextmanager
def two_hosts() -> Iterator[tuple[Host, Host]]:
    """Two hosts and this machine on one network."""
    tag = uuid.uuid4().hex[:6]
    bridge = f"dl{tag}"
    with ExitStack() as stack:
        _ip("link", "add", bridge, "type", "bridge")
        stack.callback(_ip, "link", "del", bridge)
        _ip("address", "add", f"{GATEWAY}/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        hosts = []
        for number in (2, 3):
            host = Host(f"dl{tag}-{number}", f"{NETWORK}.{number}", f"dl{tag}c{number}")
            _ip("netns", "add", host.name)
            stack.callback(_ip, "netns", "del", host.name)
            _ip(
                "link", "add", host.cable, "type", "veth",
                "peer", "name", "eth0", "netns", host.name,
            )  # fmt: skip
            _ip("link", "set", host.cable, "master", bridge, "up")
            _ip("-n", host.name, "address", "add", f"{host.address}/24", "dev", "eth0")
            _ip("-n", host.name, "link", "set", "eth0", "up")
            _ip("-n", host.name, "link", "set", "lo", "up")
            hosts.append(host)
        one, two = hosts
        yield one, two


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
