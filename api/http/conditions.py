"""Conditional requests (RFC 9110, 13): whether the client has this version already."""

from typing import Any

from litestar import Request


def listed(request: Request[Any, Any, Any], header: str) -> list[str]:
    """The values of a header that lists them, all its lines."""
    return [part.strip() for line in request.headers.getall(header, []) for part in line.split(",")]


def unmodified(request: Request[Any, Any, Any], tag: str) -> bool:
    """Whether If-None-Match names this tag. The comparison is the weak one: a proxy that compresses
    makes the tag a weak one.
    """
    return any(
        part == "*" or part.removeprefix("W/") == tag for part in listed(request, "if-none-match")
    )
