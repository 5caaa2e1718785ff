"""Where this service is, as its clients know it."""

from typing import Any

from litestar import Request

from qa.settings import Settings


def base_of(request: Request[Any, Any, Any], settings: Settings) -> str:
    """The service's public address, with a slash at its end."""
    return (settings.public_url or str(request.base_url)).rstrip("/") + "/"
