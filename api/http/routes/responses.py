"""OpenAI's responses over the archive: a question and its answer, with citations."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from http import HTTPStatus
from typing import Annotated, Any

from anyio import to_thread
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import ServerSentEventMessage
from pydantic import Field, StrictFloat, StrictInt, StrictStr

from api.http.addresses import base_of
from api.http.idempotency import Key, Named, numbered
from api.http.openai.asking import Begun, begin
from api.http.openai.errors import HANDLERS, Refused, openai_documented, unknown_model
from api.http.openai.requests import (
    MODEL,
    MOST_MESSAGES,
    RESPONSES_RULES,
    Conversation,
    Message,
    questions,
    refuse_unsupported,
)
from api.http.openai.responses import (
    REPEATED,
    Details,
    ResponseWriter,
    response_events,
    response_id,
)
from api.http.openai.text import Writing
from api.http.openapi import described
from api.http.queue import Progress, QuestionQueue, drain, unless_left
from api.http.replays import Answers, events_of
from api.http.runs import Runs
from api.http.sse import EventStream
from qa.answer import Answer
from qa.answering.answerer import Trace
from qa.archive.archive import Archive
from qa.archive.responses import StoredResponse, find_response, store_response
from qa.errors import BadInput, NotFound, StoreError
from qa.question import Question
from qa.settings import Settings

_Name = Annotated[StrictStr, Field(max_length=64)]
_Text = Annotated[StrictStr, Field(max_length=512)]

_log = logging.getLogger("dateline")


class InputItem(Message):
    """A message, of the user or of an earlier output."""

    type: StrictStr = "message"


class ResponseRequest(Conversation):
    """``input``: the question, or messages of which the user's last is it."""

    input: StrictStr | tuple[InputItem, ...] = Field(min_length=1, max_length=2**20)
    previous_response_id: StrictStr | None = Field(default=None, max_length=200)
    # These change nothing, and come back with the response.
    metadata: dict[_Name, _Text] | None = Field(default=None, max_length=16)
    temperature: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=2)
    top_p: StrictFloat | StrictInt | None = Field(default=None, ge=0, le=1)
    max_output_tokens: StrictInt | None = Field(default=None, ge=1, le=10**9)
    user: _Text | None = None

    @property
    def questions(self) -> list[str]:
        """The messages of the user, oldest first. Raises BadInput."""
        if isinstance(self.input, str):
            return questions([Message(role="user", content=self.input)], "input")
        if len(self.input) > MOST_MESSAGES:
            raise BadInput(f"input has {len(self.input)} items; at most {MOST_MESSAGES} are read")
        for item in self.input:
            if item.type != "message":
                message = f"an input item of type '{item.type[:40]}' cannot be read; send messages"
                raise Refused(message, "input", "unsupported_content")
        return questions(self.input, "input")

    def details(self, *, stored: bool) -> Details:
        """What the response says beside its answer."""
        repeated = {name: getattr(self, name) for name in REPEATED}
        return Details(repeated, stored)


