"""Standing questions over HTTP, the feed of their events, and the task that asks them again."""

import logging
import re
import xml.etree.ElementTree as ET
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import Any

from anyio import to_thread
from litestar import Controller, Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from api.http.addresses import base_of
from api.http.background import repeating
from api.http.openapi import described
from api.http.problems import documented
from api.http.queue import QuestionQueue
from api.http.schemas import WatchListing, WatchOutput, WatchRequest
from api.webhook import Webhook
from qa.answering.standing import due, settle
from qa.archive.archive import Archive
from qa.archive.watches import (
    add_watch,
    event_json,
    list_events,
    list_watches,
    remove_watch,
    watch_json,
)
from qa.errors import QAError
from qa.question import Question
from qa.settings import Settings

PAUSE = 2.0  # seconds between two checks for new passages
PAUSE_AFTER_FAILURE = 60.0  # seconds, where a question could not be answered
_ENTRIES = 100  # of the feed
_ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WRITE = documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.SERVICE_UNAVAILABLE,
)

_log = logging.getLogger("dateline")


class Watches(Controller):
    """Questions that are asked again when new reports may change their answers."""

    path = "/v1/watches"
    tags = ["questions"]

    @get(
        operation_id="list_watches",
        sync_to_thread=True,
        opt={"scope": "read"},
        responses=documented(HTTPStatus.SERVICE_UNAVAILABLE),
    )
    def list_watches(self, archive: NamedDependency[Archive]) -> WatchListing:
        """All standing questions, each with the id of its last answer."""
        listed: Any = [watch_json(watch) for watch in list_watches(archive.store)]
        return {"watches": listed}

    @post(
        operation_id="add_watch",
        operation_class=described({"a question": {"question": "How many people were hurt?"}}),
        status_code=201,
        opt={"scope": "ask"},
        responses=_WRITE,
    )
    async def add_watch(
        self,
        data: JSONBody[WatchRequest],
        archive: NamedDependency[Archive],
        queue: NamedDependency[QuestionQueue],
    ) -> WatchOutput:
        """Ask a question from now on. The first answer is what later ones are compared with.

        Adding it counts as a question of the key.
        """
        filters = data.to_filters()
        Question.parse(data.question, filters, form=data.form)  # what is refused counts nothing
        await queue.count_question()
        watch = await to_thread.run_sync(
            add_watch, archive.store, data.question, filters, data.form
        )
        return watch_json(watch)  # type: ignore[return-value]  # same form

    @delete(
        "/{watch_id:str}",
        operation_id="remove_watch",
        sync_to_thread=True,
        opt={"scope": "ask"},
        responses=_WRITE,
    )
    def remove_watch(self, watch_id: FromPath[str], archive: NamedDependency[Archive]) -> None:
        """Remove a standing question with its events."""
        remove_watch(archive.store, watch_id)

    @get(
        "/events.atom",
        operation_id="watch_events",
        sync_to_thread=True,
        media_type="application/atom+xml",
        opt={"scope": "read"},
        responses=documented(HTTPStatus.SERVICE_UNAVAILABLE),
    )
    def events(
        self,
        request: Request[Any, Any, Any],
        archive: NamedDependency[Archive],
        settings: NamedDependency[Settings],
    ) -> Response[bytes]:
        """The changes of answers as an Atom feed, newest first."""
        base = base_of(request, settings).rstrip("/")
        return Response(atom_feed(archive, base), media_type="application/atom+xml")


def atom_feed(archive: Archive, base: str) -> bytes:
    """The newest events as Atom (RFC 4287). ``base``: the service's address."""
    with archive.snapshot() as snapshot:
        found = [event_json(event, snapshot) for event in list_events(archive.store, _ENTRIES)]
        manifest = snapshot.manifest
    feed = ET.Element("feed", xmlns=_ATOM)
    newest = found[0]["created_at"] if found else manifest["created_at"]
    _add(feed, "id", f"urn:dateline:{manifest['archive_id']}:watches")
    _add(feed, "title", "Dateline: standing questions")
    _add(feed, "updated", newest)
    _add(ET.SubElement(feed, "author"), "name", "Dateline")
    ET.SubElement(feed, "link", rel="self", href=f"{base}/v1/watches/events.atom")
    for event in found:
        entry = ET.SubElement(feed, "entry")
        _add(entry, "id", f"urn:dateline:{event['event_id']}")
        _add(entry, "title", event["question"])
        _add(entry, "updated", event["created_at"])
        _add(entry, "summary", f"{_said(event['before'])} → {_said(event['after'])}")
        href = f"{base}/v1/answers/{event['after']['answer_id']}"
        ET.SubElement(entry, "link", rel="alternate", type="application/json", href=href)
    content: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return content


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _said(side: dict[str, Any]) -> str:
    short = side["short_answer"]
    return (short or {}).get("text") or side["answer"] or side["status"] or "no longer stored"


def attending_watches(
    archive: Archive, queue: QuestionQueue, webhook: Webhook | None
) -> AbstractAsyncContextManager[None]:
    """While this is open, standing questions are asked again and events delivered.

    Closing it waits for the end of a step.
    """

    async def step() -> float:
        if archive.store.read_only:
            return PAUSE
        all_answered = await ask_due(archive, queue)
        if webhook is not None:
            await to_thread.run_sync(webhook.deliver_due, archive)
        return PAUSE if all_answered else PAUSE_AFTER_FAILURE

    return repeating(step, "standing questions", PAUSE_AFTER_FAILURE)


async def ask_due(archive: Archive, queue: QuestionQueue) -> bool:
    """Ask the standing questions that are due again, through the queue as everybody does.

    Returns False if one could not be answered: it stays due, and holds up no other.
    """
    waiting = due(archive)
    all_answered = True
    while (item := await to_thread.run_sync(next, waiting, None)) is not None:
        try:
            answer = await queue.answer(item.watch.to_question())
        except QAError as error:
            _log.warning("%s was not answered: %s", item.watch.id, error)
            all_answered = False
            continue
        await to_thread.run_sync(settle, archive, item, answer)
    return all_answered
