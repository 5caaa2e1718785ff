"""Errors at the edge: every `QAError` as an RFC 9457 problem document."""

import logging
from dataclasses import dataclass
from http import HTTPStatus

from litestar.exceptions import HTTPException, ValidationException
from litestar.openapi import ResponseSpec
from litestar.plugins.problem_details import (
    ProblemDetailsConfig,
    ProblemDetailsException,
    ProblemDetailsPlugin,
)

from qa.errors import AnswerModelRateLimited, ArchiveBusy, BadInput, NotFound, QAError, QueueFull

_log = logging.getLogger("dateline")

CLIENT_LEFT = 499  # nginx's number for it; nobody is there to read it
RETRY_AFTER = 2  # seconds; what a busy archive asks a client to wait


@dataclass(frozen=True, slots=True)
class Problem:
    """RFC 9457, as it goes out under application/problem+json."""

    type: str
    status: int
    title: str
    detail: str


def to_problem(error: QAError) -> ProblemDetailsException:
    """400 or 404 for what the client can mend, 503 for what we or a model behind us cannot do now."""
    status = HTTPStatus.SERVICE_UNAVAILABLE
    headers: dict[str, str] = {}
    if isinstance(error, NotFound):
        status = HTTPStatus.NOT_FOUND
    elif isinstance(error, BadInput):
        status = HTTPStatus.BAD_REQUEST
    elif isinstance(error, ArchiveBusy):
        headers["Retry-After"] = str(RETRY_AFTER)
    elif isinstance(error, AnswerModelRateLimited | QueueFull) and error.retry_after is not None:
        headers["Retry-After"] = str(round(error.retry_after))
    return ProblemDetailsException(
        status_code=status,
        type_=f"urn:dateline:{_slug(type(error).__name__)}",
        title=status.phrase,
        detail=str(error),
        headers=headers or None,
    )


def invalid(error: ValidationException) -> ProblemDetailsException:
    """A request that does not fit: every field that is wrong, and why, in the detail."""
    found = [
        f"{problem.get('key', 'body')}: {problem.get('message', '')}"
        for problem in (error.extra if isinstance(error.extra, list) else [])
        if isinstance(problem, dict)
    ]
    return ProblemDetailsException(
        status_code=HTTPStatus.BAD_REQUEST,
        type_="urn:dateline:bad-input",
        title=HTTPStatus.BAD_REQUEST.phrase,
        detail="; ".join(found) or error.detail,
    )


def refused(error: HTTPException) -> ProblemDetailsException:
    """What litestar itself refuses: no such route, wrong method, a body too large or of another kind."""
    title = (
        HTTPStatus(error.status_code).phrase
        if error.status_code != CLIENT_LEFT
        else "Client Closed Request"
    )
    return ProblemDetailsException(
        status_code=error.status_code,
        type_=f"urn:dateline:{title.lower().replace(' ', '-')}",
        title=title,
        detail=error.detail,
        headers=error.headers,
    )


def too_deep(_: RecursionError) -> ProblemDetailsException:
    """JSON of a hundred thousand open brackets; the decoder gives up by running out of stack."""
    return ProblemDetailsException(
        status_code=HTTPStatus.BAD_REQUEST,
        type_="urn:dateline:bad-input",
        title=HTTPStatus.BAD_REQUEST.phrase,
        detail="the body is nested too deeply",
    )


def unexpected(error: Exception) -> ProblemDetailsException:
    """A fault of ours: the log has its traceback, the client a problem document like any other."""
    _log.error("an internal error: %s", type(error).__name__, exc_info=error)
    return ProblemDetailsException(
        status_code=HTTPStatus.INTERNAL_SERVER_ERROR,
        type_="urn:dateline:internal-error",
        title=HTTPStatus.INTERNAL_SERVER_ERROR.phrase,
        detail="an internal error; the service's log has it under this answer's X-Request-Id",
    )


def _slug(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip(
        "-"
    )


plugin = ProblemDetailsPlugin(
    ProblemDetailsConfig(
        exception_to_problem_detail_map={
            QAError: to_problem,
            ValidationException: invalid,
            HTTPException: refused,
            RecursionError: too_deep,
            Exception: unexpected,
        },
    )
)


# What any guarded route may say: `api.http.auth`.
_ACCESS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)


def documented(*statuses: HTTPStatus) -> dict[int, ResponseSpec]:
    """The problems that a route may answer with, for OpenAPI; those of a guarded route always."""
    return {
        int(status): ResponseSpec(
            Problem,
            media_type="application/problem+json",
            description=status.phrase,
            generate_examples=False,
        )
        for status in (*_ACCESS, *statuses)
    }
