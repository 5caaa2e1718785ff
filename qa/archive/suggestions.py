"""Questions that the archive was found to answer, for somebody who does not know what to ask.

Each was made from a sentence of a report (see `qa.answering.suggestions`) and really asked. A row
without a confidence was not answered well, and is noted so that it is not asked again soon. Every
function works inside the caller's transaction.
"""

from collections.abc import Collection
from dataclasses import dataclass

from qa.archive.database import Database
from qa.archive.visibility import Visible
from qa.types import StoredArticle

AGAIN = 86_400.0  # seconds after which a question is asked again, once its archive has changed


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question, and the report that it was made from."""

    question: str
    article_id: str
    title: str | None
    source: str | None
    published_at: str | None


def begin(database: Database, question: str, article: StoredArticle, now: float) -> bool:
    """Note that a question is being asked. False: it was not long ago, or another process does.

    ``now``: seconds since 1970.
    """
    begun = database.execute(
        "INSERT INTO suggestions (question, article_id, version, asked_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (question) DO UPDATE SET article_id = excluded.article_id,"
        " version = excluded.version, asked_at = excluded.asked_at,"
        " confidence = CASE WHEN suggestions.article_id = excluded.article_id"
        " AND suggestions.version = excluded.version THEN suggestions.confidence END"
        " WHERE suggestions.asked_at <= ?",
        (question, article.article.id, article.version, now, now - AGAIN),
    )
    return begun.rowcount == 1


def note(database: Database, question: str, confidence: float | None) -> None:
    """Note how a question was answered; None: not well."""
    database.execute(
        "UPDATE suggestions SET confidence = ? WHERE question = ?", (confidence, question)
    )


def keep(database: Database, questions: Collection[str]) -> None:
    """Forget all other questions: their reports are no longer recent, or say something else."""
    rows = database.execute("SELECT question FROM suggestions").fetchall()
    gone = [(row[0],) for row in rows if row[0] not in questions]
    database.executemany("DELETE FROM suggestions WHERE question = ?", gone)


def forget_article(database: Database, article_id: str) -> None:
    """Forget what was made from an article."""
    database.execute("DELETE FROM suggestions WHERE article_id = ?", (article_id,))


def listed(database: Database, seen: Visible, limit: int) -> list[Suggestion]:
    """Questions from reports that may be seen, as they are now; the latest reports first."""
    rows = database.execute(
        "SELECT s.question, v.article_id, v.title, v.source, v.published_at FROM suggestions s"
        " JOIN versions v ON v.article_id = s.article_id AND v.version = s.version"
        f" WHERE s.confidence IS NOT NULL AND v.key IN ({seen.keys})"
        " ORDER BY coalesce(v.published, -1e15) DESC, s.question LIMIT :limit",
        {**seen.values, "limit": limit},
    )
    return [Suggestion(*row) for row in rows]
