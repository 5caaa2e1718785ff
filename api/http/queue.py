"""The desk: where questions wait for their turn. Every door that asks goes through it.

Few are answered at once, some wait, the rest are told to come again: never an unbounded pile. Searching for passages
waits behind nothing.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import aclosing
from typing import Any, TypeVar

from anyio import CapacityLimiter, Semaphore, WouldBlock, to_thread
from litestar import Request
from litestar.exceptions import HTTPException

from api.http.metrics import QUEUE, observe
from api.http.problems import CLIENT_LEFT
from qa.answer import Answer
from qa.answering.answerer import Answerer, Event, Trace
from qa.answering.recording import record
from qa.archive.archive import Archive
from qa.errors import DeskFull
from qa.retrieval.hybrid import Retrieved
from qa.settings import Settings
from qa.types import Filters

_SECONDS_EACH = 2  # about what an answer takes with the embedded model; for Retry-After
_SEARCHES_AT_ONCE = 8  # more threads than that only wait for each other on the cores

T = TypeVar("T")


class Desk:
    """Asks the answerer on behalf of all doors. For one event loop."""

    def __init__(self, answerer: Answerer, archive: Archive, settings: Settings) -> None:
        at_once = settings.answers_at_once
        if at_once is None:
            # While the embedded model writes one answer, the next question's evidence is read.
            at_once = settings.local_slots + 1 if settings.model == "local" else 8
        self._answerer = answerer
        self._archive = archive
        self._answers_kept = settings.answers_kept
        self._at_once = at_once
        self._places = Semaphore(at_once)
        self._answering = CapacityLimiter(at_once)
        self._searching = CapacityLimiter(_SEARCHES_AT_ONCE)
        self._most_waiting = settings.questions_waiting
        self._waiting = 0
        self._ending: set[asyncio.Future[None]] = set()

    async def find(self, question: str, k: int, filters: Filters) -> Retrieved:
        """The ``k`` best passages. Raises BadInput."""
        return await to_thread.run_sync(
            self._answerer.find, question, k, filters, limiter=self._searching
        )

    async def answer(
        self,
        question: str,
        filters: Filters | None = None,
        *,
        k: int = 10,
        min_confidence: float | None = None,
    ) -> Answer:
        """Raises BadInput, DeskFull, EmbedderMismatch, AnswerModelError."""
        return (await self.answer_and_trace(question, filters, k=k, min_confidence=min_confidence))[
            0
        ]

    async def answer_and_trace(
        self,
        question: str,
        filters: Filters | None = None,
        *,
        k: int = 10,
        min_confidence: float | None = None,
    ) -> tuple[Answer, Trace]:
        """As `answer`, with what the model saw."""
        trace: Trace | None = None
        async with aclosing(
            self.stream(question, filters, k=k, min_confidence=min_confidence)
        ) as events:
            async for event in events:
                if isinstance(event, Trace):
                    trace = event
                elif isinstance(event, Answer) and trace is not None:
                    return event, trace
        raise AssertionError("a stream ends with a trace and an answer")

    async def stream(
        self,
        question: str,
        filters: Filters | None = None,
        *,
        k: int = 10,
        min_confidence: float | None = None,
    ) -> AsyncGenerator[Event, None]:
        """The answerer's events, once it is this question's turn. Closing it stops the work at the next event.

        Raises DeskFull before the first when too many wait.
        """
        await self._take_place()
        events = record(
            self._answerer.stream(question, filters, k=k, min_confidence=min_confidence),
            self._archive,
            self._answers_kept,
        )
        step: asyncio.Future[Event | None] | None = None
        try:
            with observe() as seen:
                while True:
                    step = asyncio.ensure_future(
                        to_thread.run_sync(next, events, None, limiter=self._answering)
                    )
                    event = await asyncio.shield(step)
                    if event is None:
                        return
                    seen(event)
                    yield event
        finally:
            ending = asyncio.ensure_future(self._end(events, step))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def _end(
        self, events: Generator[Event, None, None], step: asyncio.Future[Event | None] | None
    ) -> None:
        """A step that a thread is at cannot be broken off: the place is free when it is done, not before."""
        if step is not None:
            await asyncio.wait({step})
            if not step.cancelled():
                step.exception()  # it was raised where it was awaited, or nobody waits for it any more
        try:
            await to_thread.run_sync(events.close, limiter=self._answering)
        finally:
            self._places.release()

    async def close(self) -> None:
        """Wait for what was broken off."""
        await asyncio.gather(*self._ending)

    async def _take_place(self) -> None:
        try:
            self._places.acquire_nowait()
        except WouldBlock:
            if self._waiting >= self._most_waiting:
                seconds = _SECONDS_EACH * (self._waiting + self._at_once)
                raise DeskFull(
                    f"{self._waiting} questions are waiting already; try again in {seconds} seconds",
                    seconds,
                ) from None
            self._waiting += 1
            QUEUE.inc()
            try:
                await self._places.acquire()
            finally:
                self._waiting -= 1
                QUEUE.dec()


async def unless_left(request: Request[Any, Any, Any], work: Callable[[], Awaitable[T]]) -> T:
    """The work's result; when the client goes away before it is there, the work is stopped."""
    working = asyncio.ensure_future(work())
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise HTTPException(status_code=CLIENT_LEFT, detail="the client went away")
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _left(request: Request[Any, Any, Any]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
