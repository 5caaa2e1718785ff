"""HTTP/1.1 as uvicorn speaks it, with time limits for slow clients."""

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

SLOWEST_HEAD = 10.0  # seconds for a client to send a request's line and headers
# Bytes that the kernel holds for a client. With megabytes, its own choice, a slow reader would seem
# to stand still: it takes more only when a third of them is free.
SEND_BUFFER = 128 * 1024
READER_CHECK = 20.0  # seconds between two looks at how much a client has read
SLOWEST_READER = 1024  # bytes a second that a client must read while the write buffer is full


class ImpatientProtocol(H11Protocol):
    """Closes the connections of clients that send a head, or read a response, too slowly.

    uvicorn waits for both without limit: a few thousand such clients use up every connection, and
    one that does not read its stream keeps its place in the question queue.
    """

    _head_timer: asyncio.TimerHandle | None = None
    _reader_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        line = transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        idle = self.cycle is not None and self.cycle.response_complete
        if self._head_timer is None and idle:
            self._await_head()  # the next request on a kept connection begins
        current = self.cycle
        super().data_received(data)
        if self.cycle is not current:
            self._stop_head_timer()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        self._stop_reader_timer()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        self._stop_reader_timer()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(SLOWEST_HEAD, self.transport.close)

    def _await_reader(self) -> None:
        unread = self.transport.get_write_buffer_size()
        self._reader_timer = self.loop.call_later(READER_CHECK, self._check_reader, unread)

    def _check_reader(self, before: int) -> None:
        """A large response over a slow line takes its time, but it must move."""
        read = before - self.transport.get_write_buffer_size()
        if read < SLOWEST_READER * READER_CHECK:
            self.transport.abort()
        else:
            self._await_reader()

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_reader_timer(self) -> None:
        if self._reader_timer is not None:
            self._reader_timer.cancel()
            self._reader_timer = None
