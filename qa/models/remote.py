"""One loop over a streamed reply for all remote models, with its limits and failures.

A vendor's file makes its client, starts the stream, reads one event, and names the classes of its
exceptions.
"""

import logging
import math
import re
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, Self, TypeVar

from embeddings.texts import whole_characters
from qa.answering.sentence import Sentence
from qa.errors import (
    AnswerModelError,
    AnswerModelMalformed,
    AnswerModelRateLimited,
    AnswerModelRefused,
    AnswerModelTimeout,
    AnswerModelUnreachable,
)
from qa.models.base import Statement, Usage, Written
from qa.models.prompt import (
    REPAIR,
    REWRITE,
    instructions,
    messages,
    parse,
    repair_message,
    rewrite_message,
)
from qa.models.replies import plain_text
from qa.models.stopping import check_stopped, current_stop
from qa.question import Question

if TYPE_CHECKING:
    import httpx2

MOST_TOKENS = 900
MOST_CHARACTERS = 10 * MOST_TOKENS  # of a reply; a token of English has about four
LONGEST_WAIT = 24 * 60 * 60.0  # seconds; a longer Retry-After is taken for this

_REFUSALS = {"content_filter", "refusal"}  # reasons to finish: OpenAI's and Anthropic's
_BROKEN = "the connection broke before the reply was whole"
_HINTS = {
    HTTPStatus.UNAUTHORIZED: "check the API key",
    HTTPStatus.FORBIDDEN: "check the API key",
    HTTPStatus.NOT_FOUND: "check the model's name and the server's address",
}
_LONGEST_LOGGED = 200  # characters of what a server said
# A credential: behind the word for one, with its prefix, or a long run of letters and digits.
_SECRET = re.compile(
    r"(?i:(?:\b(?:bearer|basic|token|key|secret|password)\b[^\w\s]{0,3}\s{0,3}['\"]?)+)[^\s'\",]+"
    r"|\b(?:sk|pk|xox[a-z]|gh[a-z]|AIza)[-_]?[\w*.-]{6,}"
    r"|(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{20,}"
)

_log = logging.getLogger("dateline.models")

Event = TypeVar("Event")
Event_co = TypeVar("Event_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Part:
    """One event of a reply. ``finish``: the vendor's reason, with the last event that has text."""

    text: str = ""
    finish: str | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Failures:
    """A vendor's exception classes by their meaning for us; the first that matches counts."""

    base: type[Exception]
    timeout: type[Exception]
    unreachable: type[Exception]
    rate_limited: type[Exception]
    status: type[Exception]
    refused: tuple[type[Exception], ...]


class Stream(Protocol[Event_co]):
    """A streamed reply, as both vendors' clients return it."""

    response: "httpx2.Response"

    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    def __iter__(self) -> Iterator[Event_co]: ...


class RemoteModel(ABC, Generic[Event]):
    """A language model behind an HTTP API. ``timeout``: seconds for one whole reply."""

    vendor: ClassVar[str]
    most_tokens: ClassVar[int] = MOST_TOKENS

    def __init__(self, model: str, base_url: str | None, timeout: float) -> None:
        self.name = f"{self.vendor}:{model}"
        self._model = model
        self._base_url = base_url
        self._timeout = timeout

    def prepare(self) -> None:
        """Nothing to load; a wrong key or name shows with the first question."""

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
        """See `AnswerModel.write`. Closing the iterator closes the stream."""
        used: list[Usage] = []
        message = messages(question.text, evidence)
        yield from parse(self._texts(instructions(question.form), message, used), question.form)
        yield from used

    def repair(
        self, statement: Statement, faults: Sequence[str], evidence: Sequence[Sentence]
    ) -> Iterator[Written]:
        """See `Repairing.repair`."""
        used: list[Usage] = []
        message = repair_message(statement, faults, evidence)
        yield from parse(self._texts(REPAIR, message, used))
        yield from used

    def rewrite(self, question: str, earlier: Sequence[str]) -> str:
        """See `Rewriting.rewrite`."""
        return self.reply(REWRITE, rewrite_message(question, earlier))

    def reply(self, system: str, message: str) -> str:
        """See `Prompted.reply`."""
        return "".join(plain_text(self._texts(system, message, [])))

    @abstractmethod
    def _start(self, system: str, message: str) -> Stream[Event]:
        """Send both messages. Raises the vendor's exceptions, and AnswerModelRefused."""

    @abstractmethod
    def _read(self, event: Event) -> Part:
        """Translate one event. Raises ValueError, TypeError or AttributeError."""

    @abstractmethod
    def failures(self) -> Failures:
        """The exception classes of the vendor's client."""

    def translate(self, error: Exception, *, begun: bool = False) -> AnswerModelError:
        """A failure of the client as one of ours. ``begun``: a part of the reply had arrived.

        The server's own words go to the log only: they may hold the key, or the prompt.
        """
        kinds = self.failures()
        # INFO: `serve` logs it, and the one-line errors of the command line stay one line.
        _log.info("%s: %s: %s", self.name, type(error).__name__, _redact(str(error)))
        if isinstance(error, kinds.timeout):
            return AnswerModelTimeout(f"{self.name}: no reply in time")
        if isinstance(error, kinds.unreachable):
            problem = _BROKEN if begun else "the server cannot be reached"
            return AnswerModelUnreachable(f"{self.name}: {problem}")
        if isinstance(error, kinds.rate_limited):
            wait = seconds_to_wait(_response(error).headers.get("retry-after"))
            return AnswerModelRateLimited(f"{self.name}: too many requests", wait)
        if isinstance(error, kinds.status):
            return self._of_status(_response(error).status_code)
        if isinstance(error, kinds.refused):
            return AnswerModelRefused(f"{self.name}: the request was refused")
        if isinstance(error, kinds.base):
            return AnswerModelMalformed(f"{self.name}: the reply cannot be read")
        return AnswerModelUnreachable(f"{self.name}: {_BROKEN}")

    def _of_status(self, status: int) -> AnswerModelError:
        if status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT):
            return AnswerModelTimeout(f"{self.name}: no reply in time (status {status})")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return AnswerModelUnreachable(f"{self.name}: the server failed (status {status})")
        hint = f"; {_HINTS[HTTPStatus(status)]}" if status in _HINTS else ""
        return AnswerModelRefused(f"{self.name}: the request was refused (status {status}){hint}")

    def _texts(self, system: str, message: str, used: list[Usage]) -> Iterator[str]:
        """The pieces of the reply's text, at most `MOST_CHARACTERS` of them. Fills ``used``."""
        import httpx2

        kinds = self.failures()
        room, finished = MOST_CHARACTERS, False
        began = time.monotonic()
        try:
            with self._start(system, message) as stream, _awake(stream.response):
                left = self._timeout - (time.monotonic() - began)
                stream.response.stream = _limited(stream.response.stream, self._check(left))
                for event in stream:
                    part = self._read(event)
                    if part.usage is not None:
                        used[:] = [part.usage]
                    if part.finish in _REFUSALS:
                        raise AnswerModelRefused(f"{self.name}: refused by policy ({part.finish})")
                    finished = finished or part.finish is not None
                    text = whole_characters(part.text)[:room]
                    room -= len(text)
                    if text:
                        yield text
                    if room == 0:
                        return
        except (kinds.base, httpx2.HTTPError) as error:
            raise self.translate(error, begun=room < MOST_CHARACTERS) from error
        except (ValueError, TypeError, AttributeError) as error:  # the client trips over the reply
            _log.info("%s: %s: %s", self.name, type(error).__name__, _redact(str(error)))
            raise AnswerModelMalformed(f"{self.name}: the reply cannot be read") from error
        if not finished and room < MOST_CHARACTERS:
            raise AnswerModelUnreachable(f"{self.name}: {_BROKEN}")
        if not finished:
            raise AnswerModelMalformed(f"{self.name}: the reply is empty")

    def _check(self, left: float) -> Callable[[float], None]:
        """Called with the seconds that each part of a reply took. Raises when it must end."""

        def check(waited: float) -> None:
            nonlocal left
            left -= waited
            check_stopped()
            if left <= 0:
                raise AnswerModelTimeout(
                    f"{self.name}: the reply took longer than {self._timeout:g} seconds"
                )

        return check


