"""The header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07), and Last-Event-ID."""

import hashlib
import json
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final

from litestar import Request
from litestar.response import ServerSentEventMessage

from api.http import callers
from qa.errors import BadInput

REPLAYED: Final = {"Idempotent-Replayed": "true"}  # the name that Stripe's clients know
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_TRANSIENT: Final = {"waiting"}  # events of the moment, which are never sent again


@dataclass(slots=True)
class Named:
    """The run that makes a request's events. ``created``: seconds since 1970.

    It changes, before the first lasting event, where this process takes the request over. ``cut``:
    whether the events are fewer than those that were sent first, as their text may not be shown.
    """

    run: str
    created: int
    cut: bool = False

    @property
    def stream(self) -> str:
        """What the ids of its events begin with."""
        return f"{self.run}-cut" if self.cut else self.run


@dataclass(frozen=True, slots=True)
class Key:
    """Which request this is. ``id`` is of the caller with its rights and the key, ``fingerprint``
    of the rest.
    """

    id: str
    fingerprint: str

    @classmethod
    async def of(cls, request: Request[Any, Any, Any]) -> "Key | None":
        """The key of a request, if it has one. Raises BadInput."""
        given = request.headers.get("idempotency-key")
        if given is None:
            if "last-event-id" in request.headers:
                raise BadInput(
                    "Last-Event-ID needs the Idempotency-Key with which the stream was begun"
                )
            return None
        # The draft's form is a quoted string; most clients send the bare text.
        key = given.strip()
        if len(key) > 1 and key[0] == key[-1] == '"':
            key = key[1:-1]
        if _KEY.fullmatch(key) is None:
            raise BadInput("Idempotency-Key must have 1 to 255 printable ASCII characters")
        key_id = request.scope["state"].get("key_id") or ""
        caller = json.dumps([key_id, *sorted(callers.current().rights)])
        asked = f"{request.method} {request.url.path}\n".encode() + await request.body()
        return cls(_digest(f"{caller}\n{key}".encode()), _digest(asked))


async def numbered(
    messages: AsyncGenerator[ServerSentEventMessage, None], named: Named, last: str | None
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """The messages with ids, those behind ``last`` only: what a client that comes back lacks.

    An id of another stream is of other events, which these may not continue: all are sent.
    """
    run, _, number = (last or "").rpartition("-")
    seen = int(number) if re.fullmatch(r"\d{1,9}", number) else 0
    count = 0
    async with aclosing(messages):
        async for message in messages:
            if message.data is None or message.event in _TRANSIENT:
                yield message
                continue
            count += 1
            if run != named.stream or count > seen:
                yield replace(message, id=f"{named.stream}-{count}")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
