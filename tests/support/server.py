"""The service without a server, under a server in a thread, and in a process of its own."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from litestar.testing import TestClient

from api.http.app import create_app
from api.http.protocol import ImpatientProtocol
from qa.answering.answerer import Answerer
from qa.archive.archive import Archive
from qa.bootstrap import open_retriever
from qa.models.base import AnswerModel
from qa.settings import Settings

READY_WITHIN = 120  # seconds


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
    """Start the server, wait until it is ready, and kill it afterwards.

    Without a ``port`` a free one is chosen; another one where somebody took it meanwhile.
    """
    failure = ""
    for _ in range(3):
        chosen = port or free_port()
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve", "--port", str(chosen), *options],
            cwd=folder,
            env=dict(environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        url = f"http://127.0.0.1:{chosen}"
        failure = _failure(url, process)
        if not failure or port is not None or "cannot listen" not in failure:
            break
    assert not failure, failure
    try:
        yield Server(url, chosen, process)
    finally:
        process.kill()
        process.communicate()


def _failure(url: str, process: "subprocess.Popen[str]") -> str:
    """Why the server did not become ready, with its log; "" once it is. A failed one is dead."""
    ends = time.monotonic() + READY_WITHIN
    while time.monotonic() < ends and process.poll() is None:
        try:
            if httpx.get(f"{url}/health/ready", timeout=60).status_code == 200:
                return ""
        except httpx.HTTPError:
            time.sleep(0.1)
    process.kill()
    return f"exit code {process.poll()}, not ready: {process.communicate()[1]}"


def client_of(
    archive: Archive,
    model: AnswerModel,
    *,
    client: str = "127.0.0.1",
    host: str = "127.0.0.1",
    **settings: Any,
) -> TestClient[Any]:
    """The service without a server, asked from an address for a host."""
    answerer = Answerer(open_retriever(archive), model, 0.0)
    app = create_app(
        lambda: nullcontext((answerer, archive)),
        Settings.load(**{"write_wait": 0.2, "suggestions": 0, **settings}),
    )

    async def from_there(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope["client"] = (client, 50000)
        await app(scope, receive, send)

    return TestClient(from_there, base_url=f"http://{host}")


@contextmanager
def serving(
    archive: Archive, model: AnswerModel, *, port: int = 0, **settings: Any
) -> Iterator[str]:
    """The real service under a real server on loopback, by default on a free port; its URL."""
    answerer = Answerer(open_retriever(archive), model, 0.0)
    app = create_app(
        lambda: nullcontext((answerer, archive)), Settings.load(**{"suggestions": 0, **settings})
    )
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=port,
            log_level="error",
            http=ImpatientProtocol,
            proxy_headers=False,
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(60)
