"""The question queue: turns, its limit, clients that leave, metrics and logs."""

import json
import logging
import re
import socket
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
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
from qa.models.openai import OpenAIModel
from tests.support.client import QUESTION, HeldModel, check_problem, until
from tests.support.fakes import FirstSentenceModel
from tests.support.model_server import model_server
from tests.support.server import client_of, serving

ASKED = {"question": QUESTION}


def test_few_are_answered_at_once_some_wait_and_the_rest_come_again(filled: Archive) -> None:
    model = HeldModel()
    with (
        serving(filled, model, answers_at_once=2, questions_waiting=3) as url,
        ThreadPoolExecutor(9) as others,
        httpx.Client(base_url=url, timeout=60) as line,
    ):
        asked = [
            others.submit(httpx.post, f"{url}/v1/ask", json=ASKED, timeout=60) for _ in range(5)
        ]
        until(lambda: model.writing == 2)
        until(lambda: _metric(line, "dateline_questions_waiting") == 3)
        refused = line.post(f"{url}/v1/ask", json=ASKED)
        check_problem(refused, 503, "waiting already")
        assert int(refused.headers["retry-after"]) >= 1
        assert line.post(f"{url}/v1/retrieve", json=ASKED).status_code == 200
        assert model.writing == 2, "searching waits behind nothing"
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
            ("127.0.0.1", int(url.rpartition(":")[2])), timeout=60
        ) as line:
            line.sendall(head.encode() + body)
            until(lambda: model.writing == 1)
        until(lambda: model.given_up == 1)
        model.go.set()
        until(lambda: httpx.post(f"{url}/v1/ask", json=ASKED, timeout=60).status_code == 200)


def test_a_stream_begins_while_it_waits_for_its_turn(filled: Archive) -> None:
    """Headers and the place in line come at once, so that no client gives up."""
    model = HeldModel()
    streamed = {**ASKED, "stream": True}
    with (
        serving(filled, model, answers_at_once=1, questions_waiting=1) as url,
        ThreadPoolExecutor(1) as others,
        httpx.Client(timeout=60) as line,
    ):
        first = others.submit(httpx.post, f"{url}/v1/ask", json=ASKED, timeout=60)
        until(lambda: model.writing == 1)
        with line.stream("POST", f"{url}/v1/ask", json=streamed) as waiting:
            assert waiting.status_code == 200
            lines = waiting.iter_lines()
            assert [next(lines), next(lines)] == ["event: waiting", 'data: {"ahead": 0}']
            assert model.writing == 1
            for extra in (ASKED, streamed):
                refused = line.post(f"{url}/v1/ask", json=extra)
                check_problem(refused, 503, "waiting already")
                assert refused.json()["type"] == "urn:dateline:queue-full"
            model.go.set()
            names = [text for text in lines if text.startswith("event: ")]
        assert names == ["event: hits", "event: token", "event: answer"]
        assert first.result().status_code == 200


