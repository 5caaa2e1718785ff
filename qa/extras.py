"""Optional parts of the package: what an extra installs, and what to say where it is missing."""

import os
from importlib.util import find_spec

from qa.errors import BadInput
from qa.settings import Settings

VENDORS = ("openai", "anthropic")
CHATS = {  # the settings of each; all of them are needed
    "Slack": ("slack_signing_secret", "slack_bot_token"),
    "Discord": ("discord_public_key",),
    "Telegram": ("telegram_webhook_secret", "telegram_bot_token"),
    "Teams": ("teams_app_secret", "teams_app_id", "teams_tenant_id"),
}


def installed(module: str) -> bool:
    """Return True if the module can be imported; imports nothing but its parents."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # a parent of it is missing
        return False


def require(*modules: str, extra: str) -> None:
    """Raise BadInput that names the extra, unless every module can be imported."""
    if not all(installed(module) for module in modules):
        raise BadInput(f"the {extra} extra is missing: pip install 'dateline[{extra}]'")


def chats_are_set(settings: Settings) -> bool:
    """Return True if any chat platform is set up."""
    return any(chat_is_set(settings, chat) for chat in CHATS)


def chat_is_set(settings: Settings, chat: str) -> bool:
    """Return True if a platform has its settings. Raises BadInput if it has only some of them."""
    missing = [name for name in CHATS[chat] if not settings.text(name)]
    if 0 < len(missing) < len(CHATS[chat]):
        raise BadInput(f"{chat} is set up in part: DATELINE_{missing[0].upper()} is missing")
    return not missing


def require_model(vendor: str) -> None:
    """Raise BadInput when the vendor's models need an extra that is not installed."""
    if vendor in VENDORS:
        require(vendor, extra="remote")
    elif vendor == "llama":
        require("xllamacpp", extra="llama")


def require_for(settings: Settings) -> None:
    """Raise BadInput when `serve` needs an extra for these settings that is not installed."""
    require_model(settings.model.partition(":")[0])
    if chats_are_set(settings):
        require("nacl", extra="chat")
    if chat_is_set(settings, "Teams"):
        require("microsoft_teams.api", extra="teams")
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        require("opentelemetry.sdk", "opentelemetry.exporter", extra="telemetry")
