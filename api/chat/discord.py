"""Discord: the slash command /ask, over signed interactions; a thread is a conversation."""

import re
from typing import Any

from litestar import Response
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from pydantic import Field

from api.chat.layout import Markup, Part
from api.chat.markup import one_line
from api.chat.platform import Draft, Form, Incoming, Message, Platform, Vote
from qa.errors import BadInput

COMMAND, QUESTION = "ask", "question"

_PING, _COMMAND_GIVEN, _BUTTON_PRESSED = 1, 2, 3  # kinds of interaction
_PONG, _MESSAGE, _DEFERRED = 1, 4, 5  # kinds of response
_THREADS = (1, 10, 11, 12)  # kinds of channel that are one conversation: direct messages, threads
_ONLY_FOR_ASKER = 64  # flag of a message
_NO_EMBEDS = 4  # flag of a message: its links are not previewed
_ROW, _BUTTON, _GREY = 1, 2, 2  # kinds of component, style of a button
_CADENCE = 1.5  # seconds; a webhook takes five requests in two seconds

# Whatever makes markup, mentions, emoji or links; lists at the start of a line too.
_MARKUP = re.compile(r"([\\`*_~|<>\[\]()#:@]|^[-+])")


class Option(Form):
    name: str
    value: str | int | float | bool | None = None


class Data(Form):
    """A command's, or a button's."""

    name: str = ""
    options: tuple[Option, ...] = ()
    custom_id: str = ""

    @property
    def question(self) -> str:
        values = [option.value for option in self.options if option.name == QUESTION]
        return one_line(str(values[0])) if values and self.name == COMMAND else ""


class User(Form):
    id: str = ""


class Member(Form):
    user: User = User()


class Channel(Form):
    id: str = ""
    type: int = 0


class Interaction(Form):
    """What Discord posts. Ids and token become part of an address: no other characters."""

    id: str = Field(default="", pattern=r"^\d*$")
    application_id: str = Field(default="", pattern=r"^\d*$")
    token: str = Field(default="", pattern=r"^[\w.=-]*$")
    type: int
    data: Data = Data()
    member: Member = Member()  # in a server
    user: User = User()  # in a direct message
    channel: Channel = Channel()


def escape(text: str) -> str:
    """Text that Discord shows as it is."""
    return _MARKUP.sub(r"\\\1", text)


class Discord(Platform):
    """The platform. "thinking …" at once, which becomes the answer."""

    name = "Discord"
    path = "/integrations/discord"
    unsigned = "this request has no fresh signature of Discord"
    help = f"Ask with /{COMMAND}, for example: /{COMMAND} {QUESTION}: How much aid was announced?"
    markup = Markup(most=2000, escape=escape, link="[{1}](<{0}>)")

    async def verify(self, incoming: Incoming) -> bool:
        timestamp = incoming.headers.get("x-signature-timestamp", "")
        signature = bytes.fromhex(incoming.headers.get("x-signature-ed25519", ""))
        key = VerifyKey(bytes.fromhex(self.secret))
        try:
            key.verify(timestamp.encode() + incoming.body, signature)
        except BadSignatureError:
            return False
        return incoming.is_fresh(timestamp)

    def parse(self, incoming: Incoming) -> Message | Vote | Response[Any]:
        interaction = Interaction.read(incoming.body)
        if interaction.type == _PING:
            return Response({"type": _PONG})
        user = interaction.member.user.id or interaction.user.id
        if interaction.type == _BUTTON_PRESSED:
            vote = Vote.pressed(interaction.data.custom_id, user, interaction)
            if vote is not None:
                return vote
        if interaction.type != _COMMAND_GIVEN:
            raise BadInput(f"interactions of type {interaction.type} are not supported")
        question, channel = interaction.data.question, interaction.channel
        if question and not (interaction.application_id and interaction.token):
            raise BadInput("application_id and token: a command has both")
        return Message(
            question,
            user=user,
            target=interaction,
            deliveries=(interaction.id or interaction.token,),
            accepted=Response({"type": _DEFERRED}),
            thread=channel.id if channel.type in _THREADS else "",
            cadence=_CADENCE,
            echo=True,
        )

    def say(self, to: Message | Vote, text: str) -> Response[Any]:  # noqa: ARG002  # one form
        return Response({"type": _MESSAGE, "data": _message(text, flags=_ONLY_FOR_ASKER)})

    async def send(self, to: Message | Vote, part: Part, draft: Draft | None = None) -> str:
        content = _message(part.text(self.markup), flags=_NO_EMBEDS)
        if part.answer_id is not None:
            kind = {"type": _BUTTON, "style": _GREY}
            labelled = Vote.buttons(part.answer_id)
            buttons = [{**kind, "label": label, "custom_id": value} for label, value in labelled]
            content["components"] = [{"type": _ROW, "components": buttons}]
        original = part.first or draft is not None  # which says "thinking …"
        webhook = f"webhooks/{to.target.application_id}/{to.target.token}"
        method, place = ("PATCH", "messages/@original") if original else ("POST", "")
        url = f"{self.settings.discord_api_url.rstrip('/')}/{webhook}/{place}".rstrip("/")
        await self.delivery.send("Discord", method, url, json=content)
        return ""


def _message(text: str, flags: int) -> dict[str, Any]:
    return {"content": text, "flags": flags, "allowed_mentions": {"parse": []}}  # nobody
