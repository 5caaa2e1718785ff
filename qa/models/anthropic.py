"""`anthropic:NAME`: Anthropic's own client."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from qa.answering.sentence import Sentence
from qa.errors import (
    AnswerModelError,
    AnswerModelMalformed,
    AnswerModelRateLimited,
    AnswerModelRefused,
    AnswerModelTimeout,
    AnswerModelUnreachable,
)
from qa.models.base import Usage, Written
from qa.models.prompt import INSTRUCTIONS, messages, parse
from qa.models.retry_after import seconds
from qa.question import Question

if TYPE_CHECKING:
    from anthropic import Anthropic

MOST_TOKENS = 400


class AnthropicModel:
    """Messages, streamed. The key comes from ANTHROPIC_API_KEY."""

    def __init__(self, model: str, base_url: str | None, timeout: float) -> None:
        self.name = f"anthropic:{model}"
        self._model = model
        self._base_url = base_url
        self._timeout = timeout

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

    def prepare(self) -> None:
        """Nothing to load; a wrong key or name shows with the first question."""

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
        used: list[Usage] = []
        yield from parse(self._chunks(messages(question.text, evidence), used))
        yield from used

    def _chunks(self, message: str, used: list[Usage]) -> Iterator[str]:
        import anthropic
        import httpx2

        finished, said = False, False
        try:
            with self._client.messages.create(
                model=self._model,
                system=INSTRUCTIONS,
                messages=[{"role": "user", "content": message}],
                max_tokens=MOST_TOKENS,
                stream=True,
            ) as stream:
                for event in stream:
                    if event.type == "content_block_delta" and event.delta.type == "text_delta":
                        said = True
                        yield event.delta.text
                    elif event.type == "message_delta":
                        if event.delta.stop_reason == "refusal":
                            raise AnswerModelRefused(f"{self.name} refused by policy")
                        finished = event.delta.stop_reason is not None
                        if event.usage.input_tokens is not None:
                            used[:] = [Usage(event.usage.input_tokens, event.usage.output_tokens)]
        except anthropic.APIConnectionError as error:
            if said and not isinstance(error, anthropic.APITimeoutError):
                raise AnswerModelUnreachable(
                    f"{self.name}: the connection broke before the reply was whole"
                ) from error
            raise as_ours(error, self.name) from error
        except anthropic.AnthropicError as error:
            raise as_ours(error, self.name) from error
        except httpx2.HTTPError as error:
            raise AnswerModelUnreachable(
                f"{self.name}: the connection broke before the reply was whole"
            ) from error
        except (
            ValueError,
            TypeError,
            AttributeError,
        ) as error:  # the client trips over what is no message
            raise AnswerModelMalformed(f"{self.name}: the reply is no message: {error}") from error
        if not finished:
            raise (
                AnswerModelUnreachable(
                    f"{self.name}: the connection broke before the reply was whole"
                )
                if said
                else AnswerModelMalformed(f"{self.name}: the reply is empty")
            )


def as_ours(error: Exception, name: str) -> AnswerModelError:
    """Every exception of the client as one of ours; a test walks the client's classes."""
    import anthropic

    if isinstance(error, anthropic.APITimeoutError):
        return AnswerModelTimeout(f"{name}: no reply in time")
    if isinstance(error, anthropic.APIConnectionError):
        return AnswerModelUnreachable(f"{name}: cannot be reached: {error.__cause__ or error}")
    if isinstance(error, anthropic.RateLimitError):
        return AnswerModelRateLimited(f"{name}: too many requests", seconds(error.response.headers))
    if isinstance(error, anthropic.APIStatusError):
        if error.status_code in (408, 504):
            return AnswerModelTimeout(f"{name}: no reply in time (status {error.status_code})")
        if error.status_code >= 500:
            return AnswerModelUnreachable(f"{name}: the server failed (status {error.status_code})")
        return AnswerModelRefused(f"{name}: refused (status {error.status_code}): {_reason(error)}")
    if isinstance(error, anthropic.CredentialsError | anthropic.WorkloadIdentityError):
        return AnswerModelRefused(f"{name}: the credentials are of no use: {_reason(error)}")
    return AnswerModelMalformed(f"{name}: the reply is no message: {_reason(error)}")


def _reason(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
