"""One controller for all chats: acknowledge a question at once, answer it in the background.

Everything that is not a platform's own is here, once: conversations, repeated deliveries, limits
per user, drafts of long answers, errors in words, feedback.
"""

import asyncio
import hashlib
import hmac
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from importlib import import_module
from typing import Any

from anyio import to_thread
from litestar import Litestar, Request, Response, Router, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException, NotAuthorizedException

from api.chat.delivery import Delivery, NotDeliveredError
from api.chat.drafting import Drafting
from api.chat.layout import Part, compose
from api.chat.platform import Draft, Incoming, Memory, Message, Platform, Vote, nothing
from api.chat.reply import (
    BUSY,
    NO_ACCESS,
    NOT_RECORDED,
    RESTARTING,
    THANKS,
    WENT_WRONG,
    Reply,
    excuse,
    reply_to,
)
from api.http import callers
from api.http.callers import Identity
from api.http.limits import Limit
from api.http.queue import QuestionQueue
from qa.answer import Answer
from qa.answering.answerer import Token
from qa.answering.conversation import LEANT_ON
from qa.archive.archive import Archive
from qa.archive.feedback import record_feedback
from qa.archive.keys import key_for_chats
from qa.errors import BadInput, NotFound, QAError
from qa.extras import CHATS, chat_is_set
from qa.question import Question
from qa.settings import Settings

LONGEST_BODY = 1024 * 1024  # bytes; no platform sends more

_log = logging.getLogger("dateline.integrations")

Work = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Turn:
    """What a thread or a sent message is about."""

    questions: tuple[str, ...]  # so far, oldest first
    answer_id: str | None = None