class Responses(Controller):
    path = "/v1/responses"
    tags = ["chat"]
    exception_handlers = HANDLERS

    @post(
        operation_id="create_response",
        status_code=200,
        opt={"scope": "ask"},
        operation_class=described(
            {"a question": {"model": MODEL, "input": "How much will the bridge cost?"}},
            streams=True,
        ),
        responses=openai_documented(
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.NOT_FOUND,
            HTTPStatus.REQUEST_TIMEOUT,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            HTTPStatus.UNPROCESSABLE_ENTITY,
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
    )
    async def create(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[ResponseRequest],
        archive: NamedDependency[Archive],
        queue: NamedDependency[QuestionQueue],
        runs: NamedDependency[Runs],
        settings: NamedDependency[Settings],
    ) -> Response[dict[str, Any]]:
        """Answer the last question of ``input``; it may refer to those before it, and to that of
        ``previous_response_id``. The output's annotations are the cited reports, and ``dateline``
        holds the `Answer` of /v1/ask. With an Idempotency-Key, the same request is answered once.
        """
        if data.model != MODEL:
            return unknown_model(data.model, MODEL)
        refuse_unsupported(data, RESPONSES_RULES)
        *earlier, asked = data.questions
        if data.previous_response_id is not None:
            previous = await to_thread.run_sync(_question, archive, data.previous_response_id)
            earlier.insert(0, previous)
        details = data.details(stored=settings.answers_kept > 0)
        key = await Key.of(request)
        opened = await runs.open(key, queue.follow_up(asked, earlier, Question.parse), Answers())
        storing = _storing(opened.events, archive, opened.named, details, settings.answers_kept)
        writing = Writing(base_of(request, settings))
        writer = ResponseWriter(opened.named, details, writing)
        if data.stream:
            begun = await begin(request, storing)
            messages = response_events(begun, writer)
            if opened.resumable:
                messages = numbered(messages, opened.named, request.headers.get("last-event-id"))
            return EventStream(messages, begun.source, headers=opened.headers)  # type: ignore[return-value]  # the same in parts
        answer, trace = await unless_left(request, lambda: drain(storing))
        writing.write(answer)
        return Response(writer.response(answer, trace), headers=opened.headers)

    @get(
        "/{identity:str}",
        operation_id="get_response",
        opt={"scope": "read"},
        responses=openai_documented(
            HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE
        ),
    )
    async def read(
        self,
        request: Request[Any, Any, Any],
        identity: FromPath[str],
        archive: NamedDependency[Archive],
        settings: NamedDependency[Settings],
        stream: FromQuery[bool] = False,
        starting_after: FromQuery[int | None] = None,
    ) -> Response[dict[str, Any]]:
        """A response that was given before, from its stored answer; with ``stream`` its events,
        those behind the number ``starting_after`` only.
        """
        stored, answer = await to_thread.run_sync(_stored, archive, identity)
        details = Details.from_json(stored.details)
        named = Named(identity.removeprefix("resp_"), int(stored.created_at))
        trace = Trace((), details.input_tokens, details.output_tokens)
        writing = Writing(base_of(request, settings))
        writer = ResponseWriter(named, details, writing)
        if not stream:
            writing.write(answer)
            return Response(writer.response(answer, trace))
        events = _again(answer, trace)
        messages = response_events(Begun(events, events), writer)
        skipped = -1 if starting_after is None else starting_after
        return EventStream(_behind(messages, skipped), events)  # type: ignore[return-value]  # the same in parts


def _question(archive: Archive, identity: str) -> str:
    """The question of an earlier response. Raises Refused."""
    try:
        _, answer = _stored(archive, identity)
    except NotFound as error:
        param, code = "previous_response_id", "previous_response_not_found"
        raise Refused(str(error), param, code) from error
    return answer.question


def _stored(archive: Archive, identity: str) -> tuple[StoredResponse, Answer]:
    """Raises NotFound."""
    stored = find_response(archive.store, identity)
    with archive.snapshot() as snapshot:
        return stored, snapshot.answer(stored.answer_id)


async def _storing(
    events: AsyncGenerator[Progress, None],
    archive: Archive,
    named: Named,
    details: Details,
    most: int,
) -> AsyncGenerator[Progress, None]:
    """The same events; before the answer is sent, it is noted which response it is."""
    trace = Trace((), None, None)
    async with aclosing(events):
        async for event in events:
            if isinstance(event, Trace):
                trace = event
            elif isinstance(event, Answer) and most:
                response = StoredResponse(
                    response_id(named.run),
                    named.created,
                    event.id,
                    details.counted(trace).to_json(),
                )
                await to_thread.run_sync(_store, archive, response, most)
            yield event


def _store(archive: Archive, response: StoredResponse, most: int) -> None:
    """A busy archive does not hold an answer back; the response cannot be read again then."""
    try:
        store_response(archive.store, response, most)
    except StoreError as error:
        _log.warning("response %s is not stored: %s", response.id, error)


async def _again(answer: Answer, trace: Trace) -> AsyncGenerator[Progress | None, None]:
    for event in events_of(answer, trace):
        yield event


async def _behind(
    messages: AsyncGenerator[ServerSentEventMessage, None], skipped: int
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """The events whose number is greater. Events are numbered from 0."""
    number = 0
    async with aclosing(messages):
        async for message in messages:
            if number > skipped:
                yield message
            number += 1
