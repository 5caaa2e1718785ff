"""Errors as OpenAI's clients read them; see `api.http.problems` for what they say."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from litestar import Request, Response
from litestar.exceptions import ValidationException
from litestar.openapi import ResponseSpec
from litestar.plugins.problem_details import ProblemDetailsException

from api.http.problems import ACCESS, TRANSLATIONS
from qa.errors import BadInput

_TYPES: Final[dict[int, str]] = {
    HTTPStatus.UNAUTHORIZED: "authentication_error",
    HTTPStatus.FORBIDDEN: "permission_error",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
}


class Refused(BadInput):
    """A parameter that cannot be honoured. ``code``: OpenAI's name for what is wrong."""

    def __init__(self, message: str, param: str, code: str = "unsupported_parameter") -> None:
        super().__init__(message)
        self.param = param
        self.code = code


@dataclass(frozen=True, slots=True)
class OpenAIError:
    """``param`` and ``code`` are null where there is nothing to name."""

    message: str
    type: str
    param: str | None
    code: str | None

    @classmethod
    def of(cls, error: Exception, problem: ProblemDetailsException | None = None) -> "OpenAIError":
        """What went wrong, in OpenAI's words. ``problem``: the error as it was translated."""
        problem = problem or translate(error)
        status = problem.status_code
        kind = "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else None
        code = (problem.type_ or "").rpartition(":")[2].replace("-", "_")
        param = None
        if isinstance(error, Refused):
            param, code = error.param, error.code
        elif isinstance(error, ValidationException) and isinstance(error.extra, list):
            param = next((str(item["key"]) for item in error.extra if "key" in item), None)
        return cls(
            message=problem.detail,
            type=kind or _TYPES.get(status, "invalid_request_error"),
            param=param,
            code=code or None,
        )


@dataclass(frozen=True, slots=True)
class OpenAIProblem:
    error: OpenAIError


def translate(error: Exception) -> ProblemDetailsException:
    """The problem document that another route would answer with."""
    kind = next(kind for kind in type(error).__mro__ if kind in TRANSLATIONS)
    return TRANSLATIONS[kind](error)


def unknown_model(model: str, known: str) -> Response[Any]:
    """As OpenAI answers, so that its clients raise their own NotFoundError."""
    error = OpenAIError(
        message=f"unknown model '{model}'; the one model here is '{known}'",
        type="invalid_request_error",
        param="model",
        code="model_not_found",
    )
    return Response(OpenAIProblem(error), status_code=HTTPStatus.NOT_FOUND)


def _respond(_: Request[Any, Any, Any], error: Exception) -> Response[OpenAIProblem]:
    problem = translate(error)
    return Response(
        OpenAIProblem(OpenAIError.of(error, problem)),
        status_code=problem.status_code,
        headers=problem.headers,
    )


Handler = Callable[[Request[Any, Any, Any], Exception], Response[OpenAIProblem]]
HANDLERS: Final[dict[type[Exception] | int, Handler]] = dict.fromkeys(TRANSLATIONS, _respond)


def openai_documented(*statuses: HTTPStatus) -> dict[int, ResponseSpec]:
    """OpenAPI responses for these errors, and for those of every guarded route."""
    return {
        int(status): ResponseSpec(OpenAIProblem, description=status.phrase, generate_examples=False)
        for status in (*ACCESS, *statuses)
    }
