"""Telegram: private chats, and /ask in groups; a reply is a follow-up."""

import hmac
import html
import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from litestar import Response
from pydantic import Field

from api.chat.delivery import Delivery
from api.chat.markup import fit, one_line, units
from api.chat.platform import Asked, Incoming, Memory, Sent, are_set, read, value_of
from api.chat.reply import BUSY, Reply, Source
from qa.settings import Settings

HELP = (
    "Ask the archive a question, for example: How much aid was announced?"
    " Reply to an answer to ask on."
)

_LONGEST_MESSAGE = 4096
_LONGEST_PART = (
    1000  # of headline, text, each note and each quote, so that there is room for the others
)
_LONGEST_TITLE = 200
_SHORTEST_SOURCE = 80  # with less room, a source is left out

_ASK = re.compile(r"/ask(?:@\w+)?(?:\s+|$)(.*)", re.DOTALL)
# Where Telegram would see a mention, a hashtag, a command, a cashtag or an address begin.
_LIVE = re.compile(r"(?<=[@#/])(?=\w)|(?<=\$)(?=[^\W\d])|(?<=\w)(?=\.[^\W\d])")
_WORD_JOINER = "\u2060"  # invisible, and no part of any of those


class User(Sent):
    id: int
    is_bot: bool = False


class Chat(Sent):
    id: int
    type: str


class Said(Sent):
    """A message that another one replies to."""

    message_id: int
    sender: User | None = Field(default=None, alias="from")
    text: str = ""


class Message(Said):
    chat: Chat
    message_thread_id: int | None = None
    is_topic_message: bool = False
    reply_to_message: Said | None = None


class Update(Sent):
    """What Telegram posts; of all its kinds only new messages matter here."""

    update_id: int
    message: Message | None = None


class Telegram:
    """The platform. "typing …" at once, then the answer as a reply to the question."""

    name: ClassVar = "Telegram"
    path: ClassVar = "/integrations/telegram"
    routes: ClassVar[Sequence[str]] = ("/",)
    unsigned: ClassVar = "this request does not carry Telegram's secret token"
    help: ClassVar = HELP

    def __init__(self, settings: Settings, delivery: Delivery) -> None:
        self._token = value_of(settings.telegram_bot_token)
        self._secret = value_of(settings.telegram_webhook_secret)
        self._api = settings.telegram_api_url.rstrip("/")
        self._delivery = delivery
        # By message: the questions of its conversation so far. Telegram does not say which
        # question an answer belongs to when somebody replies to the answer.
        self._conversations: Memory[tuple[str, ...]] = Memory()

    @staticmethod
    def enabled(settings: Settings) -> bool:
        return are_set(settings.telegram_bot_token, settings.telegram_webhook_secret)

    def verify(self, incoming: Incoming) -> bool:
        sent = incoming.headers.get("x-telegram-bot-api-secret-token", "")
        return bool(self._secret) and hmac.compare_digest(sent.encode(), self._secret.encode())

    def parse(self, incoming: Incoming) -> Asked | Response[Any]:
        update = read(Update, incoming.body)
        message = update.message
        question = question_of(message, self._token) if message is not None else None
        if message is None or question is None:
            return Response({})
        if not question:
            return _call("sendMessage", _to(message, html.escape(HELP)))
        return Asked(
            question,
            message,
            (str(update.update_id),),
            accepted=_call("sendChatAction", {"chat_id": message.chat.id, "action": "typing"}),
            busy=_call("sendMessage", _to(message, html.escape(BUSY))),
            repeated=Response({}),
        )

    async def earlier(self, asked: Asked) -> Sequence[str]:
        message = asked.target
        questions = self._before(message)
        self._remember(message.chat, message.message_id, (*questions, asked.question))
        return questions

    def _before(self, message: Message) -> tuple[str, ...]:
        """The conversation of the message that this one replies to, else the user's text there."""
        before = message.reply_to_message
        if before is None:
            return ()
        known = self._conversations.get(_key(message.chat, before.message_id))
        if known is not None:
            return known
        if before.sender is None or before.sender.is_bot or not before.text:
            return ()
        command = _ASK.match(before.text)
        return (one_line(command[1] if command else before.text),)

    def _remember(self, chat: Chat, message_id: int, questions: tuple[str, ...]) -> None:
        self._conversations.put(_key(chat, message_id), questions)

    async def deliver(self, asked: Asked, reply: Reply) -> None:
        message = asked.target
        url = f"{self._api}/bot{self._token}/sendMessage"
        content = _to(message, render(reply))
        result = (await self._delivery.send("Telegram", "POST", url, json=content)).get("result")
        questions = self._conversations.get(_key(message.chat, message.message_id))
        if isinstance(result, dict) and isinstance(result.get("message_id"), int) and questions:
            self._remember(message.chat, result["message_id"], questions)


