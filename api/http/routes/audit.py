"""The audit log over HTTP, and the task that deletes what was kept long enough."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

import anyio
from anyio import to_thread
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from api.http.problems import documented
from qa.answering.logbook import Logbook
from qa.archive.archive import Archive
from qa.archive.audit import AuditLine, instant_of, list_lines
from qa.errors import ArchiveBusy, QAError

PAUSE = 3600  # seconds between two looks for what has expired

_log = logging.getLogger("dateline")


@dataclass(frozen=True, slots=True)
class AuditListing:
    """Lines of the audit log, newest first; ``next_cursor`` leads on, null on the last page."""

    lines: list[AuditLine]
    next_cursor: str | None


class Audit(Controller):
    path = "/v1/audit"
    tags = ["service"]

    @get(
        operation_id="list_audit",
        sync_to_thread=True,
        opt={"scope": "admin"},
        responses=documented(HTTPStatus.BAD_REQUEST, HTTPStatus.SERVICE_UNAVAILABLE),
    )
    def list_audit(
        self,
        archive: NamedDependency[Archive],
        key: FromQuery[str | None] = None,
        since: FromQuery[str | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 100,
        cursor: Annotated[int | None, QueryParameter(ge=1, le=2**62)] = None,
    ) -> AuditListing:
        """Who asked what, newest first, with the ids of the answers. ``key``: the id or the name of
        a key, or the name of a chat. Empty while the audit log is off.
        """
        begins = instant_of("since", since)
        found = list_lines(archive.store, key, begins, limit + 1, cursor)
        page = found[:limit]
        return AuditListing(page, str(page[-1].number) if len(found) > limit else None)


@asynccontextmanager
async def expiring(logbook: Logbook) -> AsyncIterator[None]:
    """While this is open, questions and lines of the audit log are deleted when their time is over.

    Closing it waits for the end of a deletion.
    """

    async def run() -> None:
        while True:
            try:
                await to_thread.run_sync(logbook.expire)
            except ArchiveBusy as error:  # often another worker, which does it
                _log.debug("expired questions wait: %s", error)
            except QAError as error:
                _log.warning("expired questions wait: %s", error)
            except Exception:  # noqa: BLE001  # logged; the task must live
                _log.exception("deleting expired questions failed")
            await anyio.sleep(PAUSE)

    async with anyio.create_task_group() as group:
        group.start_soon(run)
        try:
            yield
        finally:
            group.cancel_scope.cancel()
