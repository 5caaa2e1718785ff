"""What was read from the archive last."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_MOST = 16


class Recent(Generic[Key, Value]):
    """The last few values that were read, by key. Safe to share between threads."""

    def __init__(self) -> None:
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, read: Callable[[], Value]) -> Value:
        """The value that was read for the key before, or is read now."""
        with self._lock:
            known = self._values.get(key)
        if known is None:
            known = read()
            with self._lock:
                self._values[key] = known
                while len(self._values) > _MOST:
                    self._values.popitem(last=False)
        return known
