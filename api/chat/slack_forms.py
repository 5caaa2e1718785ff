"""What Slack sends: events, commands and pressed buttons, and the text that users write in them."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import Field

from api.chat.markup import one_line
from api.chat.platform import Form, Incoming

_SPOKEN = {None, "thread_broadcast", "file_share"}  # other subtypes are edits, joins, other apps'
_MENTION, _LINK = re.compile(r"<[@!][^<>]*>"), re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


def is_signed(incoming: Incoming, secret: str) -> bool:
    """Whether a request carries Slack's signature of these minutes; never without a secret."""
    timestamp = incoming.headers.get("x-slack-request-timestamp", "")
    sent = incoming.headers.get("x-slack-signature", "")
    signed = f"v0:{timestamp}:".encode() + incoming.body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    genuine = hmac.compare_digest(f"v0={digest}".encode(), sent.encode())
    return bool(secret) and genuine and incoming.is_fresh(timestamp)


class Hook(Form):
    """A command, or a pressed button: whose user is answered at an address of Slack."""

    response_url: str
    trigger_id: str
    text: str = ""
    user_id: str = ""
    user: dict[str, Any] = {}
    actions: tuple[dict[str, Any], ...] = ()

    @classmethod
    def of(cls, body: bytes, *, pressed: bool) -> Self | None:
        """Read a form; None for Slack's check of our certificate. Raises BadInput."""
        fields = parse_qs(body.decode("utf-8", "replace"))
        form = {name: values[0] for name, values in fields.items()}
        if form.get("ssl_check"):
            return None
        return cls.read(form.get("payload", "").encode() if pressed else form)


class Post(Form):
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
        spoken = self.bot_id is None and self.subtype in _SPOKEN
        return spoken and self.user not in (None, bot)

    def is_for(self, bot: str | None) -> bool:
        """True if addressed to us: everything in a direct message, elsewhere what mentions us."""
        ours = re.escape(bot) if bot else r"\w+"
        return self.channel_type == "im" or re.search(rf"<@{ours}[|>]", self.text) is not None

    def questions_before(self, thread: Iterable[Mapping[str, Any]], bot: str | None) -> list[str]:
        """What its thread began with, and what was addressed to us before it. Raises BadInput."""
        items = [Post.read({**item, "channel_type": self.channel_type}) for item in thread]
        said = [item for item in items if item.by_human(bot) and float(item.ts) < float(self.ts)]
        ours = [item for item in said if item.ts == self.thread_ts or item.is_for(bot)]
        return [question for item in ours if (question := plain(item.text))]


class Delivered(Form):
    """What the Events API posts."""

    type: str
    challenge: str = ""
    event_id: str = ""
    team_id: str = ""
    event: dict[str, Any] = {}
    authorizations: tuple[dict[str, Any], ...] = ()

    @property
    def bot(self) -> str | None:
        """Our own user id."""
        return self.authorizations[0].get("user_id") if self.authorizations else None


def plain(text: str) -> str:
    """What a user wrote, as text: without mentions, links as they read, entities decoded."""

    def shown(link: re.Match[str]) -> str:
        channel = link[1].startswith("#")
        return f"#{link[2] or ''}" if channel else link[2] or link[1]

    text = _LINK.sub(shown, _MENTION.sub(" ", text))
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return one_line(text).lstrip(",: ")


def is_slacks(url: str, api_url: str) -> bool:
    """True if an answer may be posted there: to Slack's hooks, or to the host of another API."""
    scheme, host, *_ = urlsplit(api_url)
    return url.startswith((f"{scheme}://hooks.{host}/", f"{scheme}://{host}/"))
