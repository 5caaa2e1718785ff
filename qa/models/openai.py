"""`openai:NAME`: OpenAI's own client, for OpenAI and for every server that speaks its language."""

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
    from openai import OpenAI

MOST_TOKENS = 400


class OpenAIModel:
    """Chat completions, streamed. The key comes from OPENAI_API_KEY; a server of one's own may need none."""

    def __init__(self, model: str, base_url: str | None, timeout: float) -> None:
        self.name = f"openai:{model}"
        self._model = model
        self._base_url = base_url
        self._timeout = timeout

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

    def prepare(self) -> None:
        """Nothing to load; a wrong key or name shows with the first question."""

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
        used: list[Usage] = []
        yield from parse(self._chunks(messages(question.text, evidence), used))
        yield from used

    def _chunks(self, message: str, used: list[Usage]) -> Iterator[str]:
        import httpx2
        import openai

        finished, said = False, False
        try:
            with self._client.chat.completions.create(
                model=self._model,
                messages=[
                    {"role": "system", "content": INSTRUCTIONS},
                    {"role": "user", "content": message},
                ],
                temperature=0,
                max_tokens=MOST_TOKENS,
                stream=True,
                stream_options={"include_usage": True},
            ) as stream:
                for event in stream:
                    if event.usage is not None:
                        used[:] = [Usage(event.usage.prompt_tokens, event.usage.completion_tokens)]
                    for choice in event.choices:
                        if choice.finish_reason == "content_filter":
                            raise AnswerModelRefused(
                                f"{self.name} refused by policy (content filter)"
                            )
                        finished = finished or choice.finish_reason is not None
                        if choice.delta.content:
                            said = True
                            yield choice.delta.content
        except openai.APIConnectionError as error:
            if said and not isinstance(error, openai.APITimeoutError):
                raise AnswerModelUnreachable(
                    f"{self.name}: the connection broke before the reply was whole"
                ) from error
            raise as_ours(error, self.name) from error
        except openai.OpenAIError as error:
            raise as_ours(error, self.name) from error
        except httpx2.HTTPError as error:
            raise AnswerModelUnreachable(
                f"{self.name}: the connection broke before the reply was whole"
            ) from error
        except (
            ValueError,
            TypeError,
            AttributeError,
        ) as error:  # the client trips over what is no chat completion
            raise AnswerModelMalformed(
                f"{self.name}: the reply is no chat completion: {error}"
            ) from error
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
    import openai

    if isinstance(error, openai.APITimeoutError):
        return AnswerModelTimeout(f"{name}: no reply in time")
    if isinstance(error, openai.APIConnectionError):
        return AnswerModelUnreachable(f"{name}: cannot be reached: {error.__cause__ or error}")
    if isinstance(error, openai.RateLimitError):
        return AnswerModelRateLimited(f"{name}: too many requests", seconds(error.response.headers))
    if isinstance(error, openai.APIStatusError):
        if error.status_code in (408, 504):
            return AnswerModelTimeout(f"{name}: no reply in time (status {error.status_code})")
        if error.status_code >= 500:
            return AnswerModelUnreachable(f"{name}: the server failed (status {error.status_code})")
        return AnswerModelRefused(f"{name}: refused (status {error.status_code}): {_reason(error)}")
    if isinstance(error, openai.ContentFilterFinishReasonError):
        return AnswerModelRefused(f"{name}: refused by policy")
    return AnswerModelMalformed(f"{name}: the reply is no chat completion: {error}")


def _reason(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
