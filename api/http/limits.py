"""Rate limits over a moving window, counted for all processes and hosts that serve an archive."""

import logging
import math
import re
import time
from collections import OrderedDict, deque
from threading import Lock
from typing import Final, Self

from qa.archive.store import Store
from qa.archive.usage import Counted, Rate, count_call
from qa.errors import StoreError

_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_LIMIT: Final = re.compile(r"(\d+)/(\w+)")
_MOST_CALLERS = 10_000  # remembered; beyond that the one that was quiet for longest is forgotten

_log = logging.getLogger("dateline")


class Limit:
    """At most ``amount`` calls of one caller within any ``unit`` of time. Safe to share between
    threads.

    Where the shared counters cannot be used, each process counts by itself: the limit then holds
    for each, and nobody is turned away for our fault.
    """

    def __init__(self, amount: int, unit: str) -> None:
        self.amount = amount
        self.unit = unit
        self.rate = Rate(amount, _SECONDS[unit])
        self._alone = _OwnCounts(self.rate)
        self._shared = True

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a limit such as "60/minute"."""
        found = _LIMIT.fullmatch(text)
        if found is None:
            raise ValueError(f"not a rate limit: '{text}'")
        return cls(int(found[1]), found[2])

    def count(self, store: Store, caller: str) -> Counted:
        """Count a call, unless it is over the limit. Blocking."""
        try:
            counted = count_call(store, caller, self.rate)
        except StoreError as error:
            if self._shared:
                _log.warning("each process counts calls by itself now: %s", error)
            self._shared = False
            return self._alone.count(caller)
        self._shared = True
        return counted


class _OwnCounts:
    """The calls of this process, by the monotonic clock."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._calls: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def count(self, caller: str) -> Counted:
        now = time.monotonic()
        with self._lock:
            calls = self._calls.setdefault(caller, deque())
            self._calls.move_to_end(caller)
            while calls and calls[0] <= now - self._rate.seconds:
                calls.popleft()
            granted = len(calls) < self._rate.amount
            if granted:
                calls.append(now)
            if len(self._calls) > _MOST_CALLERS:
                self._calls.popitem(last=False)
            reset = max(1, math.ceil(calls[0] + self._rate.seconds - now))
            return Counted(granted, self._rate.amount - len(calls), reset)
