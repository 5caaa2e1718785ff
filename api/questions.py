"""Questions over HTTP: passages that speak of one, or its answer."""

from http import HTTPStatus
from typing import Any

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.response import ServerSentEvent

from api.answers import kept
from api.events import first_event, server_sent
from api.problems import documented
from api.schemas import AskRequest, RetrieveRequest
from qa.answerer import Answerer
from qa.bootstrap import Archive
from qa.contract import answer_json, hits_json
from qa.settings import Settings

_PROBLEMS = documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


class Questions(Controller):
    path = "/v1"
    tags = ["questions"]

    @post("/retrieve", operation_id="retrieve", status_code=200, sync_to_thread=True, responses=_PROBLEMS)
    def retrieve(self, data: JSONBody[RetrieveRequest], answerer: NamedDependency[Answerer]) -> dict[str, Any]:
        """The passages that speak of a question, best first."""
        return hits_json(data.question, answerer.find(data.question, data.k, data.to_filters()).hits)

    @post("/ask", operation_id="ask", status_code=200, sync_to_thread=True, responses=_PROBLEMS)
    def ask(
        self,
        data: JSONBody[AskRequest],
        answerer: NamedDependency[Answerer],
        archive: NamedDependency[Archive],
        settings: NamedDependency[Settings],
    ) -> Response[dict[str, Any]] | ServerSentEvent:
        """The answer with its citations, or "not_found"; with ``stream`` as events while it is written."""
        events = answerer.stream(data.question, data.to_filters(), k=data.k, min_confidence=data.min_confidence)
        events = kept(events, archive, settings.answers_kept)
        if data.stream:
            return ServerSentEvent(server_sent(first_event(events), include_hits=data.include_hits))
        *_, answer = events
        return Response(answer_json(answer, include_hits=data.include_hits))  # type: ignore[arg-type]  # the last event is the answer