def test_a_waiting_stream_says_how_many_are_ahead_and_when_it_moves_up(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.queue._POSITION_CHECK", 0.05)
    model = HeldModel()
    with (
        serving(filled, model, answers_at_once=1, questions_waiting=3) as url,
        ThreadPoolExecutor(1) as others,
        httpx.Client(base_url=url, timeout=60) as line,
    ):
        first = others.submit(httpx.post, f"{url}/v1/ask", json=ASKED, timeout=60)
        until(lambda: model.writing == 1)
        streamed = {**ASKED, "stream": True}
        with ExitStack() as streams:

            def waiting() -> Iterator[str]:
                """The data of a stream that has begun."""
                response = streams.enter_context(line.stream("POST", "/v1/ask", json=streamed))
                return (text for text in response.iter_lines() if text.startswith("data: "))

            leaving = line.build_request("POST", "/v1/ask", json=streamed)
            leaver = line.send(leaving, stream=True)
            second, third = waiting(), waiting()
            assert [next(second), next(third)] == ['data: {"ahead": 1}', 'data: {"ahead": 2}']
            leaver.close()
            assert [next(second), next(third)] == ['data: {"ahead": 0}', 'data: {"ahead": 1}']
            model.go.set()
            for stream in (second, third):
                assert '"status": "answered"' in list(stream)[-1]
        assert first.result().status_code == 200
        # Nobody took a place with them: the next one is answered at once.
        assert line.post("/v1/ask", json=ASKED).status_code == 200
        assert _metric(line, "dateline_questions_waiting") == 0


def test_what_cannot_be_asked_is_refused_before_it_waits(filled: Archive) -> None:
    model = HeldModel()
    with (
        serving(filled, model, answers_at_once=1, questions_waiting=1) as url,
        ThreadPoolExecutor(1) as others,
    ):
        first = others.submit(httpx.post, f"{url}/v1/ask", json=ASKED, timeout=60)
        until(lambda: model.writing == 1)
        for wrong in ({"question": " "}, {**ASKED, "k": 0}, {**ASKED, "as_of": "soon"}):
            check_problem(
                httpx.post(f"{url}/v1/ask", json={**wrong, "stream": True}, timeout=60), 400
            )
        model.go.set()
        assert first.result().status_code == 200


# seen from outside


def _metric(asking: Any, name: str, **labels: str) -> float:
    """A sample of /metrics; ``asking`` is a client with a base URL."""
    reply = asking.get("/metrics")
    assert reply.status_code == 200
    for family in text_string_to_metric_families(reply.text):
        for sample in family.samples:
            if sample.name == name and labels.items() <= sample.labels.items():
                return sample.value
    return 0.0


def test_metrics_count_what_happened(filled: Archive) -> None:
    asked = {"method": "POST", "route": "/v1/ask", "status": "200"}
    with client_of(filled, FirstSentenceModel()) as asking:

        def counts() -> list[float]:
            return [
                _metric(asking, "dateline_answers_total", status="answered"),
                _metric(asking, "dateline_requests_total", **asked),
                _metric(asking, "dateline_stage_seconds_count", stage="retrieve"),
            ]

        before = counts()
        answer = asking.post("/v1/ask", json=ASKED).json()
        for number in range(3):
            asking.get(f"/v1/articles/none-{number}")
        assert counts() == [count + 1 for count in before]
        assert _metric(asking, "dateline_index_generation") == answer["index"]["generation"]
        assert _metric(asking, "dateline_articles") == 3
        assert "none-" not in asking.get("/metrics").text, "an id never makes a series"


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
                headers={"X-Request-Id": "request-42", "Authorization": "Bearer s3cret"},
            )
            made = asking.get("/v1/articles/none")
            odd = asking.get("/health/live", headers={"X-Request-Id": "no spaces, please"})
        finally:
            logging.getLogger("dateline.requests").removeHandler(handler)
    assert given.headers["x-request-id"] == "request-42"
    assert re.fullmatch(r"[0-9a-f]{32}", made.headers["x-request-id"])
    assert re.fullmatch(r"[0-9a-f]{32}", odd.headers["x-request-id"])
    assert [line["request_id"] for line in lines] == [
        reply.headers["x-request-id"] for reply in (given, made, odd)
    ]
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("POST", "/v1/ask", 200), ("GET", "/v1/articles/none", 404), ("GET", "/health/live", 200),
    ]  # fmt: skip
    written = json.dumps(lines)
    assert "s3cret" not in written
    assert "council" not in written, "a question is nobody's business but its answer's"