def question_of(message: Message, token: str) -> str | None:
    """The question that a message asks us; "" if it asks nothing, None if it is not for us.

    Everything in a private chat is for us; in a group /ask, and replies to what we said.
    """
    if message.sender is None or message.sender.is_bot or not message.text:
        return None
    if command := _ASK.match(message.text):
        return one_line(command[1])
    private = message.chat.type == "private"
    if message.text.startswith("/"):
        return "" if private else None
    return one_line(message.text) if private or _replies_to_us(message, token) else None


def _replies_to_us(message: Message, token: str) -> bool:
    sender = message.reply_to_message.sender if message.reply_to_message is not None else None
    return (
        sender is not None and str(sender.id) == token.partition(":")[0]
    )  # a token begins with its bot's id


def escape(text: str) -> str:
    """Text that Telegram shows as it is: no markup, mention, command or link."""
    return html.escape(_LIVE.sub(_WORD_JOINER, text), quote=False)


def render(reply: Reply) -> str:
    """The reply in Telegram's HTML, within a message's limit."""
    last = f'\n\n<a href="{html.escape(reply.page)}">Read it on the web</a>' if reply.page else ""
    text = "\n".join(_lines(reply))
    left = _LONGEST_MESSAGE - units(last)
    for number, source in enumerate(reply.sources):
        more = f"\n\n… and {len(reply.sources) - number} more sources"
        shown = _source(source, left - units(text) - units(more) - 2)
        if not shown:
            text += more
            break
        text += f"\n\n{shown}"
    return text + last


def _lines(reply: Reply) -> Iterator[str]:
    if reply.headline:
        yield f"<b>{fit(reply.headline, _LONGEST_PART, escape)}</b>"
    if reply.text:
        yield fit(reply.text, _LONGEST_PART, escape)
    if reply.notes:
        yield f"<i>{fit(chr(10).join(reply.notes), _LONGEST_PART, escape)}</i>"


def _source(source: Source, room: int) -> str:
    """A source in at most so many units; nothing when it would say too little."""
    title = fit(source.title, _LONGEST_TITLE, escape)
    link = f'<a href="{html.escape(source.url)}">{title}</a>' if source.url else title
    under = f"{link} · {fit(source.details, _LONGEST_TITLE, escape)}"
    if not source.quote:
        return under if units(under) <= room else ""
    before, after = f"<blockquote>[{source.n}] “", f"”</blockquote>{under}"
    left = min(_LONGEST_PART, room - units(before) - units(after))
    return f"{before}{fit(source.quote, left, escape)}{after}" if left >= _SHORTEST_SOURCE else ""


def _to(message: Message, text: str) -> dict[str, Any]:
    content: dict[str, Any] = {
        "chat_id": message.chat.id,
        "text": text,
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        # A question that was deleted meanwhile is answered all the same.
        "reply_parameters": {"message_id": message.message_id, "allow_sending_without_reply": True},
    }
    if message.is_topic_message:
        content["message_thread_id"] = message.message_thread_id
    return content


def _call(method: str, content: dict[str, Any]) -> Response[Any]:
    """Telegram calls the method that a webhook's response names: a request saved."""
    return Response({"method": method, **content})


def _key(chat: Chat, message_id: int) -> str:
    return f"{chat.id} {message_id}"
