"""Work that several requests may wait for: each Idempotency-Key is worked at once.

A run goes on when its client leaves, for `GRACE` seconds in which somebody may come back for it.
Without a key there is no run: a client that leaves stops the work.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Generic, Protocol, TypeVar

from anyio import to_thread
from litestar.exceptions import HTTPException

from api.http.idempotency import REPLAYED, Key, Named
from qa.archive import requests
from qa.archive.archive import Archive
from qa.archive.requests import Result
from qa.errors import NotFound, QueueFull, StoreError

GRACE = 30.0  # seconds that a run goes on without a client
POLL = 0.5  # seconds between two looks at a run of another process

_log = logging.getLogger("dateline")

T = TypeVar("T")


class Form(Protocol[T]):
    """How the events of a run are stored."""

    @property
    def stoppable(self) -> bool:
        """Whether a run that nobody waits for is stopped."""

    def lasting(self, event: Any) -> bool:
        """Whether an event is sent to those who come later too."""

    def pack(self, events: list[T]) -> Result:
        """The lasting events of a run that is done."""

    def unpack(self, done: requests.Request, archive: Archive) -> list[T]:
        """They again, or those that are left. Raises NotFound."""

    def is_cut(self, events: list[T]) -> bool:
        """Whether unpacked events are fewer than there were."""


@dataclass(frozen=True, slots=True)
class Opened(Generic[T]):
    """The events of a request. ``resumable``: whether a client may come back for the rest."""

    named: Named
    events: AsyncGenerator[T, None]
    resumable: bool = False
    headers: dict[str, str] = field(default_factory=dict)


class Run(Generic[T]):
    """The work at one request, or the wait for another process that works at it."""

    def __init__(
        self,
        key: Key,
        source: AsyncGenerator[T, None],
        form: Form[T],
        archive: Archive,
        *,
        kept: bool,
    ) -> None:
        self.key = key
        self.claimed: asyncio.Future[None] = asyncio.Future()
        self._name = requests.new_run()
        self.named = Named(self._name, 0)
        self._source = source
        self._form = form
        self._archive = archive
        self._kept = kept
        self._events: list[T] = []
        self._changed = asyncio.Event()
        self._followers = 0
        self._leaving: asyncio.TimerHandle | None = None
        self.task = asyncio.create_task(self._work())
        self.task.add_done_callback(self._end)
        self._watch()

    @property
    def ours(self) -> bool:
        """Whether this process works at it, once it is claimed."""
        return self.named.run == self._name

    async def follow(self) -> AsyncGenerator[T, None]:
        """All events from the first, as they come. Raises what the work raises."""
        self._followers += 1
        self._watch()
        try:
            place = 0
            while True:
                while place < len(self._events):
                    event = self._events[place]
                    place += 1
                    if place == len(self._events) or self._form.lasting(event):
                        yield event
                if self.task.cancelled():
                    raise _restarting()
                if self.task.done():
                    self.task.result()
                    return
                await self._changed.wait()
        finally:
            self._followers -= 1
            self._watch()

    async def stop(self) -> None:
        """Stop the work, or wait for what cannot be stopped."""
        if self._form.stoppable:
            self.task.cancel()
        await asyncio.wait({self.task})

    async def _work(self) -> None:
        found = await self._claim()
        while not found.done and found.run != self._name:
            await asyncio.sleep(POLL)
            found = await self._look()
        if found.done:
            with suppress(NotFound):
                events = await to_thread.run_sync(self._form.unpack, found, self._archive)
                self.named.cut = self._form.is_cut(events)
                self._announce()
                for event in events:
                    self._add(event)
                return
            # The answer is no longer stored, nor is its text.
            await to_thread.run_sync(requests.release, self._archive.store, found.run)
            await self._work()
            return
        try:
            await self._make()
        except BaseException:
            await self._store(requests.release)
            raise

    async def _claim(self) -> requests.Request:
        """Begin the request, unless another process works at it. Raises HTTPException (422)."""
        found = await to_thread.run_sync(
            requests.claim, self._archive.store, self.key.id, self.key.fingerprint, self._name
        )
        check_same(found.fingerprint, self.key)
        self.named.run, self.named.created = found.run, int(found.begun)
        if not found.done:  # else it may turn out that the answer is no longer stored
            self._announce()
        return found

    def _announce(self) -> None:
        """Say that it is known whose events these are."""
        if not self.claimed.done():
            self.claimed.set_result(None)

    async def _look(self) -> requests.Request:
        """How far another process is; its request, if it failed or died."""
        store = self._archive.store
        found = await to_thread.run_sync(requests.find, store, self.key.id)
        if found is None or requests.expired(store, found):
            return await self._claim()
        return found

    async def _make(self) -> None:
        async with self._holding(), aclosing(self._source) as source:
            async for event in source:
                self._add(event)
        lasting = [event for event in self._events if self._form.lasting(event)]
        if self._kept:
            await self._store(requests.finish, self._form.pack(lasting))
        else:
            await self._store(requests.release)

    async def _store(self, write: Any, *arguments: Any) -> None:
        """Write about this run. A busy archive costs a retry, never the answer."""
        try:
            await to_thread.run_sync(write, self._archive.store, self._name, *arguments)
        except StoreError as error:
            _log.warning("a request's result is not stored: %s", error)

    @asynccontextmanager
    async def _holding(self) -> AsyncGenerator[None, None]:
        """Say now and then that this process still works at it."""

        async def hold() -> None:
            while True:
                await asyncio.sleep(requests.HELD / 3)
                await self._store(requests.hold)

        holding = asyncio.create_task(hold())
        try:
            yield
        finally:
            holding.cancel()
            with suppress(asyncio.CancelledError):
                await holding

    def _add(self, event: T) -> None:
        self._events.append(event)
        self._notify()

    def _notify(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _end(self, task: "asyncio.Task[None]") -> None:
        error = _restarting() if task.cancelled() else task.exception()
        if error is not None and not self.claimed.done():
            self.claimed.set_exception(error)
            self.claimed.exception()  # the task says it to those who follow
        self._notify()

    def _watch(self) -> None:
        """Stop the work once nobody has followed it for `GRACE` seconds."""
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None
        if not self._followers and self._form.stoppable and not self.task.done():
            self._leaving = asyncio.get_running_loop().call_later(GRACE, self.task.cancel)


class Runs:
    """The runs of this process. Belongs to one event loop.

    ``kept``: whether results are stored, so that they can be sent again once they are complete.
    """

    def __init__(self, archive: Archive, *, kept: bool) -> None:
        self._archive = archive
        self._kept = kept
        self._runs: dict[str, Run[Any]] = {}

    async def open(
        self, key: Key | None, source: AsyncGenerator[T, None], form: Form[T]
    ) -> Opened[T]:
        """The events of ``source``, or those of the run that was begun before with this key.

        Raises HTTPException (422) where the key was sent with another request, and ArchiveBusy.
        """
        if key is None:
            now = int(self._archive.store.clock().timestamp())
            return Opened(Named(requests.new_run(), now), source)
        run: Run[T] | None = self._runs.get(key.id)
        joined = run is not None
        if run is None:
            kept = self._kept or not form.stoppable
            run = self._begin(Run(key, source, form, self._archive, kept=kept))
        check_same(run.key.fingerprint, key)
        await asyncio.shield(run.claimed)
        replayed = joined or not run.ours
        headers = REPLAYED if replayed else {}
        return Opened(run.named, run.follow(), resumable=True, headers=dict(headers))

    async def close(self) -> None:
        """Stop the runs that can be stopped, and wait for the others."""
        await asyncio.gather(*(run.stop() for run in list(self._runs.values())))

    def _begin(self, run: Run[T]) -> Run[T]:
        self._runs[run.key.id] = run
        run.task.add_done_callback(lambda _: self._runs.pop(run.key.id, None))
        return run


def _restarting() -> QueueFull:
    return QueueFull("the service is being restarted; try again", 1)


def check_same(fingerprint: str, key: Key) -> None:
    """Raises HTTPException (422) where a key comes with another request than before."""
    if fingerprint != key.fingerprint:
        raise HTTPException(
            status_code=HTTPStatus.UNPROCESSABLE_ENTITY,
            detail="this Idempotency-Key was sent with another request; use a new key for each",
        )
