"""What can be evaluated: a system in this process, a served one, another system's answers from a file, a stored run.

All give the same `Outcome`, so all are scored by the same ruler.
"""

import hashlib
import json
import random
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Protocol
from urllib.parse import quote

import httpx
from pydantic import SecretStr, ValidationError

from embeddings.files import sha256_of
from eval.cases import EvalCase
from eval.outcomes import (
    KeptCitation,
    KeptSentence,
    NotOfTheForm,
    Outcome,
    first_fault,
    kept_answer,
)
from qa.answer import Answer, HitOutput
from qa.answering.answerer import Answerer, Trace
from qa.answering.reader import WEIGHTS_SHA256 as READER_SHA256
from qa.archive.archive import Archive
from qa.bootstrap import open_answerer, open_archive, open_retriever
from qa.errors import BadInput, NotFound, QAError
from qa.models.remote import seconds_to_wait
from qa.retrieval.hybrid import Retriever
from qa.settings import Settings
from qa.types import Article

DEPTH = 10  # hits a case
CONTEXT = 160  # characters kept on each side of a quote
TRIES = 4  # of one request to a served system
# What bears on an answer. Not what `serve` allows; paths tell whose machine it was, and a URL may hold a password.
_TOLD = {
    "embedder", "reranker", "model", "source_weights", "model_timeout", "min_confidence", "threads", "local_slots",
}  # fmt: skip
LONGEST_WAIT = 30.0  # seconds between two tries, whatever Retry-After says


class TargetFailed(QAError):
    """The system gave no answer to a case: counted apart, the run goes on. ``retries``: times it was asked again."""

    def __init__(self, message: str, retries: int = 0) -> None:
        super().__init__(message)
        self.retries = retries


class Target(Protocol):
    """A system under evaluation."""

    def describe(self) -> Mapping[str, Any]:
        """What it is: settings, versions, digests, corpus; JSON-ready, the same for the same system."""

    def ask(self, case: EvalCase) -> Outcome:
        """Raises TargetFailed. Safe to call from several threads where the run is told to."""

    def ingested(self, article_ids: Collection[str]) -> set[str] | None:
        """Which of these articles its archive has; None where that is unknown."""


class InProcess:
    """A system opened here; without an answerer its retrieval alone."""

    def __init__(
        self, settings: Settings, archive: Archive, retriever: Retriever, answerer: Answerer | None
    ) -> None:
        self._settings = settings
        self._archive = archive
        self._retriever = retriever
        self._answerer = answerer

    @classmethod
    @contextmanager
    def opened(cls, settings: Settings, *, retrieval_only: bool) -> Iterator["InProcess"]:
        if retrieval_only:
            with open_archive(settings) as archive:
                yield cls(settings, archive, open_retriever(archive, settings), None)
        else:
            with open_answerer(settings) as (answerer, archive):
                answerer.prepare()
                yield cls(settings, archive, open_retriever(archive, settings), answerer)

    def describe(self) -> Mapping[str, Any]:
        settings = self._settings
        with self._archive.store.snapshot() as snapshot:
            counts = snapshot.counts()
            corpus = {
                "fingerprint": snapshot.fingerprint(),
                "articles": counts.articles,
                "passages": counts.passages,
            }
            embedder = {
                "name": _nameless(self._archive.embedder.name),
                "sha256": self._archive.embedder.digest,
            }
        models: dict[str, Any] = {
            "embedder": embedder,
            "reranker": _nameless(settings.reranker) or None,
        }
        if self._answerer is not None:
            models |= {
                "reader": {"sha256": READER_SHA256},
                "language_model": _language_model(settings),
            }
        return {
            "kind": "in process",
            "retrieval_only": self._answerer is None,
            "settings": {
                name: _nameless(value)
                for name, value in settings.model_dump(mode="json", include=_TOLD).items()
            },
            "models": models,
            "corpus": corpus,
        }

    def ask(self, case: EvalCase) -> Outcome:
        started = time.perf_counter()
        try:
            if self._answerer is None:
                hits = self._retriever.retrieve(case.question, DEPTH, case.filters()).hits
                seconds = time.perf_counter() - started
                return Outcome.model_validate(
                    {
                        "hits": [HitOutput.of(hit).model_dump() for hit in hits],
                        "seconds": seconds,
                    }
                )
            trace, answer = None, None
            for event in self._answerer.stream(case.question, case.filters(), k=DEPTH):
                if isinstance(event, Trace):
                    trace = event
                elif isinstance(event, Answer):
                    answer = event
        except QAError as error:
            raise TargetFailed(f"{type(error).__name__}: {error}") from error
        seconds = time.perf_counter() - started  # what follows is the harness
        assert trace is not None and answer is not None  # noqa: S101, PT018 - how a stream ends
        return Outcome(
            hits=answer.model_dump(include={"hits"})["hits"],
            answer=_checked(answer.model_dump(), self._article),
            evidence=tuple(
                KeptSentence(article_id=item.hit.passage.article.id, text=item.text)
                for item in trace.evidence
            ),
            seconds=seconds,
            timings_ms=answer.timings_ms,
            prompt_tokens=trace.prompt_tokens,
            completion_tokens=trace.completion_tokens,
        )

    def ingested(self, article_ids: Collection[str]) -> set[str] | None:
        return _having(self._archive, article_ids)

    def _article(self, article_id: str, version: str | None) -> str | None:
        return _text(self._archive, article_id, version)


