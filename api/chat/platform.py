"""The interface between the controller and a chat platform, and what platforms share."""

import time
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, Self, TypeVar, get_args

from litestar import Response
from pydantic import BaseModel, ConfigDict, ValidationError

from api.chat.delivery import Delivery
from api.chat.layout import Markup, Part
from api.chat.markup import fit
from api.http.problems import in_words
from qa.errors import BadInput
from qa.extras import CHATS
from qa.settings import Settings

SIGNATURE_AGE = 5 * 60  # seconds; an older request may be a recording
_DAY = 24 * 60 * 60.0

Verdict = Literal["right", "wrong"]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request of a platform. ``headers``: names in lower case."""

    route: str  # below the platform's path
    headers: Mapping[str, str]
    body: bytes

    def is_fresh(self, timestamp: str) -> bool:
        """Return True for a time, in seconds, not long ago. Raises ValueError, OverflowError."""
        return abs(time.time() - int(timestamp)) <= SIGNATURE_AGE


@dataclass(frozen=True, slots=True)
class Message:
    """A question. All ids are the platform's own, and mean nothing to the controller."""

    question: str  # "" for a message that asks nothing
    user: str
    target: Any  # where to answer, for the platform only
    deliveries: tuple[str, ...]  # ids; a delivery that was seen before is not answered again
    accepted: Response[Any]
    thread: str = ""  # whose later messages continue this one; "": none
    follows: str | None = None  # what this one continues, where that is not its own thread
    cadence: float = 0  # seconds between two drafts of an answer; 0: no drafts
    echo: bool = False  # True where the answer is shown without the question


@dataclass(frozen=True, slots=True)
class Vote:
    """A user's verdict on an answer, which its id names or else the message that showed it."""

    verdict: Verdict
    user: str
    target: Any
    answer_id: str = ""
    message_id: str = ""
    reason: str | None = None

    @staticmethod
    def buttons(answer_id: str) -> list[tuple[str, str]]:
        """Labels and values of the buttons below an answer."""
        return [("👍 Right", f"right {answer_id}"), ("👎 Wrong", f"wrong {answer_id}")]

    @classmethod
    def pressed(cls, value: str, user: str, target: Any) -> Self | None:
        """The verdict of a button's value, if it is one of ours."""
        said, _, answer_id = value.partition(" ")
        for verdict in get_args(Verdict):
            if said == verdict:
                return cls(verdict, user, target, answer_id)
        return None


@dataclass(frozen=True, slots=True)
class Draft:
    """An unfinished answer that its user can see already."""

    id: str
    text: str  # without markup
    updates: int = 1  # how often it was sent


class Platform(ABC):
    """A chat: its signature, its forms, its markup and its limits. The rest is the controller's."""

    name: ClassVar[str]
    path: ClassVar[str]
    routes: ClassVar[Sequence[str]] = ("/",)  # below ``path``
    unsigned: ClassVar[str]  # why a request is refused
    help: ClassVar[str]  # how to ask
    markup: ClassVar[Markup]
    # What becomes of a draft: the reply takes its place, goes below it, or has to begin with it.
    drafts: ClassVar[Literal["replaced", "above", "within"]] = "replaced"
    shows_wait: ClassVar[float] = 0  # seconds that `show_wait` lasts; 0: nothing more is shown
    redelivers: ClassVar[bool] = False  # True if a request that is refused with 503 comes again

    def __init__(self, settings: Settings, delivery: Delivery) -> None:
        self.settings = settings
        self.delivery = delivery
        self.secret = settings.text(CHATS[self.name][0])

    @abstractmethod
    async def verify(self, incoming: Incoming) -> bool:
        """Return True if the platform sent the request, just now. May raise ValueError."""

    @abstractmethod
    def parse(self, incoming: Incoming) -> Message | Vote | Response[Any]:
        """The question, the verdict, or the response to anything else. Raises BadInput."""

    @abstractmethod
    def say(self, to: Message | Vote, text: str) -> Response[Any] | None:
        """A response that shows the text to the user; None if no response of the platform does."""

    @abstractmethod
    async def send(self, to: Message | Vote, part: Part, draft: Draft | None = None) -> str:
        """Send a message, in place of the draft; its id. Raises NotDeliveredError."""

    async def draft(self, message: Message, text: str, draft: Draft | None) -> Draft:
        """Show the text so far, in place of the draft. Raises NotDeliveredError."""
        part = Part((fit(text, self.markup.piece, self.markup.escape),))
        return Draft(await self.send(message, part, draft), text)

    async def show_wait(self, message: Message) -> None:  # noqa: B027  # most platforms show nothing
        """Show for `shows_wait` seconds that its answer is coming. Raises NotDeliveredError."""

    async def earlier(self, message: Message) -> Sequence[str]:  # noqa: ARG002  # most list none
        """The questions before it that the platform still has, oldest first."""
        return ()


def nothing() -> Response[Any]:
    """The response to what needs no other."""
    return Response(b"", media_type="text/plain")


class Form(BaseModel):
    """A form that a platform sends; it may grow fields at any time."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def read(cls, sent: bytes | Mapping[str, Any]) -> Self:
        """Validate JSON, or what was read from it. Raises BadInput, which never quotes it."""
        try:
            if isinstance(sent, bytes):
                return cls.model_validate_json(sent)
            return cls.model_validate(sent)
        except ValidationError as error:
            raise BadInput(in_words(error)) from None


class Memory(Generic[Value]):
    """The last ``most`` values by key, none for longer than ``seconds``. In this process only."""

    def __init__(
        self, most: int = 10_000, seconds: float = _DAY, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._values: OrderedDict[str, tuple[float, Value]] = OrderedDict()  # oldest first

    def put(self, key: str, value: Value) -> None:
        self._values.pop(key, None)
        self._values[key] = (self._clock(), value)
        if len(self._values) > self._most:
            self._values.popitem(last=False)

    def get(self, key: str) -> Value | None:
        then, value = self._values.get(key, (0.0, None))
        return value if value is not None and self._clock() - then < self._seconds else None
