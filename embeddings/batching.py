"""Questions that come at the same time, embedded together."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Condition
from typing import Protocol

from embeddings.embedder import Embedder
from embeddings.index import Vectors


class BatchEmbedder(Embedder, Protocol):
    """An embedder that takes several questions at once."""

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, rows of length 1, in their order."""


@dataclass(slots=True, eq=False)
class _Waiting:
    text: str
    vector: Vectors | None = None
    error: BaseException | None = None

    @property
    def done(self) -> bool:
        return self.vector is not None or self.error is not None


class BatchingEmbedder:
    """Another embedder, of which questions that arrive while it is busy are embedded as one batch,
    up to ``most``.

    Nobody waits for a batch to fill: the first to find it free takes all that wait. What is in a
    batch depends on the moment, and a vector's last bits (some 1e-7) on its batch, so equal
    rankings are no longer certain. Safe to call from several threads; a question that is alone gets
    the other's very vector.
    """

    def __init__(self, embedder: BatchEmbedder, most: int) -> None:
        self._embedder = embedder
        self._most = most
        self._waiting: list[_Waiting] = []
        self._busy = False
        self._changed = Condition()

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def digest(self) -> str:
        return self._embedder.digest

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.embed_passages(texts)

    def embed_question(self, text: str) -> Vectors:
        mine = _Waiting(text)
        with self._changed:
            self._waiting.append(mine)
        while True:
            with self._changed:
                while self._busy and not mine.done:
                    self._changed.wait()
                if mine.done:
                    break
                self._busy = True
                some, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            self._embed(some)
        if mine.vector is None:
            raise mine.error or AssertionError("what is done has a vector or an error")
        return mine.vector

    def _embed(self, some: Sequence[_Waiting]) -> None:
        try:
            if len(some) == 1:
                some[0].vector = self._embedder.embed_question(some[0].text)
            else:
                vectors = self._embedder.embed_questions([item.text for item in some])
                for item, vector in zip(some, vectors, strict=True):
                    item.vector = vector
        except BaseException as error:  # noqa: BLE001  # each raises it for itself
            for item in some:
                item.error = error
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
