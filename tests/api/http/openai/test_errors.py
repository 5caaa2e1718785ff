"""Errors reach the official client as its own exceptions, with what is wrong."""

from typing import Any

import openai
import pytest

from qa.archive.archive import Archive
from qa.archive.keys import create_key
from qa.errors import AnswerModelRateLimited
from tests.support.client import QUESTION
from tests.support.fakes import FirstSentenceModel, ScriptedAnswerModel
from tests.support.openai_clients import client_at
from tests.support.server import client_of, serving


def test_keys_and_limits_raise_the_exceptions_of_the_client(filled: Archive) -> None:
    _, reader = create_key(filled.store, "reader", ["read"])
    _, asker = create_key(filled.store, "asker", ["ask"])
    with serving(filled, FirstSentenceModel(), ask_limit="1/hour") as url:

        def ask(key: str) -> Any:
            with client_at(url, api_key=key) as client:
                return client.responses.create(model="dateline", input=QUESTION)

        with pytest.raises(openai.AuthenticationError, match="this key is unknown") as unknown:
            ask("wrong")
        assert unknown.value.type == "authentication_error"
        with pytest.raises(openai.PermissionDeniedError, match="lacks the scope 'ask'"):
            ask(reader)
        assert ask(asker).output_text
        with pytest.raises(openai.RateLimitError, match="more than 1 requests") as limited:
            ask(asker)
        assert limited.value.type == "rate_limit_error"
        assert int(limited.value.response.headers["retry-after"]) > 3000


@pytest.mark.parametrize("route", ["chat/completions", "responses"])
def test_a_model_that_is_busy_is_a_503_with_the_time_to_wait(filled: Archive, route: str) -> None:
    busy = ScriptedAnswerModel(AnswerModelRateLimited("too many requests", 7))
    body = {"messages": [{"role": "user", "content": QUESTION}], "input": QUESTION}
    with client_of(filled, busy) as service:
        reply = service.post(f"/v1/{route}", json=body)
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "7")
    assert reply.json()["error"] == {
        "message": "too many requests",
        "type": "server_error",
        "param": None,
        "code": "answer_model_rate_limited",
    }


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"{", 400, ""),
        (b"[]", 400, ""),
        (b'{"input": 3}', 400, "input"),
        (b'{"input": ""}', 400, "input"),
        (b'{"input": "x", "stream": "yes"}', 400, "stream"),
        (b'{"input": [{"role": "king", "content": "x"}]}', 400, "input"),
        (b'{"input": [{"type": "function_call_output", "role": "user"}]}', 400, "input item"),
        (b'{"input": "' + b"why " * 3000 + b'"}', 400, "question"),
        (b"\xff", 400, ""),
        (b"[" * 100_000, 400, "nested"),
        (b'{"input": "x", "previous_response_id": "resp_0"}', 400, "resp_0"),
        (b'{"input": "x", "previous_response_id": "\\u0000"}', 400, "no response"),
        (b'{"input": "x", "metadata": {"a": 1}}', 400, "metadata"),
        (b'{"input": "x", "temperature": 3}', 400, "temperature"),
    ],
)
def test_bad_requests_say_what_is_wrong(
    filled: Archive, content: bytes, status: int, said: str
) -> None:
    with client_of(filled, FirstSentenceModel()) as service:
        reply = service.post(
            "/v1/responses", content=content, headers={"content-type": "application/json"}
        )
    assert reply.status_code == status, reply.text
    error = reply.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert said in error["message"]


def test_another_kind_of_body_is_refused_in_the_same_shape(filled: Archive) -> None:
    with client_of(filled, FirstSentenceModel()) as service:
        reply = service.post("/v1/responses", content=b"x", headers={"content-type": "text/plain"})
    assert reply.status_code == 415
    assert "application/json" in reply.json()["error"]["message"]
