"""Responses and their events, as OpenAI's Responses API has them."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from litestar.response import ServerSentEventMessage

from api.http.idempotency import Named
from api.http.openai.asking import Begun
from api.http.openai.errors import OpenAIError
from api.http.openai.requests import MODEL
from api.http.openai.text import Mark, Writing
from api.http.sse import COMMENT
from qa.answer import Answer
from qa.answering.answerer import Token, Trace
from qa.errors import QAError

# What a response repeats of its request.
REPEATED = (
    "max_output_tokens",
    "metadata",
    "previous_response_id",
    "temperature",
    "top_p",
    "user",
)


@dataclass(frozen=True, slots=True)
class Details:
    """What a response says beside its answer. ``stored``: whether it can be read again."""

    repeated: dict[str, Any]
    stored: bool
    input_tokens: int = 0
    output_tokens: int = 0

    def counted(self, trace: Trace) -> "Details":
        """The same, with the tokens that the answer took."""
        read, written = trace.prompt_tokens or 0, trace.completion_tokens or 0
        return Details(self.repeated, self.stored, read, written)

    def to_json(self) -> str:
        return json.dumps([self.repeated, self.stored, self.input_tokens, self.output_tokens])

    @classmethod
    def from_json(cls, text: str) -> "Details":
        return cls(*json.loads(text))


class ResponseWriter:
    """One response, as far as it is written, and its events, which are numbered from 0."""

    def __init__(self, named: Named, details: Details, writing: Writing) -> None:
        self._named = named
        self._details = details
        self.writing = writing
        self._sent = 0

    @property
    def id(self) -> str:
        return response_id(self._named.run)

    def response(self, answer: Answer, trace: Trace) -> dict[str, Any]:
        """The response, complete."""
        return self._object(
            "completed",
            output=[self._item("completed")],
            usage=self._details.counted(trace),
            dateline=answer.without_hits().model_dump(mode="json"),
        )

    def opening(self) -> list[ServerSentEventMessage]:
        """The events before the first text."""
        started = {"response": self._object("in_progress")}
        item = {**self._item("in_progress"), "content": []}
        return [
            self._event("response.created", **started),
            self._event("response.in_progress", **started),
            self._event("response.output_item.added", output_index=0, item=item),
            self._event("response.content_part.added", **self._place(), part=_part("", ())),
        ]

    def delta(self, text: str) -> ServerSentEventMessage:
        return self._event("response.output_text.delta", **self._place(), delta=text, logprobs=[])

    def closing(self, answer: Answer, trace: Trace) -> list[ServerSentEventMessage]:
        """The events behind the last text."""
        text, marks = self.writing.text, self.writing.marks
        added = [
            self._event(
                "response.output_text.annotation.added",
                **self._place(),
                annotation_index=index,
                annotation=_annotation(mark),
            )
            for index, mark in enumerate(marks)
        ]
        return [
            *added,
            self._event("response.output_text.done", **self._place(), text=text, logprobs=[]),
            self._event("response.content_part.done", **self._place(), part=_part(text, marks)),
            self._event("response.output_item.done", output_index=0, item=self._item("completed")),
            self._event("response.completed", response=self.response(answer, trace)),
        ]

    def failure(self, error: QAError) -> ServerSentEventMessage:
        said = {"code": "server_error", "message": OpenAIError.of(error).message}
        return self._event("response.failed", response=self._object("failed", error=said))

    def _event(self, kind: str, **content: Any) -> ServerSentEventMessage:
        numbered = {"type": kind, "sequence_number": self._sent, **content}
        self._sent += 1
        return ServerSentEventMessage(event=kind, data=json.dumps(numbered, ensure_ascii=False))

    def _place(self) -> dict[str, Any]:
        return {"item_id": self._item_id, "output_index": 0, "content_index": 0}

    @property
    def _item_id(self) -> str:
        return f"msg_{self._named.run}"

    def _item(self, status: str) -> dict[str, Any]:
        return {
            "type": "message",
            "id": self._item_id,
            "status": status,
            "role": "assistant",
            "content": [_part(self.writing.text, self.writing.marks)],
        }

    def _object(
        self,
        status: str,
        *,
        output: list[dict[str, Any]] | None = None,
        usage: Details | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "response",
            "created_at": self._named.created,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "model": MODEL,
            "output": output or [],
            "parallel_tool_calls": False,
            "reasoning": {"effort": None, "summary": None},
            "store": self._details.stored,
            "text": {"format": {"type": "text"}},
            "tool_choice": "none",
            "tools": [],
            "truncation": "disabled",
            "usage": None if usage is None else _usage(usage),
            "background": False,
            "instructions": None,
            **self._details.repeated,
            **more,
        }


def response_id(run: str) -> str:
    return f"resp_{run}"


async def response_events(
    begun: Begun, writer: ResponseWriter
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """The events of a response. Once they have begun, an error is the last of them."""
    opened = False
    trace = Trace((), None, None)
    async with aclosing(begun.events) as events:
        try:
            async for event in events:
                if event is None:
                    yield COMMENT
                    continue
                if not opened:
                    opened = True
                    for message in writer.opening():
                        yield message
                if isinstance(event, Token):
                    yield writer.delta(writer.writing.add(event))
                elif isinstance(event, Trace):
                    trace = event
                elif isinstance(event, Answer):
                    yield writer.delta(writer.writing.finish(event))
                    for message in writer.closing(event, trace):
                        yield message
        except QAError as error:
            yield writer.failure(error)


def _annotation(mark: Mark) -> dict[str, Any]:
    return {"type": "url_citation", **mark.to_json()}


def _part(text: str, marks: tuple[Mark, ...]) -> dict[str, Any]:
    return {
        "type": "output_text",
        "text": text,
        "annotations": [_annotation(mark) for mark in marks],
        "logprobs": [],
    }


def _usage(details: Details) -> dict[str, Any]:
    return {
        "input_tokens": details.input_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": details.output_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": details.input_tokens + details.output_tokens,
    }
