"""Stored answers: the audit trail."""

import logging
from collections.abc import Generator
from contextlib import closing
from http import HTTPStatus

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from api.http.problems import documented
from qa.answer import Answer
from qa.answering.answerer import Event
from qa.archive.archive import Archive
from qa.errors import StoreError

_log = logging.getLogger("dateline")


class Answers(Controller):
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
        """An answer that was given before. What it quotes of an article that was deleted since is blank."""
        with archive.store.snapshot() as snapshot:
            return snapshot.answer(answer_id)


def kept(
    events: Generator[Event, None, None], archive: Archive, most: int
) -> Generator[Event, None, None]:
    """The same events; an answer is stored before it goes out. An archive that cannot take it now (busy with a
    reindex, a full disk) does not keep an answer from whoever asked: it is logged that the trail has a gap.
    """
    with closing(events):
        for event in events:
            if isinstance(event, Answer) and most:
                try:
                    archive.store.keep_answer(event, most)
                except StoreError as error:
                    _log.warning("answer %s is not stored: %s", event.id, error)
            yield event
