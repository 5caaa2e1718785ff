"""The audit log over HTTP, and the task that deletes what was kept long enough."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from anyio import to_thread
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter

from api.http.background import repeating
from api.http.problems import documented
from qa.answering.logbook import Logbook
from qa.archive.archive import Archive
from qa.archive.audit import AuditLine, instant_of, list_lines

PAUSE = 3600  # seconds between two looks for what has expired


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


def expiring(logbook: Logbook) -> AbstractAsyncContextManager[None]:
    """While this is open, questions and lines of the audit log are deleted when their time is over.

    Closing it waits for the end of a deletion.
    """

    async def step() -> float:
        await to_thread.run_sync(logbook.expire)
        return PAUSE

    return repeating(step, "deleting expired questions", PAUSE)
