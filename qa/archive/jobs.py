"""Jobs: articles that were accepted and are being stored. They survive a restart.

A job's articles are in the archive's database from the moment it is accepted. Each step stores some
of them and notes what became of each; a step that a crash interrupts is done again, which changes
nothing twice. `Store.claim` says how many processes work at a time.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from qa.archive.archive import Archive
from qa.archive.claims import STEP, Step
from qa.archive.database import Database, insert
from qa.archive.store import Store
from qa.errors import ArchiveBusy, BadInput, NotFound, QAError, StoreError
from qa.ingest.apply import Check
from qa.ingest.files import Read, Skipped, parse_record, version_of
from qa.ingest.plan import Status, distinct

JobStatus = Literal["queued", "running", "done", "failed"]
MOST_WAITING = 100
MOST_FINISHED = 1000  # that are remembered


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one article; ``reason`` says why it was skipped."""

    id: str
    version: str | None
    status: Status
    reason: str | None = None
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """``results``: `Outcome` of each article that is done, as JSON, in their order."""

    id: str
    status: JobStatus
    created_at: str
    finished_at: str | None
    error: str | None
    total: int
    done: int
    results: Sequence[Any]


def read_record(record: object, place: str) -> Read:
    """An article of a request. Raises BadInput naming the place."""
    try:
        article, warnings = parse_record(record)
    except BadInput as error:
        raise BadInput(f"{place}: {error}") from error
    return Read(article, place, "", warnings)


def read_records(records: Sequence[object]) -> list[Read]:
    """The articles of a request. Raises BadInput naming the first that is not an article."""
    return [read_record(record, f"articles[{position}]") for position, record in enumerate(records)]


def store_articles(
    archive: Archive, reads: Sequence[Read], wait: float, check: Check = lambda _: None
) -> list[Outcome]:
    """Store articles; what became of each, in their order. See `Archive.put`."""
    items = list(distinct(reads))
    wanted = [item for item in items if isinstance(item, Read)]
    settled = archive.put(wanted, wait=wait, check=check)
    statuses = {step.read.place: step.status for step in settled.steps}
    versions = {read.article.id: version_of(read.article) for read in wanted}
    return [
        Outcome(
            read.article.id,
            versions[read.article.id],
            statuses.get(read.place, "skipped"),
            item.reason if isinstance(item, Skipped) else None,
            read.warnings,
        )
        for read, item in zip(reads, items, strict=True)
    ]


def accept(store: Store, records: Sequence[object]) -> Job:
    """Take in records for later. Of two with one id the first wins.

    Raises BadInput when one is not an article, ArchiveBusy when too many jobs wait.
    """
    reads = read_records(records)
    rows: list[tuple[str | None, str | None]] = []
    for read, record, item in zip(reads, records, distinct(reads), strict=True):
        if isinstance(item, Skipped):
            skipped = Outcome(read.article.id, None, "skipped", item.reason)
            rows.append((None, json.dumps(asdict(skipped))))
        else:
            rows.append((json.dumps(record), None))
    identity = f"job_{secrets.token_hex(8)}"
    with store.aside() as database:
        waiting = database.execute(
            "SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')"
        ).fetchone()[0]
        if waiting >= MOST_WAITING:
            raise ArchiveBusy(f"{waiting} jobs are waiting already; try again when some are done")
        job = {"id": identity, "status": "queued", "created_at": _now(), "total": len(rows)}
        number = insert(database, "jobs", job, "number")
        database.executemany(
            "INSERT INTO job_articles (job, position, record, result) VALUES (?, ?, ?, ?)",
            [(number, position, *row) for position, row in enumerate(rows)],
        )
    return find_job(store, identity)


def find_job(store: Store, job_id: str) -> Job:
    """Raises NotFound."""
    with store.reading() as database:
        row = database.execute(
            "SELECT number, id, status, created_at, finished_at, error, total FROM jobs"
            " WHERE id = ?",
            (job_id,),
        ).fetchone()
        if row is None:
            raise NotFound(f"no job '{job_id}'; the last {MOST_FINISHED} are remembered")
        number, *fields = row
        done = database.execute(
            "SELECT result FROM job_articles WHERE job = ? AND result IS NOT NULL"
            " ORDER BY position",
            (number,),
        ).fetchall()
    identity, status, created_at, finished_at, error, total = fields
    results = [json.loads(result) for (result,) in done]
    return Job(identity, status, created_at, finished_at, error, total, len(results), results)


def job_json(job: Job) -> dict[str, Any]:
    """The job as it is shown."""
    return asdict(job)


def work(archive: Archive, wait: float) -> bool:
    """Do one step of the oldest unfinished job. False: there is none, or another process is at it.

    Raises ArchiveBusy when another writer holds the archive for longer than ``wait`` seconds, or
    StorageFailed; nothing is lost. Anything else ends the job as failed, and is raised then if it
    is not a QAError.
    """
    store = archive.store
    if store.read_only:
        return False
    with store.claim() as step:
        if step is None:
            return False
        try:
            reads = [
                read_record(json.loads(record), f"articles[{position}]")
                for position, record in step.articles
            ]
            outcomes = store_articles(archive, reads, wait)
        except StoreError:
            raise  # busy, or the disk is full: that passes, and what was accepted is kept
        except QAError as error:
            _fail(step, str(error))
        except Exception as error:
            # It would go wrong again, now and after a restart, and hold up every other job.
            _fail(step, f"an internal error, {type(error).__name__}; see the log")
            raise
        else:
            _complete(step, outcomes)
        return True


def _complete(step: Step, outcomes: Sequence[Outcome]) -> None:
    """Note what became of a step's articles."""
    with step.noting() as database:
        database.executemany(
            "UPDATE job_articles SET record = NULL, result = ? WHERE job = ? AND position = ?",
            [
                (json.dumps(asdict(outcome)), step.job, position)
                for outcome, (position, _) in zip(outcomes, step.articles, strict=True)
            ],
        )
        if len(step.articles) < STEP:
            _finish(database, step.job, "done", None)
        else:
            database.execute("UPDATE jobs SET status = 'running' WHERE number = ?", (step.job,))


def _fail(step: Step, error: str) -> None:
    with step.noting() as database:
        _finish(database, step.job, "failed", error)


def _finish(database: Database, number: int, status: JobStatus, error: str | None) -> None:
    database.execute(
        "UPDATE jobs SET status = ?, error = ?, finished_at = ? WHERE number = ?",
        (status, error, _now(), number),
    )
    database.execute("UPDATE job_articles SET record = NULL WHERE job = ?", (number,))
    database.execute(
        "DELETE FROM jobs WHERE status IN ('done', 'failed') AND number <="
        " (SELECT number FROM jobs WHERE status IN ('done', 'failed')"
        " ORDER BY number DESC LIMIT 1 OFFSET ?)",
        (MOST_FINISHED,),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
