"""A system behind a URL that keeps the HTTP contract."""

import hashlib
import random
import re
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
from pydantic import SecretStr, ValidationError

from eval.cases import EvalCase
from eval.files import without_surrogates
from eval.outcome import Outcome
from eval.targets.base import DEPTH, TargetFailed, check_quotes
from eval.targets.file import NotAnAnswer, adapt_answer, adapt_hits, check_finite
from qa.answering.conversation import whole_question
from qa.errors import BadInput, first_problem

TRIES = 4  # of one request
LONGEST_WAIT = 30.0  # seconds between two tries, whatever Retry-After says
TEXTS_CACHED = 200  # articles, so that memory does not grow with the corpus
_RETRIED = (429, 500, 502, 503, 504)
_NO_ACCESS = (401, 403)


class Reply(NamedTuple):
    """``seconds`` of the try that succeeded; ``retries``: how many failed before."""

    content: Mapping[str, Any]
    seconds: float
    retries: int


class ServedTarget:
    """A service asked over HTTP."""

    def __init__(self, url: str, client: httpx.Client, *, retrieval_only: bool) -> None:
        self._url = url.rstrip("/")
        self._shown = re.sub(r"//[^/@]*@", "//", self._url)  # without a password
        self._client = client
        self._retrieval_only = retrieval_only
        self._texts: dict[tuple[str, str | None], str | None] = {}
        self._lock = Lock()

    @classmethod
    @contextmanager
    def opened(
        cls, url: str, *, retrieval_only: bool, timeout: float = 120, key: SecretStr | None = None
    ) -> Iterator["ServedTarget"]:
        """``key``: the service's API key, if it needs one. Raises BadInput without a service."""
        headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key is not None else {}
        try:
            with httpx.Client(timeout=timeout, follow_redirects=False, headers=headers) as client:
                served = cls(url, client, retrieval_only=retrieval_only)
                served.describe()
                yield served
        except httpx.InvalidURL as error:
            raise BadInput(f"invalid URL '{url}': {error}") from error

    def describe(self) -> Mapping[str, Any]:
        """The service's corpus; its URL only as a digest. Raises BadInput."""
        try:
            reply = self._client.get(f"{self._url}/health/ready")
            ready = reply.json() if reply.status_code == 200 else None
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            problem = _first_line(error)
            raise BadInput(f"no Dateline service at {self._shown}: {problem}") from error
        if not isinstance(ready, dict):
            raise BadInput(f"the service at {self._shown} is not ready: status {reply.status_code}")
        corpus = {name: ready.get(name) for name in ("generation", "articles", "passages")}
        return {
            "kind": "served",
            "retrieval_only": self._retrieval_only,
            "settings": {"url_sha256": hashlib.sha256(self._shown.encode()).hexdigest()},
            "models": {},
            "corpus": corpus,
        }

    def ask(self, case: EvalCase) -> Outcome:
        """Ask over HTTP, again if the service is busy. Raises TargetFailed."""
        try:
            question = whole_question(case.question, case.earlier)
        except BadInput as error:
            raise TargetFailed(str(error)) from error
        body: dict[str, Any] = {
            "question": question,
            "k": DEPTH,
            "include_undated": case.include_undated,
        }
        if case.as_of is not None:
            body["as_of"] = case.as_of
        if not self._retrieval_only:
            body["include_hits"] = True
        reply = self._post("/v1/retrieve" if self._retrieval_only else "/v1/ask", body)
        try:
            return self._outcome(reply)
        except ValidationError as error:
            problem = first_problem(error)
        except NotAnAnswer as error:
            problem = str(error)
        raise TargetFailed(f"not a Dateline answer: {problem}", reply.retries)

    def ingested(self, article_ids: Collection[str]) -> set[str] | None:
        """Which of these articles the service has. None if it does not say."""
        try:
            return {name for name in article_ids if self._fetch(name, None) is not None}
        except httpx.HTTPError:
            return None

    def _outcome(self, reply: Reply) -> Outcome:
        content = reply.content
        check_finite(content)
        fields: dict[str, Any] = {"hits": adapt_hits(content.get("hits"))}
        if not self._retrieval_only:
            answer, fields["unreported"] = adapt_answer(content)
            fields |= {"answer": answer, "quotes": check_quotes(answer, self._text)}
        elif content.get("hits") is None:
            raise NotAnAnswer("hits: missing")
        return Outcome.model_validate(fields | {"seconds": reply.seconds, "retries": reply.retries})

    def _post(self, path: str, body: Mapping[str, Any]) -> Reply:
        problem = ""
        for attempt in range(TRIES):
            wait = 0.5 * 2**attempt * (1 + random.random() / 4)  # noqa: S311 - no secret
            started = time.perf_counter()
            try:
                reply = self._client.post(f"{self._url}{path}", json=body)
            except httpx.TimeoutException:
                # Asking again would only add to its load.
                raise TargetFailed("no reply in time", attempt) from None
            except httpx.HTTPError as error:
                problem = f"unreachable: {_first_line(error)}"
            else:
                seconds = time.perf_counter() - started
                if reply.status_code == 200:
                    return Reply(_json_object(reply, attempt), seconds, attempt)
                problem = f"status {reply.status_code}: {_detail(reply)}"
                self._give_up(reply.status_code, problem, attempt)
                wait = _retry_after(reply) or wait
            if attempt < TRIES - 1:
                time.sleep(min(wait, LONGEST_WAIT))
        raise TargetFailed(problem, TRIES - 1)

    def _give_up(self, status: int, problem: str, attempt: int) -> None:
        """Raise where another try would not help; BadInput where no case could succeed."""
        if status in _NO_ACCESS:
            raise BadInput(f"{self._shown} refuses access ({problem}); set DATELINE_API_KEY")
        if status not in _RETRIED:
            raise TargetFailed(problem, attempt)

    def _text(self, article_id: str, version: str | None) -> str | None:
        try:
            return self._fetch(article_id, version)
        except httpx.HTTPError:
            return None

    def _fetch(self, article_id: str, version: str | None) -> str | None:
        """The article's text; None if there is no such article. Raises httpx.HTTPError."""
        with self._lock:
            if (article_id, version) in self._texts:
                return self._texts[article_id, version]
        reply = self._client.get(
            f"{self._url}/v1/articles/{quote(article_id, safe='')}",
            params={"version": version} if version else None,
        )
        if reply.status_code != 404:
            reply.raise_for_status()
        try:
            text = reply.json()["text"] if reply.status_code == 200 else None
        except (ValueError, KeyError, TypeError, RecursionError):
            text = None
        with self._lock:
            if len(self._texts) > TEXTS_CACHED:
                self._texts.clear()
            self._texts[article_id, version] = text
        return text


def _json_object(reply: httpx.Response, attempt: int) -> Mapping[str, Any]:
    try:
        content = without_surrogates(reply.json())
    except (ValueError, RecursionError) as error:
        raise TargetFailed(f"invalid JSON: {_first_line(error)}", attempt) from error
    if not isinstance(content, dict):
        raise TargetFailed("expected a JSON object", attempt)
    return content


def _retry_after(reply: httpx.Response) -> float | None:
    try:
        return max(0.0, float(reply.headers["retry-after"]))
    except (KeyError, ValueError):
        return None


def _detail(reply: httpx.Response) -> str:
    try:
        content = reply.json()
        return str(content["detail"])[:200]
    except (ValueError, KeyError, TypeError, RecursionError):
        return _first_line(reply.text) or "no reason given"


def _first_line(problem: object) -> str:
    lines = str(problem).strip().splitlines()
    return lines[0][:200] if lines else type(problem).__name__
