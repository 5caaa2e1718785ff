"""An answer as server-sent events: waiting…, hits, token…, then answer or error. Data is JSON."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, suppress
from typing import Any, Final, TypeVar

from litestar.response import ServerSentEvent, ServerSentEventMessage
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send, SSEData

from api.http.problems import to_problem
from api.http.queue import Progress, Waiting
from api.http.replays import HitsShown
from qa.answer import Answer, HitOutput
from qa.answering.answerer import HitsFound, Token, Trace
from qa.errors import QAError

T = TypeVar("T")

KEEP_ALIVE = 10.0  # seconds of silence before a comment is sent, so that no proxy gives up

# A comment and nothing else: with litestar's default, an empty `data:` line, it would be an event.
COMMENT: Final = ServerSentEventMessage(comment="still working", data=None)


async def prepend(first: T, events: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """The events after a first one that was awaited before the response began."""
    async with aclosing(events):
        yield first
        async for event in events:
            yield event


class EventStream(ServerSentEvent):
    """A response of server-sent events that always closes its source.

    A client may leave before the first event is sent, and a generator that never started would
    close nothing.
    """

    def __init__(
        self,
        content: AsyncIterator[SSEData],
        source: AsyncGenerator[Progress | None, None],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(content, headers=headers)
        self._source = source

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> ASGIResponse:
        response = super().to_asgi_response(*args, **kwargs)
        source = self._source

        class Closing(ASGIResponse):
            def __init__(self) -> None:
                """Everything is delegated to the wrapped response."""

            async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
                try:
                    await response(scope, receive, send)
                finally:
                    with suppress(RuntimeError):  # already closing
                        await source.aclose()

        return Closing()


async def answer_events(
    events: AsyncGenerator[Progress, None], *, include_hits: bool
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """The events of /v1/ask. The status is 200 by then, so an error is an event too."""
    async with aclosing(keep_alive(events)) as alive:
        try:
            async for event in alive:
                if event is None:
                    yield COMMENT
                elif not isinstance(event, Trace):
                    yield _message(event, include_hits=include_hits)
        except QAError as error:
            problem = to_problem(error)
            content = {
                "type": problem.type_,
                "status": problem.status_code,
                "title": problem.title,
                "detail": problem.detail,
            }
            yield _json("error", content)


async def keep_alive(
    events: AsyncGenerator[Progress, None],
) -> AsyncGenerator[Progress | None, None]:
    """Add a None after every `KEEP_ALIVE` seconds of silence. Closing it closes the events."""
    async with aclosing(events):
        pending: asyncio.Future[Progress] | None = None
        try:
            while True:
                pending = pending or asyncio.ensure_future(anext(events))
                done, _ = await asyncio.wait({pending}, timeout=KEEP_ALIVE)
                if not done:
                    yield None
                    continue
                try:
                    event = pending.result()
                except StopAsyncIteration:
                    return
                pending = None
                yield event
        finally:
            if pending is not None:
                pending.cancel()
                await asyncio.gather(pending, return_exceptions=True)


def _message(
    event: Waiting | HitsFound | HitsShown | Token | Answer, *, include_hits: bool
) -> ServerSentEventMessage:
    if isinstance(event, Waiting):
        return _json("waiting", {"ahead": event.ahead})
    if isinstance(event, HitsShown):
        return _json("hits", [hit.model_dump(mode="json") for hit in event.hits])
    if isinstance(event, HitsFound):
        return _json("hits", [HitOutput.of(hit).model_dump(mode="json") for hit in event.hits])
    if isinstance(event, Token):
        return _json("token", {"text": event.text})
    answer = event if include_hits else event.without_hits()
    return _json("answer", answer.model_dump(mode="json"))


def _json(name: str, content: Any) -> ServerSentEventMessage:
    return ServerSentEventMessage(event=name, data=json.dumps(content, ensure_ascii=False))
