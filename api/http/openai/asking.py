"""How a stream of either protocol begins."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from litestar import Request

from api.http.queue import Progress, unless_left
from api.http.sse import keep_alive, prepend


@dataclass(frozen=True, slots=True)
class Begun:
    """Events of which the first is there. A None is due whenever nothing comes for a while.

    ``source`` is what has to be closed: ``events`` may never be started.
    """

    events: AsyncGenerator[Progress | None, None]
    source: AsyncGenerator[Progress | None, None]


async def begin(request: Request[Any, Any, Any], events: AsyncGenerator[Progress, None]) -> Begun:
    """Wait for the first event, or for as long as a client should be silent.

    What is raised until then can still be an error response.
    """
    source = keep_alive(events)
    first = await unless_left(request, lambda: anext(source))
    return Begun(prepend(first, source), source)
