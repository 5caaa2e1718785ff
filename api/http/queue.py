"""The queue of questions. Every interface that asks goes through it.

A few questions are answered at once, some wait, the rest are refused and asked to come back later.
Searching for passages never waits behind an answer.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from anyio import CapacityLimiter, Semaphore, WouldBlock, to_thread
from litestar import Request
from litestar.exceptions import HTTPException

from api.http import callers
from api.http.budgets import Budgets, Meter
from api.http.metrics import WAITING, count_events
from api.http.problems import CLIENT_LEFT
from qa.answer import Answer
from qa.answering.answerer import Answerer, Event, Trace
from qa.answering.conversation import LEANT_ON
from qa.answering.logbook import Logbook
from qa.answering.recording import record
from qa.archive.archive import Archive
from qa.errors import QueueFull
from qa.models.stopping import Stop, stoppable
from qa.question import Question
from qa.retrieval.hybrid import Retrieved
from qa.settings import Settings

_SECONDS_EACH = 2  # about what an answer takes with the embedded model; for Retry-After
# A search is computation: with more threads none is done sooner, and an answer or an article that
# comes in beside them gets a smaller share of the cores.
_SEARCHES_AT_ONCE = 2 * (os.cpu_count() or 1)
_COMPLETIONS_AT_ONCE = 8  # which may wait for a language model
_POSITION_CHECK = 0.5  # seconds between two looks at how many are still ahead

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question waits for its turn; ``ahead``: how many others wait before it."""

    ahead: int


Progress = Event | Waiting


