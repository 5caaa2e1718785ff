"""Discord: the slash command /ask, over signed interactions."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import urlsplit

from litestar import Response
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from pydantic import Field

from api.chat.delivery import Delivery
from api.chat.markup import fit, one_line, units
from api.chat.platform import Asked, Incoming, Sent, read
from api.chat.reply import BUSY, Reply, Source
from qa.errors import BadInput
from qa.settings import Settings

COMMAND, QUESTION = "ask", "question"

HELP = f"Ask with /{COMMAND}, for example: /{COMMAND} {QUESTION}: How much aid was announced?"

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
    """What Discord posts. Ids and token become part of an address: no other characters."""

    id: str = Field(default="", pattern=r"^\d*$")
    application_id: str = Field(default="", pattern=r"^\d*$")
    token: str = Field(default="", pattern=r"^[\w.=-]*$")
    type: int
    data: CommandData = CommandData()

    @property
    def question(self) -> str:
        values = [option.value for option in self.data.options if option.name == QUESTION]
        return one_line(str(values[0])) if values else ""


class Discord:
    """The platform. "thinking …" at once, which becomes the answer."""

    name: ClassVar = "Discord"
    path: ClassVar = "/integrations/discord"
    routes: ClassVar[Sequence[str]] = ("/",)
    unsigned: ClassVar = "this request has no fresh signature of Discord"
    help: ClassVar = HELP

    def __init__(self, settings: Settings, delivery: Delivery) -> None:
        self._key = settings.discord_public_key or ""
        self._api = settings.discord_api_url.rstrip("/")
        self._delivery = delivery

    @staticmethod
    def enabled(settings: Settings) -> bool:
        return settings.discord_public_key is not None

    def verify(self, incoming: Incoming) -> bool:
        timestamp = incoming.headers.get("x-signature-timestamp", "")
        signature = bytes.fromhex(incoming.headers.get("x-signature-ed25519", ""))
        try:
            VerifyKey(bytes.fromhex(self._key)).verify(
                timestamp.encode() + incoming.body, signature
            )
        except BadSignatureError:
            return False
        return incoming.is_fresh(timestamp)

    def parse(self, incoming: Incoming) -> Asked | Response[Any]:
        interaction = read(Interaction, incoming.body)
        if interaction.type == _PING:
            return Response({"type": _PONG})
        if interaction.type != _COMMAND_GIVEN:
            raise BadInput(f"interactions of type {interaction.type} are not supported")
        if interaction.data.name != COMMAND or not interaction.question:
            return _to_asker(HELP)
        if not (interaction.application_id and interaction.token):
            raise BadInput("application_id and token: a command has both")
        return Asked(
            interaction.question,
            interaction,
            (interaction.id or interaction.token,),
            accepted=Response({"type": _DEFERRED}),
            busy=_to_asker(BUSY),
            repeated=Response(None, status_code=HTTPStatus.NO_CONTENT),
        )

    async def earlier(self, asked: Asked) -> Sequence[str]:  # noqa: ARG002  # each is independent
        return ()

    async def deliver(self, asked: Asked, reply: Reply) -> None:
        webhook = f"{asked.target.application_id}/{asked.target.token}"
        url = f"{self._api}/webhooks/{webhook}/messages/@original"
        message = render(reply, asked.question)
        await self._delivery.send("Discord", "PATCH", url, json=message)


def escape(text: str) -> str:
    """Text that Discord shows as it is."""
    return _MARKUP.sub(r"\\\1", text)


def render(reply: Reply, question: str) -> dict[str, Any]:
    """The message, within Discord's limits; it mentions nobody."""
    lines = [f"> {fit(question, _LONGEST_QUESTION, escape)}"]
    left = _LONGEST_CONTENT - units(lines[0])
    last = f"\n[Read it on the web](<{reply.page}>)" if reply.page else ""
    left -= units(last)
    for mark, text in (
        ("**", reply.headline),
        ("", reply.text),
        *(("*", note) for note in reply.notes),
    ):
        line = fit(text, left - 2 * len(mark) - 1, escape)  # the 1: its line end
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
            "title": fit(marker + source.title, _LONGEST_TITLE, escape),
            "footer": {"text": fit(source.details, _LONGEST_FOOTER)},  # shown without markup
        }
        left -= units(embed["title"]) + units(embed["footer"]["text"])
        room = min(left, _LONGEST_DESCRIPTION) - 2  # the quotation marks
        if left < 0 or (source.quote and room < 1):
            break
        # Discord refuses the whole message for the address of a host without a dot.
        if source.url and "." in (urlsplit(source.url).hostname or ""):
            embed["url"] = source.url
        if source.quote:
            embed["description"] = f"“{fit(source.quote, room, escape)}”"
            left -= units(embed["description"])
        embeds.append(embed)
    return embeds


def _to_asker(text: str) -> Response[Any]:
    data = {"content": text, "flags": _ONLY_FOR_ASKER, "allowed_mentions": _NOBODY}
    return Response({"type": _MESSAGE, "data": data})
