"""What the chat doors share: what an answer says, what a follow-up leans on, and the work that goes on after a
message was acknowledged.

A platform's own file knows its signature, its forms, its markup and its limits, and nothing else.
"""

import asyncio
import logging
import re
import time
import traceback
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import httpx
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from qa.answer import Answer, Citation, HitOutput
from qa.errors import (
    AnswerModelError,
    AnswerModelRateLimited,
    ArchiveBusy,
    BadInput,
    EmptyArchive,
    QAError,
    QueueFull,
)

LONGEST_BODY = 1024 * 1024  # bytes; no platform sends more
SIGNATURE_AGE = 5 * 60  # seconds; an older one may be a recording
SEND_TIMEOUT = 10  # seconds for a platform to take a message

LOOKING = "Looking in the archive …"
BUSY = "Too many questions are waiting right now. Please ask again in a minute."
WENT_WRONG = "Something went wrong. Please ask again later."
RESTARTING = "The archive is being restarted. Please ask again in a minute."

_DAY = 24 * 60 * 60.0
_NEAREST = 3  # reports that are named when nothing was found
# Confidence is too high by .15 to .21 on articles that it was not calibrated on (docs/measurements.md): below this,
# an answer there is as likely wrong as right.
_DOUBTFUL = 0.7
_LONGEST_ADDRESS = 1000
_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_LEGAL = "%/:=&?~+!$,;@*-._"  # besides letters and digits, in an address; no quote, bracket or pipe of any markup
_SENDS = 3  # of one message, while the platform says that it is too much
_LONGEST_PAUSE = 30.0  # seconds between them

_log = logging.getLogger("dateline.integrations")
_unlogged: ContextVar[bool] = ContextVar("unlogged", default=False)

Form = TypeVar("Form", bound=BaseModel)
Value = TypeVar("Value")
Say = Callable[["Reply"], Awaitable[None]]
Ask = Callable[[], Awaitable[Answer]]
Work = Callable[[], Awaitable[None]]


class NotDeliveredError(Exception):
    """A platform did not take a message. Says which and why, never with an address: those hold tokens."""


class Sent(BaseModel):
    """What a platform sends; it may grow fields at any time."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def read(form: type[Form], body: bytes) -> Form:
    """The JSON body as what it should be. Raises BadInput naming what is wrong, never quoting the body."""
    try:
        return form.model_validate_json(body)
    except ValidationError as error:
        raise unreadable(error) from None


def unreadable(error: ValidationError) -> BadInput:
    """What is wrong with a form, without what was in it."""
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return BadInput(
        "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'body'}: {problem['msg']}"
            for problem in problems[:5]
        )
    )


def given(*secrets: SecretStr | None) -> bool:
    """Whether all of them are set, and not to nothing."""
    return all(secret is not None and secret.get_secret_value().strip() for secret in secrets)


@dataclass(frozen=True, slots=True)
class Source:
    """A report behind a reply. Its texts are an article's own, so whoever shows them escapes them."""

    title: str
    details: str  # "Coast Daily · 2024-03-04"
    url: str | None  # one that a browser opens
    n: int | None = None  # its marker in the notes
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said, before any platform's markup. All of it may hold an article's words."""

    text: str = ""
    headline: str = ""
    notes: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    page: str | None = None  # where the answer can be read on the web

    @property
    def plain(self) -> str:
        """The reply as one line, for where there is no markup."""
        return ": ".join(part for part in (self.headline, self.text) if part)


def told(answer: Answer, public_url: str | None = None) -> Reply:
    """What an answer says: short answer, sentence, confidence, doubts, sources. Or honestly that there is none."""
    page = _page(public_url, answer.question)
    if answer.answer is None:
        near = tuple(_nearest(answer.hits or ()))
        return Reply(
            headline="Not found in the archive",
            text=f"{_capital(answer.reason or 'nothing in the archive answers this')}.",
            notes=("The nearest reports:",) if near else (),
            sources=near,
            page=page,
        )
    short, whole = answer.short_answer, tidy(answer.answer)
    headline = (
        ""
        if short is None
        else _capital(short.text)
        if short.kind == "boolean"
        else tidy(short.text)
    )
    return Reply(
        headline=headline,
        text=""
        if whole.casefold() == headline.casefold()
        else whole,  # the embedded model says no more than that
        notes=tuple(tidy(note) for note in _notes(answer)),
        sources=tuple(_cited(citation) for citation in answer.citations),
        page=page,
    )


def excuse(error: QAError) -> str:
    """Why there is no answer, in a sentence for whoever asked; what an operator needs is in the log."""
    if isinstance(error, BadInput):
        return f"This cannot be answered: {error}."
    if isinstance(error, EmptyArchive):
        return "The archive is empty, so there is nothing to answer from yet."
    if isinstance(error, QueueFull | AnswerModelRateLimited):
        return BUSY
    if isinstance(error, ArchiveBusy):
        return "The archive is being worked on. Please ask again in a minute."
    if isinstance(error, AnswerModelError):
        return "The language model behind the archive failed. Please ask again later."
    return "The archive cannot answer right now. Please ask again later."


async def respond(ask: Ask, say: Say, public_url: str | None) -> None:
    """Ask, and say what came of it: the answer, or why there is none. Raises NotDeliveredError."""
    try:
        reply = told(await ask(), public_url)
    except QAError as error:
        if not isinstance(error, BadInput):
            _log.warning(
                "a question from a chat was not answered: %s: %s", type(error).__name__, error
            )
        reply = Reply(excuse(error))
    except asyncio.CancelledError:
        await say(Reply(RESTARTING))
        raise
    except Exception as error:  # noqa: BLE001  # the user waits for a word, whatever broke
        _log.error("a question from a chat was not answered: %s", _where(error))
        reply = Reply(WENT_WRONG)
    await say(reply)


def tidy(text: str) -> str:
    """On one line, so that no line of an article begins a list, a heading or a quote of its own."""
    return " ".join(text.split())


def units(text: str) -> int:
    """The length of a text as platforms count it at most: in UTF-16, where an emoji is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def fitted(text: str, most: int, escape: Callable[[str], str] = str) -> str:
    """The text escaped, and cut with an ellipsis (after a word, where there is one near) to ``most`` units as sent."""
    if units(whole := escape(text)) <= most:
        return whole
    if most < 1:
        return ""
    length = bisect_right(range(len(text)), most - 1, key=lambda end: units(escape(text[:end]))) - 1
    cut = text[: max(0, length)]
    space = cut.rfind(" ")
    return escape(cut[:space] if space > 0.8 * len(cut) else cut).rstrip() + "…"