class Served:
    """A system behind a URL that keeps our HTTP contract."""

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
    ) -> Iterator["Served"]:
        """Raises BadInput when nothing that could be ours answers there. ``key``: the service's, where it wants one."""
        headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key is not None else {}
        try:
            with httpx.Client(timeout=timeout, follow_redirects=False, headers=headers) as client:
                served = cls(url, client, retrieval_only=retrieval_only)
                served.describe()
                yield served
        except httpx.InvalidURL as error:
            raise BadInput(f"'{url}' is no URL: {error}") from error

    def describe(self) -> Mapping[str, Any]:
        try:
            reply = self._client.get(f"{self._url}/health/ready")
            ready = reply.json() if reply.status_code == 200 else None
        except (httpx.HTTPError, ValueError, RecursionError) as error:
            raise BadInput(
                f"no Dateline service answers at {self._shown}: {_first_line(error)}"
            ) from error
        if not isinstance(ready, dict):
            raise BadInput(
                f"no Dateline service is ready at {self._shown}: status {reply.status_code}"
            )
        corpus = {name: ready.get(name) for name in ("generation", "articles", "passages")}
        return {
            "kind": "served",
            "retrieval_only": self._retrieval_only,
            "settings": {"url_sha256": hashlib.sha256(self._shown.encode()).hexdigest()},
            "models": {},
            "corpus": corpus,
        }

    def ask(self, case: EvalCase) -> Outcome:
        body: dict[str, Any] = {
            "question": case.question,
            "k": DEPTH,
            "include_undated": case.include_undated,
        }
        if case.as_of is not None:
            body["as_of"] = case.as_of
        if not self._retrieval_only:
            body["include_hits"] = True
        path = "/v1/retrieve" if self._retrieval_only else "/v1/ask"
        reply, seconds, retries = self._post(path, body)
        try:
            if self._retrieval_only:
                return Outcome.model_validate(
                    {"hits": reply["hits"], "seconds": seconds, "retries": retries}
                )
            return Outcome.model_validate(
                {
                    "hits": reply.get("hits"),
                    "answer": _checked(reply, self._article),
                    "seconds": seconds,
                    "timings_ms": reply.get("timings_ms") or {},
                    "retries": retries,
                }
            )
        except (ValidationError, NotOfTheForm, KeyError) as error:
            raise TargetFailed(
                f"the reply is not of the contract's form: {_fault(error)}", retries
            ) from error

    def ingested(self, article_ids: Collection[str]) -> set[str] | None:
        try:
            return {name for name in article_ids if self._fetch(name, None) is not None}
        except httpx.HTTPError:
            return None

    def _post(self, path: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], float, int]:
        """The reply, the seconds of the try that gave it, and how many tries were in vain."""
        problem = ""
        for attempt in range(TRIES):
            started = time.perf_counter()
            wait = 0.5 * 2**attempt * (1 + random.random() / 4)  # noqa: S311 - nothing secret hangs on it
            try:
                reply = self._client.post(f"{self._url}{path}", json=body)
            except httpx.TimeoutException:
                # Asking again would only add to its load.
                raise TargetFailed("no reply in time", attempt) from None
            except httpx.HTTPError as error:
                problem = f"cannot be reached: {_first_line(error)}"
            else:
                seconds = time.perf_counter() - started
                if reply.status_code == 200:
                    try:
                        content = clean(reply.json())
                    except (ValueError, RecursionError) as error:
                        raise TargetFailed(
                            f"the reply is no JSON: {_first_line(error)}", attempt
                        ) from error
                    if not isinstance(content, dict):
                        raise TargetFailed("the reply is no JSON object", attempt)
                    return content, seconds, attempt
                problem = f"status {reply.status_code}: {_detail(reply)}"
                if reply.status_code in (401, 403):  # no case would fare better
                    raise BadInput(
                        f"{self._shown} lets nobody in ({problem}); set DATELINE_API_KEY"
                    )
                if reply.status_code not in (429, 500, 502, 503, 504):
                    raise TargetFailed(problem, attempt)
                wait = seconds_to_wait(reply.headers.get("retry-after")) or wait
            if attempt < TRIES - 1:
                time.sleep(min(wait, LONGEST_WAIT))
        raise TargetFailed(problem, TRIES - 1)

    def _article(self, article_id: str, version: str | None) -> str | None:
        try:
            return self._fetch(article_id, version)
        except httpx.HTTPError:
            return None

    def _fetch(self, article_id: str, version: str | None) -> str | None:
        """The article's text; None where there is no such article. Raises httpx.HTTPError."""
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
            if len(self._texts) > 200:  # memory does not grow with the corpus
                self._texts.clear()
            self._texts[article_id, version] = text
        return text


