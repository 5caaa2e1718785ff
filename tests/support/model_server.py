"""A server that speaks OpenAI's chat completions as a model does, and notices who hangs up."""

import json
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class ModelServer:
    """Streams ``text`` to each request, and then says nothing until ``go`` is set."""

    def __init__(self, text: str) -> None:
        self.go = threading.Event()
        self.asked = 0
        self.hung_up = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer.asked += 1
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.send_header("connection", "close")
                self.end_headers()
                self.close_connection = True
                self._send({"content": text})
                while not outer.go.is_set():
                    readable, _, _ = select.select([self.connection], [], [], 0.02)
                    if readable and not self.connection.recv(1):
                        outer.hung_up.set()
                        return
                self._send({}, "stop")
                self.wfile.write(b"data: [DONE]\n\n")

            def _send(self, delta: dict[str, Any], finish: str | None = None) -> None:
                choice = {"index": 0, "delta": delta, "finish_reason": finish}
                chunk = {
                    "id": "c",
                    "object": "chat.completion.chunk",
                    "created": 0,
                    "model": "m",
                    "choices": [choice],
                }
                self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def close(self) -> None:
        self.go.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def model_server(text: str) -> Iterator[ModelServer]:
    """The server while this is open."""
    server = ModelServer(text)
    try:
        yield server
    finally:
        server.close()
