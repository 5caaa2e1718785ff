"""Work that the service does by itself, beside what it is asked for."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio

from qa.errors import ArchiveBusy, QAError

_log = logging.getLogger("dateline")


@asynccontextmanager
async def repeating(
    step: Callable[[], Awaitable[float]], what: str, pause: float
) -> AsyncIterator[None]:
    """While this is open, take one step after another; closing it waits for the end of a step.

    A step returns how many seconds to wait before the next one; after a step that failed it is
    ``pause``. ``what`` names the work in the log.
    """

    async def run() -> None:
        while True:
            try:
                seconds = await step()
            except ArchiveBusy as error:  # often another process, which does the same
                _log.debug("%s: waiting: %s", what, error)
                seconds = pause
            except QAError as error:
                _log.warning("%s: waiting: %s", what, error)
                seconds = pause
            except Exception:  # noqa: BLE001  # logged; the next step may be fine
                _log.exception("%s failed", what)
                seconds = pause
            await anyio.sleep(seconds)

    async with anyio.create_task_group() as group:
        group.start_soon(run)
        try:
            yield
        finally:
            group.cancel_scope.cancel()