def load(name: str) -> type[Platform]:
    """The platform of that name. Its SDK is not imported before."""
    platform: type[Platform] = getattr(import_module(f"api.chat.{name.lower()}"), name)
    return platform


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
            platforms = [load(name) for name in CHATS if chat_is_set(settings, name)]
        self.background = Background()
        self._settings = settings
        self._delivery = Delivery()
        self._limit = Limit.parse(settings.chat_limit)
        self._seen: Memory[bool] = Memory()
        self._turns: Memory[Turn] = Memory()
        self.routers = [self._router(make(settings, self._delivery)) for make in platforms]

    @asynccontextmanager
    async def serving(self, app: Litestar) -> AsyncIterator[None]:
        if self._settings.chat_key is not None:
            await to_thread.run_sync(self._identify, app.state.archive)
        try:
            yield
        finally:
            await self.background.aclose()
            await self._delivery.aclose()

    def _router(self, platform: Platform) -> Router:
        @post(list(platform.routes), status_code=200)
        async def receive(
            request: Request[Any, Any, Any],
            queue: NamedDependency[QuestionQueue],
            archive: NamedDependency[Archive],
        ) -> Response[Any]:
            route = request.url.path.removeprefix(platform.path)
            headers = {name.lower(): value for name, value in request.headers.items()}
            incoming = Incoming(route, headers, await request.body())
            if not await _is_genuine(platform, incoming):
                raise NotAuthorizedException(detail=platform.unsigned)
            asked = platform.parse(incoming)
            if isinstance(asked, Message):
                return await self._accept(platform, asked, queue, archive)
            if isinstance(asked, Vote):
                return await self._record(platform, asked, archive)
            return asked

        return Router(
            platform.path,
            route_handlers=[receive],
            opt={"scope": None, "any_body": True},  # the platform's signature is the key
            include_in_schema=False,
            request_max_body_size=LONGEST_BODY,
        )

    async def _accept(
        self, platform: Platform, message: Message, queue: QuestionQueue, archive: Archive
    ) -> Response[Any]:
        """Begin to answer a message, or say why not."""
        if self.background.full:
            if platform.redelivers and platform.say(message, BUSY) is None:
                raise HTTPException(status_code=HTTPStatus.SERVICE_UNAVAILABLE, detail=BUSY)
            return self._say(platform, message, BUSY)
        # Each id is to be remembered, so no short cut.
        new = [self._is_new(f"{platform.name} {delivery}") for delivery in message.deliveries]
        if not all(new):
            return nothing()
        refusal = await self._refuse(platform, message, archive)
        if refusal is None:
            return self._begin(message.accepted, partial(self._answer, platform, message, queue))
        return self._say(platform, message, refusal)

    def _is_new(self, delivery: str) -> bool:
        """False for a repetition: platforms deliver again what they think was lost."""
        known = self._seen.get(delivery) is not None
        self._seen.put(delivery, value=True)
        return not known

    async def _refuse(self, platform: Platform, message: Message, archive: Archive) -> str | None:
        """The reply to a message that gets no answer, or None."""
        if not message.question:
            return platform.help
        if not await to_thread.run_sync(self._identify, archive):
            return NO_ACCESS
        user = hashlib.sha256(message.user.encode()).hexdigest()  # the counters hold no names
        caller = f"{platform.name} {user}"
        counted = await to_thread.run_sync(self._limit.count, archive.store, caller)
        if counted.granted:
            return None
        limit = self._settings.chat_limit.replace("/", " per ")
        return f"The limit is {limit} for each user. Please ask again in {counted.reset} seconds."

    def _identify(self, archive: Archive) -> bool:
        """Give the caller the rights and the budget of the key for chats, if one is set."""
        if self._settings.chat_key is None:
            return True
        try:
            key = key_for_chats(archive.store, self._settings.chat_key)
        except BadInput as error:
            _log.warning("no chat can ask: %s", error)
            return False
        callers.current().identity = Identity.of(key)
        return True

    def _say(self, platform: Platform, to: Message | Vote, text: str) -> Response[Any]:
        """Say it in the response, or with a message of its own."""
        response = platform.say(to, text)
        if response is not None:
            return response
        part = Part((platform.markup.escape(text),), plain=text)

        async def send() -> None:
            await platform.send(to, part)

        return self._begin(nothing(), send)

    def _begin(self, response: Response[Any], work: Work) -> Response[Any]:
        """Begin only once the response is out: an answer that overtook it would be replaced."""
        response.background = BackgroundTask(self.background.begin, work)
        return response

    async def _answer(self, platform: Platform, message: Message, queue: QuestionQueue) -> None:
        """Ask, and send the answer or the reason why there is none. Raises NotDeliveredError."""
        drafting = Drafting(platform, message)
        earlier: tuple[str, ...] = ()
        reply: Reply | None = None
        failure = WENT_WRONG
        try:
            earlier = await self._earlier(platform, message)
            question = await queue.complete(message.question, earlier)
            answer = await _drafted(Question.parse(question), queue, drafting)
            reply = reply_to(answer, self._settings.public_url)
            if not self._settings.answers_kept:
                reply = replace(reply, answer_id=None)
        except QAError as error:
            if not isinstance(error, BadInput):
                _log.warning(
                    "a question from a chat was not answered: %s: %s", type(error).__name__, error
                )
            failure = excuse(error)
        except asyncio.CancelledError:
            draft = await drafting.finish()
            await self._deliver(platform, message, drafting.excused(RESTARTING), draft)
            raise
        except Exception as error:  # noqa: BLE001  # the user waits for a word, whatever broke
            _log.error("a question from a chat was not answered: %s", _where(error))
        draft = await drafting.finish()
        if reply is None:  # only now it is known whether anything was shown
            reply = drafting.excused(failure)
        sent = await self._deliver(platform, message, reply, draft)
        turn = Turn((*earlier, message.question)[-LEANT_ON:], reply.answer_id)
        for place in filter(None, (message.thread, *sent)):
            self._turns.put(f"{platform.name} {place}", turn)

    async def _earlier(self, platform: Platform, message: Message) -> tuple[str, ...]:
        """The questions before this one: the platform's list or ours, whichever is longer."""
        follows = message.thread if message.follows is None else message.follows
        known = self._turns.get(f"{platform.name} {follows}")
        remembered = known.questions if known is not None else ()
        try:
            listed = tuple(await platform.earlier(message))
        except (NotDeliveredError, BadInput) as error:
            _log.warning("a thread of %s cannot be read: %s", platform.name, error)
            listed = ()
        return max(remembered, listed, key=len)[-LEANT_ON:]

    async def _deliver(
        self, platform: Platform, message: Message, reply: Reply, draft: Draft | None
    ) -> list[str]:
        """Send a reply, in place of the draft where there is one. Raises NotDeliveredError."""
        question = message.question if message.echo else ""
        parts = compose(reply, platform.markup, question)
        sent: list[str] = []
        if draft is not None:
            finished = compose(_after(draft, reply, platform), platform.markup, question)
            try:
                sent.append(await platform.send(message, finished[0], draft))
                parts = finished
            except NotDeliveredError as error:
                _log.info("an answer is sent anew, as its draft cannot be finished: %s", error)
        for part in parts[len(sent) :]:
            sent.append(await platform.send(message, part))  # noqa: PERF401  # one after the other
        return sent

    async def _record(self, platform: Platform, vote: Vote, archive: Archive) -> Response[Any]:
        """Record a user's verdict, and say so."""
        known = self._turns.get(f"{platform.name} {vote.message_id}")
        answer_id = vote.answer_id or (known.answer_id if known is not None else None) or ""
        caller = _pseudonym(platform, vote.user, answer_id)
        try:
            await to_thread.run_sync(
                record_feedback, archive.store, answer_id, vote.verdict, caller, None, vote.reason
            )
        except NotFound:
            return self._say(platform, vote, NOT_RECORDED)
        except QAError as error:
            _log.warning("feedback from a chat: %s: %s", type(error).__name__, error)
            return self._say(platform, vote, excuse(error))
        return self._say(platform, vote, THANKS)


def _after(draft: Draft, reply: Reply, platform: Platform) -> Reply:
    """The reply that finishes a draft."""
    if not reply.drafted or platform.drafts == "replaced":
        return reply
    if platform.drafts == "above":
        return replace(reply, text="")
    return replace(reply, headline="", text=draft.text)


def _pseudonym(platform: Platform, user: str, answer_id: str) -> str:
    """The same for a user's every verdict on one answer, another one for another answer."""
    person = f"{user} {answer_id}".encode()
    digest = hmac.new(platform.secret.encode(), person, hashlib.sha256).hexdigest()
    return f"{platform.name} {digest[:24]}"


async def _is_genuine(platform: Platform, incoming: Incoming) -> bool:
    try:
        return await platform.verify(incoming)
    except (ValueError, TypeError, OverflowError):  # not a number, not hex, not text …
        return False


async def _drafted(question: Question, queue: QuestionQueue, drafting: Drafting) -> Answer:
    """The answer to a question, whose text is shown while it grows."""
    async with aclosing(queue.stream(question)) as events:
        async for event in events:
            if isinstance(event, Token):
                drafting.add(event)
            elif isinstance(event, Answer):
                return event
    raise AssertionError("a stream ends with an answer")


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
