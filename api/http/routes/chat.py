"""OpenAI's chat completions over the archive, for any OpenAI client or chat front end."""

import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import JSONBody
from litestar.response import ServerSentEventMessage
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from api.chat.markup import escape_markdown, escape_markdown_line, web_address
from api.chat.reply import NOT_SURE, beside, guess, nearest
from api.http.openapi import described
from api.http.problems import documented, to_problem
from api.http.queue import Progress, QuestionQueue, unless_left
from api.http.sse import COMMENT, EventStream, keep_alive, prepend
from qa.answer import Answer, Citation
from qa.answering.answerer import Token, Trace
from qa.errors import BadInput, QAError
from qa.question import Question
from qa.tuning import DOUBTFUL

MODEL = "dateline"
_MOST_MESSAGES = 1000


class _Sent(BaseModel):
    # Clients send many fields that have no meaning here (temperature, tools …).
    model_config = ConfigDict(frozen=True, extra="ignore")


class Part(_Sent):
    """A part of a message; those that are not text are left out."""

    type: StrictStr
    text: StrictStr | None = None


class Message(_Sent):
    """One message. Only the user's are read: system prompts change nothing here."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: StrictStr | tuple[Part, ...] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, str):
            return self.content
        return " ".join(part.text for part in self.content or () if part.text)


class StreamOptions(_Sent):
    include_usage: StrictBool = False


class ChatRequest(_Sent):
    """A conversation, whose last message of the user is the question."""

    messages: tuple[Message, ...] = Field(min_length=1, max_length=_MOST_MESSAGES)
    model: StrictStr = Field(default=MODEL, max_length=200)
    stream: StrictBool = False
    stream_options: StreamOptions | None = None

    @property
    def questions(self) -> list[str]:
        """The messages of the user, oldest first. Raises BadInput without one."""
        said = [
            message.text.strip()
            for message in self.messages
            if message.role == "user" and message.text.strip()
        ]
        if not said:
            raise BadInput("no user message in `messages`")
        return said


@dataclass(frozen=True, slots=True)
class OpenAIError:
    """An error as OpenAI's clients read it."""

    message: str
    type: str
    param: str
    code: str


@dataclass(frozen=True, slots=True)
class OpenAIProblem:
    error: OpenAIError


class Chat(Controller):
    path = "/v1"
    tags = ["chat"]

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
        responses=documented(
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.REQUEST_TIMEOUT,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            HTTPStatus.SERVICE_UNAVAILABLE,
        )
        | {
            HTTPStatus.NOT_FOUND: ResponseSpec(
                OpenAIProblem, description="Unknown model", generate_examples=False
            )
        },
    )
    async def chat(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[ChatRequest],
        queue: NamedDependency[QuestionQueue],
    ) -> Response[dict[str, Any]]:
        """Answer the conversation's last question. The text is Markdown, with numbered markers and
        a list of sources; ``dateline`` holds the `Answer` of /v1/ask.
        """
        if data.model != MODEL:
            return _unknown_model(data.model)
        *earlier, asked = data.questions
        complete = await unless_left(request, lambda: queue.complete(asked, earlier))
        question = Question.parse(complete)
        if data.stream:
            usage = data.stream_options is not None and data.stream_options.include_usage
            events = queue.stream(question)
            first = await unless_left(request, lambda: anext(events))
            return EventStream(_streamed(prepend(first, events), data.model, usage=usage), events)  # type: ignore[return-value]  # the same in parts
        answer, trace = await unless_left(request, lambda: queue.answer_and_trace(question))
        return Response(_completion(answer, trace, data.model))

    @get(
        "/models",
        operation_id="list_models",
        sync_to_thread=False,
        opt={"scope": "read"},
        responses=documented(),
    )
    def models(self) -> dict[str, Any]:
        """The one model: the archive."""
        return {
            "object": "list",
            "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}],
        }


def render(answer: Answer) -> str:
    """The answer as Markdown: text, markers, sources. All of an article's text is escaped."""
    if answer.answer is None:
        return _not_found(answer)
    return _opening(answer.answer, answer.confidence) + _rest(answer)


def _opening(text: str, confidence: float) -> str:
    """The first words of an answer; an uncertain one says so before anything else."""
    if confidence < DOUBTFUL:
        return NOT_SURE + escape_markdown(text)
    return escape_markdown_line(text)


