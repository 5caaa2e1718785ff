"""What readers say of stored answers: right, wrong or incomplete, and what would be right.

Each caller has one verdict on an answer; a later one replaces it. An answer stays stored as long as
somebody has judged it. A correction and a reason are the reader's words, and survive the deletion
of an article as the question does, unless they copy a passage of it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from embeddings.texts import whole_characters
from qa.archive import answers
from qa.archive.snapshot import Snapshot
from qa.archive.store import Store
from qa.errors import BadInput, NotFound
from qa.types import iso_instant

FeedbackVerdict = Literal["right", "wrong", "incomplete"]
VERDICTS: tuple[FeedbackVerdict, ...] = get_args(FeedbackVerdict)
LONGEST_TEXT = 1000  # characters of a correction or a reason
MOST_FEEDBACK = 10_000  # verdicts that are kept, with their answers
_LONGEST_CALLER = 200
_COLUMNS = "answer_id, given_by, verdict, correction, reason, given_at"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One caller's verdict. ``by``: a key's id, "local", or a chat's name for its user."""

    answer_id: str
    by: str
    verdict: FeedbackVerdict
    correction: str | None
    reason: str | None
    given_at: str  # ISO 8601


def record_feedback(
    store: Store,
    answer_id: str,
    verdict: str,
    by: str,
    correction: str | None = None,
    reason: str | None = None,
) -> Feedback:
    """Store a caller's verdict on a stored answer, in place of an earlier one.

    Raises BadInput, NotFound for an answer that is not stored, ArchiveBusy, StorageFailed.
    """
    if verdict not in VERDICTS:
        raise BadInput(f"verdict is '{verdict[:40]}'; it must be one of {', '.join(VERDICTS)}")
    correction = _text("the correction", correction, LONGEST_TEXT)
    reason = _text("the reason", reason, LONGEST_TEXT)
    caller = _text("the caller", by, _LONGEST_CALLER)
    if caller is None:
        raise BadInput("feedback needs the name of its caller")
    if verdict == "right" and correction is not None:
        raise BadInput("a right answer has no correction: call it wrong or incomplete")
    now = store.clock().timestamp()
    with store.aside() as database:
        answers.find(database, answer_id)
        database.execute(
            f"INSERT INTO feedback ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (answer_id, given_by) DO UPDATE SET verdict = excluded.verdict,"
            " correction = excluded.correction, reason = excluded.reason,"
            " given_at = excluded.given_at",
            (answer_id, caller, verdict, correction, reason, now),
        )
        database.execute(
            "DELETE FROM feedback WHERE given_at <="
            " (SELECT given_at FROM feedback ORDER BY given_at DESC LIMIT 1 OFFSET ?)",
            (MOST_FEEDBACK,),
        )
    return _feedback((answer_id, caller, verdict, correction, reason, now))


def list_feedback(store: Store) -> list[Feedback]:
    """All verdicts, newest first."""
    with store.reading() as database:
        rows = database.execute(
            f"SELECT {_COLUMNS} FROM feedback ORDER BY given_at DESC, answer_id, given_by"
        )
        return [_feedback(row) for row in rows]


def feedback_json(feedback: Feedback, snapshot: Snapshot) -> dict[str, Any]:
    """The verdict as it is shown, with what was asked and answered, as far as that is stored."""
    try:
        answer = snapshot.answer(feedback.answer_id)
    except NotFound:
        return {**asdict(feedback), "question": None, "status": None, "answer": None}
    said = {"question": answer.question, "status": answer.status, "answer": answer.answer}
    return {**asdict(feedback), **said}


def _text(name: str, given: str | None, longest: int) -> str | None:
    """The text in one line, None without any. Raises BadInput for one that is too long."""
    if given is None:
        return None
    text = " ".join(whole_characters(given).replace("\0", " ").split())
    if len(text) > longest:
        raise BadInput(f"{name} has {len(text):,} characters; the limit is {longest:,}")
    return text or None


def _feedback(row: Sequence[Any]) -> Feedback:
    answer_id, caller, verdict, correction, reason, given_at = row
    return Feedback(answer_id, caller, verdict, correction, reason, iso_instant(given_at))
