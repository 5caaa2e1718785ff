"""Errors of the archive as errors of the protocol: one line that says what is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager

from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError, ToolError

from api.http.problems import to_problem
from qa.errors import NotFound, QAError


@contextmanager
def tool_errors() -> Iterator[None]:
    """Turn a `QAError` into a tool error, which the model reads."""
    try:
        yield
    except QAError as error:
        raise ToolError(to_problem(error).detail) from error


@contextmanager
def resource_errors() -> Iterator[None]:
    """Turn a `QAError` into an error of the resource that was read."""
    try:
        yield
    except NotFound as error:
        raise ResourceNotFoundError(str(error)) from error
    except QAError as error:
        raise ResourceError(to_problem(error).detail) from error
