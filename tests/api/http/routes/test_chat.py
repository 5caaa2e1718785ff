"""Chat completions, with OpenAI's own client over real HTTP."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openai
import pytest
from litestar.testing import TestClient

from qa.answering.conversation import standalone
from qa.archive.archive import Archive
from qa.errors import AnswerModelTimeout
from qa.models.base import Statement, Usage
from tests.support.archives import put
from tests.support.fakes import FirstSentenceModel, ScriptedAnswerModel
from tests.support.openai_clients import client_at
from tests.support.server import client_of, serving

ARTICLES = [
    {
        "id": "https://coast.example/a/1?x=1",
        "title": "Relief for the coast",
        "text": "The harbour was flooded on Sunday. The council pledged USD 40 million in relief."
        " Work begins soon.",
        "published_at": "2024-03-04",
        "source": "Coast Daily",
    },
    {"id": "later", "text": "The council spoke again on Friday.", "published_at": "2024-03-08"},
]
QUESTION = "How much relief did the council pledge?"
SOURCES = (
    "\n\nSources:\n[1] “The council pledged USD 40 million in relief.”"
    " — Relief for the coast, Coast Daily, 2024-03-04"
)


@pytest.fixture
def archive_of_two(archive: Archive, tmp_path: Path) -> Archive:
    put(archive, ARTICLES, tmp_path)
    return archive


@pytest.fixture
def client(archive_of_two: Archive) -> Iterator[openai.OpenAI]:
    with serving(archive_of_two, FirstSentenceModel()) as url, client_at(url) as client:
        yield client


def said(*turns: str) -> list[Any]:
    roles = ("user", "assistant")
    return [{"role": roles[index % 2], "content": text} for index, text in enumerate(turns)]


def test_an_answer_has_markers_sources_and_the_whole_answer(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="dateline", messages=said(QUESTION))
    assert (
        reply.choices[0].message.content
        == f"The council pledged USD 40 million in relief. [1]{SOURCES}"
    )
    assert reply.choices[0].finish_reason == "stop"
    answer = (reply.model_extra or {})["dateline"]
    assert answer["citations"][0]["article_id"] == ARTICLES[0]["id"]
    assert reply.id.startswith("chatcmpl-")


def test_a_stream_says_the_same_and_tells_its_usage(archive_of_two: Archive) -> None:
    script: Sequence[Any] = [
        Statement("The council pledged USD 40 million in relief.", (1,), confidence=0.9),
        Usage(30, 7),
    ]
    with serving(archive_of_two, ScriptedAnswerModel(script)) as url, client_at(url) as client:
        chunks = list(
            client.chat.completions.create(
                model="dateline",
                messages=said(QUESTION),
                stream=True,
                stream_options={"include_usage": True},
            )
        )
    texts = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(texts) == f"The council pledged USD 40 million in relief. [1]{SOURCES}"
    assert texts[1] == "The council pledged USD 40 million in relief."  # as soon as it was verified
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    usage = chunks[-1].usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (30, 7, 37)


def test_a_follow_up_is_found_by_what_it_leans_on(archive_of_two: Archive) -> None:
    model = ScriptedAnswerModel([])
    with serving(archive_of_two, model) as url, client_at(url) as client:
        reply = client.chat.completions.create(
            model="dateline",
            messages=[
                {"role": "system", "content": "Be rude."},
                *said(QUESTION, "40m", "And when was that?"),
            ],
        )
    ((asked, evidence),) = model.seen
    assert asked.text == f"when was that? ({QUESTION})"
    assert "pledged" in evidence[0].text
    assert (reply.choices[0].message.content or "").startswith("Not found in the archive: ")


def test_content_may_come_in_parts(client: openai.OpenAI) -> None:
    parts: list[Any] = [{"type": "text", "text": QUESTION}, {"type": "text", "text": ""}]
    reply = client.chat.completions.create(
        model="dateline", messages=[{"role": "user", "content": parts}]
    )
    assert "USD 40 million" in (reply.choices[0].message.content or "")


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "user", "content": "  "}],
        [{"role": "assistant", "content": "x"}],
        [{"role": "king", "content": "x"}],
    ],
)
def test_what_is_no_conversation_is_refused(client: openai.OpenAI, messages: list[Any]) -> None:
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="dateline", messages=messages)


def test_a_model_that_fails_raises_in_the_client_also_half_way(archive_of_two: Archive) -> None:
    half: list[Any] = [
        Statement("The council pledged USD 40 million in relief.", (1,), confidence=0.9),
        AnswerModelTimeout("late"),
    ]
    with (
        serving(archive_of_two, ScriptedAnswerModel(AnswerModelTimeout("late"), half)) as url,
        client_at(url) as client,
    ):
        with pytest.raises(openai.InternalServerError) as caught:
            client.chat.completions.create(model="dateline", messages=said(QUESTION))
        assert caught.value.response.json()["error"]["message"] == "late"
        assert caught.value.code == "answer_model_timeout"
        with pytest.raises(openai.APIError, match="late"):
            list(
                client.chat.completions.create(
                    model="dateline", messages=said(QUESTION), stream=True
                )
            )


def test_the_archive_is_the_one_model(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["dateline"]
    with pytest.raises(openai.NotFoundError, match="the one model here is 'dateline'") as caught:
        client.chat.completions.create(model="gpt-4", messages=said(QUESTION))
    assert caught.value.code == "model_not_found"
    assert caught.value.param == "model"


# What an article's text cannot do

HOSTILE = {
    "id": "hostile",
    "title": "T\n\nSources:\n[1] “Everything is fine” — Reuters",
    "text": "The council pledged USD 40 million ![x](https://evil.example/t.png) in relief to"
    " <img src=https://evil.example> the *harbour*, [said the mayor](javascript:alert(1)).",
    "source": "S ![y](https://evil.example/s.png)",
    "url": "javascript:alert(1)",
    "published_at": "2024-03-04",
}


@pytest.mark.parametrize("stream", [False, True])
def test_the_text_of_an_article_stays_text(archive: Archive, tmp_path: Path, stream: bool) -> None:
    put(archive, [HOSTILE], tmp_path)
    with client_of(archive, FirstSentenceModel()) as service:
        text = written(service, stream=stream)
    assert "USD 40 million" in text
    assert text.count("\n\nSources:\n") == 1
    *_, source = text.splitlines()
    assert source.startswith("[1] “The council pledged")
    unescaped = re.findall(r"(?<!\\)[\[\]*<>_`]", text)
    assert unescaped == ["[", "]", "[", "]"], "our own two markers"
    assert "javascript" in text
    assert not re.search(r"(?<!\\)\]\(", text)


def test_an_unsure_answer_says_so_first_also_as_a_stream(archive_of_two: Archive) -> None:
    script: Sequence[Any] = [
        Statement("The council pledged USD 40 million in relief.", (1,), confidence=0.42)
    ]
    with client_of(archive_of_two, ScriptedAnswerModel(script, script)) as service:
        whole, streamed = written(service, stream=False), written(service, stream=True)
    assert streamed == whole
    assert whole.startswith("Not sure: The council pledged USD 40 million in relief. [1]\n\n")
    assert "Confidence 0.42: this may be wrong, check the quotes." in whole


def written(service: TestClient[Any], *, stream: bool) -> str:
    """The text of a completion, as a client puts it together."""
    asked = {"messages": said(QUESTION), "stream": stream}
    reply = service.post("/v1/chat/completions", json=asked)
    assert reply.status_code == 200, reply.text
    if not stream:
        return str(reply.json()["choices"][0]["message"]["content"])
    sent = [line.removeprefix("data: ") for line in reply.text.splitlines()]
    chunks = [json.loads(line) for line in sent if line.startswith("{")]
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    return "".join(delta.get("content", "") for delta in deltas)


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("And who announced it?", f"who announced it? ({QUESTION})"),
        ("When was that?", f"When was that? ({QUESTION})"),
        ("Why?", f"Why? ({QUESTION})"),
        ("How many ships came to Hask?", "How many ships came to Hask?"),
        ("Who won the regatta in Port Eldric?", "Who won the regatta in Port Eldric?"),
    ],
)
def test_only_what_leans_is_made_whole(question: str, whole: str) -> None:
    assert standalone(question, [QUESTION]) == whole
    assert standalone(question, []) == question


def test_what_is_leant_on_may_lean_itself() -> None:
    assert (
        standalone("And where?", [QUESTION, "And who did it?"])
        == f"where? (who did it? ({QUESTION}))"
    )
