"""Slack: a slash command, mentions and direct messages; threads are conversations."""

import hashlib
import hmac
import json
import logging
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from litestar import Response
from pydantic import Field, ValidationError

from api.chat.delivery import Delivery, NotDeliveredError
from api.chat.markup import fit, one_line
from api.chat.platform import Asked, Incoming, Sent, are_set, read, unreadable, value_of
from api.chat.reply import BUSY, LOOKING, Reply, Source
from qa.errors import BadInput
from qa.settings import Settings

HELP = "Ask the archive a question, for example: How much aid was announced?"

_MOST_BLOCKS = 50
_LONGEST_SECTION = 3000  # as is any text in a block
# Of all blocks as JSON. Slack documents no such limit, and refuses from about 13,200.
_LONGEST_BLOCKS = 11_000
# Ours, so that there is room for sources.
_LONGEST_QUESTION, _LONGEST_HEADLINE, _LONGEST_NOTES, _LONGEST_TITLE = 300, 1000, 1500, 300
_LONGEST_LINK = 1500
_SHORTEST_SOURCE = 80  # with less room for a quote, its source is left out

_THREAD_PAGES, _THREAD_PAGE = 5, 200  # how much of a long thread is read
_SLACK_API, _SLACK_HOOKS = "slack.com", "hooks.slack.com"
_SPOKEN = {None, "thread_broadcast", "file_share"}  # other subtypes are edits, joins, other apps'
_MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")

_log = logging.getLogger("dateline.integrations")


class Command(Sent):
    """A slash command's form."""

    response_url: str
    trigger_id: str
    text: str = ""


class Message(Sent):
    """A message or a mention, as an event has it and as a thread lists it."""

    ts: str = Field(pattern=r"^\d+(\.\d+)?$")
    channel: str = ""
    channel_type: str = ""
    user: str | None = None
    text: str = ""
    thread_ts: str | None = None
    bot_id: str | None = None
    subtype: str | None = None

    def by_human(self, bot: str | None) -> bool:
        return (
            self.user is not None
            and self.user != bot
            and self.bot_id is None
            and self.subtype in _SPOKEN
        )

    def is_for(self, bot: str | None) -> bool:
        """True if addressed to us: everything in a direct message, elsewhere what mentions us."""
        ours = re.escape(bot) if bot else r"\w+"
        return self.channel_type == "im" or re.search(rf"<@{ours}[|>]", self.text) is not None


class Authorization(Sent):
    user_id: str | None = None


class Delivered(Sent):
    """What the Events API posts."""

    type: str
    challenge: str = ""
    event_id: str = ""
    event: Mapping[str, Any] = {}
    authorizations: tuple[Authorization, ...] = ()

    @property
    def bot(self) -> str | None:
        """Our own user id."""
        return self.authorizations[0].user_id if self.authorizations else None

    @property
    def message(self) -> Message | None:
        """The message to answer, or None. Raises BadInput for a malformed one."""
        kind = self.event.get("type")
        if self.type != "event_callback" or kind not in ("app_mention", "message"):
            return None
        try:
            message = Message.model_validate(self.event)
        except ValidationError as error:
            raise unreadable(error) from None
        # A message in a channel that mentions us comes as app_mention too.
        wanted = kind == "app_mention" or message.channel_type == "im"
        return message if wanted and message.by_human(self.bot) else None


