"""One controller for all chats: acknowledge a question at once, answer it in the background."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from typing import Any

from litestar import Litestar, Request, Response, Router, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotAuthorizedException

from api.chat.delivery import Delivery, NotDeliveredError
from api.chat.discord import Discord
from api.chat.platform import Asked, Incoming, Memory, Platform
from api.chat.reply import BUSY, RESTARTING, WENT_WRONG, Reply, excuse, reply_to
from api.chat.slack import Slack
from api.chat.telegram import Telegram
from api.http.queue import QuestionQueue
from qa.errors import BadInput, QAError
from qa.question import Question
from qa.settings import Settings

PLATFORMS = (Slack, Discord, Telegram)
LONGEST_BODY = 1024 * 1024  # bytes; no platform sends more

_log = logging.getLogger("dateline.integrations")

Work = Callable[[], Awaitable[None]]


class Background:
    """Work that outlives its request: referenced until it ends, bounded, stopped at shutdown."""

    def __init__(self, most: int = 64, timeouts: Sequence[float] = (10, 5, 1)) -> None:
        """``timeouts``: seconds for all work to end by itself, then twice after cancelling it."""
        self._most = most
        self._timeouts = timeouts
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def full(self) -> bool:
        """True if a new message must be turned away. Those accepted right now do not count yet."""
        return len(self._tasks) >= self._most

    async def begin(self, work: Work) -> None:
        """Return at once. Async, as litestar would run a plain function in a thread."""
        task = asyncio.ensure_future(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Let the work end; cancel the rest, which still says so to its user."""
        for seconds in self._timeouts:
            if not self._tasks:
                return
            await asyncio.wait(self._tasks, timeout=seconds)
            for task in self._tasks:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Chats:
    """The chats that are set up. `routers` go into the application, `serving` into its lifespans:
    inside that of the queue, so that what is under way can still be answered.
    """

    def __init__(
        self, settings: Settings, platforms: Sequence[Callable[..., Platform]] | None = None
    ) -> None:
        """``platforms``: by default, those whose settings are given."""
        if platforms is None:
            platforms = [platform for platform in PLATFORMS if platform.enabled(settings)]
        self.background = Background()
        self._public_url = settings.public_url
        self._delivery = Delivery()
        self._seen: Memory[bool] = Memory()
        self.routers = [self._router(make(settings, self._delivery)) for make in platforms]

    @asynccontextmanager
    async def serving(self, _: Litestar) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await self.background.aclose()
            await self._delivery.aclose()

    def _router(self, platform: Platform) -> Router:
        @post(list(platform.routes), status_code=200)
        async def receive(
            request: Request[Any, Any, Any], queue: NamedDependency[QuestionQueue]
        ) -> Response[Any]:
            route = request.url.path.removeprefix(platform.path)
            headers = {name.lower(): value for name, value in request.headers.items()}
            return self._receive(platform, Incoming(route, headers, await request.body()), queue)

        return Router(
            platform.path,
            route_handlers=[receive],
            opt={
                "scope": None,
                "any_body": True,
                "caller": "chat",
            },  # the platform's signature is the key
            include_in_schema=False,
            request_max_body_size=LONGEST_BODY,
        )

    def _receive(
        self, platform: Platform, incoming: Incoming, queue: QuestionQueue
    ) -> Response[Any]:
        try:
            genuine = platform.verify(incoming)
        except (ValueError, TypeError, OverflowError):  # not a number, not hex, not text …
            genuine = False
        if not genuine:
            raise NotAuthorizedException(detail=platform.unsigned)
        asked = platform.parse(incoming)
        if isinstance(asked, Response):
            return asked
        if self.background.full:
            if asked.busy is None:
                raise HTTPException(status_code=HTTPStatus.SERVICE_UNAVAILABLE, detail=BUSY)
            return asked.busy
        # Each id is to be remembered, so no short cut.
        new = [self._is_new(f"{platform.name} {delivery}") for delivery in asked.deliveries]
        if not all(new):
            return asked.repeated
        # Begun only once the response is out: an answer that overtook it would be replaced by it.
        work = partial(self._respond, platform, asked, queue)
        asked.accepted.background = BackgroundTask(self.background.begin, work)
        return asked.accepted

    def _is_new(self, delivery: str) -> bool:
        """False for a repetition: platforms deliver again what they think was lost."""
        known = self._seen.get(delivery) is not None
        self._seen.put(delivery, value=True)
        return not known

    async def _respond(self, platform: Platform, asked: Asked, queue: QuestionQueue) -> None:
        """Ask, and send the answer or the reason why there is none. Raises NotDeliveredError."""
        if not asked.question:
            await platform.deliver(asked, Reply(platform.help))
            return
        try:
            question = await queue.complete(asked.question, await platform.earlier(asked))
            answer = await queue.answer(Question.parse(question))
            reply = reply_to(answer, self._public_url)
        except QAError as error:
            if not isinstance(error, BadInput):
                _log.warning(
                    "a question from a chat was not answered: %s: %s", type(error).__name__, error
                )
            reply = Reply(excuse(error))
        except asyncio.CancelledError:
            await platform.deliver(asked, Reply(RESTARTING))
            raise
        except Exception as error:  # noqa: BLE001  # the user waits for a word, whatever broke
            _log.error("a question from a chat was not answered: %s", _where(error))
            reply = Reply(WENT_WRONG)
        await platform.deliver(asked, reply)


async def _logged(work: Work) -> None:
    try:
        await work()
    except NotDeliveredError as error:
        _log.warning("%s", error)
    except Exception as error:  # noqa: BLE001  # nobody awaits this; the log is the only place
        _log.error("a message to a chat failed: %s", _where(error))


def _where(error: BaseException) -> str:
    """The type and the place. Not the message: it may hold an address, a token or a question."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__}\n{''.join(traceback.format_list(frames))}"
