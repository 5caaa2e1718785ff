"""Slack: a slash command, mentions and direct messages; threads are conversations."""

from collections.abc import Sequence
from typing import Any

from litestar import Response

from api.chat.delivery import NotDeliveredError
from api.chat.layout import Markup, Part
from api.chat.markup import fit
from api.chat.platform import Draft, Incoming, Message, Platform, Vote, nothing
from api.chat.reply import LOOKING
from api.chat.slack_forms import Delivered, Hook, Post, is_signed, is_slacks, plain
from api.chat.slack_markup import blocks, escape, markdown
from qa.errors import BadInput

_STATUS = "is looking in the archive …"  # behind the name of the app
_CADENCE = 1.0  # seconds; Slack takes about a hundred updates of streams in a minute


class Slack(Platform):
    """The platform. Commands are answered at their response_url, messages in their thread."""

    name = "Slack"
    path = "/integrations/slack"
    routes = ("/commands", "/events", "/actions")
    unsigned = "this request has no fresh signature of Slack"
    help = "Ask the archive a question, for example: How much aid was announced?"
    # Slack documents no limit of all blocks as JSON, and refuses them from about 13,200 characters.
    markup = Markup(
        most=4800,
        longest_piece=3000,
        pieces=38,
        escape=escape,
        bold="*{}*",
        note="{}",
        quote=">{}",
        link="<{0}|{1}>",
        address=escape,
    )
    drafts = "above"
    shows_wait = 100  # Slack shows a status for two minutes, or until the next message
    redelivers = True

    async def verify(self, incoming: Incoming) -> bool:
        return is_signed(incoming, self.secret)

    def parse(self, incoming: Incoming) -> Message | Vote | Response[Any]:
        if incoming.route != "/events":
            return self._parse_hook(incoming)
        delivered = Delivered.read(incoming.body)
        if delivered.type == "url_verification":
            return Response({"challenge": delivered.challenge})
        kind = delivered.event.get("type")
        # A first delivery that timed out did arrive, perhaps at another worker process.
        late = incoming.headers.get("x-slack-retry-reason") == "http_timeout"
        if late or delivered.type != "event_callback" or kind not in ("app_mention", "message"):
            return nothing()
        post = Post.read(delivered.event)
        # A message in a channel that mentions us comes as app_mention too.
        wanted = kind == "app_mention" or post.channel_type == "im"
        if not wanted or not post.by_human(delivered.bot):
            return nothing()
        return Message(
            plain(post.text),
            user=post.user or "",
            target=(post, delivered),
            # By its message too: an edited one comes as a new event.
            deliveries=tuple(filter(None, (delivered.event_id, f"{post.channel} {post.ts}"))),
            accepted=nothing(),
            thread=f"{post.channel} {post.thread_ts or post.ts}",
            cadence=_CADENCE,
        )

    def _parse_hook(self, incoming: Incoming) -> Message | Vote | Response[Any]:
        pressed = incoming.route == "/actions"
        hook = Hook.of(incoming.body, pressed=pressed)
        if hook is None:
            return nothing()
        if not is_slacks(hook.response_url, self.settings.slack_api_url):
            raise BadInput("response_url: it does not point at Slack")
        if pressed:
            value = str(hook.actions[0].get("value")) if hook.actions else ""
            return Vote.pressed(value, str(hook.user.get("id")), hook) or nothing()
        ids, accepted = (hook.trigger_id,), _to_asker(LOOKING)
        return Message(plain(hook.text), hook.user_id, hook, ids, accepted, echo=True)

    def say(self, to: Message | Vote, text: str) -> Response[Any] | None:
        is_command = isinstance(to, Message) and isinstance(to.target, Hook)
        return _to_asker(text) if is_command else None

    async def earlier(self, message: Message) -> Sequence[str]:
        """What its thread began with, and what was addressed to us."""
        if isinstance(message.target, Hook) or message.target[0].thread_ts is None:
            return ()
        post, delivered = message.target
        asked = {"channel": post.channel, "ts": post.thread_ts, "latest": post.ts, "limit": 1000}
        listed = await self._call("conversations.replies", data=asked)
        return list(post.questions_before(listed.get("messages") or (), delivered.bot))

    async def show_wait(self, message: Message) -> None:
        channel, _, thread = message.thread.partition(" ")
        if thread:  # a command shows `LOOKING`
            status = {"channel_id": channel, "thread_ts": thread, "status": _STATUS}
            await self._call("assistant.threads.setStatus", json=status, tries=1)

    async def draft(self, message: Message, text: str, draft: Draft | None) -> Draft:
        post, delivered = message.target
        new = text[len(draft.text) :] if draft is not None else text
        chunks = [{"type": "markdown_text", "text": markdown(new)}]
        content = {"channel": post.channel, "chunks": chunks}
        if draft is not None:
            await self._call("chat.appendStream", json={**content, "ts": draft.id})
            return Draft(draft.id, text)
        content |= {"recipient_team_id": delivered.team_id, "recipient_user_id": post.user}
        content |= {"thread_ts": post.thread_ts or post.ts}
        started = await self._call("chat.startStream", json=content)
        return Draft(str(started.get("ts")), text)

    async def send(self, to: Message | Vote, part: Part, draft: Draft | None = None) -> str:
        content: dict[str, Any] = {"blocks": blocks(part)}
        # What a notification shows.
        text = {"text": fit(part.plain, 3000, escape), "unfurl_links": False, "unfurl_media": False}
        if isinstance(to.target, Hook):
            first = part.first and isinstance(to, Message)
            content |= {**text, "response_type": "ephemeral", "replace_original": first}
            await self.delivery.send("Slack", "POST", to.target.response_url, json=content)
            return ""
        post, _ = to.target
        content["channel"] = post.channel
        if draft is not None:
            await self._call("chat.stopStream", json={**content, "ts": draft.id})
        else:
            content |= {**text, "thread_ts": post.thread_ts or post.ts}
            await self._call("chat.postMessage", json=content)
        return ""

    async def _call(self, method: str, **content: Any) -> dict[str, Any]:
        """A method of Slack's API, which says in the body that it failed, and why."""
        headers = {"Authorization": f"Bearer {self.settings.text('slack_bot_token')}"}
        url = f"{self.settings.slack_api_url.rstrip('/')}/{method}"
        reply = await self.delivery.send("Slack", "POST", url, headers=headers, **content)
        if not reply.get("ok"):
            raise NotDeliveredError(f"Slack refused {method}: {reply.get('error')}")
        return reply


def _to_asker(text: str) -> Response[Any]:
    return Response({"response_type": "ephemeral", "text": text})
