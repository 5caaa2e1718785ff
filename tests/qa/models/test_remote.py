"""The remote models against real servers: llama.cpp's own, and one that fails in every way a server can."""

import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import anthropic
import openai
import pytest

from qa import errors
from qa.answering.sentence import Sentence
from qa.models import anthropic as anthropic_module
from qa.models import openai as openai_module
from qa.models.anthropic import AnthropicModel
from qa.models.base import AnswerModel, Declined, Statement
from qa.models.local import LocalModel, model_file
from qa.models.openai import OpenAIModel
from qa.question import Question
from qa.types import Article, Hit, Passage, Scores, StoredArticle

Script = Callable[[BaseHTTPRequestHandler], None]


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


def status(code: int, **headers: str) -> Script:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in {
            "content-type": "application/json",
            "content-length": "2",
            **headers,
        }.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(b"{}")

    return send


def body(*lines: str, break_off: bool = False) -> Script:
    """An event stream of these lines; with ``break_off`` the connection dies where more was promised."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        content = "".join(f"{line}\n\n" for line in lines).encode()
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("content-length", str(len(content) + (100 if break_off else 0)))
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = True

    return send


def hang(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)
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
        "id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None,
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
    server: FailingServer, connect: Callable[..., AnswerModel], code: int, error: type[Exception]
) -> None:
    server.script = status(code)
    with pytest.raises(error, match="m: "):
        ask(connect(server.url))


@BOTH
def test_a_rate_limit_says_when_to_come_back(
    server: FailingServer, connect: Callable[..., AnswerModel]
) -> None:
    server.script = status(429, retry_after="1")
    with pytest.raises(errors.AnswerModelRateLimited) as raised:
        ask(connect(server.url))
    assert raised.value.retry_after == 1.0


@BOTH
def test_a_server_that_never_answers_is_a_timeout(
    server: FailingServer, connect: Callable[..., AnswerModel]
) -> None:
    server.script = hang
    with pytest.raises(errors.AnswerModelTimeout):
        ask(connect(server.url, 0.3))


@BOTH
def test_no_server_is_unreachable(connect: Callable[..., AnswerModel]) -> None:
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
    server: FailingServer, connect: Callable[..., AnswerModel], lines: list[str], break_off: bool
) -> None:
    server.script = body(*lines, break_off=break_off)
    with pytest.raises(errors.AnswerModelUnreachable, match="before the reply was whole"):
        ask(connect(server.url))


@BOTH
@pytest.mark.parametrize(
    "lines", [["data: {not json"], ["data: [1, 2]"], ["<html>proxy login</html>"], []]
)
def test_garbage_is_malformed(
    server: FailingServer, connect: Callable[..., AnswerModel], lines: list[str]
) -> None:
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
    server: FailingServer, connect: Callable[..., AnswerModel], lines: list[str]
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
    ("base", "translate"),
    [
        (openai.OpenAIError, openai_module.as_ours),
        (anthropic.AnthropicError, anthropic_module.as_ours),
    ],
)
def test_no_exception_of_a_vendor_is_forgotten(
    base: type[Exception], translate: Callable[[Exception, str], Exception]
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
        assert isinstance(translate(error, "m"), errors.AnswerModelError), kind
        seen += 1
    assert seen > 10


@pytest.fixture(scope="session")
def cache_dir(model_cache: Path) -> Path:
    return model_cache


@pytest.fixture(scope="session")
def llama_server(cache_dir: Path) -> Iterator[str]:
    """llama.cpp's own server on loopback, speaking both vendors' languages."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model_file(cache_dir))
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
    llama_server: str, connect: Callable[..., AnswerModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openai_module, "MOST_TOKENS", 40)
    monkeypatch.setattr(anthropic_module, "MOST_TOKENS", 40)
    # A base model rambles; what counts is that the whole conversation holds: sent, streamed, parsed, ended.
    statements = ask(connect(llama_server, 120))
    assert statements
    assert all(text for text, _, _ in statements)


def test_the_local_model_answers_with_a_span_of_the_evidence_and_the_same_each_time(
    cache_dir: Path,
) -> None:
    model = LocalModel(cache_dir, threads=2)
    first, second = ask(model), ask(model)
    assert first == second
    ((text, cites, short),) = first
    assert (text, cites, short) == ("USD 40 million", (1,), "USD 40 million")


def test_the_local_model_declines_a_yes_or_no(cache_dir: Path) -> None:
    question = Question.parse("Did the council pledge money?")
    (declined,) = LocalModel(cache_dir, threads=1).write(question, EVIDENCE)
    assert isinstance(declined, Declined)
    assert declined.code == "unsupported_question"


def test_the_local_model_is_safe_under_concurrent_questions(cache_dir: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    model = LocalModel(cache_dir, threads=2)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ask(model), range(4)))
    assert answers == [answers[0]] * 4


def test_altered_weights_are_refused(
    cache_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("qa.models.local.WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(errors.ModelUnavailable, match="sha256"):
        model_file(tmp_path)