class Answers:
    """Another system's answers: a JSON object a line, ``id`` of the case and an `Answer`, or as little of it as
    ``answer`` (null where it declines); ``hits``, where it tells them. With an archive its quotes are checked.
    """

    def __init__(self, path: Path, archive: Archive | None = None) -> None:
        self._name = path.name
        self._digest = sha256_of(path) if path.is_file() else ""
        self._archive = archive
        self._answers: dict[str, dict[str, Any]] = {}
        for number, record in read_jsonl(path):
            if not isinstance(record.get("id"), str):
                raise BadInput(f"{path.name}:{number}: an answer needs the 'id' of its case")
            if record["id"] in self._answers:
                raise BadInput(f"{path.name}:{number}: a second answer to case '{record['id']}'")
            self._answers[record["id"]] = record
        if not self._answers:
            raise BadInput(f"{path.name} holds no answer")

    def describe(self) -> Mapping[str, Any]:
        corpus: dict[str, Any] = {}
        if self._archive is not None:
            with self._archive.store.snapshot() as snapshot:
                corpus = {"fingerprint": snapshot.fingerprint()}
        return {
            "kind": "answers of another system",
            "settings": {"file": self._name, "sha256": self._digest},
            "models": {},
            "corpus": corpus,
        }

    def ask(self, case: EvalCase) -> Outcome:
        record = self._answers.get(case.id)
        if record is None:
            raise TargetFailed(f"{self._name} has no answer to this case")
        try:
            return Outcome.model_validate(
                {
                    "hits": record.get("hits"),
                    "answer": (
                        _checked(record, self._article if self._archive is not None else None)
                        if "answer" in record or "hits" not in record
                        else None
                    ),
                    "seconds": record.get("seconds"),
                }
            )
        except (ValidationError, NotOfTheForm) as error:
            raise TargetFailed(
                f"its answer is not of the contract's form: {_fault(error)}"
            ) from error

    def ingested(self, article_ids: Collection[str]) -> set[str] | None:
        return _having(self._archive, article_ids) if self._archive is not None else None

    def _article(self, article_id: str, version: str | None) -> str | None:
        assert self._archive is not None  # noqa: S101 - else nobody asks
        return _text(self._archive, article_id, version)


