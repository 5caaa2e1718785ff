"""All chats as the service mounts them."""

import re
from pathlib import Path

from api.chat import discord
from api.chat.controller import load
from qa.extras import CHATS
from qa.settings import Settings
from tests.support.chats import ANSWER, ScriptedQueue, chat_client


def test_the_guide_names_routes_and_settings_that_exist() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "how-to" / "chats.md").read_text("utf-8")
    clients = [chat_client(load(chat), ScriptedQueue(ANSWER), Settings.load()) for chat in CHATS]
    served = {route.path for client in clients for route in client.app.routes}
    routes = {path for path in served if path.startswith("/integrations")}
    assert set(re.findall(r"https://dateline\.example(/[\w/]+)", guide)) == routes
    for name in re.findall(r"`(?:DATELINE_)?([A-Z]+(?:_[A-Z]+)+)`", guide):
        assert name.lower() in Settings.model_fields, name
    assert f'"name": "{discord.COMMAND}"' in guide
    assert f'"name": "{discord.QUESTION}"' in guide
