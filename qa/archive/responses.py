"""Responses of /v1/responses: which stored answer each of them gave."""

from dataclasses import dataclass

from qa.archive.store import Store
from qa.errors import NotFound


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """``created_at``: seconds since 1970; ``details``: JSON of what its answer does not hold."""

    id: str
    created_at: float
    answer_id: str
    details: str


def store_response(store: Store, response: StoredResponse, most: int) -> None:
    """Store a response once, and drop the oldest beyond ``most``. Raises ArchiveBusy."""
    with store.aside() as database:
        database.execute(
            "INSERT INTO responses (id, created_at, answer_id, details) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO NOTHING",
            (response.id, response.created_at, response.answer_id, response.details),
        )
        database.execute(
            "DELETE FROM responses WHERE number <="
            " (SELECT number FROM responses ORDER BY number DESC LIMIT 1 OFFSET ?)",
            (most,),
        )


def find_response(store: Store, response_id: str) -> StoredResponse:
    """Raises NotFound."""
    with store.reading() as database:
        row = database.execute(
            "SELECT id, created_at, answer_id, details FROM responses WHERE id = ?",
            (response_id,),
        ).fetchone()
    if row is None:
        raise NotFound(f"no response '{response_id}' is stored in this archive")
    return StoredResponse(*row)
