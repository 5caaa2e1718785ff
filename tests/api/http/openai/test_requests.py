"""What OpenAI's clients can ask for: it is honoured, or refused by name; never passed over."""

from typing import Any

import openai
import pytest
from litestar.testing import TestClient

from qa.archive.archive import Archive
from tests.support.client import QUESTION
from tests.support.fakes import FirstSentenceModel
from tests.support.openai_clients import official_client
from tests.support.server import client_of

TOOL = {"type": "function", "function": {"name": "search", "parameters": {}}}
SCHEMA = {"name": "fact", "schema": {"type": "object"}}
PICTURE = {"type": "image_url", "image_url": {"url": "https://coast.example/1.png"}}
CHAT = {"messages": [{"role": "user", "content": QUESTION}]}
RESPONSES = {"input": QUESTION}


def post(service: TestClient[Any], route: str, body: dict[str, Any]) -> Any:
    return service.post(f"/v1/{route}", json=body)


@pytest.mark.parametrize(
    "asked",
    [
        {"response_format": {"type": "json_object"}},
        {"response_format": {"type": "json_schema", "json_schema": SCHEMA}},
        {"tools": [TOOL]},
        {"tools": [TOOL], "tool_choice": "required"},
        {"tool_choice": {"type": "function", "function": {"name": "search"}}},
        {"functions": [{"name": "search"}]},
        {"n": 2},
        {"logprobs": True},
        {"top_logprobs": 3},
        {"modalities": ["text", "audio"]},
        {"audio": {"voice": "alloy", "format": "wav"}},
        {"stop": ["."]},
        {"web_search_options": {}},
    ],
    ids=str,
)
def test_chat_refuses_what_it_cannot_honour(filled: Archive, asked: dict[str, Any]) -> None:
    with client_of(filled, FirstSentenceModel()) as service:
        reply = post(service, "chat/completions", {**CHAT, **asked})
    check_refused(reply, next(iter(asked)))


@pytest.mark.parametrize(
    "asked",
    [
        {"text": {"format": {"type": "json_object"}}},
        {"text": {"format": {"type": "json_schema", **SCHEMA}}},
        {"tools": [{"type": "web_search"}]},
        {"tool_choice": "required"},
        {"top_logprobs": 3},
        {"include": ["message.output_text.logprobs"]},
        {"background": True},
        {"conversation": "conv_1"},
        {"prompt": {"id": "pmpt_1"}},
    ],
    ids=str,
)
def test_responses_refuse_what_they_cannot_honour(filled: Archive, asked: dict[str, Any]) -> None:
    with client_of(filled, FirstSentenceModel()) as service:
        reply = post(service, "responses", {**RESPONSES, **asked})
    check_refused(reply, next(iter(asked)))


def check_refused(reply: Any, param: str) -> None:
    assert reply.status_code == 400, reply.text
    assert reply.headers["content-type"] == "application/json"
    error = reply.json()["error"]
    assert (error["type"], error["code"]) == ("invalid_request_error", "unsupported_parameter")
    assert error["param"] == param
    assert error["message"].startswith(f"`{param}` is not supported: ")


def test_what_changes_nothing_here_is_taken(filled: Archive) -> None:
    tuning = {"temperature": 0.2, "top_p": 1, "seed": 7, "user": "u", "store": True}
    chat = {**tuning, "response_format": {"type": "text"}, "n": 1, "tools": [], "stop": None}
    chat |= {"max_tokens": 50, "presence_penalty": 0, "modalities": ["text"], "logprobs": False}
    more = {**tuning, "text": {"format": {"type": "text"}}, "tool_choice": "auto", "include": []}
    with client_of(filled, FirstSentenceModel()) as service:
        for route, body in (("chat/completions", CHAT | chat), ("responses", RESPONSES | more)):
            reply = post(service, route, body)
            assert reply.status_code == 200, reply.text
        unused = post(service, "chat/completions", {**CHAT, "tools": [TOOL], "tool_choice": "none"})
        assert unused.status_code == 200


@pytest.mark.parametrize("part", [PICTURE, {"type": "input_audio", "input_audio": {}}])
def test_a_question_about_a_picture_is_refused(filled: Archive, part: dict[str, Any]) -> None:
    content: list[Any] = [{"type": "text", "text": "What is this?"}, part]
    with official_client(filled, FirstSentenceModel()) as client:
        with pytest.raises(openai.BadRequestError, match=f"type '{part['type']}'") as caught:
            client.chat.completions.create(
                model="dateline", messages=[{"role": "user", "content": content}]
            )
        assert caught.value.code == "unsupported_content"
        with pytest.raises(openai.BadRequestError, match="input_image"):
            client.responses.create(
                model="dateline",
                input=[
                    {
                        "role": "user",
                        "content": [{"type": "input_image", "detail": "auto", "file_id": "f"}],
                    }
                ],
            )


def test_the_official_parsers_of_json_are_refused_too(filled: Archive) -> None:
    from pydantic import BaseModel

    class Fact(BaseModel):
        amount: str

    with official_client(filled, FirstSentenceModel()) as client:
        with pytest.raises(openai.BadRequestError, match="answers are text only"):
            client.responses.parse(model="dateline", input=QUESTION, text_format=Fact)
        with pytest.raises(openai.BadRequestError, match="answers are text only"):
            client.chat.completions.parse(
                model="dateline",
                messages=[{"role": "user", "content": QUESTION}],
                response_format=Fact,
            )
