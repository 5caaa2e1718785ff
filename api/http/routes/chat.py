"""OpenAI's chat completions over the archive, for any OpenAI client or chat front end."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import ServerSentEventMessage
from pydantic import Field

from api.http.addresses import base_of
from api.http.idempotency import Key, Named, numbered
from api.http.openai.asking import Begun, begin
from api.http.openai.errors import HANDLERS, OpenAIError, openai_documented, unknown_model
from api.http.openai.requests import (
    CHAT_RULES,
    MODEL,
    MOST_MESSAGES,
    Conversation,
    Message,
    questions,
    refuse_unsupported,
)
from api.http.openai.text import Mark, Writing
from api.http.openapi import described
from api.http.queue import QuestionQueue, drain, unless_left
from api.http.replays import Answers
from api.http.runs import Runs
from api.http.sse import COMMENT, EventStream
from qa.answer import Answer
from qa.answering.answerer import Token, Trace
from qa.errors import QAError
from qa.question import Question
from qa.settings import Settings

_MODEL_OUTPUT = {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}


class ChatRequest(Conversation):
    """A conversation, whose last message of the user is the question."""

    messages: tuple[Message, ...] = Field(min_length=1, max_length=MOST_MESSAGES)


class Chat(Controller):
    path = "/v1"
    tags = ["chat"]
    exception_handlers = HANDLERS

    @post(
        "/chat/completions",
        operation_id="chat",
        status_code=200,
        opt={"scope": "ask"},
        operation_class=described(
            {
                "a question": {
                    "model": MODEL,
                    "messages": [{"role": "user", "content": "How much will the bridge cost?"}],
                }
            },
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
    async def chat(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[ChatRequest],
        queue: NamedDependency[QuestionQueue],
        runs: NamedDependency[Runs],
        settings: NamedDependency[Settings],
    ) -> Response[dict[str, Any]]:
        """Answer the conversation's last question. The text is Markdown, with numbered markers and
        a list of sources; the annotations say which marker is which report, and ``dateline`` holds
        the `Answer` of /v1/ask. With an Idempotency-Key, the same request is answered once.
        """
        if data.model != MODEL:
            return unknown_model(data.model, MODEL)
        refuse_unsupported(data, CHAT_RULES)
        *earlier, asked = questions(data.messages, "messages")
        key = await Key.of(request)
        opened = await runs.open(key, queue.follow_up(asked, earlier, Question.parse), Answers())
        writing = Writing(base_of(request, settings))
        if data.stream:
            begun = await begin(request, opened.events)
            usage = data.stream_options is not None and data.stream_options.include_usage
            chunks = _streamed(begun, writing, opened.named, usage=usage)
            if opened.resumable:
                chunks = numbered(chunks, opened.named, request.headers.get("last-event-id"))
            return EventStream(chunks, begun.source, headers=opened.headers)  # type: ignore[return-value]  # the same in parts
        answer, trace = await unless_left(request, lambda: drain(opened.events))
        writing.write(answer)
        return Response(_completion(answer, trace, writing, opened.named), headers=opened.headers)

    @get(
        "/models",
        operation_id="list_models",
        sync_to_thread=False,
        opt={"scope": "read"},
        responses=openai_documented(),
    )
    def models(self) -> dict[str, Any]:
        """The one model: the archive."""
        return {"object": "list", "data": [_MODEL_OUTPUT]}

    @get(
        "/models/{model:str}",
        operation_id="get_model",
        sync_to_thread=False,
        opt={"scope": "read"},
        responses=openai_documented(HTTPStatus.NOT_FOUND),
    )
    def model(self, model: FromPath[str]) -> Response[dict[str, Any]]:
        """The model of this name: there is one."""
        if model != MODEL:
            return unknown_model(model, MODEL)
        return Response(_MODEL_OUTPUT)


def _usage(trace: Trace) -> dict[str, int]:
    read, written = trace.prompt_tokens or 0, trace.completion_tokens or 0
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _annotations(marks: tuple[Mark, ...]) -> list[dict[str, Any]]:
    return [{"type": "url_citation", "url_citation": mark.to_json()} for mark in marks]


def _completion(answer: Answer, trace: Trace, writing: Writing, named: Named) -> dict[str, Any]:
    message = {
        "role": "assistant",
        "content": writing.text,
        "refusal": None,
        "annotations": _annotations(writing.marks),
    }
    return {
        "id": f"chatcmpl-{named.run}",
        "object": "chat.completion",
        "created": named.created,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": _usage(trace),
        "dateline": answer.without_hits().model_dump(mode="json"),
    }


class _Chunks:
    """Makes the chunks of one stream."""

    def __init__(self, named: Named) -> None:
        self._frame = {
            "id": f"chatcmpl-{named.run}",
            "object": "chat.completion.chunk",
            "created": named.created,
            "model": MODEL,
        }

    def delta(
        self, delta: dict[str, Any], *, finish: str | None = None, **more: Any
    ) -> ServerSentEventMessage:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data({**self._frame, "choices": [choice], **more})

    def usage(self, trace: Trace) -> ServerSentEventMessage:
        return _data({**self._frame, "choices": [], "usage": _usage(trace)})


async def _streamed(
    begun: Begun, writing: Writing, named: Named, *, usage: bool
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """Chunks as OpenAI sends them, "[DONE]" last.

    Once streaming, an error is a chunk too, and the clients raise it.
    """
    chunks: _Chunks | None = None
    trace: Trace | None = None
    async with aclosing(begun.events) as events:
        try:
            async for event in events:
                if event is None:
                    yield COMMENT
                    continue
                if chunks is None:
                    chunks = _Chunks(named)
                    yield chunks.delta({"role": "assistant", "content": ""})
                if isinstance(event, Token):
                    yield chunks.delta({"content": writing.add(event)})
                elif isinstance(event, Trace):
                    trace = event
                elif isinstance(event, Answer):
                    yield chunks.delta({"content": writing.finish(event)})
                    if writing.marks:
                        yield chunks.delta({"annotations": _annotations(writing.marks)})
                    whole = event.without_hits().model_dump(mode="json")
                    yield chunks.delta({}, finish="stop", dateline=whole)
        except QAError as error:
            yield _data({"error": asdict(OpenAIError.of(error))})
            return
    if usage and trace is not None and chunks is not None:
        yield chunks.usage(trace)
    yield ServerSentEventMessage(data="[DONE]")


def _data(content: dict[str, Any]) -> ServerSentEventMessage:
    return ServerSentEventMessage(data=json.dumps(content, ensure_ascii=False))
