"""Slack: a slash command, mentions and direct messages; threads are conversations."""

import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from http.client import HTTPException as BrokenReply
from itertools import islice
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from anyio import to_thread
from litestar import Controller, Request, Response, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException, NotAuthorizedException
from pydantic import Field, SecretStr, ValidationError
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import RateLimitErrorRetryHandler, RetryHandler, default_retry_handlers
from slack_sdk.signature import SignatureVerifier
from slack_sdk.webhook import WebhookClient

from api.chat.conversations import (
    BUSY,
    LONGEST_BODY,
    LOOKING,
    PROVIDED,
    SEND_TIMEOUT,
    Conversations,
    NotDeliveredError,
    Reply,
    Sent,
    Source,
    fitted,
    given,
    read,
    respond,
    tidy,
    unreadable,
)
from api.http.queue import QuestionQueue
from qa.answer import Answer
from qa.answering.conversation import whole_question
from qa.errors import BadInput
from qa.settings import Settings

HELP = "Ask the archive a question, for example: How much aid was announced?"

_MOST_BLOCKS = 50
_LONGEST_SECTION = 3000  # as is any text in a block
# Of all blocks as JSON. Slack documents no such limit, and refuses from about 13,200 ("msg_blocks_too_long").
_LONGEST_BLOCKS = 11_000
# Ours, so that there is room for sources.
_LONGEST_QUESTION, _LONGEST_HEADLINE, _LONGEST_NOTES, _LONGEST_TITLE = 300, 1000, 1500, 300
_LONGEST_LINK = 1500
_SHORTEST_SOURCE = 80  # with less room for a quote, its source is left out

_THREAD_PAGES, _THREAD_PAGE = 5, 200  # how much of a long thread is read
_SLACK_API, _SLACK_HOOKS = "slack.com", "hooks.slack.com"
_SPOKEN = {
    None,
    "thread_broadcast",
    "file_share",
}  # other subtypes are edits, joins, other apps' posts
_MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")

_log = logging.getLogger("dateline.integrations")
_sdk_log = logging.getLogger("dateline.integrations.slack_sdk")
_sdk_log.setLevel(
    logging.WARNING
)  # below, the SDK logs response_urls, with which anybody could post


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
        """Whether it is addressed to us: everything in a direct message, elsewhere what mentions us."""
        ours = re.escape(bot) if bot else r"\w+"
        return self.channel_type == "im" or re.search(rf"<@{ours}[|>]", self.text) is not None


class Authorization(Sent):
    user_id: str | None = None


class Delivery(Sent):
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
        """The message that wants an answer, or None. Raises BadInput for one of another form."""
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


async def signed(request: Request[Any, Any, Any], settings: NamedDependency[Settings]) -> bytes:
    """The body, once Slack's signature over it holds and is fresh. Raises NotAuthorizedException."""
    body = await request.body()
    verifier = SignatureVerifier(_secret(settings.slack_signing_secret))
    try:
        valid = verifier.is_valid_request(body, dict(request.headers))
    except (
        ValueError,
        TypeError,
        OverflowError,
    ):  # a timestamp that is none, a body or signature that is no text
        valid = False
    if not valid:
        raise NotAuthorizedException(detail="this request has no fresh signature of Slack")
    return body