def _rest(answer: Answer) -> str:
    """The end of an answer, behind the text that was streamed already."""
    markers = "".join(f"[{citation.n}]" for citation in answer.citations)
    notes = ""
    if answer.confidence < DOUBTFUL:
        notes += f"\n\nConfidence {answer.confidence:.2f}: this may be wrong, check the quotes."
    if answer.reason:
        notes += f"\n\nNote: {escape_markdown(answer.reason)}."
    sources = "\n".join(_source(citation) for citation in answer.citations)
    return f" {markers}{notes}\n\nSources:\n{sources}"


def _source(citation: Citation) -> str:
    day = citation.published_at[:10] if citation.published_at else "undated"
    origin = [citation.title or citation.article_id, citation.source, day, *beside(citation)]
    named = ", ".join(escape_markdown(part) for part in origin if part)
    url = web_address(citation.url)
    link = f", {url}" if url else ""
    return f"[{citation.n}] “{escape_markdown(citation.quote)}” — {named}{link}"


def _not_found(answer: Answer) -> str:
    """The reason, the rejected candidate with its confidence, and the nearest reports."""
    text = f"Not found in the archive: {escape_markdown(answer.reason or 'no answer')}."
    if answer.candidate is not None:
        text += f"\n\n{escape_markdown(guess(answer.candidate))}"
    if answer.coverage is not None:
        text += f"\n\n{answer.coverage.in_words}."
    reports = [
        f"- {escape_markdown(f'{report.title} · {report.details}')}"
        + (f", {report.url}" if report.url else "")
        for report in nearest(answer.hits or ())
    ]
    if reports:
        text += "\n\nThe nearest reports:\n" + "\n".join(reports)
    return text


def _unknown_model(model: str) -> Response[Any]:
    """As OpenAI answers, so that its clients raise their own NotFoundError."""
    error = OpenAIError(
        message=f"unknown model '{model}'; the one model here is '{MODEL}'",
        type="invalid_request_error",
        param="model",
        code="model_not_found",
    )
    return Response(OpenAIProblem(error), status_code=HTTPStatus.NOT_FOUND)


def _usage(trace: Trace) -> dict[str, int]:
    read, written = trace.prompt_tokens or 0, trace.completion_tokens or 0
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _completion(answer: Answer, trace: Trace, model: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": render(answer), "refusal": None}
    return {
        "id": f"chatcmpl-{answer.id}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": _usage(trace),
        "dateline": answer.without_hits().model_dump(mode="json"),
    }


async def _streamed(
    events: AsyncGenerator[Progress, None], model: str, *, usage: bool
) -> AsyncGenerator[ServerSentEventMessage, None]:
    """Chunks as OpenAI sends them, "[DONE]" last.

    Once streaming, an error is a chunk too, and the clients raise it.
    """
    frame = {
        "id": "chatcmpl-stream",
        "object": "chat.completion.chunk",
        "created": int(time.time()),
        "model": model,
    }

    def chunk(delta: dict[str, Any], **more: Any) -> ServerSentEventMessage:
        choice = {
            "index": 0,
            "delta": delta,
            "logprobs": None,
            "finish_reason": more.pop("finish_reason", None),
        }
        return _data({**frame, "choices": [choice], **more})

    yield chunk({"role": "assistant", "content": ""})
    trace: Trace | None = None
    begun = False
    async with aclosing(keep_alive(events)) as alive:
        try:
            async for event in alive:
                if event is None:
                    yield COMMENT
                elif isinstance(event, Token) and begun:
                    # The text brings its separator, which the escaping may strip.
                    joint = " " if event.text.startswith(" ") else ""
                    yield chunk({"content": f"{joint}{escape_markdown(event.text)}"})
                elif isinstance(event, Token):
                    begun = True
                    yield chunk({"content": _opening(event.text, event.confidence)})
                elif isinstance(event, Trace):
                    trace = event
                elif isinstance(event, Answer):
                    yield chunk({"content": _rest(event) if begun else _not_found(event)})
                    yield chunk(
                        {},
                        finish_reason="stop",
                        dateline=event.without_hits().model_dump(mode="json"),
                    )
        except QAError as error:
            problem = to_problem(error)
            yield _data(
                {
                    "error": {
                        "message": problem.detail,
                        "type": problem.type_,
                        "code": problem.status_code,
                    }
                }
            )
            return
    if usage and trace is not None:
        yield _data({**frame, "choices": [], "usage": _usage(trace)})
    yield ServerSentEventMessage(data="[DONE]")


def _data(content: dict[str, Any]) -> ServerSentEventMessage:
    return ServerSentEventMessage(data=json.dumps(content, ensure_ascii=False))
