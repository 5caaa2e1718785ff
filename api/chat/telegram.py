"""Telegram: private chats, and /ask in groups; a reply is a follow-up."""

import hmac
import html
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from litestar import Controller, Request, Response, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotAuthorizedException
from pydantic import Field, SecretStr

from api.chat.conversations import (
    BUSY,
    LONGEST_BODY,
    PROVIDED,
    Conversations,
    Reply,
    Sent,
    Source,
    fitted,
    given,
    read,
    respond,
    tidy,
    units,
)
from api.http.queue import QuestionQueue
from qa.answer import Answer
from qa.answering.conversation import whole_question
from qa.settings import Settings

HELP = "Ask the archive a question, for example: How much aid was announced? Reply to an answer to ask on."

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


async def signed(request: Request[Any, Any, Any], settings: NamedDependency[Settings]) -> bytes:
    """The body, if it came with the secret that only Telegram was told. Raises NotAuthorizedException."""
    sent = request.headers.get("x-telegram-bot-api-secret-token", "")
    secret = _value(settings.telegram_webhook_secret)
    if not secret or not hmac.compare_digest(sent.encode(), secret.encode()):
        raise NotAuthorizedException(detail="this request does not carry Telegram's secret token")
    return await request.body()


class Telegram(Controller):
    path = "/integrations/telegram"
    opt = {"scope": None, "any_body": True}  # the secret token is the key
    include_in_schema = False
    request_max_body_size = LONGEST_BODY
    dependencies = {**PROVIDED, "signed": Provide(signed)}

    @post(status_code=200)
    async def update(
        self,
        signed: NamedDependency[bytes],
        queue: NamedDependency[QuestionQueue],
        settings: NamedDependency[Settings],
        conversations: NamedDependency[Conversations],
    ) -> Response[Any]:
        """A message: "typing …" at once, then the answer as a reply to it."""
        update = read(Update, signed)
        message = update.message
        token = _value(settings.telegram_bot_token)
        if message is None or (question := asked(message, token)) is None:
            return Response({})
        if not conversations.is_new(f"telegram {update.update_id}"):
            return Response({})
        if not question:
            return _call("sendMessage", _reply_to(message, html.escape(HELP)))
        if conversations.background.full:
            return _call("sendMessage", _reply_to(message, html.escape(BUSY)))
        earlier = _earlier(message, conversations)
        conversation = (*earlier, question)
        conversations.asked.put(_key(message.chat, message.message_id), conversation)

        async def say(reply: Reply) -> None:
            content = _reply_to(message, rendered(reply))
            address = f"{settings.telegram_api_url.rstrip('/')}/bot{token}/sendMessage"
            result = (await conversations.send("Telegram", "POST", address, content)).get("result")
            if isinstance(result, dict) and isinstance(result.get("message_id"), int):
                # Telegram does not tell what the answer answered when somebody replies to it.
                conversations.asked.put(_key(message.chat, result["message_id"]), conversation)

        async def ask() -> Answer:
            return await queue.answer(whole_question(question, earlier))

        work = partial(respond, ask, say, settings.public_url)
        typing = {"chat_id": message.chat.id, "action": "typing"}
        return _call("sendChatAction", typing, BackgroundTask(conversations.background.begin, work))


def enabled(settings: Settings) -> bool:
    return given(settings.telegram_bot_token, settings.telegram_webhook_secret)


def asked(message: Message, token: str) -> str | None:
    """The question that a message puts to us; "" where it is addressed to us but asks nothing, None where it is not.

    Everything in a private chat is for us; in a group /ask, and replies to what we said.
    """
    if message.sender is None or message.sender.is_bot or not message.text:
        return None
    if command := _ASK.match(message.text):
        return tidy(command[1])
    private = message.chat.type == "private"
    if message.text.startswith("/"):
        return "" if private else None
    return tidy(message.text) if private or _replies_to_us(message, token) else None


def _replies_to_us(message: Message, token: str) -> bool:
    sender = message.reply_to_message.sender if message.reply_to_message is not None else None
    return (
        sender is not None and str(sender.id) == token.partition(":")[0]
    )  # a token begins with its bot's id


def _earlier(message: Message, conversations: Conversations) -> tuple[str, ...]:
    """The questions before this one: those of the conversation that it replies to, else the user's text there."""
    before = message.reply_to_message
    if before is None:
        return ()
    known = conversations.asked.get(_key(message.chat, before.message_id))
    if known is not None:
        return known
    if before.sender is None or before.sender.is_bot or not before.text:
        return ()
    command = _ASK.match(before.text)
    return (tidy(command[1] if command else before.text),)


def escaped(text: str) -> str:
    """Text that Telegram shows as it is: no markup, and nothing in it becomes a mention, a command or a link."""
    return html.escape(_LIVE.sub(_WORD_JOINER, text), quote=False)


def rendered(reply: Reply) -> str:
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
        yield f"<b>{fitted(reply.headline, _LONGEST_PART, escaped)}</b>"
    if reply.text:
        yield fitted(reply.text, _LONGEST_PART, escaped)
    if reply.notes:
        yield f"<i>{fitted(chr(10).join(reply.notes), _LONGEST_PART, escaped)}</i>"


def _source(source: Source, room: int) -> str:
    """A source in at most so many units; nothing when it would say too little."""
    title = fitted(source.title, _LONGEST_TITLE, escaped)
    link = f'<a href="{html.escape(source.url)}">{title}</a>' if source.url else title
    under = f"{link} · {fitted(source.details, _LONGEST_TITLE, escaped)}"
    if not source.quote:
        return under if units(under) <= room else ""
    before, after = f"<blockquote>[{source.n}] “", f"”</blockquote>{under}"
    left = min(_LONGEST_PART, room - units(before) - units(after))
    return (
        f"{before}{fitted(source.quote, left, escaped)}{after}" if left >= _SHORTEST_SOURCE else ""
    )


def _reply_to(message: Message, text: str) -> dict[str, Any]:
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


def _call(
    method: str, content: dict[str, Any], background: BackgroundTask | None = None
) -> Response[Any]:
    """Telegram does what a webhook's response names: a call saved."""
    return Response({"method": method, **content}, background=background)


def _key(chat: Chat, message_id: int) -> str:
    return f"{chat.id} {message_id}"


def _value(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret is not None else ""
