"""`anthropic:NAME`: Anthropic's own client."""

from functools import cached_property
from typing import TYPE_CHECKING

from qa.errors import AnswerModelRefused
from qa.models.base import Usage
from qa.models.remote import Failures, Part, RemoteModel, Stream

if TYPE_CHECKING:
    from anthropic import Anthropic
    from anthropic.types import RawMessageStreamEvent


class AnthropicModel(RemoteModel["RawMessageStreamEvent"]):
    """Messages. The key comes from ANTHROPIC_API_KEY."""

    vendor = "anthropic"

    @cached_property
    def _client(self) -> "Anthropic":
        import os

        import anthropic

        # The client itself only notices at the first request, and in a form that names headers.
        key = os.environ.get("ANTHROPIC_API_KEY") or (None if self._base_url is None else "none")
        if key is None and not os.environ.get("ANTHROPIC_AUTH_TOKEN"):
            raise AnswerModelRefused(f"{self.name} needs a key: set ANTHROPIC_API_KEY")
        return anthropic.Anthropic(
            api_key=key, base_url=self._base_url, timeout=self._timeout, max_retries=1
        )

    def _start(self, system: str, message: str) -> "Stream[RawMessageStreamEvent]":
        return self._client.messages.create(
            model=self._model,
            system=system,
            messages=[{"role": "user", "content": message}],
            max_tokens=self.most_tokens,
            stream=True,
        )

    def _read(self, event: "RawMessageStreamEvent") -> Part:
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            return Part(text=event.delta.text)
        if event.type != "message_delta":
            return Part()
        usage = None
        if event.usage.input_tokens is not None:
            usage = Usage(event.usage.input_tokens, event.usage.output_tokens)
        return Part(finish=event.delta.stop_reason, usage=usage)

    def failures(self) -> Failures:
        import anthropic

        return Failures(
            base=anthropic.AnthropicError,
            timeout=anthropic.APITimeoutError,
            unreachable=anthropic.APIConnectionError,
            rate_limited=anthropic.RateLimitError,
            status=anthropic.APIStatusError,
            refused=(anthropic.CredentialsError, anthropic.WorkloadIdentityError),
        )
