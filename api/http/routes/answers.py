"""Stored answers: the audit trail."""

from http import HTTPStatus
from typing import Any

from anyio import to_thread
from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.exceptions import PermissionDeniedException
from litestar.params import FromPath, FromQuery

from api.http.auth import Access
from api.http.problems import documented
from api.http.queue import QuestionQueue
from qa.answer import StoredAnswer
from qa.answering.currency import asked_again, currency
from qa.archive.archive import Archive
from qa.question import Question


class Answers(Controller):
    """Reading stored answers."""

    path = "/v1/answers"
    tags = ["questions"]

    @get(
        "/{answer_id:str}",
        operation_id="get_answer",
        opt={"scope": "read"},
        responses=documented(
            HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE
        ),
    )
    async def get_answer(
        self,
        request: Request[Any, Any, Any],
        answer_id: FromPath[str],
        archive: NamedDependency[Archive],
        queue: NamedDependency[QuestionQueue],
        access: NamedDependency[Access],
        recheck: FromQuery[bool] = False,
    ) -> StoredAnswer:
        """An answer that was given before; blank where an article that it cites was deleted, or may
        not be shown now.

        ``currency`` says whether what it cites still holds. With ``recheck`` (scope ask) the
        question is asked again, and a later report that answers it differently is named too.
        """

        def asked() -> Question:
            with archive.snapshot() as snapshot:
                return asked_again(snapshot.answer(answer_id), snapshot.filters_of(answer_id))

        def read() -> StoredAnswer:
            with archive.snapshot() as snapshot:
                answer = snapshot.answer(answer_id)
                return StoredAnswer.with_currency(answer, currency(answer, snapshot, again))

        if recheck and not await to_thread.run_sync(access.may, request, archive, "ask"):
            raise PermissionDeniedException(detail="recheck needs a key with the scope 'ask'")
        again = await queue.answer(await to_thread.run_sync(asked)) if recheck else None
        return await to_thread.run_sync(read)
