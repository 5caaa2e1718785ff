"""Feedback over HTTP: what a caller says of an answer."""

from http import HTTPStatus
from typing import Annotated, Any

from litestar import Controller, Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from pydantic import BaseModel, ConfigDict, Field, StrictStr

from api.http.openapi import described
from api.http.problems import documented
from qa.archive.archive import Archive
from qa.archive.feedback import LONGEST_TEXT, Feedback, FeedbackVerdict, record_feedback

LOCAL = "local"  # a caller without a key
_Text = Annotated[StrictStr, Field(max_length=LONGEST_TEXT)]


class FeedbackRequest(BaseModel):
    """A verdict on an answer. ``correction``: what would be right, of one that is not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: FeedbackVerdict
    correction: _Text | None = None
    reason: _Text | None = None


class FeedbackRoute(Controller):
    path = "/v1/answers"
    tags = ["questions"]

    @post(
        "/{answer_id:str}/feedback",
        operation_id="give_feedback",
        operation_class=described(
            {
                "it is right": {"verdict": "right"},
                "it is wrong": {
                    "verdict": "wrong",
                    "correction": "EUR 14 million",
                    "reason": "the price was raised in June",
                },
            }
        ),
        status_code=201,
        sync_to_thread=True,
        opt={"scope": "ask"},
        responses=documented(
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.NOT_FOUND,
            HTTPStatus.REQUEST_TIMEOUT,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
    )
    def give_feedback(
        self,
        request: Request[Any, Any, Any],
        answer_id: FromPath[str],
        data: JSONBody[FeedbackRequest],
        archive: NamedDependency[Archive],
    ) -> Feedback:
        """Say whether a stored answer is right. Each key has one verdict on an answer: a later one
        replaces it.
        """
        by = request.scope["state"].get("key_id", LOCAL)
        return record_feedback(
            archive.store, answer_id, data.verdict, by, data.correction, data.reason
        )
