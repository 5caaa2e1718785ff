"""Rate limits over a moving window, counted by the monotonic clock."""

import math
import re
import time
from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Final, Self

_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_LIMIT: Final = re.compile(r"(\d+)/(\w+)")
_MOST_CALLERS = 10_000  # remembered; beyond that the one that was quiet for longest is forgotten


class Limit:
    """At most ``amount`` calls of one caller within any ``unit`` of time. For one event loop."""

    def __init__(self, amount: int, unit: str) -> None:
        self.amount = amount
        self.unit = unit
        self._seconds = _SECONDS[unit]
        self._calls: OrderedDict[Hashable, deque[float]] = OrderedDict()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a limit such as "60/minute"."""
        found = _LIMIT.fullmatch(text)
        if found is None:
            raise ValueError(f"not a rate limit: '{text}'")
        return cls(int(found[1]), found[2])

    def count(self, caller: Hashable) -> int:
        """Count a call and return 0; over the limit only return the seconds to wait."""
        now = time.monotonic()
        calls = self._calls.setdefault(caller, deque())
        self._calls.move_to_end(caller)
        while calls and calls[0] <= now - self._seconds:
            calls.popleft()
        if len(calls) >= self.amount:
            return max(1, math.ceil(calls[0] + self._seconds - now))
        calls.append(now)
        if len(self._calls) > _MOST_CALLERS:
            self._calls.popitem(last=False)
        return 0
