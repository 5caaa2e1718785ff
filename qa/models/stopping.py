"""Breaking off work whose client has left.

A thread cannot be interrupted, so what runs long has to look, and what waits has to be woken up.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from qa.errors import AnswerModelError

_stop: ContextVar["Stop | None"] = ContextVar("stop", default=None)

T = TypeVar("T")


class Stop:
    """Set once, from any thread, to end the work that was begun with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._set = False
        self._wake_up: Callable[[], None] | None = None

    def set(self) -> None:
        with self._lock:
            self._set = True
            if self._wake_up is not None:
                self._wake_up()

    def is_set(self) -> bool:
        return self._set

    @contextmanager
    def waking(self, wake_up: Callable[[], None]) -> Iterator[None]:
        """Call ``wake_up`` if it is set while this is open, or was before."""
        with self._lock:
            self._wake_up = wake_up
            if self._set:
                wake_up()
        try:
            yield
        finally:
            with self._lock:
                self._wake_up = None


def stoppable(stop: Stop, work: Callable[..., T], *arguments: Any) -> T:
    """Do the work, which ends early once ``stop`` is set."""
    token = _stop.set(stop)
    try:
        return work(*arguments)
    finally:
        _stop.reset(token)


def current_stop() -> Stop | None:
    """What may end the work that this thread does."""
    return _stop.get()


def check_stopped() -> None:
    """Raises AnswerModelError once the client has left."""
    stop = _stop.get()
    if stop is not None and stop.is_set():
        raise AnswerModelError("stopped, as the client has left")
