"""Questions over HTTP: passages that speak of one, or its answer."""

from http import HTTPStatus
from typing import Any

from litestar import Controller, Request, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from api.description import described
from api.desk import Desk, unless_left
from api.events import EventStream, chained, server_sent
from api.problems import documented
from api.schemas import AnswerOutput, AskRequest, RetrieveRequest, SearchOutput
from qa.contract import answer_json, hits_json

_PROBLEMS = documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


class Questions(Controller):
    path = "/v1"
    tags = ["questions"]

    @post(
        "/retrieve",
        operation_id="retrieve",
        status_code=200,
        responses=_PROBLEMS,
        operation_class=described(
            {"passages of a month": {"question": "Who resigned?", "k": 5, "filters": {"published_from": "2024-03-01"}}}
        ),
        opt={"scope": "read"},
    )
    async def retrieve(self, data: JSONBody[RetrieveRequest], desk: NamedDependency[Desk]) -> SearchOutput:
        """The passages that speak of a question, best first."""
        retrieved = await desk.find(data.question, data.k, data.to_filters())
        return hits_json(data.question, retrieved.hits)  # type: ignore[return-value]  # plain JSON of that form

    @post(
        "/ask",
        operation_id="ask",
        status_code=200,
        responses=_PROBLEMS,
        operation_class=described(
            {
                "a question": {"question": "How much will the bridge cost?"},
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
        self, request: Request[Any, Any, Any], data: JSONBody[AskRequest], desk: NamedDependency[Desk]
    ) -> Response[AnswerOutput]:
        """The answer with its citations, or "not_found"; with ``stream`` as events while it is written. A client that
        goes away stops the work.
        """
        asked = (data.question, data.to_filters())
        if data.stream:
            events = desk.stream(*asked, k=data.k, min_confidence=data.min_confidence)
            first = await unless_left(request, lambda: anext(events))
            return EventStream(server_sent(chained(first, events), include_hits=data.include_hits), events)  # type: ignore[return-value]  # the same in parts
        answer = await unless_left(request, lambda: desk.answer(*asked, k=data.k, min_confidence=data.min_confidence))
        return Response(answer_json(answer, include_hits=data.include_hits))  # type: ignore[arg-type]  # JSON of that form