@contextmanager
def _awake(response: "httpx2.Response") -> Iterator[None]:
    """Hang up while this is open and the client leaves: a model may say nothing for minutes."""
    stop = current_stop()
    stream = response.extensions.get("network_stream")
    if stop is None or stream is None:
        yield
        return
    line: socket.socket = stream.get_extra_info("socket")

    def hang_up() -> None:
        with suppress(OSError):  # it is closed already
            # Of the plain socket: that of TLS would change its state under the thread that reads.
            socket.socket.shutdown(line, socket.SHUT_RDWR)

    with stop.waking(hang_up):
        yield


def seconds_to_wait(said: object) -> float | None:
    """A Retry-After, as a header or a JSON body has it: seconds, or an HTTP date.

    At least 0, at most `LONGEST_WAIT`; None where it is absent, endless or unreadable.
    """
    if not isinstance(said, str | int | float):
        return None
    try:
        seconds = float(said)
    except (ValueError, OverflowError):
        return _seconds_until(str(said))
    return min(max(0.0, seconds), LONGEST_WAIT) if math.isfinite(seconds) else None


def _seconds_until(date: str) -> float | None:
    try:
        then = parsedate_to_datetime(date)
    except (ValueError, IndexError, OverflowError):
        return None
    if then.tzinfo is None:  # "-0000"
        then = then.replace(tzinfo=UTC)
    return min(max(0.0, (then - datetime.now(UTC)).total_seconds()), LONGEST_WAIT)


def _limited(
    stream: "httpx2.SyncByteStream | httpx2.AsyncByteStream", check: Callable[[float], None]
) -> "httpx2.SyncByteStream":
    """The same bytes, checked with every chunk: the clients pass over pings and comments."""
    import httpx2

    assert isinstance(stream, httpx2.SyncByteStream)  # noqa: S101  # our clients are not async
    inner = stream

    class Limited(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            chunks = iter(inner)
            while True:
                began = time.monotonic()
                chunk = next(chunks, None)
                # Only the time spent waiting: a reader who takes long costs the reply nothing.
                check(time.monotonic() - began)
                if chunk is None:
                    return
                yield chunk

        def close(self) -> None:
            inner.close()

    return Limited()


def _response(error: Exception) -> "httpx2.Response":
    response: httpx2.Response = error.response  # type: ignore[attr-defined]  # both vendors' have it
    return response


def _redact(text: str) -> str:
    """The first line of a server's words, without credentials."""
    line = re.split(r"[\r\n]|\\n", text.strip(), maxsplit=1)[0][: 10 * _LONGEST_LOGGED]
    return _SECRET.sub("[redacted]", line)[:_LONGEST_LOGGED]
