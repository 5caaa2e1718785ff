"""Responses, with OpenAI's own client over real HTTP."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import httpx
import openai
import pytest
from openai.types.responses import Response

from qa.archive.archive import Archive
from qa.errors import AnswerModelTimeout
from qa.models.base import Statement, Usage
from tests.support.client import ARTICLES, QUESTION, HeldModel
from tests.support.fakes import FirstSentenceModel, ScriptedAnswerModel
from tests.support.openai_clients import client_at, official_client
from tests.support.server import serving

FIRST = "The council pledged USD 40 million in relief."
SCRIPT: Sequence[Any] = [
    Statement(FIRST, (1,), confidence=0.9),
    Statement("The harbour was flooded on Sunday.", (2,), confidence=0.9),
    Usage(30, 7),
]
SEQUENCE = [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.annotation.added",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
]


@pytest.fixture
def client(filled: Archive) -> Iterator[openai.OpenAI]:
    with official_client(filled, FirstSentenceModel()) as found:
        yield found


def cited(response: Response) -> list[tuple[str, str, str]]:
    """What each annotation of the output points at, its address and its title."""
    (item,) = response.output
    assert item.type == "message"
    (part,) = item.content
    assert part.type == "output_text"
    found = []
    for note in part.annotations:
        assert note.type == "url_citation"
        found.append((part.text[note.start_index : note.end_index], note.url, note.title))
    return found


def test_a_response_has_text_citations_and_the_whole_answer(client: openai.OpenAI) -> None:
    response = client.responses.create(
        model="dateline", input=QUESTION, metadata={"desk": "coast"}, temperature=0.2
    )
    assert response.status == "completed"
    assert response.output_text.startswith(f"{FIRST} [1]\n\nSources:\n[1] “")
    answer = (response.model_extra or {})["dateline"]
    version = answer["citations"][0]["version"]
    address = f"{client.base_url}articles/https%3A%2F%2Fcoast.example%2Fa%2F1%3Fx%3D1"
    assert cited(response) == [("[1]", f"{address}?version={version}", "Relief for the coast")]
    read = httpx.get(cited(response)[0][1], timeout=60)
    assert read.json()["text"] == ARTICLES[0]["text"]
    assert (response.metadata, response.temperature) == ({"desk": "coast"}, 0.2)
    assert response.usage is not None
    assert response.id.startswith("resp_")


def test_a_stream_is_the_sequence_of_openai_and_says_the_same(filled: Archive) -> None:
    with official_client(filled, ScriptedAnswerModel(SCRIPT, SCRIPT)) as client:
        whole = client.responses.create(model="dateline", input=QUESTION)
        events = list(client.responses.create(model="dateline", input=QUESTION, stream=True))
    kinds = [event.type for event in events]
    assert list(dict.fromkeys(kinds)) == SEQUENCE
    assert [event.sequence_number for event in events] == list(range(len(events)))
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert deltas[:2] == [FIRST, " The harbour was flooded on Sunday."], "as each was verified"
    assert "".join(deltas) == whole.output_text
    added = [event for event in events if event.type == "response.output_text.annotation.added"]
    assert len(added) == 2
    last = events[-1]
    assert last.type == "response.completed"
    assert cited(last.response) == cited(whole)
    assert last.response.usage is not None
    assert (last.response.usage.input_tokens, last.response.usage.output_tokens) == (30, 7)
    assert events[0].type == "response.created"
    assert events[0].response.id == last.response.id
    assert events[0].response.output == []


def test_the_stream_helper_of_the_client_puts_the_response_together(
    client: openai.OpenAI,
) -> None:
    with client.responses.stream(model="dateline", input=QUESTION) as stream:
        text = "".join(
            event.delta for event in stream if event.type == "response.output_text.delta"
        )
        final = stream.get_final_response()
    assert final.output_text == text
    assert [marker for marker, *_ in cited(final)] == ["[1]"]


def test_the_async_client_reads_both(filled: Archive) -> None:
    async def ask(url: str) -> tuple[str, str]:
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none") as client:
            whole = await client.responses.create(model="dateline", input=QUESTION)
            text = ""
            async for event in await client.responses.create(
                model="dateline", input=QUESTION, stream=True
            ):
                if event.type == "response.output_text.delta":
                    text += event.delta
            return whole.output_text, text

    with serving(filled, FirstSentenceModel()) as url:
        whole, streamed = asyncio.run(ask(url))
    assert whole == streamed
    assert whole.startswith(FIRST)


def test_a_follow_up_refers_to_the_response_before_it_or_to_the_messages(
    filled: Archive,
) -> None:
    model = ScriptedAnswerModel(SCRIPT)
    with official_client(filled, model) as client:
        first = client.responses.create(model="dateline", input=QUESTION)
        by_id = client.responses.create(
            model="dateline", input="And when was that?", previous_response_id=first.id
        )
        again = client.responses.create(
            model="dateline", input="And why?", previous_response_id=by_id.id
        )
        said: list[Any] = [
            {"role": "user", "content": QUESTION},
            *[item.model_dump() for item in first.output],
            {"role": "user", "content": [{"type": "input_text", "text": "And when was that?"}]},
        ]
        client.responses.create(model="dateline", input=said, instructions="Be rude.")
        with pytest.raises(openai.BadRequestError, match="no response 'resp_0'") as caught:
            client.responses.create(model="dateline", input="Why?", previous_response_id="resp_0")
    assert caught.value.code == "previous_response_not_found"
    whole = f"when was that? ({QUESTION})"
    assert [question.text for question, _ in model.seen] == [
        QUESTION, whole, f"why? ({whole})", whole
    ]  # fmt: skip
    assert again.previous_response_id == by_id.id


def test_a_response_can_be_read_again_also_as_a_stream(filled: Archive) -> None:
    with official_client(filled, ScriptedAnswerModel(SCRIPT)) as client:
        events = list(client.responses.create(model="dateline", input=QUESTION, stream=True))
        last = events[-1]
        assert last.type == "response.completed"
        read = client.responses.retrieve(last.response.id)
        assert read == last.response
        again = list(client.responses.retrieve(last.response.id, stream=True))
        rest = list(client.responses.retrieve(last.response.id, stream=True, starting_after=4))
        with pytest.raises(openai.NotFoundError, match="no response 'resp_0'"):
            client.responses.retrieve("resp_0")
    assert again == events
    assert rest == events[5:]


def test_a_response_says_whether_it_is_stored(filled: Archive) -> None:
    with official_client(filled, FirstSentenceModel(), answers_kept=0) as client:
        response = client.responses.create(model="dateline", input=QUESTION)
        assert (response.model_extra or {})["store"] is False
        with pytest.raises(openai.NotFoundError):
            client.responses.retrieve(response.id)


def test_of_a_deleted_article_nothing_is_read_again(filled: Archive) -> None:
    with official_client(filled, FirstSentenceModel()) as client:
        response = client.responses.create(model="dateline", input=QUESTION)
        filled.delete(str(ARTICLES[0]["id"]))
        read = client.responses.retrieve(response.id)
    assert "USD 40 million" in response.output_text
    assert "USD 40 million" not in read.model_dump_json()
    assert "was deleted" in read.output_text


def test_of_a_withdrawn_article_nothing_is_read_again(filled: Archive) -> None:
    with official_client(filled, FirstSentenceModel()) as client:
        response = client.responses.create(model="dateline", input=QUESTION)
        filled.withdraw(str(ARTICLES[0]["id"]))
        read = client.responses.retrieve(response.id)
        again = list(client.responses.retrieve(response.id, stream=True))
    assert "USD 40 million" in response.output_text
    assert again[-1].type == "response.completed"
    for shown in (read, *again):
        assert "USD 40 million" not in shown.model_dump_json()
    assert "may not be shown now" in read.output_text


def test_a_failure_half_way_is_the_last_event(filled: Archive) -> None:
    half: list[Any] = [SCRIPT[0], AnswerModelTimeout("late")]
    with official_client(filled, ScriptedAnswerModel(AnswerModelTimeout("late"), half)) as client:
        with pytest.raises(openai.InternalServerError, match="late"):
            client.responses.create(model="dateline", input=QUESTION)
        events = list(client.responses.create(model="dateline", input=QUESTION, stream=True))
    last = events[-1]
    assert last.type == "response.failed"
    assert last.response.status == "failed"
    assert last.response.error is not None
    assert last.response.error.message == "late"


def test_a_slow_stream_outlives_the_client_s_timeout(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client gives up after 2 seconds of silence; the model says nothing for 3."""
    monkeypatch.setattr("api.http.sse.KEEP_ALIVE", 0.1)
    model = HeldModel()
    with serving(filled, model) as url:
        threading.Timer(3, model.go.set).start()
        with client_at(url, timeout=2) as client:
            events = list(client.responses.create(model="dateline", input=QUESTION, stream=True))
    assert events[-1].type == "response.completed"
    assert model.most == 1


def test_models_are_found_by_name(client: openai.OpenAI) -> None:
    assert client.models.retrieve("dateline").id == "dateline"
    for asking in (
        lambda: client.models.retrieve("gpt-5"),
        lambda: client.responses.create(model="gpt-5", input=QUESTION),
    ):
        with pytest.raises(openai.NotFoundError, match="unknown model 'gpt-5'") as caught:
            asking()
        assert caught.value.code == "model_not_found"
