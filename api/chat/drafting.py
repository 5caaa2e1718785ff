"""Drafts: a long answer is shown while it grows, no oftener than its platform allows. Before there
is any text, the platform shows that one is being looked for.
"""

import asyncio
import logging
import re

from api.chat.delivery import NotDeliveredError
from api.chat.platform import Draft, Message, Platform
from api.chat.reply import NOT_SURE, Reply
from qa.answering.answerer import Token
from qa.tuning import DOUBTFUL

SILENCE = 1.0  # seconds without any text from which the platform shows that one is coming
_WHITE_SPACE = re.compile(r"\s+")

_log = logging.getLogger("dateline.integrations")


class Drafting:
    """The draft of one answer. Its text is verified: nothing that was shown is taken back."""

    def __init__(self, platform: Platform, message: Message) -> None:
        self._platform = platform
        self._message = message
        self._text = ""
        self._draft: Draft | None = None
        self._begun = asyncio.Event()  # there is text to draft, or the answer has ended
        self._ended = asyncio.Event()
        self._showing = asyncio.create_task(self._show())

    def add(self, token: Token) -> None:
        """Take the next text. An answer that is whole before the first draft is due has none."""
        if not self._text and token.confidence < DOUBTFUL:
            self._text = NOT_SURE
        self._text += _WHITE_SPACE.sub(" ", token.text)
        if self._message.cadence:
            self._begun.set()

    async def _show(self) -> None:
        """One thing after the other: what comes late would hide what came after it."""
        await self._show_wait()
        cadence = self._message.cadence
        try:
            while cadence and not await _happens(self._ended, cadence):
                await self._update()
        except NotDeliveredError as error:  # a workspace without streaming, a deleted message …
            _log.info("an answer is shown once it is whole: %s", error)

    async def _show_wait(self) -> None:
        pause = SILENCE
        try:
            while self._platform.shows_wait and not await _happens(self._begun, pause):
                await self._platform.show_wait(self._message)
                pause = self._platform.shows_wait
        except NotDeliveredError as error:  # a scope that is missing …
            _log.info("a chat does not show that it is waiting: %s", error)
        await self._begun.wait()

    async def _update(self) -> None:
        if self._draft is None or self._draft.text != self._text:
            self._draft = await self._platform.draft(self._message, self._text, self._draft)

    async def finish(self) -> Draft | None:
        """The draft that the answer takes the place of; all text is in it where that stays."""
        self._begun.set()
        self._ended.set()
        await self._showing
        if self._draft is not None and self._platform.drafts != "replaced":
            try:
                await self._update()
            except NotDeliveredError as error:
                _log.info("a draft cannot be continued: %s", error)
                return None
        return self._draft

    def excused(self, reason: str) -> Reply:
        """The reply where no answer comes: why, below what was shown already."""
        if self._draft is None:
            return Reply(reason)
        return Reply(self._text, notes=(reason,), drafted=True)


async def _happens(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event; False if it does not happen within so many seconds."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