class Slack:
    """The platform. Commands are answered at their response_url, messages in their thread."""

    name: ClassVar = "Slack"
    path: ClassVar = "/integrations/slack"
    routes: ClassVar[Sequence[str]] = ("/commands", "/events")
    unsigned: ClassVar = "this request has no fresh signature of Slack"
    help: ClassVar = HELP

    def __init__(self, settings: Settings, delivery: Delivery) -> None:
        self._secret = value_of(settings.slack_signing_secret)
        self._token = value_of(settings.slack_bot_token)
        self._api = settings.slack_api_url
        self._delivery = delivery

    @staticmethod
    def enabled(settings: Settings) -> bool:
        return are_set(settings.slack_signing_secret, settings.slack_bot_token)

    def verify(self, incoming: Incoming) -> bool:
        timestamp = incoming.headers.get("x-slack-request-timestamp", "")
        sent = incoming.headers.get("x-slack-signature", "")
        signed = f"v0:{timestamp}:".encode() + incoming.body
        digest = hmac.new(self._secret.encode(), signed, hashlib.sha256).hexdigest()
        genuine = hmac.compare_digest(f"v0={digest}".encode(), sent.encode())
        return bool(self._secret) and genuine and incoming.is_fresh(timestamp)

    def parse(self, incoming: Incoming) -> Asked | Response[Any]:
        if incoming.route == "/commands":
            return self._parse_command(incoming.body)
        delivery = read(Delivered, incoming.body)
        if delivery.type == "url_verification":
            return Response({"challenge": delivery.challenge})
        message = delivery.message
        # A first delivery that timed out did arrive, perhaps at another worker process.
        late = incoming.headers.get("x-slack-retry-reason") == "http_timeout"
        if message is None or late:
            return _acknowledge()
        # By its message too: an edited one comes as a new event.
        ids = (delivery.event_id, f"{message.channel} {message.ts}")
        return Asked(
            plain(message.text),
            (message, delivery.bot),
            tuple(filter(None, ids)),
            accepted=_acknowledge(),
            busy=None,  # Slack delivers it again: at once, after a minute, after five
            repeated=_acknowledge(),
        )

    def _parse_command(self, body: bytes) -> Asked | Response[Any]:
        fields = parse_qs(body.decode("utf-8", "replace"))
        form = {name: values[0] for name, values in fields.items()}
        if form.get("ssl_check"):
            return _acknowledge()
        try:
            command = Command.model_validate(form)
        except ValidationError as error:
            raise unreadable(error) from None
        if not is_slacks(command.response_url, self._api):
            raise BadInput("response_url: it does not point at Slack")
        question = plain(command.text)
        if not question:
            return _to_asker(HELP)
        return Asked(
            question,
            command,
            (command.trigger_id,),
            accepted=_to_asker(LOOKING),
            busy=_to_asker(BUSY),
            repeated=_acknowledge(),
        )

    async def earlier(self, asked: Asked) -> Sequence[str]:
        """What its thread began with, and what was addressed to us; none if it cannot be read."""
        if isinstance(asked.target, Command):
            return ()
        message, bot = asked.target
        if message.thread_ts is None:
            return ()
        try:
            thread = [item async for item in self._thread(message)]
        except (NotDeliveredError, ValueError, TypeError) as error:
            reason = str(error) if isinstance(error, NotDeliveredError) else type(error).__name__
            _log.warning("a Slack thread cannot be read: %s", reason)
            return ()
        said = [
            item for item in thread if item.by_human(bot) and float(item.ts) < float(message.ts)
        ]
        questions = [
            plain(item.text) for item in said if item.ts == message.thread_ts or item.is_for(bot)
        ]
        return [question for question in questions if question]

    async def _thread(self, message: Message) -> AsyncIterator[Message]:
        asked: dict[str, str | int] = {
            "channel": message.channel,
            "ts": message.thread_ts or message.ts,
            "latest": message.ts,
            "limit": _THREAD_PAGE,
        }
        for _ in range(_THREAD_PAGES):
            page = await self._call("conversations.replies", data=asked)
            for item in page.get("messages") or ():
                yield Message.model_validate({**item, "channel_type": message.channel_type})
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
            asked["cursor"] = cursor

    async def deliver(self, asked: Asked, reply: Reply) -> None:
        content: dict[str, Any] = {
            "text": fit(reply.plain, _LONGEST_SECTION, escape),  # what a notification shows
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if isinstance(asked.target, Command):
            content |= {
                "blocks": blocks(reply, asked.question),
                "response_type": "ephemeral",
                "replace_original": True,
            }
            await self._delivery.send("Slack", "POST", asked.target.response_url, json=content)
            return
        message, _ = asked.target
        content |= {
            "blocks": blocks(reply),
            "channel": message.channel,
            "thread_ts": message.thread_ts or message.ts,
        }
        await self._call("chat.postMessage", json=content)

    async def _call(self, method: str, **content: Any) -> dict[str, Any]:
        """A method of Slack's API, which says in the body that it failed, and why."""
        headers = {"Authorization": f"Bearer {self._token}"}
        url = f"{self._api.rstrip('/')}/{method}"
        reply = await self._delivery.send("Slack", "POST", url, headers=headers, **content)
        if not reply.get("ok"):
            raise NotDeliveredError(f"Slack refused {method}: {reply.get('error')}")
        return reply


def plain(text: str) -> str:
    """What a user wrote, as text: without mentions, links as they read, entities decoded."""

    def shown(markup: re.Match[str]) -> str:
        target, label = markup[1], markup[2]
        if target.startswith(("@", "!")):
            return " "
        return f"#{label or ''}" if target.startswith("#") else label or target

    text = _MARKUP.sub(shown, text)
    return one_line(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")).lstrip(
        ",: "
    )


def escape(text: str) -> str:
    """Text that Slack shows as it is: these three make all its mentions, links and entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def blocks(reply: Reply, question: str | None = None) -> list[dict[str, Any]]:
    """A reply in Block Kit, within its limits."""
    shown = [_section(line) for line in _lines(reply, question)]
    if reply.notes:
        shown.append(_context(fit("\n".join(reply.notes), _LONGEST_NOTES, escape)))
    foot = [_context(f"<{escape(reply.page)}|Read it on the web>")] if reply.page else []
    room = _MOST_BLOCKS - len(foot) - 1  # the 1: that there are more
    for number, source in enumerate(reply.sources):
        left = _LONGEST_BLOCKS - len(json.dumps([*shown, *foot], ensure_ascii=False))
        text = _source(source, min(left, _LONGEST_SECTION))
        if not text or len(shown) == room:
            shown.append(_context(f"… and {len(reply.sources) - number} more sources"))
            break
        shown.append(_section(text))
    return [*shown, *foot]


def _lines(reply: Reply, question: str | None) -> Iterator[str]:
    if question:
        yield f">{fit(question, _LONGEST_QUESTION, escape)}"
    if reply.headline:
        yield f"*{fit(reply.headline, _LONGEST_HEADLINE, escape)}*"
    if reply.text:
        yield fit(reply.text, _LONGEST_SECTION, escape)


def _source(source: Source, room: int) -> str:
    """A source in at most so many characters; nothing when it would say too little."""
    title = fit(source.title, _LONGEST_TITLE, escape)
    link = f"<{escape(source.url)}|{title}>" if source.url else title
    name = link if len(link) <= _LONGEST_LINK else title
    under = f"{name} · {fit(source.details, _LONGEST_TITLE, escape)}"
    if not source.quote:
        return under if len(under) <= room else ""
    before, after = f">[{source.n}] “", f"”\n{under}"
    left = room - len(before) - len(after)
    return f"{before}{fit(source.quote, left, escape)}{after}" if left >= _SHORTEST_SOURCE else ""


def _section(text: str) -> dict[str, Any]:
    # "verbatim": addresses and channel names in an article's text do not become links.
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def is_slacks(url: str, api_url: str) -> bool:
    """True if an answer may be posted there: to Slack's hooks, or below the host of another API.

    The whole of host and port is compared, so that no user name or port before or behind it passes.
    """
    try:
        here, api = urlsplit(url), urlsplit(api_url)
    except ValueError:
        return False
    if api.netloc == _SLACK_API:
        return here.scheme == "https" and here.netloc == _SLACK_HOOKS
    return here.scheme == api.scheme and (
        here.netloc == api.netloc or here.netloc.endswith(f".{api.netloc}")
    )


def _acknowledge() -> Response[Any]:
    return Response(b"", media_type="text/plain")


def _to_asker(text: str) -> Response[Any]:
    return Response({"response_type": "ephemeral", "text": text})