class Slack(Controller):
    path = "/integrations/slack"
    opt = {
        "scope": None,
        "any_body": True,
    }  # Slack's signature is the key, and its commands are forms
    include_in_schema = False
    request_max_body_size = LONGEST_BODY
    dependencies = {**PROVIDED, "signed": Provide(signed)}

    @post("/commands", status_code=200)
    async def command(
        self,
        signed: NamedDependency[bytes],
        queue: NamedDependency[QuestionQueue],
        settings: NamedDependency[Settings],
        conversations: NamedDependency[Conversations],
    ) -> Response[Any]:
        """A slash command: a word for the asker at once, the answer, for them alone, at the command's response_url."""
        form = {
            name: values[0] for name, values in parse_qs(signed.decode("utf-8", "replace")).items()
        }
        if form.get("ssl_check"):
            return _acknowledged()
        try:
            command = Command.model_validate(form)
        except ValidationError as error:
            raise unreadable(error) from None
        if not _is_slacks(command.response_url, settings.slack_api_url):
            raise BadInput("response_url: it does not point at Slack")
        question = plain(command.text)
        if not question:
            return _to_asker(HELP)
        if conversations.background.full:
            return _to_asker(BUSY)
        if not conversations.is_new(f"slack {command.trigger_id}"):
            return _acknowledged()

        async def say(reply: Reply) -> None:
            await to_thread.run_sync(_answer_command, command.response_url, question, reply)

        # Begun only once the word is out: an answer that overtakes it would be replaced by it.
        work = partial(respond, partial(queue.answer, question), say, settings.public_url)
        return _to_asker(LOOKING, BackgroundTask(conversations.background.begin, work))

    @post("/events", status_code=200)
    async def event(
        self,
        request: Request[Any, Any, Any],
        signed: NamedDependency[bytes],
        queue: NamedDependency[QuestionQueue],
        settings: NamedDependency[Settings],
        conversations: NamedDependency[Conversations],
    ) -> Response[Any]:
        """A mention or a direct message, answered in its thread."""
        delivery = read(Delivery, signed)
        if delivery.type == "url_verification":
            return Response({"challenge": delivery.challenge})
        message = delivery.message
        # A first delivery that timed out did arrive, perhaps at another worker process: it is being answered.
        if message is None or request.headers.get("x-slack-retry-reason") == "http_timeout":
            return _acknowledged()
        if conversations.background.full:
            # Slack delivers it again: at once, after a minute, after five.
            raise HTTPException(status_code=HTTPStatus.SERVICE_UNAVAILABLE, detail=BUSY)
        # By its message too: an edited one comes as a new event.
        keys = [key for key in (delivery.event_id, f"{message.channel} {message.ts}") if key]
        if not all([conversations.is_new(f"slack {key}") for key in keys]):  # noqa: C419  # each is to be remembered
            return _acknowledged()
        client = WebClient(
            _secret(settings.slack_bot_token),
            base_url=settings.slack_api_url,
            timeout=SEND_TIMEOUT,
            retry_handlers=_retries(),
            logger=_sdk_log,
        )
        work = partial(_answer_message, client, message, delivery.bot, queue, settings.public_url)
        return _acknowledged(BackgroundTask(conversations.background.begin, work))


def enabled(settings: Settings) -> bool:
    return given(settings.slack_signing_secret, settings.slack_bot_token)


