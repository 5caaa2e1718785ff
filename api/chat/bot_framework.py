"""Tokens of Microsoft's Bot Framework: those that come with its requests, and the bot's own."""

import logging
import time
from typing import Any

import jwt
from anyio import CapacityLimiter, to_thread
from microsoft_teams.api.auth.cloud_environment import from_name

from api.chat.delivery import SEND_TIMEOUT, Delivery
from qa.settings import Settings

_LEEWAY = 300  # seconds that our clock may be wrong

_log = logging.getLogger("dateline.integrations")


class BotFramework:
    """One bot in one of Microsoft's clouds."""

    def __init__(self, settings: Settings, delivery: Delivery) -> None:
        self.cloud = from_name(settings.teams_cloud)
        self._settings = settings
        self._delivery = delivery
        self._keys: jwt.PyJWKClient | None = None
        self._verifying = CapacityLimiter(1)  # keys are fetched under a lock: more would only wait
        self._token, self._token_ends = "", 0.0

    async def verify(self, token: str) -> dict[str, Any] | None:
        """What the framework signed for this bot; None for any other token."""
        try:
            return await to_thread.run_sync(self._claims, token, limiter=self._verifying)
        except jwt.PyJWTError as error:
            away = isinstance(error, jwt.PyJWKClientConnectionError)
            level = logging.WARNING if away else logging.INFO
            _log.log(level, "a token for Teams is refused: %s", type(error).__name__)
            return None

    def _claims(self, token: str) -> dict[str, Any]:
        """Blocking: the keys are fetched, and fetched again after five minutes."""
        if self._keys is None:
            keys = self.cloud.openid_metadata_url.replace("/openidconfiguration", "/keys")
            self._keys = jwt.PyJWKClient(keys, timeout=SEND_TIMEOUT)
        return jwt.decode(
            token,
            self._keys.get_signing_key_from_jwt(token),
            algorithms=["RS256"],
            audience=self._settings.text("teams_app_id"),
            issuer=self.cloud.token_issuer,
            leeway=_LEEWAY,
            options={"require": ["exp", "iss", "aud"]},
        )

    async def token(self) -> str:
        """The bot's own token, fetched anew before it ends. Raises NotDeliveredError."""
        if time.monotonic() >= self._token_ends:
            tenant = self._settings.text("teams_tenant_id")
            url = f"{self.cloud.login_endpoint}/{tenant}/oauth2/v2.0/token"
            form = {
                "grant_type": "client_credentials",
                "client_id": self._settings.text("teams_app_id"),
                "client_secret": self._settings.text("teams_app_secret"),
                "scope": self.cloud.bot_scope,
            }
            given = await self._delivery.send("Microsoft's login", "POST", url, data=form)
            self._token = str(given.get("access_token"))
            self._token_ends = time.monotonic() + float(given.get("expires_in") or 0) - _LEEWAY
        return self._token
