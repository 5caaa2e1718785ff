"""Optional parts of the package: what an extra installs, and what to say where it is missing."""

import os
from importlib.util import find_spec

from qa.errors import BadInput
from qa.settings import Settings

VENDORS = ("openai", "anthropic")
_CHAT_SETTINGS = (
    "slack_signing_secret",
    "slack_bot_token",
    "discord_public_key",
    "telegram_bot_token",
    "telegram_webhook_secret",
)


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
    """Return True if any chat platform has a setting of its own."""
    return any(getattr(settings, name) is not None for name in _CHAT_SETTINGS)


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
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        require("opentelemetry.sdk", "opentelemetry.exporter", extra="telemetry")
