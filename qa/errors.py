"""What can go wrong, as a tree. Each interface translates it: an exit code, a
problem document.

QAError
├── BadInput               what was given cannot be used; nothing changed
│   ├── NotFound           no such article, version or passage
│   └── FetchFailed        an address that cannot or must not be fetched
├── StoreError
│   ├── NotAnArchive       the data directory holds something else, or a newer version's archive
│   ├── EmptyArchive       there is no archive yet, or nothing in it
│   ├── ArchiveBusy        another process is writing
│   │   └── ArchiveUnreachable  no connection to the database server, or it broke
│   ├── ArchiveStale       nothing new could be read for too long
│   └── StorageFailed      the disk is full, read-only or broken
├── EmbedderMismatch       the archive was embedded by another embedder
├── ModelUnavailable       a model cannot be found, loaded or trusted
├── BudgetSpent            a key has used up its budget of the day; ``retry_after`` seconds
├── QueueFull              too many questions wait already; ``retry_after`` seconds
└── AnswerModelError       the language model failed
    ├── AnswerModelTimeout       no reply in time
    ├── AnswerModelRefused       key, permission, policy or an unknown model name
    ├── AnswerModelRateLimited   too many requests; ``retry_after`` seconds where the server said so
    ├── AnswerModelMalformed     a reply that is not of the agreed form
    └── AnswerModelUnreachable   no connection, or it broke before the reply was whole
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


class QAError(Exception):
    """Base of everything that `qa` raises on purpose; says what is wrong and what to do."""


class BadInput(QAError):
    """What was given cannot be used; nothing changed."""


class NotFound(BadInput):
    """No such article, version or passage."""


class FetchFailed(BadInput):
    """An address that cannot or must not be fetched.

    ``retry_after``: seconds to wait, where the server said so.
    """

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StoreError(QAError):
    """The archive on disk."""


class NotAnArchive(StoreError):
    """The data directory holds something that is not ours, or that a newer version wrote."""


class EmptyArchive(StoreError):
    """There is no archive yet, or nothing in it."""


class ArchiveBusy(StoreError):
    """Another process is writing; try again."""


class ArchiveUnreachable(ArchiveBusy):
    """No connection to the database server, or it broke; try again."""


class ArchiveStale(StoreError):
    """No ingest, and no check of a followed feed, has succeeded for too long."""


class StorageFailed(StoreError):
    """The disk is full, read-only or broken."""


class EmbedderMismatch(QAError):
    """The archive was embedded by another embedder than the one that is set."""

    def __init__(self, fault: str, fix: str | None = None) -> None:
        super().__init__(fault if fix is None else f"{fault}: {fix}")
        self.fault = fault


class ModelUnavailable(QAError):
    """A model cannot be found, loaded or trusted."""


class QueueFull(QAError):
    """Too many questions wait already. ``retry_after``: seconds after which some will be done."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BudgetSpent(QAError):
    """A key has used up its budget. ``retry_after``: seconds until the day turns."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AnswerModelError(QAError):
    """The language model failed."""


class AnswerModelTimeout(AnswerModelError):
    """No reply in time."""


class AnswerModelRefused(AnswerModelError):
    """The server refused: key, permission, policy or an unknown model name."""


class AnswerModelRateLimited(AnswerModelError):
    """Too many requests. ``retry_after``: seconds, where the server said so."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AnswerModelMalformed(AnswerModelError):
    """A reply that is not of the agreed form."""


class AnswerModelUnreachable(AnswerModelError):
    """No connection, or it broke before the reply was whole."""


def first_problem(error: "ValidationError", whole: str = "the document") -> str:
    """The first error as "key: what is wrong". ``whole`` names the value where no key is wrong."""
    problem = error.errors()[0]
    place = ".".join(str(part) for part in problem["loc"]) or whole
    return f"{place}: {problem['msg'].removeprefix('Value error, ')}"
