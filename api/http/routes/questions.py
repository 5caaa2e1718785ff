"""Questions over HTTP: passages that speak of one, or its answer."""

from http import HTTPStatus
from typing import Any

from litestar import Controller, Request, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from api.http.idempotency import Key, numbered
from api.http.openapi import described
from api.http.problems import documented
from api.http.queue import QuestionQueue, drain, unless_left
from api.http.replays import Answers
from api.http.runs import Runs
from api.http.schemas import AskRequest, RetrieveRequest
from api.http.sse import EventStream, answer_events, prepend
from qa.answer import Answer, SearchOutput

_PROBLEMS = documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_ASK_PROBLEMS = _PROBLEMS | documented(HTTPStatus.UNPROCESSABLE_ENTITY)


class Questions(Controller):
    path = "/v1"
    tags = ["questions"]

    @post(
        "/retrieve",
        operation_id="retrieve",
        status_code=200,
        responses=_PROBLEMS,
        operation_class=described(
            {
                "passages of a month": {
                    "question": "Who resigned?",
                    "k": 5,
                    "filters": {"published_from": "2024-03-01"},
                }
            }
        ),
        opt={"scope": "read"},
    )
    async def retrieve(
        self, data: JSONBody[RetrieveRequest], queue: NamedDependency[QuestionQueue]
    ) -> SearchOutput:
        """The passages that speak of a question, best first."""
        retrieved = await queue.find(data.to_question())
        return SearchOutput.of(data.question, retrieved.hits, retrieved.question.stated)

    @post(
        "/ask",
        operation_id="ask",
        status_code=200,
        responses=_ASK_PROBLEMS,
        operation_class=described(
            {
                "a question": {"question": "How much will the bridge cost?"},
                "a follow-up question": {
                    "question": "And who will pay for it?",
                    "history": ["How much will the bridge cost?"],
                },
                "as of a day, as a stream": {
                    "question": "How many people were hurt?",
                    "as_of": "2024-03-05",
                    "stream": True,
                },
            },
            streams=True,
        ),
        opt={"scope": "ask"},
    )
    async def ask(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[AskRequest],
        queue: NamedDependency[QuestionQueue],
        runs: NamedDependency[Runs],
    ) -> Response[Answer]:
        """The answer with its citations, or "not_found"; with ``stream`` as events while it is
        written. A client that goes away stops the work, unless the request has an Idempotency-Key:
        then it can be sent again for the same answer, or with Last-Event-ID for the rest.
        """
        question = data.to_question()
        key = await Key.of(request)
        asking = (
            queue.follow_up(data.question, data.history, data.to_question)
            if data.history
            else queue.stream(question)
        )
        opened = await runs.open(key, asking, Answers())
        events = opened.events
        if data.stream:
            first = await unless_left(request, lambda: anext(events))
            messages = answer_events(prepend(first, events), include_hits=data.include_hits)
            if opened.resumable:
                messages = numbered(messages, opened.named, request.headers.get("last-event-id"))
            return EventStream(messages, events, headers=opened.headers)  # type: ignore[return-value]  # the same in parts
        answer, _ = await unless_left(request, lambda: drain(events))
        shown = answer if data.include_hits else answer.without_hits()
        return Response(shown, headers=opened.headers)