def plain(text: str) -> str:
    """What a user wrote, as text: without mentions, links as they read, entities decoded."""

    def shown(markup: re.Match[str]) -> str:
        target, label = markup[1], markup[2]
        if target.startswith(("@", "!")):
            return " "
        return f"#{label or ''}" if target.startswith("#") else label or target

    text = _MARKUP.sub(shown, text)
    return tidy(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")).lstrip(",: ")


def escaped(text: str) -> str:
    """Text that Slack shows as it is: these three make all of its mentions, links and entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def blocks(reply: Reply, question: str | None = None) -> list[dict[str, Any]]:
    """A reply in Block Kit, within its limits."""
    shown = [_section(line) for line in _lines(reply, question)]
    if reply.notes:
        shown.append(_context(fitted("\n".join(reply.notes), _LONGEST_NOTES, escaped)))
    foot = [_context(f"<{escaped(reply.page)}|Read it on the web>")] if reply.page else []
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
        yield f">{fitted(question, _LONGEST_QUESTION, escaped)}"
    if reply.headline:
        yield f"*{fitted(reply.headline, _LONGEST_HEADLINE, escaped)}*"
    if reply.text:
        yield fitted(reply.text, _LONGEST_SECTION, escaped)


def _source(source: Source, room: int) -> str:
    """A source in at most so many characters; nothing when it would say too little."""
    title = fitted(source.title, _LONGEST_TITLE, escaped)
    link = f"<{escaped(source.url)}|{title}>" if source.url else title
    name = link if len(link) <= _LONGEST_LINK else title
    under = f"{name} · {fitted(source.details, _LONGEST_TITLE, escaped)}"
    if not source.quote:
        return under if len(under) <= room else ""
    before, after = f">[{source.n}] “", f"”\n{under}"
    left = room - len(before) - len(after)
    return (
        f"{before}{fitted(source.quote, left, escaped)}{after}" if left >= _SHORTEST_SOURCE else ""
    )


def _section(text: str) -> dict[str, Any]:
    # "verbatim": addresses and channel names in an article's text do not become links.
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


async def _answer_message(
    client: WebClient,
    message: Message,
    bot: str | None,
    queue: QuestionQueue,
    public_url: str | None,
) -> None:
    async def say(reply: Reply) -> None:
        await to_thread.run_sync(_post, client, message, reply)

    question = plain(message.text)
    if not question:
        await say(Reply(HELP))
        return

    async def ask() -> Answer:
        earlier = await to_thread.run_sync(_asked_before, client, message, bot)
        return await queue.answer(whole_question(question, earlier))

    await respond(ask, say, public_url)


def _asked_before(client: WebClient, message: Message, bot: str | None) -> Sequence[str]:
    """The questions before this one in its thread, oldest first: what it began with, and what was addressed to us.

    A thread that cannot be read leaves the question as it stands.
    """
    if message.thread_ts is None:
        return ()
    try:
        pages = client.conversations_replies(
            channel=message.channel, ts=message.thread_ts, latest=message.ts, limit=_THREAD_PAGE
        )
        listed = [
            item for page in islice(pages, _THREAD_PAGES) for item in page.get("messages") or ()
        ]
        thread = [
            Message.model_validate({**item, "channel_type": message.channel_type})
            for item in listed
        ]
    except (SlackClientError, OSError, BrokenReply, ValueError) as error:
        _log.warning("a Slack thread cannot be read: %s", _fault(error))
        return ()
    before = [item for item in thread if item.by_human(bot) and float(item.ts) < float(message.ts)]
    asked = [
        plain(item.text) for item in before if item.ts == message.thread_ts or item.is_for(bot)
    ]
    return [question for question in asked if question]


def _post(client: WebClient, message: Message, reply: Reply) -> None:
    """Raises NotDeliveredError."""
    try:
        client.chat_postMessage(
            channel=message.channel,
            thread_ts=message.thread_ts or message.ts,
            text=fitted(reply.plain, _LONGEST_SECTION, escaped),  # what a notification shows
            blocks=blocks(reply),
            unfurl_links=False,
            unfurl_media=False,
        )
    except (SlackClientError, OSError, BrokenReply, ValueError) as error:
        raise NotDeliveredError(f"Slack did not take a message: {_fault(error)}") from None


def _answer_command(response_url: str, question: str, reply: Reply) -> None:
    """Raises NotDeliveredError."""
    try:
        response = WebhookClient(
            response_url, timeout=SEND_TIMEOUT, retry_handlers=_retries(), logger=_sdk_log
        ).send(
            text=fitted(reply.plain, _LONGEST_SECTION, escaped),
            blocks=blocks(reply, question),
            response_type="ephemeral",
            replace_original=True,
            unfurl_links=False,
            unfurl_media=False,
        )
    except (SlackClientError, OSError, BrokenReply, ValueError) as error:
        raise NotDeliveredError(f"Slack did not take a command's answer: {_fault(error)}") from None
    if response.status_code != HTTPStatus.OK:
        raise NotDeliveredError(
            f"Slack did not take a command's answer: status {response.status_code}"
        )


def _retries() -> list[RetryHandler]:
    return [*default_retry_handlers(), RateLimitErrorRetryHandler(max_retry_count=2)]


def _fault(error: Exception) -> str:
    """Slack's own code ("missing_scope"), else what broke; never the error's text, which holds the address."""
    if isinstance(error, SlackApiError):
        return str(error.response.get("error"))
    return type(error).__name__


def _is_slacks(url: str, api_url: str) -> bool:
    """Whether an answer may be posted there: to Slack's hooks, or below the host of the API that is set instead.

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


def _secret(secret: SecretStr | None) -> str:
    return cast(
        "SecretStr", secret
    ).get_secret_value()  # set: the routes exist only where `enabled`


def _acknowledged(background: BackgroundTask | None = None) -> Response[Any]:
    return Response(b"", media_type="text/plain", background=background)


def _to_asker(text: str, background: BackgroundTask | None = None) -> Response[Any]:
    return Response({"response_type": "ephemeral", "text": text}, background=background)
