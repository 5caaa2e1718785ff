"""The desk: turns, the bounded queue, clients that leave, and what is seen from outside."""

import json
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from api.http import metrics as telemetry
from qa.archive.archive import Archive
from qa.models.base import Statement, Usage
from qa.types import Sentence
from tests.conftest import client_of, put, serving
from tests.support.client import ARTICLES, QUESTION, check_problem
from tests.support.fakes import FirstSentenceModel

ASKED = {"question": QUESTION}


class HeldModel:
    """Answers when it is let go; tells how many it is writing at once, and whether one was given up."""

    name = "held"

    def __init__(self, *, talks: bool = False) -> None:
        self._talks = talks  # a sentence now and then while it is held
        self.go = threading.Event()
        self.writing = 0
        self.most = 0
        self.given_up = 0
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Nothing to load."""

    def write(self, question: str, evidence: Sequence[Sentence]) -> Iterator[Statement | Usage]:
        with self._lock:
            self.writing += 1
            self.most = max(self.most, self.writing)
        try:
            said = Statement(" ".join(evidence[0].text.split()), (evidence[0].n,), confidence=0.9)
            for _ in range(200):
                if self.go.wait(0.1):
                    break
                if self._talks:
                    yield said
            yield said
            yield Usage(7, 5)
        except GeneratorExit:
            self.given_up += 1
            raise
        finally:
            with self._lock:
                self.writing -= 1


@pytest.fixture
def filled(archive: Archive, tmp_path: Path) -> Archive:
    put(archive, ARTICLES, tmp_path)
    return archive


def until(true: Any, seconds: float = 10) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not come to pass"
        time.sleep(0.01)


def test_few_are_answered_at_once_some_wait_and_the_rest_come_again(filled: Archive) -> None:
    model = HeldModel()
    with (
        serving(filled, model, answers_at_once=2, questions_waiting=3) as url,
        ThreadPoolExecutor(9) as crowd,
        httpx.Client(timeout=30) as line,
    ):
        asked = [
            crowd.submit(httpx.post, f"{url}/v1/ask", json=ASKED, timeout=30) for _ in range(5)
        ]
        until(lambda: model.writing == 2)
        until(lambda: _metric(line, url, "dateline_questions_waiting") == 3)
        refused = line.post(f"{url}/v1/ask", json=ASKED)
        check_problem(refused, 503, "waiting already")
        assert int(refused.headers["retry-after"]) >= 1
        # Searching waits behind nothing.
        started = time.monotonic()
        assert line.post(f"{url}/v1/retrieve", json=ASKED).status_code == 200
        assert time.monotonic() - started < 2
        model.go.set()
        assert [reply.result().json()["status"] for reply in asked] == ["answered"] * 5
        assert model.most == 2
        assert line.post(f"{url}/v1/ask", json=ASKED).status_code == 200


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_stops_the_work_and_gives_up_its_place(
    filled: Archive, stream: bool
) -> None:
    model = HeldModel(talks=True)
    with serving(filled, model, answers_at_once=1, questions_waiting=0) as url:
        body = json.dumps({**ASKED, "stream": stream}).encode()
        head = "POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        with socket.create_connection(
            ("127.0.0.1", int(url.rpartition(":")[2])), timeout=10
        ) as line:
            line.sendall(head.encode() + body)
            until(lambda: model.writing == 1)
        until(lambda: model.given_up == 1)
        model.go.set()
        until(lambda: httpx.post(f"{url}/v1/ask", json=ASKED).status_code == 200)


def test_silence_on_a_stream_is_filled_with_comments(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.sse.KEEP_ALIVE", 0.05)
    model = HeldModel()
    with serving(filled, model) as url:
        threading.Timer(0.5, model.go.set).start()
        with httpx.stream(
            "POST", f"{url}/v1/ask", json={**ASKED, "stream": True}, timeout=30
        ) as reply:
            lines = list(reply.iter_lines())
    comments = [index for index, line in enumerate(lines) if line.startswith(":")]
    events = [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
    assert events == ["hits", "token", "answer"]
    assert comments
    assert all(
        lines.index("event: hits") < index < lines.index("event: token") for index in comments
    )


# seen from outside


def _metric(line: httpx.Client, url: str, name: str, **labels: str) -> float:
    reply = line.get(f"{url}/metrics")
    assert reply.status_code == 200
    for family in text_string_to_metric_families(reply.text):
        for sample in family.samples:
            if sample.name == name and all(
                sample.labels.get(key) == value for key, value in labels.items()
            ):
                return sample.value
    return 0.0


def test_metrics_count_what_happened(filled: Archive) -> None:
    with serving(filled, FirstSentenceModel()) as url, httpx.Client() as line:
        before = {
            "answered": _metric(line, url, "dateline_answers_total", status="answered"),
            "requests": _metric(
                line, url, "dateline_requests_total", route="/v1/ask", status="200"
            ),
            "stage": _metric(line, url, "dateline_stage_seconds_count", stage="retrieve"),
        }
        answer = line.post(f"{url}/v1/ask", json=ASKED).json()
        for _ in range(3):
            line.get(f"{url}/v1/articles/none-{time.monotonic()}")
        assert (
            _metric(line, url, "dateline_answers_total", status="answered")
            == before["answered"] + 1
        )
        assert (
            _metric(line, url, "dateline_requests_total", route="/v1/ask", status="200")
            == before["requests"] + 1
        )
        assert (
            _metric(line, url, "dateline_stage_seconds_count", stage="retrieve")
            == before["stage"] + 1
        )
        assert _metric(line, url, "dateline_index_generation") == answer["index"]["generation"]
        assert _metric(line, url, "dateline_articles") == 3
        assert "none-" not in line.get(f"{url}/metrics").text, "an id never makes a series"


def test_request_ids_go_in_and_out_and_into_the_log(
    filled: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        client_of(filled, FirstSentenceModel()) as asking,
        caplog.at_level(logging.INFO, "dateline.requests"),
    ):
        lines: list[dict[str, Any]] = []

        class Keep(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                lines.append(json.loads(telemetry.JSONLines().format(record)))

        handler = Keep()
        logging.getLogger("dateline.requests").addHandler(handler)
        try:
            given = asking.post(
                "/v1/ask",
                json=ASKED,
                headers={"X-Request-Id": "desk-42", "Authorization": "Bearer s3cret"},
            )
            made = asking.get("/v1/articles/none")
            odd = asking.get("/health/live", headers={"X-Request-Id": "no spaces, please"})
        finally:
            logging.getLogger("dateline.requests").removeHandler(handler)
    assert given.headers["x-request-id"] == "desk-42"
    assert re.fullmatch(r"[0-9a-f]{32}", made.headers["x-request-id"])
    assert re.fullmatch(r"[0-9a-f]{32}", odd.headers["x-request-id"])
    assert [line["request_id"] for line in lines] == [
        reply.headers["x-request-id"] for reply in (given, made, odd)
    ]
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("POST", "/v1/ask", 200), ("GET", "/v1/articles/none", 404), ("GET", "/health/live", 200),
    ]  # fmt: skip
    told = json.dumps(lines)
    assert "s3cret" not in told
    assert "council" not in told, "a question is nobody's business but its answer's"


def test_a_key_is_in_no_log_and_its_id_is(
    filled: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    from qa.archive.keys import create_key

    key, secret = create_key(filled.store, "desk", ["ask"])
    with client_of(filled, FirstSentenceModel()) as asking, caplog.at_level(logging.DEBUG):
        asking.post("/v1/ask", json=ASKED, headers={"Authorization": f"Bearer {secret}"})
        asking.post("/v1/ask", json=ASKED, headers={"Authorization": f"Bearer {secret}x"})
    ours = [record for record in caplog.records if record.name == "dateline.requests"]
    assert [getattr(record, "key", None) for record in ours] == [key.id, None]
    assert all(secret not in record.getMessage() for record in caplog.records)


def test_an_answer_is_a_span_with_its_stages(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(
        telemetry, "_tracer", trace.get_tracer("dateline", tracer_provider=provider)
    )
    with client_of(filled, FirstSentenceModel()) as asking:
        answer = asking.post("/v1/ask", json=ASKED, headers={"X-Request-Id": "desk-43"}).json()
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert set(spans) == {
        "dateline.answer",
        "dateline.retrieve",
        "dateline.evidence",
        "dateline.generate",
    }
    whole = spans["dateline.answer"]
    assert (whole.attributes or {})["dateline.answer_id"] == answer["id"]
    assert (whole.attributes or {})["dateline.request_id"] == "desk-43"
    for name, span in spans.items():
        if span is not whole:
            assert span.parent is not None
            assert span.parent.span_id == whole.context.span_id
            assert (span.end_time or 0) - (span.start_time or 0) == pytest.approx(
                answer["timings_ms"][name.removeprefix("dateline.")] * 1e6, abs=2
            )


# what a hunt for faults found


def test_a_client_that_leaves_while_it_waits_for_its_turn_takes_no_place(filled: Archive) -> None:
    model = HeldModel()
    body = json.dumps({**ASKED, "stream": True}).encode()
    head = "POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += f"Content-Length: {len(body)}\r\n\r\n"
    with (
        serving(filled, model, answers_at_once=1, questions_waiting=4) as url,
        ThreadPoolExecutor(2) as crowd,
    ):
        port = int(url.rpartition(":")[2])
        first = crowd.submit(httpx.post, f"{url}/v1/ask", json=ASKED, timeout=30)
        until(lambda: model.writing == 1)
        with httpx.Client() as line:
            for _ in range(3):
                with socket.create_connection(("127.0.0.1", port), timeout=10) as waiting:
                    waiting.sendall(head.encode() + body)
                    until(lambda: _metric(line, url, "dateline_questions_waiting") >= 1)
            until(lambda: _metric(line, url, "dateline_questions_waiting") == 0)
            model.go.set()
            assert first.result().json()["status"] == "answered"
            assert line.post(f"{url}/v1/ask", json=ASKED, timeout=5).status_code == 200


def test_a_client_that_leaves_at_once_gives_its_place_back(filled: Archive) -> None:
    body = json.dumps({**ASKED, "stream": True}).encode()
    head = "POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += f"Content-Length: {len(body)}\r\n\r\n"
    with serving(filled, FirstSentenceModel(), answers_at_once=1, questions_waiting=0) as url:
        for _ in range(5):
            with socket.create_connection(
                ("127.0.0.1", int(url.rpartition(":")[2])), timeout=10
            ) as line:
                line.sendall(head.encode() + body)
            until(lambda: httpx.post(f"{url}/v1/ask", json=ASKED).status_code == 200, seconds=5)


def test_made_up_methods_make_no_series_and_no_long_line(
    filled: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        client_of(filled, FirstSentenceModel()) as asking,
        caplog.at_level(logging.INFO, "dateline.requests"),
    ):
        for method in ("BREW", "X" * 5000):
            assert asking.request(method, "/v1/ask").status_code == 405
        told = asking.get("/metrics").text
    assert "BREW" not in told + caplog.text
    assert "XXXX" not in told + caplog.text
    assert 'method="other"' in told


def test_a_fault_of_ours_is_a_problem_and_in_the_log(
    filled: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: str) -> None:
        raise RuntimeError("the secret of the engine")

    with serving(filled, FirstSentenceModel()) as url:
        monkeypatch.setattr(filled.embedder, "embed_question", broken)
        reply = httpx.post(f"{url}/v1/retrieve", json=ASKED, headers={"X-Request-Id": "desk-44"})
    check_problem(reply, 500, "X-Request-Id")
    assert "secret of the engine" not in reply.text
    assert "secret of the engine" in caplog.text
    assert reply.headers["x-request-id"] == "desk-44"


def test_an_overlong_conversation_is_refused_at_once(filled: Archive) -> None:
    started = time.monotonic()
    said = [{"role": "user", "content": QUESTION}, {"role": "user", "content": "why " * 1_000_000}]
    with client_of(filled, FirstSentenceModel()) as asking:
        check_problem(asking.post("/v1/chat/completions", json={"messages": said}), 400, "2,000")
        long_ago = asking.post("/v1/chat/completions", json={"messages": said[::-1]})
        assert long_ago.status_code == 200
    assert time.monotonic() - started < 5


def test_a_client_that_leaves_while_sending_is_no_fault_of_ours(filled: Archive) -> None:
    with serving(filled, FirstSentenceModel()) as url, httpx.Client() as line:
        before = _metric(line, url, "dateline_requests_total", route="/v1/ask", status="499")
        head = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
        with socket.create_connection(
            ("127.0.0.1", int(url.rpartition(":")[2])), timeout=10
        ) as leaving:
            leaving.sendall(head)
        until(
            lambda: (
                _metric(line, url, "dateline_requests_total", route="/v1/ask", status="499")
                == before + 1
            )
        )


def test_head_is_get_without_its_body(filled: Archive) -> None:
    with serving(filled, FirstSentenceModel()) as url:
        for path in ("/", "/health/ready", "/v1/articles/later"):
            reply = httpx.head(f"{url}{path}")
            assert (reply.status_code, reply.content) == (200, b"")
        assert httpx.head(f"{url}/v1/ask").status_code == 405
        for method in ("GET", "DELETE"):
            assert httpx.request(method, f"{url}/mcp").status_code == 405