class QuestionQueue:
    """Asks the answerer on behalf of every interface. Belongs to one event loop."""

    def __init__(self, answerer: Answerer, archive: Archive, settings: Settings) -> None:
        at_once = settings.answers_at_once
        if at_once is None:
            # Without a language model an answer is all computation; with one it is mostly waiting.
            at_once = 2 if settings.model == "local" else 8
        self._answerer = answerer
        self._archive = archive
        self._answers_kept = settings.answers_kept
        self._budgets = Budgets(archive.store, costs=settings.model != "local")
        self.logbook = Logbook(archive.store, settings)
        self._at_once = at_once
        self._places = Semaphore(at_once)
        self._answering = CapacityLimiter(at_once)
        self._searching = CapacityLimiter(_SEARCHES_AT_ONCE)
        self._completing = CapacityLimiter(_COMPLETIONS_AT_ONCE)
        self._most_waiting = settings.questions_waiting
        self._line: list[object] = []  # who waits, the next one first
        self._ending: set[asyncio.Future[None]] = set()

    async def find(self, question: Question) -> Retrieved:
        """The best passages."""
        return await to_thread.run_sync(self._answerer.find, question, limiter=self._searching)

    async def count_question(self) -> None:
        """Count a question of the caller that is asked later. Raises BudgetSpent, StoreError."""
        await self._budgets.take_question()

    async def complete(self, question: str, earlier: Sequence[str]) -> str:
        """A follow-up as a question of its own; see `Answerer.complete`.

        Raises BadInput, BudgetSpent.
        """
        if not earlier:
            return question
        await self._budgets.check()
        completed = await to_thread.run_sync(
            self._answerer.complete, question, earlier, limiter=self._completing
        )
        if completed != question:  # else no model was asked
            await self._budgets.charge_about(question, *earlier[-LEANT_ON:], completed)
        return completed

    async def follow_up(
        self, question: str, earlier: Sequence[str], parse: Callable[[str], Question]
    ) -> AsyncGenerator[Progress, None]:
        """The events of a question that the earlier ones may complete."""
        completed = await self.complete(question, earlier)
        async with aclosing(self.stream(parse(completed))) as events:
            async for event in events:
                yield event

    async def answer(self, question: Question) -> Answer:
        """Raises BudgetSpent, QueueFull, EmbedderMismatch, AnswerModelError."""
        answer, _ = await self.answer_and_trace(question)
        return answer

    async def answer_and_trace(self, question: Question) -> tuple[Answer, Trace]:
        """As `answer`, with what the model saw."""
        return await drain(self.stream(question))

    async def stream(self, question: Question) -> AsyncGenerator[Progress, None]:
        """The answerer's events. Closing it stops the work at the next event.

        A question that has to wait for its turn says so first, so that a response can begin, and
        again whenever it has moved up. Before that it raises QueueFull when too many are waiting,
        and BudgetSpent.
        """
        caller = callers.asking()
        try:
            self._places.acquire_nowait()
        except WouldBlock:
            async with aclosing(self._wait_for_turn()) as positions:
                async for position in positions:
                    yield position
        else:
            try:
                await self._budgets.take_question()
            except BaseException:
                self._places.release()
                raise
        events = record(
            self._answerer.stream(question),
            self._archive,
            self._answers_kept,
            question.filters,
        )
        events = self.logbook.note(events, question, caller)
        step: asyncio.Future[Event | None] | None = None
        meter = self._budgets.meter()
        stop = Stop()
        try:
            with count_events() as count:
                while True:
                    step = asyncio.ensure_future(
                        to_thread.run_sync(
                            stoppable, stop, next, events, None, limiter=self._answering
                        )
                    )
                    event = await asyncio.shield(step)
                    if event is None:
                        return
                    count(event)
                    meter.see(event)
                    # Before the answer is sent: the next question counts on it.
                    if isinstance(event, Trace):
                        await self._budgets.charge(meter)
                    yield event
        finally:
            stop.set()
            ending = asyncio.ensure_future(self._end(events, step, meter))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def _wait_for_turn(self) -> AsyncGenerator[Waiting, None]:
        """Take a place. Closed before its end, it takes none. Raises QueueFull, BudgetSpent."""
        with self._stand_in_line() as ticket:
            await self._budgets.take_question()  # once it may wait: a refusal counts nothing
            turn = asyncio.ensure_future(self._places.acquire())
            reported = None
            try:
                while not turn.done():
                    ahead = self._line.index(ticket)
                    if ahead != reported:
                        reported = ahead
                        yield Waiting(ahead)
                    await asyncio.wait({turn}, timeout=_POSITION_CHECK)
            except BaseException:
                turn.cancel()
                await asyncio.wait({turn})
                if not turn.cancelled():
                    self._places.release()
                raise

    @contextmanager
    def _stand_in_line(self) -> Iterator[object]:
        """One more question waits while this is open. Raises QueueFull."""
        self._refuse_when_full()
        ticket = object()
        self._line.append(ticket)
        WAITING.inc()
        try:
            yield ticket
        finally:
            self._line.remove(ticket)
            WAITING.dec()

    def _refuse_when_full(self) -> None:
        waiting = len(self._line)
        if waiting >= self._most_waiting:
            seconds = _SECONDS_EACH * (waiting + self._at_once)
            raise QueueFull(
                f"{waiting} questions are waiting already; try again in {seconds} seconds",
                seconds,
            )

    async def _end(
        self,
        events: Generator[Event, None, None],
        step: asyncio.Future[Event | None] | None,
        meter: Meter,
    ) -> None:
        """Count the tokens and free the place, once the running step is done: a thread cannot be
        interrupted.
        """
        if step is not None:
            await asyncio.wait({step})
            if not step.cancelled():
                step.exception()  # raised where it was awaited, or nobody waits for it any more
        try:
            await to_thread.run_sync(events.close, limiter=self._answering)
            await self._budgets.charge(meter)
        finally:
            self._places.release()

    async def close(self) -> None:
        """Wait for the questions that were stopped."""
        await asyncio.gather(*self._ending)


async def drain(events: AsyncGenerator[Progress, None]) -> tuple[Answer, Trace]:
    """The end of a stream: its answer, with what the model saw."""
    trace: Trace | None = None
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Trace):
                trace = event
            elif isinstance(event, Answer) and trace is not None:
                return event, trace
    raise AssertionError("a stream ends with a trace and an answer")


async def unless_left(request: Request[Any, Any, Any], work: Callable[[], Awaitable[T]]) -> T:
    """The result of ``work``, which is stopped when the client leaves before it is done."""
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
