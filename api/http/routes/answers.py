"""Stored answers: the audit trail."""

from http import HTTPStatus

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.http.problems import documented
from qa.answer import Answer
from qa.archive.archive import Archive


class Answers(Controller):
    """Reading stored answers."""

    path = "/v1/answers"
    tags = ["questions"]

    @get(
        "/{answer_id:str}",
        operation_id="get_answer",
        sync_to_thread=True,
        opt={"scope": "read"},
        responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE),
    )
    def get_answer(self, answer_id: FromPath[str], archive: NamedDependency[Archive]) -> Answer:
        """An answer that was given before; blank where an article that it cites was deleted."""
        with archive.snapshot() as snapshot:
            return snapshot.answer(answer_id)
