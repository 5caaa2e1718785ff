"""Questions embedded together: the right vector for each, in as few batches as their arrival allows."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from embeddings.batching import BatchingEmbedder
from embeddings.index import Vectors
from embeddings.packaged import PackagedEmbedder
from tests.support.fakes import BagOfWordsEmbedder


class Held(BagOfWordsEmbedder):
    """Embeds when it is let go, and remembers its batches."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.started = threading.Event()
        self.batches: list[list[str]] = []

    def embed_question(self, text: str) -> Vectors:
        self.batches.append([text])
        self.started.set()
        assert self.go.wait(10)
        return super().embed_question(text)

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        self.batches.append(list(texts))
        if any("broken" in text for text in texts):
            raise ValueError("broken")
        return np.stack([BagOfWordsEmbedder.embed_question(self, text) for text in texts])


def crowd(
    held: Held, batching: BatchingEmbedder, texts: Sequence[str]
) -> list[Vectors | Exception]:
    """The first is being embedded when the others arrive, one after the other."""

    def embed(text: str) -> Vectors | Exception:
        try:
            return batching.embed_question(text)
        except ValueError as error:
            return error

    with ThreadPoolExecutor(len(texts)) as pool:
        asked = [pool.submit(embed, texts[0])]
        assert held.started.wait(10)
        for number, text in enumerate(texts[1:], start=1):
            asked.append(pool.submit(embed, text))
            while len(batching._waiting) < number:
                pass
        held.go.set()
        return [item.result(10) for item in asked]


def test_what_waits_is_embedded_together_in_order_and_each_gets_its_own() -> None:
    held = Held()
    texts = [f"rain on town {number}" for number in range(8)]
    found = crowd(held, BatchingEmbedder(held, 3), texts)
    assert held.batches == [texts[:1], texts[1:4], texts[4:7], texts[7:]]
    for text, vector in zip(texts, found, strict=True):
        assert isinstance(vector, np.ndarray)
        assert np.array_equal(vector, BagOfWordsEmbedder().embed_question(text))


def test_a_batch_that_fails_fails_for_each_of_it_and_for_no_other() -> None:
    held = Held()
    found = crowd(held, BatchingEmbedder(held, 2), ["one", "two", "broken", "four", "five"])
    assert [isinstance(item, ValueError) for item in found] == [False, True, True, False, False]


@pytest.mark.parametrize(
    "texts", [["Who?", "How much aid was announced for the town of Hask on Friday?", "Why"]]
)
def test_the_packaged_embedder_gives_nearly_the_same_together_and_alone(
    model_cache: Path, texts: list[str]
) -> None:
    embedder = PackagedEmbedder(model_cache)
    together = embedder.embed_questions(texts)
    alone = np.stack([embedder.embed_question(text) for text in texts])
    assert np.abs(together - alone).max() < 1e-5
    one = BatchingEmbedder(embedder, 8).embed_question(texts[1])
    assert np.array_equal(one, alone[1]), "alone it is the very same"
