"""HTTP/1.1 as uvicorn speaks it, for impatient servers."""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

SLOWEST_HEAD = 10.0  # seconds in which a client must have sent a request's line and headers


class ImpatientProtocol(H11Protocol):
    """Closes a connection whose client takes too long over a request's head: uvicorn itself would wait for ever, and
    a few thousand such clients would use up every connection there is.
    """

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        if self._waiting is None and self.cycle is not None and self.cycle.response_complete:
            self._wait()  # the next request on a kept connection begins
        seen = self.cycle
        super().data_received(data)
        if self.cycle is not seen:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(SLOWEST_HEAD, self._give_up)

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
