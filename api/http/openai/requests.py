"""What a request of OpenAI's clients asks for: the conversation, and what cannot be honoured."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from api.http.openai.errors import Refused
from qa.errors import BadInput

MODEL = "dateline"
MOST_MESSAGES = 1000

_TEXT_PARTS = {"text", "input_text", "output_text"}
_TYPED = "; the whole typed answer is in the field `dateline` of the reply, and at POST /v1/ask"
_NO_TOOLS = "no tools can be called: every question is answered from the archive; leave it out"
_ONLY_TEXT = "answers are text only"
_NO_LOGPROBS = "there are no log probabilities"

Harmless = Callable[[Any], bool]


class Sent(BaseModel):
    """A part of a request. Fields that are not declared change nothing here, or are refused."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Part(Sent):
    """A part of a message."""

    type: StrictStr
    text: StrictStr | None = None


class Message(Sent):
    """One message. Only the user's are read: system prompts change nothing here."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: StrictStr | tuple[Part, ...] | None = None

    @property
    def text(self) -> str:
        """Raises Refused for a part that is not text: the question may be about it."""
        if isinstance(self.content, str):
            return self.content
        for part in self.content or ():
            if part.type not in _TEXT_PARTS:
                message = f"content of type '{part.type[:40]}' cannot be read; send text"
                raise Refused(message, "content", "unsupported_content")
        return " ".join(part.text for part in self.content or () if part.text)


class StreamOptions(Sent):
    include_usage: StrictBool = False


def questions(messages: Sequence[Message], param: str) -> list[str]:
    """The messages of the user, oldest first. Raises BadInput without one."""
    texts = [message.text.strip() for message in messages if message.role == "user"]
    said = [text for text in texts if text]
    if not said:
        raise BadInput(f"no user message in `{param}`")
    return said


def refuse_unsupported(request: Sent, rules: Mapping[str, tuple[Harmless, str]]) -> None:
    """Raises Refused for what would change the reply, and cannot be honoured."""
    given = {**(request.model_extra or {}), **dict(request)}
    for param, (harmless, why) in rules.items():
        value = given.get(param)
        if value is None or harmless(value):
            continue
        if param == "tools" and given.get("tool_choice") == "none":
            continue
        raise Refused(f"`{param}` is not supported: {why}", param)


def _empty(value: Any) -> bool:
    return not value


def _never(_: Any) -> bool:
    return False


def _plain(value: Any) -> bool:
    """Return True for a format of text, as a request may spell out the default."""
    return isinstance(value, Mapping) and value.get("type") == "text"


def _plain_text(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    return value.get("format") is None or _plain(value["format"])


def _without_logprobs(value: Any) -> bool:
    return isinstance(value, list) and "message.output_text.logprobs" not in value


_SHARED: Final[Mapping[str, tuple[Harmless, str]]] = {
    "tools": (_empty, _NO_TOOLS),
    "tool_choice": (lambda value: value in ("none", "auto"), _NO_TOOLS),
    "top_logprobs": (_empty, _NO_LOGPROBS),
    "moderation": (_empty, "no other service sees a question or an answer"),
}
CHAT_RULES: Final[Mapping[str, tuple[Harmless, str]]] = {
    **_SHARED,
    "functions": (_empty, _NO_TOOLS),
    "function_call": (lambda value: value in ("none", "auto"), _NO_TOOLS),
    "response_format": (_plain, f"{_ONLY_TEXT}{_TYPED}"),
    "n": (lambda value: value == 1, "there is one answer"),
    "logprobs": (_empty, _NO_LOGPROBS),
    "modalities": (lambda value: value == ["text"], _ONLY_TEXT),
    "audio": (_never, _ONLY_TEXT),
    "stop": (_empty, "an answer ends with its sources, and is never cut"),
    "web_search_options": (_never, "the archive is searched, never the web"),
}
RESPONSES_RULES: Final[Mapping[str, tuple[Harmless, str]]] = {
    **_SHARED,
    "text": (_plain_text, f"{_ONLY_TEXT}{_TYPED}"),
    "include": (_without_logprobs, _NO_LOGPROBS),
    "background": (_empty, "use `stream`; with an Idempotency-Key a stream can be resumed"),
    "conversation": (_never, "use `previous_response_id`, or send the messages"),
    "prompt": (_never, "there are no stored prompts; send `input`"),
    "image": (_never, _ONLY_TEXT),
}


class Conversation(Sent):
    """What both protocols send. ``model`` is checked by the route, which answers 404."""

    model: StrictStr = Field(default=MODEL, max_length=200)
    stream: StrictBool = False
    stream_options: StreamOptions | None = None