def web_address(url: str | None) -> str | None:
    """An article's address, if a browser opens it and it cannot break out of any markup."""
    try:
        parts = urlsplit((url or "").strip())
        host = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port is not None else ""
        path, query, fragment = (
            quote(part, safe=_LEGAL) for part in (parts.path, parts.query, parts.fragment)
        )
    except ValueError:  # a port that is none, half of a surrogate pair …
        return None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return None
    # Put together anew: a user name before the host ("https://bank.example@evil.example") only deceives.
    address = urlunsplit((parts.scheme, host + port, path, query, fragment))
    return address if len(address) <= _LONGEST_ADDRESS else None


class Memory(Generic[Value]):
    """What happened of late, by key: the last ``most``, none for longer than ``seconds``. In this process only."""

    def __init__(
        self, most: int = 10_000, seconds: float = _DAY, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, Value]] = OrderedDict()  # oldest first

    def put(self, key: str, value: Value) -> None:
        self._kept.pop(key, None)
        self._kept[key] = (self._clock(), value)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def get(self, key: str) -> Value | None:
        then, value = self._kept.get(key, (0.0, None))
        return value if value is not None and self._clock() - then < self._seconds else None


class Background:
    """Work that goes on after its message was acknowledged: referenced until it ends, bounded, stopped at the end."""

    def __init__(self, most: int = 64, patience: Sequence[float] = (10, 5, 1)) -> None:
        """``patience``: seconds for all work to end by itself, then after being told to stop, and once more."""
        self._most = most
        self._patience = patience
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def full(self) -> bool:
        """Whether a new message must be turned away. Those acknowledged this very moment are not counted yet."""
        return len(self._tasks) >= self._most

    async def begin(self, work: Work) -> None:
        """Returns at once. Async, as litestar would run a plain function in a thread, which has no event loop."""
        task = asyncio.ensure_future(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Let the work end; stop what takes too long, which still tells its user."""
        for seconds in self._patience:
            if not self._tasks:
                return
            await asyncio.wait(self._tasks, timeout=seconds)
            for task in self._tasks:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class Conversations:
    """What one process has under way and remembers for all its chats."""

    def __init__(self) -> None:
        self.background = Background()
        self.asked: Memory[tuple[str, ...]] = (
            Memory()
        )  # by message: the questions of its conversation so far
        self.http = httpx.AsyncClient(timeout=SEND_TIMEOUT)
        self._deliveries: Memory[bool] = Memory()
        # httpx logs every address; those of Discord and Telegram hold tokens.
        logging.getLogger("httpx").addFilter(_may_be_logged)

    def is_new(self, delivery: str) -> bool:
        """Whether a delivery comes for the first time: platforms repeat those that they think were lost."""
        known = self._deliveries.get(delivery) is not None
        self._deliveries.put(delivery, value=True)
        return not known

    async def send(
        self, platform: str, method: str, url: str, message: dict[str, Any]
    ) -> dict[str, Any]:
        """The platform's JSON reply. Waits, for a while, when it says that this is too much.

        Raises NotDeliveredError.
        """
        private = _unlogged.set(True)
        try:
            for left in reversed(range(_SENDS)):
                response = await self.http.request(method, url, json=message)
                if response.status_code != httpx.codes.TOO_MANY_REQUESTS or not left:
                    break
                await asyncio.sleep(min(_pause(response), _LONGEST_PAUSE))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotDeliveredError(
                f"{platform} cannot be reached: {type(error).__name__}"
            ) from None
        finally:
            _unlogged.reset(private)
        if not response.is_success:
            raise NotDeliveredError(
                f"{platform} did not take a message: status {response.status_code}"
            )
        return _object(response)

    async def aclose(self) -> None:
        """End what is under way, then the connections that it needs."""
        await self.background.aclose()
        await self.http.aclose()


@asynccontextmanager
async def conversing(app: Litestar) -> AsyncIterator[None]:
    """A lifespan, inside that of the queue: what is under way ends while it can still be answered."""
    app.state.conversations = conversations = Conversations()
    try:
        yield
    finally:
        await conversations.aclose()


def _conversations(state: State) -> Conversations:
    conversations: Conversations = state.conversations
    return conversations


PROVIDED = {"conversations": Provide(_conversations, sync_to_thread=False)}


async def _logged(work: Work) -> None:
    try:
        await work()
    except NotDeliveredError as error:
        _log.warning("%s", error)
    except Exception as error:  # noqa: BLE001  # nobody awaits this; the log is the only place to say it
        _log.error("a message to a chat failed: %s", _where(error))


def _where(error: BaseException) -> str:
    """What broke and where, without the error's own words: they may hold an address, a token or a question."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__}\n{''.join(traceback.format_list(frames))}"


def _may_be_logged(_: logging.LogRecord) -> bool:
    return not _unlogged.get()


def _pause(response: httpx.Response) -> float:
    """Seconds to wait: Telegram and Discord say it in the body, and not always in the header."""
    content = _object(response)
    parameters = content.get("parameters")
    said = (
        parameters.get("retry_after")
        if isinstance(parameters, dict)
        else content.get("retry_after")
    )
    try:
        return max(0.0, float(said or response.headers.get("retry-after", 1)))
    except (TypeError, ValueError):
        return 1.0


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        content = response.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _page(public_url: str | None, question: str) -> str | None:
    if public_url is None:
        return None
    page = public_url.rstrip("/") + "/"
    asked = f"{page}?{urlencode({'q': question}, errors='replace')}"
    return asked if len(asked) <= _LONGEST_ADDRESS else page


def _notes(answer: Answer) -> Iterator[str]:
    doubt = ": this may be wrong, check the quotes" if answer.confidence < _DOUBTFUL else ""
    yield f"Confidence {answer.confidence:.2f}{doubt}"
    if answer.disagreements:
        said = "; ".join(
            f"{other.text} {_markers(other.citations)}" for other in answer.disagreements
        )
        yield f"Sources disagree. {said}"
    elif answer.reason:
        yield _capital(answer.reason)
    if answer.timeline:
        values = (
            f"{day(entry.published_at)} {entry.text} [{entry.citation}]"
            for entry in answer.timeline
        )
        yield f"Over time: {'; '.join(values)}"
    for status, words in (
        ("derived", "Worked out, not quoted"),
        ("unsupported", "Found in no quote"),
    ):
        if figures := [figure.text for figure in answer.figures if figure.status == status]:
            yield f"{words}: {', '.join(figures)}"


def _markers(citations: Sequence[int]) -> str:
    return "".join(f"[{n}]" for n in citations)


def _cited(citation: Citation) -> Source:
    return Source(
        title=tidy(citation.title or citation.article_id),
        details=_details(citation.source, citation.published_at),
        url=web_address(citation.url),
        n=citation.n,
        quote=tidy(citation.quote),
    )


def _nearest(hits: Sequence[HitOutput]) -> Iterator[Source]:
    articles = {hit.article.id: hit.article for hit in hits}  # a dict keeps the order of the hits
    for article in list(articles.values())[:_NEAREST]:
        yield Source(
            title=tidy(article.title or article.id),
            details=_details(article.source, article.published_at),
            url=web_address(article.url),
        )


def _details(source: str | None, published_at: str | None) -> str:
    return " · ".join(part for part in (tidy(source or ""), day(published_at)) if part)


def day(published_at: str | None) -> str:
    return published_at[:10] if published_at else "undated"


def _capital(text: str) -> str:
    text = tidy(text)
    return text[:1].upper() + text[1:]
