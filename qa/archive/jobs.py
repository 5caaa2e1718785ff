"""Jobs: articles that were accepted and are being stored. They survive a restart; one process works at a time.

A job's articles lie in the archive from the moment it was accepted. Each step stores some of them and notes what
became of each; what a crash interrupts is done again, which changes nothing twice.
"""

import json
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from filelock import FileLock, Timeout

from embeddings.embedder import Embedder
from qa.archive.index import IndexCache
from qa.archive.sqlite import Store
from qa.errors import ArchiveBusy, BadInput, NotFound, QAError, StoreError
from qa.ingest.apply import ingest_articles
from qa.ingest.files import Read, parse_record

JobStatus = Literal["queued", "running", "done", "failed"]
LOCK = "jobs.lock"
STEP = 20  # articles stored at a time: another's write waits no longer than that
MOST_WAITING = 100
MOST_FINISHED = 1000  # that are remembered


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of one article. ``status``: added, updated, amended (same text, other metadata), unchanged, or
    skipped for the ``reason``.
    """

    id: str
    version: str | None
    status: str
    reason: str | None = None
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """``results``: of the articles that are done, in their order."""

    id: str
    status: JobStatus
    created_at: str
    finished_at: str | None
    error: str | None
    total: int
    done: int
    results: Sequence[Any]


def read(record: object, place: str) -> Read:
    """Raises BadInput, which names the place."""
    try:
        article, warnings = parse_record(record)
    except BadInput as error:
        raise BadInput(f"{place}: {error}") from error
    return Read(article, place, "", warnings)


def read_all(records: Sequence[object]) -> list[Read]:
    """Raises BadInput, which names the first that is no article."""
    return [read(record, f"articles[{position}]") for position, record in enumerate(records)]


def store_articles(
    store: Store, cache: IndexCache, embedder: Embedder, reads: Sequence[Read], wait: float
) -> list[Stored]:
    """Store articles; what became of each, in their order. Raises ArchiveBusy, EmbedderMismatch, StorageFailed."""
    report = ingest_articles(store, cache, embedder, reads, wait=wait)
    reasons = {item.place: item.reason for item in report.skipped}
    with store.snapshot() as snapshot:
        found = [snapshot.find(item.article.id) for item in reads]
    return [
        Stored(
            item.article.id,
            stored.version if stored is not None else None,
            report.outcomes.get(item.place, "skipped"),
            reasons.get(item.place),
            item.warnings,
        )
        for item, stored in zip(reads, found, strict=True)
    ]


def accept(store: Store, records: Sequence[object]) -> Job:
    """Take in records for later. Of two with one id the first wins. Raises BadInput when one is no article, and
    ArchiveBusy when too many jobs wait.
    """
    reads = read_all(records)
    first: dict[str, str] = {}
    rows: list[tuple[str | None, str | None]] = []
    for item, record in zip(reads, records, strict=True):
        place = first.setdefault(item.article.id, item.place)
        if place == item.place:
            rows.append((json.dumps(record), None))
        else:
            skipped = Stored(
                item.article.id,
                None,
                "skipped",
                f"id '{item.article.id}' was already read at {place}",
            )
            rows.append((None, json.dumps(asdict(skipped))))
    identity = f"job_{secrets.token_hex(8)}"
    with store.aside() as database:
        waiting = database.execute(
            "SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')"
        ).fetchone()[0]
        if waiting >= MOST_WAITING:
            raise ArchiveBusy(f"{waiting} jobs are waiting already; try again when some are done")
        number = database.execute(
            "INSERT INTO jobs (id, status, created_at, total) VALUES (?, 'queued', ?, ?)",
            (identity, _now(), len(rows)),
        ).lastrowid
        database.executemany(
            "INSERT INTO job_articles (job, position, record, result) VALUES (?, ?, ?, ?)",
            [(number, position, *row) for position, row in enumerate(rows)],
        )
    return find_job(store, identity)


def find_job(store: Store, job_id: str) -> Job:
    """Raises NotFound."""
    with store.reading() as database:
        row = database.execute(
            "SELECT number, id, status, created_at, finished_at, error, total FROM jobs WHERE id = ?",
            (job_id,),
        ).fetchone()
        if row is None:
            raise NotFound(f"no job '{job_id}'; the last {MOST_FINISHED} are remembered")
        number, *fields = row
        results = database.execute(
            "SELECT result FROM job_articles WHERE job = ? AND result IS NOT NULL ORDER BY position",
            (number,),
        ).fetchall()
    identity, status, created_at, finished_at, error, total = fields
    told = [json.loads(result) for (result,) in results]
    return Job(identity, status, created_at, finished_at, error, total, len(told), told)


def job_json(job: Job) -> dict[str, Any]:
    return asdict(job)


def work(store: Store, cache: IndexCache, embedder: Embedder, wait: float) -> bool:
    """Do one step of the oldest unfinished job; whether there was one. Another process may be at it: then False.

    Raises ArchiveBusy when another writer holds the archive for longer than ``wait`` seconds, or StorageFailed;
    nothing is lost. Anything else ends the job as failed; what is no QAError is raised then.
    """
    lock = FileLock(store.folder / LOCK, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    try:
        with store.reading() as database:
            row = database.execute(
                "SELECT number FROM jobs WHERE status IN ('queued', 'running') ORDER BY number LIMIT 1"
            ).fetchone()
            if row is None:
                return False
            waiting = database.execute(
                "SELECT position, record FROM job_articles WHERE job = ? AND result IS NULL ORDER BY position LIMIT ?",
                (row[0], STEP),
            ).fetchall()
        try:
            reads = [
                read(json.loads(record), f"articles[{position}]") for position, record in waiting
            ]
            results = store_articles(store, cache, embedder, reads, wait)
        except StoreError:
            raise  # busy, or the disk is full: that passes, and what was accepted is kept
        except Exception as error:
            # It would go wrong again, now and after a restart, and hold up every other job.
            told = (
                str(error)
                if isinstance(error, QAError)
                else f"an internal error, {type(error).__name__}; see the log"
            )
            with store.aside() as database:
                _finish(database, row[0], "failed", told)
            if isinstance(error, QAError):
                return True
            raise
        with store.aside() as database:
            database.executemany(
                "UPDATE job_articles SET record = NULL, result = ? WHERE job = ? AND position = ?",
                [
                    (json.dumps(asdict(result)), row[0], position)
                    for result, (position, _) in zip(results, waiting, strict=True)
                ],
            )
            if len(waiting) < STEP:
                _finish(database, row[0], "done", None)
            else:
                database.execute("UPDATE jobs SET status = 'running' WHERE number = ?", (row[0],))
        return True
    finally:
        lock.release()


def _finish(
    database: sqlite3.Connection, number: int, status: JobStatus, error: str | None
) -> None:
    database.execute(
        "UPDATE jobs SET status = ?, error = ?, finished_at = ? WHERE number = ?",
        (status, error, _now(), number),
    )
    database.execute("UPDATE job_articles SET record = NULL WHERE job = ?", (number,))
    database.execute(
        "DELETE FROM jobs WHERE status IN ('done', 'failed') AND number <="
        " (SELECT number FROM jobs WHERE status IN ('done', 'failed') ORDER BY number DESC LIMIT 1 OFFSET ?)",
        (MOST_FINISHED,),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
