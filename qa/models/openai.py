"""`openai:NAME`: OpenAI's own client, for OpenAI and for every compatible server."""

from functools import cached_property
from typing import TYPE_CHECKING

from qa.errors import AnswerModelRefused
from qa.models.base import Usage
from qa.models.remote import Failures, Part, RemoteModel, Stream

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.chat import ChatCompletionChunk


class OpenAIModel(RemoteModel["ChatCompletionChunk"]):
    """Chat completions. The key comes from OPENAI_API_KEY; a server of one's own may need none."""

    vendor = "openai"

    @cached_property
    def _client(self) -> "OpenAI":
        import openai

        try:
            return openai.OpenAI(base_url=self._base_url, timeout=self._timeout, max_retries=1)
        except openai.OpenAIError:
            if self._base_url is None:
                raise AnswerModelRefused(f"{self.name} needs a key: set OPENAI_API_KEY") from None
            # The client insists on a key; servers of one's own mostly do not.
            return openai.OpenAI(
                base_url=self._base_url, timeout=self._timeout, max_retries=1, api_key="none"
            )

    def _start(self, system: str, message: str) -> "Stream[ChatCompletionChunk]":
        return self._client.chat.completions.create(
            model=self._model,
            messages=[
                {"role": "system", "content": system},
                {"role": "user", "content": message},
            ],
            temperature=0,
            max_tokens=self.most_tokens,
            stream=True,
            stream_options={"include_usage": True},
        )

    def _read(self, event: "ChatCompletionChunk") -> Part:
        usage, text, finish = None, "", None
        if event.usage is not None:
            usage = Usage(event.usage.prompt_tokens, event.usage.completion_tokens)
        for choice in event.choices:
            text += choice.delta.content or ""
            finish = choice.finish_reason or finish
        return Part(text, finish, usage)

    def failures(self) -> Failures:
        import openai

        return Failures(
            base=openai.OpenAIError,
            timeout=openai.APITimeoutError,
            unreachable=openai.APIConnectionError,
            rate_limited=openai.RateLimitError,
            status=openai.APIStatusError,
            refused=(openai.ContentFilterFinishReasonError,),
        )
