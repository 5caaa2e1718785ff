"""The parts of an answer as server-sent events: hits, token…, then answer or error. Data is JSON."""

import json
from collections.abc import AsyncIterator, Iterator
from itertools import chain
from typing import Any

from anyio import to_thread
from litestar.response import ServerSentEventMessage

from api.problems import to_problem
from qa.answerer import Event, HitsFound, Token, Trace
from qa.contract import answer_json, hit_json
from qa.errors import QAError
from qa.types import Answer


def first_event(events: Iterator[Event]) -> Iterator[Event]:
    """The same events, the first of them already made: what fails before it is still a problem document."""
    return chain([next(events)], events)


async def server_sent(events: Iterator[Event], *, include_hits: bool) -> AsyncIterator[ServerSentEventMessage]:
    """Each event as it comes. Once streaming, the status is 200 for good, so an error is an event too."""
    try:
        while (event := await to_thread.run_sync(next, events, None)) is not None:
            if not isinstance(event, Trace):
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


def _message(event: HitsFound | Token | Answer, *, include_hits: bool) -> ServerSentEventMessage:
    if isinstance(event, HitsFound):
        return _json("hits", [hit_json(hit) for hit in event.hits])
    if isinstance(event, Token):
        return _json("token", {"text": event.text})
    return _json("answer", answer_json(event, include_hits=include_hits))


def _json(name: str, content: Any) -> ServerSentEventMessage:
    return ServerSentEventMessage(event=name, data=json.dumps(content, ensure_ascii=False))
