"""Jobs over HTTP, and the task that does them."""

from contextlib import AbstractAsyncContextManager
from http import HTTPStatus

from anyio import to_thread
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.http.background import repeating
from api.http.problems import documented
from api.http.schemas import JobOutput
from qa.archive.archive import Archive
from qa.archive.jobs import find_job, job_json, work

PAUSE = 0.5  # seconds between two looks for a job; another worker process may have accepted one


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


def working_on_jobs(archive: Archive, wait: float) -> AbstractAsyncContextManager[None]:
    """While this is open, jobs are done, those that a restart interrupted first.

    Closing it waits for the end of a step.
    """

    async def step() -> float:
        return 0 if await to_thread.run_sync(work, archive, wait) else PAUSE

    return repeating(step, "working on jobs", PAUSE)
