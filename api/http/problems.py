"""Errors at the edge: every `QAError` as an RFC 9457 problem document."""

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.openapi import ResponseSpec
from litestar.plugins.problem_details import (
    ProblemDetailsConfig,
    ProblemDetailsException,
    ProblemDetailsPlugin,
)
from pydantic import ValidationError

from qa.errors import (
    AnswerModelRateLimited,
    ArchiveBusy,
    ArchiveStale,
    ArchiveUnreachable,
    BadInput,
    BudgetSpent,
    EmptyArchive,
    NotFound,
    QAError,
    QueueFull,
    StorageFailed,
    StoreError,
)

_log = logging.getLogger("dateline")

CLIENT_LEFT = 499  # nginx's number; there is nobody to read it
RETRY_AFTER = 2  # seconds; what a busy archive asks a client to wait
_REPAIR = 60  # seconds; the same, of a disk that is full or a server that became read-only
_LONGEST_WAIT = 86_400  # seconds

# The store's own messages name its folder: they go to the log, and these to the client.
_STORE_DETAILS: Final[dict[type[StoreError], str]] = {
    ArchiveUnreachable: f"the database cannot be reached; try again in {RETRY_AFTER} seconds",
    ArchiveBusy: f"the archive is being written; try again in {RETRY_AFTER} seconds",
    ArchiveStale: "no ingest and no check of a feed has succeeded for longer than is allowed",
    EmptyArchive: "there is no archive yet, or nothing in it",
    StorageFailed: f"the archive cannot be used now; try again in {_REPAIR} seconds",
    StoreError: "the archive cannot be used now; the server log says why",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """RFC 9457, as it goes out under application/problem+json."""

    type: str
    status: int
    title: str
    detail: str


def to_problem(error: QAError) -> ProblemDetailsException:
    """400 or 404 for what the client can correct, 429 for what it has used up, 503 for what we or a
    model cannot do now.
    """
    status = HTTPStatus.SERVICE_UNAVAILABLE
    detail = str(error)
    wait: float | None = None
    if isinstance(error, NotFound):
        status = HTTPStatus.NOT_FOUND
    elif isinstance(error, BadInput):
        status = HTTPStatus.BAD_REQUEST
    elif isinstance(error, StoreError):
        _log.warning("%s: %s", type(error).__name__, error)
        detail = next(text for kind, text in _STORE_DETAILS.items() if isinstance(error, kind))
        if isinstance(error, ArchiveBusy):
            wait = RETRY_AFTER
        elif isinstance(error, StorageFailed):
            wait = _REPAIR
    elif isinstance(error, BudgetSpent):
        status = HTTPStatus.TOO_MANY_REQUESTS
        wait = error.retry_after
    elif isinstance(error, AnswerModelRateLimited | QueueFull):
        wait = error.retry_after
    return ProblemDetailsException(
        status_code=status,
        type_=f"urn:dateline:{_slug(type(error).__name__)}",
        title=status.phrase,
        detail=detail,
        headers={"Retry-After": _seconds(wait)} if wait is not None else None,
    )


def _seconds(wait: float) -> str:
    """Whole seconds for a Retry-After header, at most a day, whatever a model server sent."""
    if math.isnan(wait):
        return str(RETRY_AFTER)
    return str(math.ceil(min(max(wait, 0), _LONGEST_WAIT)))


def invalid(error: ValidationException) -> ProblemDetailsException:
    """A request that does not match its schema: the detail names every wrong field."""
    found = [
        f"{problem.get('key', 'body')}: {problem.get('message', '')}"
        for problem in (error.extra if isinstance(error.extra, list) else [])
        if isinstance(problem, dict)
    ]
    return _bad_input("; ".join(found) or error.detail)


def refused(error: HTTPException) -> ProblemDetailsException:
    """A request that litestar refuses: no route, wrong method, wrong or too large a body."""
    title = (
        HTTPStatus(error.status_code).phrase
        if error.status_code != CLIENT_LEFT
        else "Client Closed Request"
    )
    detail = error.detail
    if isinstance(error, NotFoundException) and detail == title:
        detail = "no such route; the API is described at /schema/docs"
    elif isinstance(error, MethodNotAllowedException):
        headers = {name.lower(): value for name, value in (error.headers or {}).items()}
        detail = f"this method is not allowed here; allowed: {headers.get('allow', 'none')}"
    return ProblemDetailsException(
        status_code=error.status_code,
        type_=f"urn:dateline:{title.lower().replace(' ', '-')}",
        title=title,
        detail=detail,
        headers=error.headers,
    )


def too_deep(_: RecursionError) -> ProblemDetailsException:
    """A body of a hundred thousand open brackets: the JSON decoder runs out of stack."""
    return _bad_input("the body is nested too deeply")


def not_utf8(error: UnicodeDecodeError) -> ProblemDetailsException:
    """A body in another encoding, such as latin-1."""
    return _bad_input(f"the body must be UTF-8; byte {error.start} is not")


def unexpected(error: Exception) -> ProblemDetailsException:
    """A fault of ours: a traceback for the log, a problem document for the client."""
    _log.error("an internal error: %s", type(error).__name__, exc_info=error)
    return ProblemDetailsException(
        status_code=HTTPStatus.INTERNAL_SERVER_ERROR,
        type_="urn:dateline:internal-error",
        title=HTTPStatus.INTERNAL_SERVER_ERROR.phrase,
        detail="an internal error; see the server log for this response's X-Request-Id",
    )


def _bad_input(detail: str) -> ProblemDetailsException:
    return ProblemDetailsException(
        status_code=HTTPStatus.BAD_REQUEST,
        type_="urn:dateline:bad-input",
        title=HTTPStatus.BAD_REQUEST.phrase,
        detail=detail,
    )


def _slug(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip(
        "-"
    )


TRANSLATIONS: Final[Mapping[type[Exception], Callable[..., ProblemDetailsException]]] = {
    QAError: to_problem,
    ValidationException: invalid,
    HTTPException: refused,
    RecursionError: too_deep,
    UnicodeDecodeError: not_utf8,
    Exception: unexpected,
}
plugin = ProblemDetailsPlugin(
    ProblemDetailsConfig(exception_to_problem_detail_map=dict(TRANSLATIONS))
)


# The refusals of `api.http.auth`, which any guarded route may answer with.
ACCESS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)


def documented(*statuses: HTTPStatus) -> dict[int, ResponseSpec]:
    """OpenAPI responses for these problems, and for those of every guarded route."""
    return {
        int(status): ResponseSpec(
            Problem,
            media_type="application/problem+json",
            description=status.phrase,
            generate_examples=False,
        )
        for status in (*ACCESS, *statuses)
    }


def in_words(error: ValidationError) -> str:
    """What is wrong with a form, and where: its first five faults, without what it holds."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}" for fault in faults[:5]
    )
