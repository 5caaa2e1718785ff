"""Writes: on a few threads of their own, so that those that wait keep no reader waiting."""

import time
from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, WouldBlock, fail_after, to_thread

from qa.errors import ArchiveBusy

_AT_ONCE = 4  # one writes, the others embed what they will write

T = TypeVar("T")


class Writes:
    """Runs what writes to the archive. For one event loop."""

    def __init__(self, wait: float) -> None:
        self._wait = wait
        self._threads = CapacityLimiter(_AT_ONCE)

    async def run(self, write: Callable[[float], T]) -> T:
        """``write`` with the seconds that it may still wait for another writer, of ``wait`` in all.

        Raises ArchiveBusy when the wait for a thread alone takes longer.
        """
        started = time.monotonic()
        borrower = object()
        await self._take_thread(borrower)
        try:
            left = max(0.0, self._wait - (time.monotonic() - started))
            # Which thread it is was decided above, so this limiter is never full.
            return await to_thread.run_sync(write, left, limiter=CapacityLimiter(1))
        finally:
            self._threads.release_on_behalf_of(borrower)

    async def _take_thread(self, borrower: object) -> None:
        try:
            self._threads.acquire_on_behalf_of_nowait(borrower)
        except WouldBlock:
            try:
                with fail_after(self._wait):
                    await self._threads.acquire_on_behalf_of(borrower)
            except TimeoutError:
                message = "too many writes are waiting already; try again shortly"
                raise ArchiveBusy(message) from None
