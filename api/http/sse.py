"""The parts of an answer as server-sent events: hits, token…, then answer or error. Data is JSON."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from litestar.response import ServerSentEvent, ServerSentEventMessage
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send, SSEData

from api.http.problems import to_problem
from qa.answer import Answer, HitOutput
from qa.answering.answerer import Event, HitsFound, Token, Trace
from qa.errors import QAError

KEEP_ALIVE = 10.0  # seconds of silence after which a comment is sent, so that no proxy takes the line for dead

T = TypeVar("T")


async def chained(first: Event, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
    """The same events, the first of them already made: what fails before it is still a problem document."""
    async with aclosing(events):
        yield first
        async for event in events:
            yield event


class EventStream(ServerSentEvent):
    """A response of server-sent events that closes its source whatever happens: a client may be gone before the first
    is sent, and a generator that was never begun closes nothing.
    """

    def __init__(
        self, content: AsyncIterator[SSEData], source: AsyncGenerator[Event, None]
    ) -> None:
        super().__init__(content)
        self._source = source

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> ASGIResponse:
        response = super().to_asgi_response(*args, **kwargs)
        source = self._source

        class Closing(ASGIResponse):
            def __init__(self) -> None:
                """Only what is asked of it is handed on."""

            async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
                try:
                    await response(scope, receive, send)
                finally:
                    with suppress(RuntimeError):  # it is being closed already
                        await source.aclose()

        return Closing()


async def server_sent(
    events: AsyncGenerator[Event, None], *, include_hits: bool
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """Each event as it comes. Once streaming, the status is 200 for good, so an error is an event too."""
    async with aclosing(kept_alive(events)) as alive:
        try:
            async for event in alive:
                if event is None:
                    yield ServerSentEventMessage(comment="still working")
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


async def kept_alive(events: AsyncGenerator[T, None]) -> AsyncGenerator[T | None, None]:
    """The same, with a None for every `KEEP_ALIVE` seconds of silence. Closing it closes the events."""
    async with aclosing(events):
        pending: asyncio.Future[T] | None = None
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


def _message(event: HitsFound | Token | Answer, *, include_hits: bool) -> ServerSentEventMessage:
    if isinstance(event, HitsFound):
        return _json("hits", [HitOutput.of(hit).model_dump(mode="json") for hit in event.hits])
    if isinstance(event, Token):
        return _json("token", {"text": event.text})
    answer = event if include_hits else event.without_hits()
    return _json("answer", answer.model_dump(mode="json"))


def _json(name: str, content: Any) -> ServerSentEventMessage:
    return ServerSentEventMessage(event=name, data=json.dumps(content, ensure_ascii=False))
