"""What Telegram sends: messages and pressed buttons."""

from pydantic import Field

from api.chat.platform import Form


class Party(Form):  # a user or a chat
    id: int
    is_bot: bool = False
    type: str = ""


class Post(Form):
    message_id: int
    chat: Party
    sender: Party = Field(default=Party(id=0, is_bot=True), alias="from")
    text: str = ""
    message_thread_id: int | None = None
    is_topic_message: bool = False
    reply_to_message: "Post | None" = None


class Pressed(Form):
    id: str
    sender: Party = Field(alias="from")
    data: str = ""


class Update(Form):  # of all its kinds only two matter here
    update_id: int
    message: Post | None = None
    callback_query: Pressed | None = None
