"""Suggested questions over HTTP, and the task that makes them."""

import logging
import time
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus

import anyio
from anyio import to_thread
from litestar import Controller, get
from litestar.di import NamedDependency
from pydantic import BaseModel, ConfigDict

from api.http.background import repeating
from api.http.problems import documented
from api.http.queue import QuestionQueue
from qa.answering.suggestions import due, settle
from qa.archive.archive import Archive
from qa.archive.snapshot import State
from qa.archive.suggestions import Suggestion
from qa.errors import QAError
from qa.settings import Settings

PAUSE = 5.0  # seconds between two looks; an archive that changed between them is left alone
BETWEEN = 1.0  # seconds between two questions, for those of other people
SOON, LATER = 60.0, 600.0  # seconds between two searches, with too few suggestions and with enough

_log = logging.getLogger("dateline")


class SuggestionListing(BaseModel):
    """Questions that this archive answers, those of the latest reports first."""

    model_config = ConfigDict(frozen=True)

    suggestions: list[Suggestion]


class Suggestions(Controller):
    """Questions for somebody who does not know what to ask."""

    path = "/v1/suggestions"
    tags = ["questions"]

    @get(
        operation_id="suggestions",
        sync_to_thread=True,
        opt={"scope": "read"},
        responses=documented(HTTPStatus.SERVICE_UNAVAILABLE),
    )
    def suggestions(
        self, archive: NamedDependency[Archive], settings: NamedDependency[Settings]
    ) -> SuggestionListing:
        """Questions made from recent reports, each of which was answered by its report.

        Those of reports that nobody may see now are left out. There are none until the service has
        looked for some, shortly after it started or the archive has changed.
        """
        with archive.snapshot() as snapshot:
            return SuggestionListing(suggestions=snapshot.suggestions(settings.suggestions))


def suggesting(
    archive: Archive, queue: QuestionQueue, settings: Settings
) -> AbstractAsyncContextManager[None]:
    """While this is open, questions to suggest are looked for once the archive has changed.

    Closing it waits for the end of a step.
    """
    seen: State | None = None  # the archive's state at the last look, …
    searched: State | None = None  # … and at the last search
    searched_at = -LATER

    async def step() -> float:
        nonlocal seen, searched, searched_at
        if archive.store.read_only:
            return PAUSE
        state, few = await to_thread.run_sync(_look, archive, settings.suggestions)
        rested = time.monotonic() - searched_at >= (SOON if few else LATER)
        if state == seen and state != searched and rested:
            searched_at = time.monotonic()
            if await suggest(archive, queue, settings.suggestions):
                searched = state
        seen = state
        return PAUSE

    return repeating(step, "looking for suggestions", PAUSE)


async def suggest(archive: Archive, queue: QuestionQueue, wanted: int) -> bool:
    """Ask questions, through the queue as everybody does, until enough can be suggested.

    Returns False if one could not be answered now: then it is tried again.
    """
    waiting = due(archive, wanted)
    while (candidate := await to_thread.run_sync(next, waiting, None)) is not None:
        try:
            answer = await queue.answer(candidate.to_question())
        except QAError as error:
            _log.warning("a suggestion was not answered: %s", error)
            return False
        await to_thread.run_sync(settle, archive, candidate, answer)
        await anyio.sleep(BETWEEN)
    return True


def _look(archive: Archive, wanted: int) -> tuple[State, bool]:
    """The state of the archive, and whether it has too few suggestions."""
    with archive.snapshot() as snapshot:
        return snapshot.state, len(snapshot.suggestions(wanted)) < wanted
