"""Events of standing questions, sent to one address and signed as Standard Webhooks says
(https://www.standardwebhooks.com).
"""

import base64
import binascii
import hashlib
import hmac
import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from qa.archive.archive import Archive
from qa.archive.watches import Event, begin_attempt, due_events, event_json, note_delivered
from qa.errors import BadInput
from qa.extras import require
from qa.settings import Settings

if TYPE_CHECKING:
    import httpx

TIMEOUT = 15  # seconds for the other side to take an event
_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64  # bytes of the secret

_log = logging.getLogger("dateline")


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where events go, and the secret that signs them."""

    url: str
    secret: bytes

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The webhook of the settings; None where no address is set. Raises BadInput."""
        if settings.webhook_url is None:
            return None
        require("httpx", extra="chat")
        if settings.webhook_secret is None:
            raise BadInput("DATELINE_WEBHOOK_URL needs DATELINE_WEBHOOK_SECRET")
        return cls(settings.webhook_url, _decode(settings.webhook_secret.get_secret_value()))

    def sign(self, identity: str, timestamp: int, body: bytes) -> str:
        """The value of the header ``webhook-signature``."""
        content = f"{identity}.{timestamp}.".encode() + body
        digest = hmac.new(self.secret, content, hashlib.sha256).digest()
        return f"v1,{base64.b64encode(digest).decode()}"

    def deliver_due(self, archive: Archive) -> int:
        """Send the events that are due, each once; how many were taken. Blocking.

        One that is not taken is sent again later, under the same id (see `qa.archive.watches`), and
        ends this: the other side may be down.
        """
        waiting = due_events(archive.store)
        if not waiting:
            return 0
        import httpx

        taken = 0
        with httpx.Client(timeout=TIMEOUT) as client:  # follows no redirect
            for event in waiting:
                if not begin_attempt(archive.store, event):
                    continue
                if not self._send(client, archive, event):
                    break
                note_delivered(archive.store, event)
                taken += 1
        return taken

    def _send(self, client: "httpx.Client", archive: Archive, event: Event) -> bool:
        import httpx

        with archive.snapshot() as snapshot:
            data = event_json(event, snapshot)
        content = {"type": "answer.changed", "timestamp": event.created_at, "data": data}
        body = json.dumps(content, ensure_ascii=False).encode()
        timestamp = int(archive.store.clock().timestamp())
        headers = {
            "content-type": "application/json",
            "webhook-id": event.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": self.sign(event.id, timestamp, body),
        }
        try:
            response = client.post(self.url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            _log.warning("%s was not delivered: %s", event.id, type(error).__name__)
            return False
        if not response.is_success:
            _log.warning("%s was not delivered: status %d", event.id, response.status_code)
        return response.is_success


def _decode(secret: str) -> bytes:
    """Raises BadInput, which does not repeat the secret."""
    try:
        decoded = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        decoded = b""
    if not secret.startswith(_PREFIX) or not _SHORTEST <= len(decoded) <= _LONGEST:
        raise BadInput(
            f"DATELINE_WEBHOOK_SECRET must be {_PREFIX} and"
            f" {_SHORTEST} to {_LONGEST} bytes in base64"
        )
    return decoded
