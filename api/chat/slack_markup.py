"""What Slack shows: text in blocks, in a stream, and the buttons below an answer."""

import re
from typing import Any

from api.chat.layout import Part
from api.chat.markup import defuse
from api.chat.platform import Vote

_MARKDOWN = re.compile(r"[\\`*_\[\]|~#!]")


def escape(text: str) -> str:
    """Text that Slack shows as it is: these three make all its mentions, links and entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def markdown(text: str) -> str:
    """Text that a stream shows as it is: Slack reads Markdown there, and makes links by itself."""
    return _MARKDOWN.sub(r"\\\g<0>", escape(defuse(text)))


def blocks(part: Part) -> list[dict[str, Any]]:
    """A message in Block Kit."""
    # "verbatim": addresses and channel names in an article's text do not become links.
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": piece, "verbatim": True}}
        for piece in part.pieces
    ]
    if part.answer_id is not None:
        right, wrong = (
            {"text": {"type": "plain_text", "text": label}, "value": value}
            for label, value in Vote.buttons(part.answer_id)
        )
        buttons = {"type": "feedback_buttons", "positive_button": right, "negative_button": wrong}
        blocks.append({"type": "context_actions", "elements": [{**buttons, "action_id": "vote"}]})
    return blocks
