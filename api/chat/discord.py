"""Discord: the slash command /ask, over signed interactions."""

import re
import time
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from litestar import Controller, Request, Response, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotAuthorizedException
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from pydantic import Field

from api.chat.conversations import (
    BUSY,
    LONGEST_BODY,
    PROVIDED,
    SIGNATURE_AGE,
    Conversations,
    Reply,
    Sent,
    Source,
    fitted,
    read,
    respond,
    tidy,
    units,
)
from api.http.queue import QuestionQueue
from qa.errors import BadInput
from qa.settings import Settings

COMMAND, QUESTION = "ask", "question"

_PING, _COMMAND_GIVEN = 1, 2  # kinds of interaction
_PONG, _MESSAGE, _DEFERRED = 1, 4, 5  # kinds of response
_ONLY_FOR_ASKER = 64  # flag of a message
_NOBODY: dict[str, list[str]] = {"parse": []}  # whom a message may mention

_LONGEST_CONTENT = 2000
_LONGEST_QUESTION = 300  # of it, for the question
_LONGEST_TITLE = 256
_LONGEST_DESCRIPTION = 4096
_LONGEST_FOOTER = 512
_MOST_EMBEDS = 10
_LONGEST_EMBEDS = 6000  # all of them together

# Whatever makes markup, mentions, emoji or links; lists at the start of a line too.
_MARKUP = re.compile(r"([\\`*_~|<>\[\]()#:@]|^[-+])")


class Option(Sent):
    name: str
    value: str | int | float | bool | None = None


class CommandData(Sent):
    name: str = ""
    options: tuple[Option, ...] = ()


class Interaction(Sent):
    """What Discord posts. Id and token become part of an address, so they are checked to be no more than that."""

    id: str = Field(default="", pattern=r"^\d*$")
    application_id: str = Field(default="", pattern=r"^\d*$")
    token: str = Field(default="", pattern=r"^[\w.=-]*$")
    type: int
    data: CommandData = CommandData()

    @property
    def question(self) -> str:
        values = [option.value for option in self.data.options if option.name == QUESTION]
        return tidy(str(values[0])) if values else ""


async def signed(request: Request[Any, Any, Any], settings: NamedDependency[Settings]) -> bytes:
    """The body, once Discord's Ed25519 signature over it holds and is fresh. Raises NotAuthorizedException."""
    body = await request.body()
    timestamp = request.headers.get("x-signature-timestamp", "")
    signature = request.headers.get("x-signature-ed25519", "")
    try:
        fresh = abs(time.time() - int(timestamp)) <= SIGNATURE_AGE
        key = VerifyKey(bytes.fromhex(settings.discord_public_key or ""))
        key.verify(timestamp.encode() + body, bytes.fromhex(signature))
    except (BadSignatureError, ValueError, OverflowError):
        fresh = False
    if not fresh:
        raise NotAuthorizedException(detail="this request has no fresh signature of Discord")
    return body


class Discord(Controller):
    path = "/integrations/discord"
    opt = {"scope": None, "any_body": True}  # Discord's signature is the key
    include_in_schema = False
    request_max_body_size = LONGEST_BODY
    dependencies = {**PROVIDED, "signed": Provide(signed)}

    @post(status_code=200)
    async def interaction(
        self,
        signed: NamedDependency[bytes],
        queue: NamedDependency[QuestionQueue],
        settings: NamedDependency[Settings],
        conversations: NamedDependency[Conversations],
    ) -> Response[Any]:
        """/ask: "thinking …" at once, which becomes the answer."""
        interaction = read(Interaction, signed)
        if interaction.type == _PING:
            return Response({"type": _PONG})
        if interaction.type != _COMMAND_GIVEN:
            raise BadInput(f"interactions of type {interaction.type} are not taken")
        if interaction.data.name != COMMAND or not interaction.question:
            return _to_asker(
                f"Ask with /{COMMAND}, for example: /{COMMAND} {QUESTION}: How much aid was announced?"
            )
        if not (interaction.application_id and interaction.token):
            raise BadInput("application_id and token: a command has both")
        if conversations.background.full:
            return _to_asker(BUSY)
        if not conversations.is_new(f"discord {interaction.id or interaction.token}"):
            return Response(None, status_code=HTTPStatus.NO_CONTENT)
        address = (
            f"{settings.discord_api_url.rstrip('/')}/webhooks/{interaction.application_id}/{interaction.token}"
            "/messages/@original"
        )

        async def say(reply: Reply) -> None:
            message = rendered(reply, interaction.question)
            await conversations.send("Discord", "PATCH", address, message)

        # Begun only once the response is out: before, there is no message that could become the answer.
        work = partial(
            respond, partial(queue.answer, interaction.question), say, settings.public_url
        )
        return Response(
            {"type": _DEFERRED}, background=BackgroundTask(conversations.background.begin, work)
        )


def enabled(settings: Settings) -> bool:
    return settings.discord_public_key is not None


def escaped(text: str) -> str:
    """Text that Discord shows as it is."""
    return _MARKUP.sub(r"\\\1", text)


def rendered(reply: Reply, question: str) -> dict[str, Any]:
    """The message, within Discord's limits; it mentions nobody."""
    lines = [f"> {fitted(question, _LONGEST_QUESTION, escaped)}"]
    left = _LONGEST_CONTENT - units(lines[0])
    last = f"\n[Read it on the web](<{reply.page}>)" if reply.page else ""
    left -= units(last)
    for mark, text in (
        ("**", reply.headline),
        ("", reply.text),
        *(("*", note) for note in reply.notes),
    ):
        line = fitted(text, left - 2 * len(mark) - 1, escaped)  # the 1: its line end
        if line:
            lines.append(f"{mark}{line}{mark}")
            left -= units(lines[-1]) + 1
    return {
        "content": "\n".join(lines) + last,
        "embeds": _embeds(reply.sources),
        "allowed_mentions": _NOBODY,
    }


def _embeds(sources: tuple[Source, ...]) -> list[dict[str, Any]]:
    embeds: list[dict[str, Any]] = []
    left = _LONGEST_EMBEDS
    for source in sources[:_MOST_EMBEDS]:
        marker = f"[{source.n}] " if source.n is not None else ""
        embed: dict[str, Any] = {
            "title": fitted(marker + source.title, _LONGEST_TITLE, escaped),
            "footer": {"text": fitted(source.details, _LONGEST_FOOTER)},  # shown without markup
        }
        left -= units(embed["title"]) + units(embed["footer"]["text"])
        room = min(left, _LONGEST_DESCRIPTION) - 2  # the quotation marks
        if left < 0 or (source.quote and room < 1):
            break
        # Discord refuses the whole message for the address of a host without a dot.
        if source.url and "." in (urlsplit(source.url).hostname or ""):
            embed["url"] = source.url
        if source.quote:
            embed["description"] = f"“{fitted(source.quote, room, escaped)}”"
            left -= units(embed["description"])
        embeds.append(embed)
    return embeds


def _to_asker(text: str) -> Response[Any]:
    data = {"content": text, "flags": _ONLY_FOR_ASKER, "allowed_mentions": _NOBODY}
    return Response({"type": _MESSAGE, "data": data})