def test_a_key_is_in_no_log_and_its_id_is(
    filled: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    from qa.archive.keys import create_key

    key, secret = create_key(filled.store, "asker", ["ask"])
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
        answer = asking.post("/v1/ask", json=ASKED, headers={"X-Request-Id": "request-43"}).json()
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert set(spans) == {
        "dateline.answer",
        "dateline.retrieve",
        "dateline.evidence",
        "dateline.generate",
    }
    whole = spans["dateline.answer"]
    assert (whole.attributes or {})["dateline.answer_id"] == answer["id"]
    assert (whole.attributes or {})["dateline.request_id"] == "request-43"
    for name, span in spans.items():
        if span is not whole:
            assert span.parent is not None
            assert span.parent.span_id == whole.context.span_id
            assert (span.end_time or 0) - (span.start_time or 0) == pytest.approx(
                answer["timings_ms"][name.removeprefix("dateline.")] * 1e6, abs=2
            )


def test_a_client_that_leaves_while_it_waits_for_its_turn_takes_no_place(filled: Archive) -> None:
    model = HeldModel()
    body = json.dumps({**ASKED, "stream": True}).encode()
    head = "POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += f"Content-Length: {len(body)}\r\n\r\n"
    with (
        serving(filled, model, answers_at_once=1, questions_waiting=4) as url,
        ThreadPoolExecutor(2) as others,
    ):
        port = int(url.rpartition(":")[2])
        first = others.submit(httpx.post, f"{url}/v1/ask", json=ASKED, timeout=60)
        until(lambda: model.writing == 1)
        with httpx.Client(base_url=url, timeout=60) as line:
            for _ in range(3):
                with socket.create_connection(("127.0.0.1", port), timeout=60) as waiting:
                    waiting.sendall(head.encode() + body)
                    until(lambda: _metric(line, "dateline_questions_waiting") >= 1)
            until(lambda: _metric(line, "dateline_questions_waiting") == 0)
            model.go.set()
            assert first.result().json()["status"] == "answered"
            assert line.post(f"{url}/v1/ask", json=ASKED).status_code == 200


def test_a_client_that_leaves_at_once_gives_its_place_back(filled: Archive) -> None:
    body = json.dumps({**ASKED, "stream": True}).encode()
    head = "POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += f"Content-Length: {len(body)}\r\n\r\n"
    with serving(filled, FirstSentenceModel(), answers_at_once=1, questions_waiting=0) as url:
        for _ in range(5):
            with socket.create_connection(
                ("127.0.0.1", int(url.rpartition(":")[2])), timeout=60
            ) as line:
                line.sendall(head.encode() + body)
            until(lambda: httpx.post(f"{url}/v1/ask", json=ASKED, timeout=60).status_code == 200)


def test_made_up_methods_make_no_series_and_no_long_line(
    filled: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        client_of(filled, FirstSentenceModel()) as asking,
        caplog.at_level(logging.INFO, "dateline.requests"),
    ):
        for method in ("BREW", "X" * 5000):
            assert asking.request(method, "/v1/ask").status_code == 405
        written = asking.get("/metrics").text
    assert "BREW" not in written + caplog.text
    assert "XXXX" not in written + caplog.text
    assert 'method="other"' in written


def test_a_fault_of_ours_is_a_problem_and_in_the_log(
    filled: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: str) -> None:
        raise RuntimeError("the secret of the engine")

    with serving(filled, FirstSentenceModel()) as url:
        monkeypatch.setattr(filled.embedder, "embed_question", broken)
        headers = {"X-Request-Id": "request-44"}
        reply = httpx.post(f"{url}/v1/retrieve", json=ASKED, headers=headers, timeout=60)
    check_problem(reply, 500, "X-Request-Id")
    assert "secret of the engine" not in reply.text
    assert "secret of the engine" in caplog.text
    assert reply.headers["x-request-id"] == "request-44"


def test_an_overlong_conversation_is_refused_at_once(filled: Archive) -> None:
    started = time.monotonic()
    said = [{"role": "user", "content": QUESTION}, {"role": "user", "content": "why " * 1_000_000}]
    with client_of(filled, FirstSentenceModel()) as asking:
        refused = asking.post("/v1/chat/completions", json={"messages": said})
        assert refused.status_code == 400
        assert "2,000" in refused.json()["error"]["message"]
        long_ago = asking.post("/v1/chat/completions", json={"messages": said[::-1]})
        assert long_ago.status_code == 200
    assert time.monotonic() - started < 30


def test_a_client_that_leaves_while_sending_is_no_fault_of_ours(filled: Archive) -> None:
    with (
        serving(filled, FirstSentenceModel()) as url,
        httpx.Client(base_url=url, timeout=60) as line,
    ):
        before = _metric(line, "dateline_requests_total", route="/v1/ask", status="499")
        head = b"POST /v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        head += b"Content-Length: 99\r\n\r\n{"
        with socket.create_connection(
            ("127.0.0.1", int(url.rpartition(":")[2])), timeout=60
        ) as leaving:
            leaving.sendall(head)
        until(
            lambda: (
                _metric(line, "dateline_requests_total", route="/v1/ask", status="499")
                == before + 1
            )
        )


class RewritingModel(FirstSentenceModel):
    """Completes a follow-up with the topic of the question before it."""

    def rewrite(self, question: str, earlier: Sequence[str]) -> str:
        return f"{question.rstrip('?')} about the storm?"


def test_a_follow_up_is_asked_in_the_words_of_a_model_that_can_rewrite(filled: Archive) -> None:
    said = [
        {"role": "user", "content": "What about the storm?"},
        {"role": "assistant", "content": "It rained."},
        {"role": "user", "content": "And who spoke?"},
    ]
    asked = {}
    for model in (RewritingModel(), FirstSentenceModel()):
        with serving(filled, model) as url:
            reply = httpx.post(f"{url}/v1/chat/completions", json={"messages": said}, timeout=60)
            asked[type(model)] = reply.json()["dateline"]["question"]
    assert asked == {
        RewritingModel: "And who spoke about the storm?",
        FirstSentenceModel: "who spoke? (What about the storm?)",
    }


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "one"}], ids=["no key", "key"])
def test_a_client_that_leaves_ends_the_stream_of_a_silent_model(
    filled: Archive, key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a key once nobody has come back in time."""
    monkeypatch.setattr("api.http.runs.GRACE", 0.5)
    streamed = {**ASKED, "stream": True}
    with (
        model_server("The council pledged USD 40 million in relief [1]. ") as remote,
        serving(filled, OpenAIModel("m", remote.url, timeout=60), answers_at_once=1) as url,
        httpx.Client(base_url=url, timeout=60) as line,
    ):
        with line.stream("POST", "/v1/ask", json=streamed, headers=key) as reply:
            assert reply.status_code == 200
            until(lambda: remote.asked == 1)
            assert not remote.hung_up.wait(0.5), "by now the service waits for the next word"
        assert remote.hung_up.wait(60)
        remote.go.set()
        assert line.post("/v1/ask", json=ASKED).status_code == 200, "the place is free again"
