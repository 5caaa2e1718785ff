"""The interface between the controller and a chat platform, and what platforms share."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from litestar import Response
from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from api.chat.reply import Reply
from qa.errors import BadInput

SIGNATURE_AGE = 5 * 60  # seconds; an older request may be a recording
_DAY = 24 * 60 * 60.0

Form = TypeVar("Form", bound=BaseModel)
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
class Asked:
    """A question, and the responses to it. ``target``: where to answer, for the platform only."""

    question: str  # "" for a message that asks nothing
    target: Any
    deliveries: tuple[str, ...]  # ids; a delivery that was seen before is not answered again
    accepted: Response[Any]
    busy: Response[Any] | None  # None: refused with 503, so that the platform delivers it again
    repeated: Response[Any]


class Platform(Protocol):
    """A chat: its signature, its forms, its markup and its limits."""

    name: ClassVar[str]
    path: ClassVar[str]
    routes: ClassVar[Sequence[str]]  # below ``path``
    unsigned: ClassVar[str]  # why a request is refused
    help: ClassVar[str]  # how to ask

    def verify(self, incoming: Incoming) -> bool:
        """Return True if the platform sent the request, just now. May raise ValueError."""

    def parse(self, incoming: Incoming) -> Asked | Response[Any]:
        """The question, or the response to anything else. Raises BadInput."""

    async def earlier(self, asked: Asked) -> Sequence[str]:
        """The questions before this one in its conversation, oldest first."""

    async def deliver(self, asked: Asked, reply: Reply) -> None:
        """Render the reply and send it. Raises NotDeliveredError."""


class Sent(BaseModel):
    """A form that a platform sends; it may grow fields at any time."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def read(form: type[Form], body: bytes) -> Form:
    """Validate a JSON body. Raises BadInput, which never quotes the body."""
    try:
        return form.model_validate_json(body)
    except ValidationError as error:
        raise unreadable(error) from None


def unreadable(error: ValidationError) -> BadInput:
    """Name what is wrong with a form, without its content."""
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return BadInput(
        "; ".join(
            f"{'.'.join(map(str, problem['loc'])) or 'body'}: {problem['msg']}"
            for problem in problems[:5]
        )
    )


def are_set(*secrets: SecretStr | None) -> bool:
    """Return True if none of the secrets is missing or blank."""
    return all(secret is not None and secret.get_secret_value().strip() for secret in secrets)


def value_of(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""


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
