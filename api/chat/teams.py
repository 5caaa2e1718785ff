"""Microsoft Teams: personal chats, and mentions in group chats and channels.

Activities are the types of Microsoft's SDK (the extra ``teams``). Imported only where Teams is set
up.
"""

import html
import json
import re
from typing import Any
from urllib.parse import quote

from litestar import Response
from microsoft_teams.api.activities.invoke.message import MessageSubmitActionInvokeActivity
from microsoft_teams.api.activities.message import MessageActivity, MessageActivityInput
from microsoft_teams.api.activities.typing import TypingActivityInput
from microsoft_teams.api.models.entity import CitationAppearance
from pydantic import Field, ValidationError

from api.chat.bot_framework import BotFramework
from api.chat.delivery import Delivery
from api.chat.layout import Markup, Part
from api.chat.markup import defuse, escape_markdown, fit, one_line
from api.chat.platform import Draft, Form, Incoming, Message, Platform, Verdict, Vote, nothing
from api.http.problems import in_words
from qa.errors import BadInput
from qa.settings import Settings

_CADENCE = 1.5  # seconds; Teams takes one update of a stream in a second
_MARKER = re.compile(r"\\\[(\d{1,2})\\\](?![(:])")
_LONGEST_NAME, _LONGEST_ABSTRACT, _MOST_CITATIONS = 80, 160, 20


class Activity(Form):  # what each has
    type: str
    name: str = ""
    service_url: str = Field(default="", alias="serviceUrl")


def escape(text: str) -> str:
    """Text that Teams shows as it is, but for markers such as [1], which lead to a citation."""
    return _MARKER.sub(r"[\1]", escape_markdown(defuse(text)))


class Teams(Platform):
    """The platform. An answer grows in a personal chat; elsewhere it comes whole."""

    name = "Teams"
    path = "/integrations/teams"
    unsigned = "this request has no valid token of the Bot Framework"
    help = "Ask the archive a question, for example: How much aid was announced?"
    markup = Markup(most=8000, escape=escape, gap="\n\n")
    drafts = "within"
    shows_wait = 3

    def __init__(self, settings: Settings, delivery: Delivery) -> None:
        super().__init__(settings, delivery)
        self.framework = BotFramework(settings, delivery)

    async def verify(self, incoming: Incoming) -> bool:
        token = incoming.headers.get("authorization", "").removeprefix("Bearer ")
        claims = await self.framework.verify(token)
        if claims is None:
            return False
        try:
            activity = Activity.read(incoming.body)
        except BadInput:
            return True  # `parse` refuses it by name
        return str(claims.get("serviceurl")).rstrip("/") == activity.service_url.rstrip("/")

    def parse(self, incoming: Incoming) -> Message | Vote | Response[Any]:
        sent = Activity.read(incoming.body)
        try:
            if sent.type == "message":
                return self._asked(MessageActivity.model_validate_json(incoming.body))
            if (sent.type, sent.name) == ("invoke", "message/submitAction"):
                return _voted(MessageSubmitActionInvokeActivity.model_validate_json(incoming.body))
        except ValidationError as error:
            raise BadInput(in_words(error)) from None
        return nothing()

    def _asked(self, activity: MessageActivity) -> Message | Response[Any]:
        chat = activity.conversation
        personal = chat.conversation_type == "personal"
        if not (personal or activity.is_recipient_mentioned()):
            return nothing()
        return Message(
            one_line(html.unescape(activity.strip_mentions_text().text)),
            user=activity.from_.id,
            target=activity,
            deliveries=(f"{chat.id} {activity.id}",),
            accepted=nothing(),
            thread=chat.id,
            cadence=_CADENCE if personal else 0,
        )

    def say(self, to: Message | Vote, text: str) -> Response[Any] | None:  # noqa: ARG002
        return Response({}) if isinstance(to, Vote) else None  # Teams thanks for a vote itself

    async def show_wait(self, message: Message) -> None:
        await self._post(message.target, TypingActivityInput(), tries=1)

    async def draft(self, message: Message, text: str, draft: Draft | None) -> Draft:
        update = TypingActivityInput(text=escape(text), id=draft.id if draft is not None else None)
        number = draft.updates + 1 if draft is not None else 1
        sent = await self._post(message.target, update.add_stream_update(number))
        return Draft(draft.id if draft is not None else sent, text, number)

    async def send(self, to: Message | Vote, part: Part, draft: Draft | None = None) -> str:
        message = MessageActivityInput(text=part.text(self.markup), text_format="markdown")
        if part.answer_id is not None or part.sources:
            message.add_ai_generated()
        for source in [source for source in part.sources if source.n][:_MOST_CITATIONS]:
            name, quoted = fit(source.title, _LONGEST_NAME), fit(source.quote, _LONGEST_ABSTRACT)
            seen = CitationAppearance(name=name, abstract=quoted, url=source.url)
            message.add_citation(source.n or 0, seen)
        if part.answer_id is not None:
            message.add_feedback()
        if draft is not None:
            message.with_id(draft.id).add_stream_final()
        return await self._post(to.target, message) or (draft.id if draft is not None else "")

    async def _post(self, to: Any, activity: Any, **how: Any) -> str:
        """Send an activity as a reply to another one; its id. Raises NotDeliveredError."""
        activity.from_, activity.conversation = to.recipient, to.conversation
        activity.reply_to_id = to.id
        content = activity.model_dump(mode="json", by_alias=True, exclude_none=True)
        place = f"v3/conversations/{quote(to.conversation.id, safe='')}/activities"
        headers = {"Authorization": f"Bearer {await self.framework.token()}"}
        url = f"{to.service_url.rstrip('/')}/{place}"
        sent = await self.delivery.send("Teams", "POST", url, json=content, headers=headers, **how)
        return str(sent.get("id") or "")


def _voted(activity: MessageSubmitActionInvokeActivity) -> Vote:
    """A verdict, with what its user wrote in the form that Teams shows."""
    given = activity.value.action_value
    try:
        reason = json.loads(given.feedback).get("feedbackText")
    except (ValueError, AttributeError):
        reason = None
    verdict: Verdict = "right" if given.reaction == "like" else "wrong"
    return Vote(verdict, activity.from_.id, activity, "", activity.reply_to_id or "", reason)
