"""Jobs over HTTP, and the task that does them."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import anyio
from anyio import to_thread
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.http.problems import documented
from api.http.schemas import JobOutput
from qa.archive.archive import Archive
from qa.archive.jobs import find_job, job_json, work
from qa.errors import QAError

PAUSE = 0.5  # seconds between two looks for a job; another worker process may have accepted one

_log = logging.getLogger("dateline")


class Jobs(Controller):
    """Watching jobs."""

    path = "/v1/jobs"
    tags = ["articles"]

    @get(
        "/{job_id:str}",
        operation_id="get_job",
        sync_to_thread=True,
        opt={"scope": "ingest"},
        responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE),
    )
    def get_job(self, job_id: FromPath[str], archive: NamedDependency[Archive]) -> JobOutput:
        """How far a job is: ``done`` of ``total``, and what became of each article so far."""
        return job_json(find_job(archive.store, job_id))  # type: ignore[return-value]  # same form


@asynccontextmanager
async def working_on_jobs(archive: Archive, wait: float) -> AsyncIterator[None]:
    """While this is open, jobs are done, those that a restart interrupted first.

    Closing it waits for the end of a step.
    """

    async def run() -> None:
        while True:
            try:
                busy = await to_thread.run_sync(work, archive, wait)
            except QAError as error:
                _log.warning("a job waits: %s", error)
                busy = False
            except Exception:  # noqa: BLE001  # logged; the task must live
                _log.exception("a job failed")  # the next one may be fine
                busy = True
            if not busy:
                await anyio.sleep(PAUSE)

    async with anyio.create_task_group() as group:
        group.start_soon(run)
        try:
            yield
        finally:
            group.cancel_scope.cancel()
