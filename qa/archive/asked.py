"""What is asked, without who asks: for `dateline asked`. Off unless `keep_questions` is set.

A question is stored with its day and whether it was answered, nothing else. E-mail addresses and
telephone numbers in it are blanked before.
"""

import re
from dataclasses import dataclass

from qa.archive.audit import DAY
from qa.archive.database import Database
from qa.archive.store import Store

BLANK = "[…]"
MOST_WORDINGS = 10_000  # that `list_asked` gives
_EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]+[@＠][\w-]+(?:\.[\w-]+)+")
# Seven digits or more with the signs that people write between them.
_NUMBER = re.compile(r"(?<!\w)[+＋]?\(?(?:\d[ \u00a0.\-–/()]{0,3}){6,}\d(?!\w)")
# Which are dates, or the years of a period: 2024-05-10, 10.5.2024, 10/05/2024, 2019-2024.
_DATE = re.compile(
    r"\d{4}[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./]\d{4}|(?:1[89]|20)\d\d[-–/](?:1[89]|20)\d\d"
)


@dataclass(frozen=True, slots=True)
class Wording:
    """A question as it was asked ``count`` times, ``answered`` of them with an answer."""

    text: str
    count: int
    answered: int
    last_asked: float  # the day's start, seconds since 1970


def blank_personal(question: str) -> str:
    """The question without e-mail addresses and telephone numbers, as they are usually written.

    A long number that is not a date counts as one.
    """
    blanked = _EMAIL.sub(BLANK, question)
    return _NUMBER.sub(lambda found: found[0] if _DATE.fullmatch(found[0]) else BLANK, blanked)


def note_asked(store: Store, question: str, *, answered: bool, days: int) -> None:
    """Store a question. Its day is the first of the ``days`` that it is kept.

    Raises ArchiveBusy, StorageFailed.
    """
    day = store.clock().timestamp() // DAY * DAY
    text = " ".join(blank_personal(question).split())
    with store.aside() as database:
        database.execute(
            "INSERT INTO asked (day, expires_at, question, answered) VALUES (?, ?, ?, ?)",
            (day, day + days * DAY, text, int(answered)),
        )


def list_asked(
    store: Store, since: float | None = None, until: float | None = None
) -> list[Wording]:
    """The questions of some days without those that have expired, the most asked first.

    ``since`` and ``until``: seconds since 1970; a day counts where it begins in between.
    """
    with store.reading() as database:
        rows = database.execute(
            "SELECT question, count(*), sum(answered), max(day) FROM asked"
            " WHERE expires_at > :now AND day >= :since AND day <= :until"
            " GROUP BY question ORDER BY count(*) DESC, max(number) DESC LIMIT :most",
            {
                "now": store.clock().timestamp(),
                "since": since if since is not None else 0.0,
                "until": until if until is not None else 9e15,
                "most": MOST_WORDINGS,
            },
        )
        return [Wording(*row) for row in rows]


def expire(database: Database, now: float, days: int) -> int:
    """Delete the questions whose time is over, and those older than ``days``, unless that is 0;
    how many.
    """
    return database.execute(
        "DELETE FROM asked WHERE expires_at <= ? OR day <= ?",
        (now, now - days * DAY if days else 0.0),
    ).rowcount
