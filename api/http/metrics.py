"""Telemetry: request ids, one log line a request, Prometheus metrics, OpenTelemetry spans.

No log line and no metric holds a question, an answer or a key. The stored answers are the audit
trail. litestar's own Prometheus plugin cannot take this over: its names and labels are fixed, and
it sees only requests that match a route.
"""

import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from opentelemetry import trace
from prometheus_client import Counter, Gauge, Histogram

from qa.answer import Answer
from qa.answering.answerer import Event, Trace

REQUESTS = Counter("dateline_requests", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "dateline_request_seconds",
    "Seconds until a request was answered whole",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
STAGES = Histogram(
    "dateline_stage_seconds",
    "Seconds that an answer spent in each stage",
    ["stage"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
)
ANSWERS = Counter(
    "dateline_answers", "Answers given; the share of not_found is not_found over all", ["status"]
)
FAILURES = Counter(
    "dateline_answer_failures", "Questions whose answer failed or was left", ["error"]
)
TOKENS = Counter("dateline_tokens", "Tokens of the language model", ["direction"])
# Each worker has its own: "livesum" adds up those that are alive, "max" takes the newest.
WAITING = Gauge(
    "dateline_questions_waiting", "Questions that wait for their turn", multiprocess_mode="livesum"
)
GENERATION = Gauge(
    "dateline_index_generation", "Generation of the archive", multiprocess_mode="max"
)
INDEX_FAULT = Gauge(
    "dateline_index_fault",
    "1 while the index file cannot be used and the index is built in memory",
    multiprocess_mode="max",
)
ARTICLES = Gauge("dateline_articles", "Articles in the archive", multiprocess_mode="max")

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_GIVEN_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
_log = logging.getLogger("dateline.requests")
_tracer = trace.get_tracer("dateline")


def count_requests(app: ASGIApp) -> ASGIApp:
    """Give each request an id, a log line and its counts."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        identity = given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        method = scope["method"] if scope["method"] in _METHODS else "other"
        path = scope["path"][:200]
        token = request_id.set(identity)
        started = time.perf_counter()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", identity.encode())]
            await send(message)

        try:
            await app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - started
            # The template, not the path, and no made-up method: each would be a series of its own.
            route = str(
                scope.get("path_template") or ("/mcp" if path.startswith("/mcp") else "unmatched")
            )
            if status == 404:
                route = "unmatched"
            REQUESTS.labels(method, route, status).inc()
            SECONDS.labels(route).observe(seconds)
            _log.info(
                "%s %s %s",
                method,
                path.encode("unicode_escape").decode(),
                status,
                extra={
                    "method": method,
                    "path": path,
                    "status": status,
                    "milliseconds": round(seconds * 1000, 1),
                    "key": scope.get("state", {}).get("key_id"),
                },
            )
            request_id.reset(token)

    return wrapped


@contextmanager
def count_events() -> Iterator[Callable[[Event], None]]:
    """Counts and spans of one question: call the yielded function with each of its events."""
    ended = False

    def count(event: Event) -> None:
        nonlocal ended
        if isinstance(event, Trace):
            TOKENS.labels("read").inc(event.prompt_tokens or 0)
            TOKENS.labels("written").inc(event.completion_tokens or 0)
        elif isinstance(event, Answer):
            ended = True
            ANSWERS.labels(event.status).inc()
            GENERATION.set(event.index.generation)
            for stage, milliseconds in event.timings_ms.items():
                STAGES.labels(stage).observe(milliseconds / 1000)
            _spans(event)

    try:
        yield count
    except BaseException as error:
        if not ended:
            FAILURES.labels(type(error).__name__).inc()
        raise


def _spans(answer: Answer) -> None:
    """One span for the answer and one for each stage, from the answer's own times."""
    now = time.time_ns()
    stages = {
        name: round(value * 1e6) for name, value in answer.timings_ms.items() if name != "total"
    }
    begun = now - round(answer.timings_ms.get("total", sum(stages.values()) / 1e6) * 1e6)
    whole = _tracer.start_span(
        "dateline.answer",
        start_time=begun,
        attributes={
            "dateline.answer_id": answer.id,
            "dateline.status": answer.status,
            "dateline.model": answer.model,
            "dateline.generation": answer.index.generation,
            "dateline.request_id": request_id.get() or "",
        },
    )
    at = begun
    for name, nanoseconds in stages.items():
        part = _tracer.start_span(
            f"dateline.{name}", context=trace.set_span_in_context(whole), start_time=at
        )
        at += nanoseconds
        part.end(end_time=at)
    whole.end(end_time=now)


class JSONLines(logging.Formatter):
    """One JSON object a line, with the request's id."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
        }
        for name in ("method", "path", "status", "milliseconds", "key"):
            if (value := getattr(record, name, None)) is not None:
                line[name] = value
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure_tracing() -> None:
    """Send spans to OTEL_EXPORTER_OTLP_ENDPOINT; needs the extra `dateline[telemetry]`."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "dateline"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
