"""The next step of the oldest unfinished job; see `qa.archive.jobs`."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from qa.archive.database import Database

STEP = 20  # articles stored at a time


@dataclass(frozen=True, slots=True)
class Step:
    """The next articles of a job: their positions and records.

    ``noting`` opens the write transaction in which what became of them is noted.
    """

    job: int
    articles: Sequence[tuple[int, str]]
    noting: Callable[[], AbstractContextManager[Database]]


def oldest_job(database: Database) -> int | None:
    """The number of the oldest unfinished job."""
    row = database.execute(
        "SELECT number FROM jobs WHERE status IN ('queued', 'running') ORDER BY number LIMIT 1"
    ).fetchone()
    return None if row is None else int(row[0])


def next_articles(database: Database, job: int) -> list[tuple[int, str]]:
    """Positions and records of the job's next articles, at most `STEP`."""
    return database.execute(
        "SELECT position, record FROM job_articles WHERE job = ? AND result IS NULL"
        " ORDER BY position LIMIT ?",
        (job, STEP),
    ).fetchall()