def clean(value: Any) -> Any:
    """JSON without lone surrogates, which no file or database can hold. Raises RecursionError."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode() if not value.isascii() else value
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    return [clean(item) for item in value] if isinstance(value, list) else value


def read_jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a file with their line numbers. Raises BadInput naming the line that is none."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                try:
                    record = clean(json.loads(line))
                except (ValueError, RecursionError) as error:
                    raise BadInput(
                        f"{path.name}:{number}: no JSON: {_first_line(error)}"
                    ) from error
                if not isinstance(record, dict):
                    raise BadInput(f"{path.name}:{number}: no JSON object")
                yield number, record
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 text") from error


@dataclass(frozen=True, slots=True)
class _Place:
    exact: bool
    before: str
    after: str


def _checked(
    answer: Mapping[str, Any], read: Callable[[str, str | None], str | None] | None
) -> Any:
    """The answer as it is kept, each quote looked up where ``read`` gives an article's text."""
    kept = kept_answer(answer)
    if read is None:
        return kept
    return kept.model_copy(
        update={"citations": tuple(_placed(citation, read) for citation in kept.citations)}
    )


def _placed(citation: KeptCitation, read: Callable[[str, str | None], str | None]) -> KeptCitation:
    if citation.article_id is None:
        return citation
    text = read(citation.article_id, citation.version)
    start, end = citation.start, citation.end
    if start is None or end is None:
        return citation
    if text is None:
        return citation.model_copy(update={"exact": False})
    return citation.model_copy(
        update={
            "exact": 0 <= start < end and text[start:end] == citation.quote,
            "before": text[max(0, start - CONTEXT) : start],
            "after": text[end : end + CONTEXT],
        }
    )


def _having(archive: Archive, article_ids: Collection[str]) -> set[str]:
    with archive.store.snapshot() as snapshot:
        return {name for name in article_ids if snapshot.find(name) is not None}


def _text(archive: Archive, article_id: str, version: str | None) -> str | None:
    with archive.store.snapshot() as snapshot:
        try:
            article: Article = snapshot.article(article_id, version).article
        except NotFound:
            return None
    return article.text


def _nameless(value: Any) -> Any:
    """A model's path as its last part: the rest tells whose machine it was."""
    return (
        Path(value).name
        if isinstance(value, str) and ("/" in value or "\\" in value) and Path(value).exists()
        else value
    )


def _language_model(settings: Settings) -> Mapping[str, str]:
    if settings.model != "local":
        return {"name": settings.model}
    from qa.models.local import WEIGHTS_SHA256, LocalModel

    return {"name": LocalModel.name, "sha256": WEIGHTS_SHA256}


def _fault(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return first_fault(error)
    return f"no {error}" if isinstance(error, KeyError) else str(error)


def _detail(reply: httpx.Response) -> str:
    try:
        content = reply.json()
        return str(content["detail"])[:200]
    except (ValueError, KeyError, TypeError, RecursionError):
        return _first_line(reply.text) or "no reason given"


def _first_line(what: object) -> str:
    lines: Sequence[str] = str(what).strip().splitlines()
    return lines[0][:200] if lines else type(what).__name__
