"""Telegram: private chats, and /ask in groups; a reply is a follow-up."""

import hmac
import html
import re
from collections.abc import Sequence
from typing import Any

from litestar import Response

from api.chat.delivery import NotDeliveredError
from api.chat.layout import Markup, Part
from api.chat.markup import defuse, one_line
from api.chat.platform import Draft, Incoming, Message, Platform, Vote, nothing
from api.chat.telegram_forms import Post, Update

_ASK = re.compile(r"^/ask(?:@\w+)?(?:\s+|$)(.*)", re.DOTALL)
_TYPING = {"action": "typing"}
_PRIVATE_CADENCE, _GROUP_CADENCE = 1.5, 4.0  # seconds; a group takes 20 messages a minute


def escape(text: str) -> str:
    """Text that Telegram shows as it is: no markup, mention, command or link."""
    return html.escape(defuse(text), quote=False)


class Telegram(Platform):
    """The platform. "typing …" at once, then the answer as a reply to the question."""

    name = "Telegram"
    path = "/integrations/telegram"
    unsigned = "this request does not carry Telegram's secret token"
    help = "Ask a question, for example: How much aid was announced? To ask on, reply to an answer."
    markup = Markup(
        most=4096,
        escape=escape,
        bold="<b>{}</b>",
        note="<i>{}</i>",
        quote="<blockquote>{}</blockquote>",
        link='<a href="{0}">{1}</a>',
        address=html.escape,
    )
    shows_wait = 4  # Telegram shows "typing …" for five seconds

    async def verify(self, incoming: Incoming) -> bool:
        sent = incoming.headers.get("x-telegram-bot-api-secret-token", "")
        return bool(self.secret) and hmac.compare_digest(sent.encode(), self.secret.encode())

    def parse(self, incoming: Incoming) -> Message | Vote | Response[Any]:
        update = Update.read(incoming.body)
        if (pressed := update.callback_query) is not None:
            return Vote.pressed(pressed.data, str(pressed.sender.id), pressed) or nothing()
        message = update.message
        if message is None or (question := self._question(message)) is None:
            return nothing()
        chat, before = message.chat, message.reply_to_message
        return Message(
            question,
            user=str(message.sender.id),
            target=message,
            deliveries=(str(update.update_id),),
            # Telegram calls the method that a response names: a request saved.
            accepted=Response({"method": "sendChatAction", **_place(message), **_TYPING}),
            thread=f"{chat.id} {message.message_id}",
            follows=f"{chat.id} {before.message_id}" if before is not None else "",
            cadence=_PRIVATE_CADENCE if chat.type == "private" else _GROUP_CADENCE,
        )

    def _question(self, message: Post) -> str | None:
        """The question that a message asks us; "" if it asks nothing, None if it is not for us.

        Everything in a private chat is for us; in a group /ask, and replies to what we said.
        """
        said, before = message.text, message.reply_to_message
        if message.sender.is_bot or not said:
            return None
        if command := _ASK.match(said):
            return one_line(command[1])
        our_id = self.settings.text("telegram_bot_token").partition(":")[0]
        private = message.chat.type == "private"
        if said.startswith("/"):
            return "" if private else None
        ours = before is not None and str(before.sender.id) == our_id
        return one_line(said) if private or ours else None

    def say(self, to: Message | Vote, text: str) -> Response[Any]:
        if isinstance(to, Vote):
            answered = {"callback_query_id": to.target.id, "text": text}
            return Response({"method": "answerCallbackQuery", **answered})
        return Response({"method": "sendMessage", **_text(to.target, escape(text))})

    async def earlier(self, message: Message) -> Sequence[str]:
        """The words of a user that this message replies to."""
        before = message.target.reply_to_message
        if before is None or before.sender.is_bot or not before.text:
            return ()
        return (one_line(_ASK.sub(r"\1", before.text)),)

    async def show_wait(self, message: Message) -> None:
        await self._call("sendChatAction", {**_place(message.target), **_TYPING}, tries=1)

    async def send(self, to: Message | Vote, part: Part, draft: Draft | None = None) -> str:
        content = _text(to.target, part.text(self.markup))
        if part.answer_id is not None:
            labelled = Vote.buttons(part.answer_id)
            buttons = [{"text": label, "callback_data": value} for label, value in labelled]
            content["reply_markup"] = {"inline_keyboard": [buttons]}
        if draft is not None:
            content["message_id"] = int(draft.id.split()[1])
        method = "sendMessage" if draft is None else "editMessageText"
        result = (await self._call(method, content)).get("result")
        if not isinstance(result, dict) or "message_id" not in result:
            raise NotDeliveredError("Telegram did not say which message it sent")
        return f"{to.target.chat.id} {result['message_id']}"

    async def _call(self, method: str, content: dict[str, Any], **how: Any) -> dict[str, Any]:
        """A method of Telegram's API. Raises NotDeliveredError."""
        api, token = self.settings.telegram_api_url, self.settings.text("telegram_bot_token")
        url = f"{api.rstrip('/')}/bot{token}/{method}"
        return await self.delivery.send("Telegram", "POST", url, json=content, **how)


def _place(message: Post) -> dict[str, Any]:
    topic = {"message_thread_id": message.message_thread_id} if message.is_topic_message else {}
    return {"chat_id": message.chat.id, **topic}


def _text(message: Post, text: str) -> dict[str, Any]:
    # A question that was deleted meanwhile is answered all the same.
    to = {"message_id": message.message_id, "allow_sending_without_reply": True}
    form = {"parse_mode": "HTML", "link_preview_options": {"is_disabled": True}}
    return {**_place(message), "reply_parameters": to, **form, "text": text}
