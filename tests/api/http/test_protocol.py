"""Slow and greedy clients, on a real connection."""

import json
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from litestar.response import ServerSentEventMessage

from qa.archive.archive import Archive
from tests.support.client import QUESTION, until
from tests.support.fakes import FirstSentenceModel
from tests.support.server import serving

BODY = json.dumps({"question": QUESTION, "stream": True})
STREAM = (
    "POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(BODY)}\r\n\r\n{BODY}"
).encode()


def large_message(*_: object, **__: object) -> ServerSentEventMessage:
    return ServerSentEventMessage(event="hits", data="x" * 8_000_000)


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=60)


@pytest.fixture
def patient(filled: Archive) -> Iterator[int]:
    """The port of a service with its usual limits."""
    with serving(filled, FirstSentenceModel()) as url:
        yield port_of(url)


def test_a_client_that_dribbles_its_headers_is_cut_off(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.protocol.SLOWEST_HEAD", 0.3)
    with serving(filled, FirstSentenceModel()) as url, connected(port_of(url)) as line:
        line.sendall(b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\n")
        assert line.recv(1000) == b""


def test_a_client_that_dribbles_its_body_gets_a_408(filled: Archive) -> None:
    head = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += b"Content-Length: 100\r\n\r\n{"
    with (
        serving(filled, FirstSentenceModel(), request_timeout=0.3) as url,
        connected(port_of(url)) as line,
    ):
        line.sendall(head)
        assert b" 408 " in line.recv(1000).splitlines()[0]


def test_a_body_of_a_gigabyte_is_refused_before_it_is_sent(patient: int) -> None:
    head = b"POST /v1/articles HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += b"Content-Length: 1073741824\r\n\r\n"
    with connected(patient) as line:
        line.sendall(head)
        assert b" 413 " in line.recv(1000).splitlines()[0]


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%5c..%5cwindows", "%00"]
)
def test_an_id_is_never_a_path(patient: int, path: str) -> None:
    with connected(patient) as line:
        head = f"GET /v1/articles/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        line.sendall(head.encode())
        reply = line.recv(65536)
        assert b" 404 " in reply.splitlines()[0]
        assert b"root:" not in reply


def test_kept_connections_may_rest_between_requests(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than the head of a request may take."""
    monkeypatch.setattr("api.http.protocol.SLOWEST_HEAD", 1.0)
    with (
        serving(filled, FirstSentenceModel()) as url,
        httpx.Client(base_url=url, timeout=60) as line,
    ):
        assert line.get("/health/live").status_code == 200
        time.sleep(1.3)
        assert line.get("/health/live").status_code == 200


def test_a_client_that_does_not_read_its_stream_loses_its_place(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The response is larger than the sockets' buffers, so the server cannot finish it."""
    begun = threading.Event()

    def beginning(*_: object, **__: object) -> ServerSentEventMessage:
        begun.set()
        return large_message()

    monkeypatch.setattr("api.http.protocol.READER_CHECK", 0.3)
    monkeypatch.setattr("api.http.sse._message", beginning)
    asked = {"question": QUESTION}
    with (
        serving(filled, FirstSentenceModel(), answers_at_once=1, questions_waiting=0) as url,
        socket.socket() as line,
    ):
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        line.connect(("127.0.0.1", port_of(url)))
        line.sendall(STREAM)
        assert begun.wait(60), "it has the only place"
        until(lambda: httpx.post(f"{url}/v1/ask", json=asked, timeout=60).status_code == 200)


def test_a_slow_client_that_reads_gets_a_large_response_whole(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes several checks, and the buffer is full at each of them."""
    check = 0.8  # seconds; the test's own thread must run in each of them
    monkeypatch.setattr("api.http.protocol.READER_CHECK", check)
    monkeypatch.setattr("api.http.sse._message", large_message)
    with serving(filled, FirstSentenceModel()) as url, socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        line.settimeout(60)
        line.connect(("127.0.0.1", port_of(url)))
        line.sendall(STREAM)
        received, started = bytearray(), time.monotonic()
        while not received.endswith(b"0\r\n\r\n"):
            part = line.recv(1_000_000)
            assert part, "cut off"
            received += part
            if time.monotonic() - started < 3 * check:
                time.sleep(0.02)
    assert received.count(b"x") >= 3 * 8_000_000
    assert time.monotonic() - started > 3 * check
