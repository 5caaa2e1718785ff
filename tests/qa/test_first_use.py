"""What is loaded on first use: once, however many ask at once, and with errors that say why."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from embeddings.embedder import SentenceTransformerEmbedder
from embeddings.errors import EmbedderUnavailable
from qa.answer import Answer
from qa.archive.archive import Archive
from qa.errors import BadInput, ModelUnavailable
from qa.question import Question
from qa.retrieval.hybrid import HybridRetriever
from qa.settings import Settings
from tests.support.archives import put


class NoReranker:
    """A reranker whose model is missing."""

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        raise EmbedderUnavailable("reranker 'x' cannot be loaded")


class NoAsker:
    def answer(self, question: Question) -> Answer:
        raise ModelUnavailable("nothing answers")


def at_once(count: int, work: object) -> None:
    assert callable(work)
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_first_questions_at_once_open_one_answerer(archive: Archive) -> None:
    opened = []

    def open_asker(_: Archive) -> NoAsker:
        time.sleep(0.05)
        opened.append(1)
        return NoAsker()

    shared = Archive(archive.store, archive.embedder, open_asker)

    def ask() -> None:
        with pytest.raises(ModelUnavailable):
            shared.ask("Who resigned?")

    at_once(4, ask)
    assert opened == [1]


def test_a_missing_reranker_shows_when_the_service_starts(archive: Archive, tmp_path: Path) -> None:
    put(archive, [{"id": "a", "text": "The mayor resigned."}], tmp_path)
    retriever = HybridRetriever(archive, NoReranker())
    for call in (
        retriever.prepare,
        lambda: retriever.retrieve(Question.parse("Who resigned?")),
    ):
        with pytest.raises(ModelUnavailable, match="reranker 'x' cannot be loaded"):
            call()


def test_an_embedder_that_cannot_be_loaded_is_one_of_our_errors(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> None:
        raise EmbedderUnavailable("gone")

    monkeypatch.setattr(archive.embedder, "embed_question", fail)
    with pytest.raises(ModelUnavailable, match="gone"):
        HybridRetriever(archive).retrieve(Question.parse("Who resigned?"))


def test_one_question_is_embedded_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tokenizer that two threads use at once raises "Already borrowed"."""
    inside: list[int] = []

    class Model:
        def encode_query(self, texts: list[str], **_: object) -> list[list[float]]:
            inside.append(1)
            time.sleep(0.02)
            inside.pop()
            assert not inside
            return [[1.0]]

    embedder = SentenceTransformerEmbedder("x")
    embedder.__dict__["_model"] = Model()
    failed: list[BaseException] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: failed.append(args.exc_value))
    at_once(3, lambda: embedder.embed_question("?"))
    assert not failed


@pytest.mark.parametrize("name", ["CORS_ORIGINS", "SOURCE_WEIGHTS"])
def test_a_setting_that_is_not_json_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"DATELINE_{name}", "{x")
    with pytest.raises(BadInput, match=f'"{name.lower()}" .*: expected JSON'):
        Settings.load()
