"""Sending messages to a platform: retried while it answers 429, never logged with an address."""

import asyncio
import logging
from contextvars import ContextVar
from typing import Any

import httpx

from qa.models.remote import seconds_to_wait

SEND_TIMEOUT = 10  # seconds for a platform to take a message
_SENDS = 3  # of one message, while the platform answers 429
_LONGEST_PAUSE = 30.0  # seconds between them
_PAUSE = 1.0  # seconds, where the platform names no time

_unlogged: ContextVar[bool] = ContextVar("unlogged", default=False)


class NotDeliveredError(Exception):
    """A platform did not take a message. Never names an address: those hold tokens."""


class Delivery:
    """The connections of one process to all its platforms."""

    def __init__(self) -> None:
        # A connection that cannot be made is tried once more.
        self._http = httpx.AsyncClient(
            timeout=SEND_TIMEOUT, transport=httpx.AsyncHTTPTransport(retries=1)
        )
        # httpx logs every address; those of Discord and Telegram hold tokens.
        logging.getLogger("httpx").addFilter(_may_be_logged)

    async def send(
        self, platform: str, method: str, url: str, tries: int = _SENDS, **content: Any
    ) -> dict[str, Any]:
        """The platform's JSON reply. ``content``: see `httpx.AsyncClient.request`; ``tries``: at
        most, where the platform takes no more messages for now.

        Raises NotDeliveredError.
        """
        private = _unlogged.set(True)
        try:
            for left in reversed(range(tries)):
                response = await self._http.request(method, url, **content)
                if response.status_code != httpx.codes.TOO_MANY_REQUESTS or not left:
                    break
                await asyncio.sleep(_pause(response))
        except UnicodeError:  # half of a surrogate pair
            raise NotDeliveredError(f"a message to {platform} cannot be encoded") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotDeliveredError(
                f"{platform} cannot be reached: {type(error).__name__}"
            ) from None
        finally:
            _unlogged.reset(private)
        if not response.is_success:
            raise NotDeliveredError(
                f"{platform} did not take a message: status {response.status_code}"
            )
        return _object(response)

    async def aclose(self) -> None:
        await self._http.aclose()


def _may_be_logged(_: logging.LogRecord) -> bool:
    return not _unlogged.get()


def _pause(response: httpx.Response) -> float:
    """Seconds to wait: Telegram and Discord say it in the body, and not always in the header."""
    content = _object(response)
    parameters = content.get("parameters")
    within = parameters if isinstance(parameters, dict) else content
    said = within.get("retry_after") or response.headers.get("retry-after")
    wait = seconds_to_wait(said)
    return _PAUSE if wait is None else min(wait, _LONGEST_PAUSE)


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        content = response.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
