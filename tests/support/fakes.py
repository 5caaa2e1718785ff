"""Fakes, written once: an embedder whose nearness can be worked out by hand, a model and a reader
with scripts.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from embeddings.index import Vectors
from qa.answering.reader import Reading
from qa.answering.sentence import Sentence
from qa.models.base import Statement, Written
from qa.question import Question
from qa.types import Hit


class BagOfWordsEmbedder:
    """Each word counts in one of the dimensions, by its sha256, so shared words mean near vectors.

    Knows nothing of meaning; counts the texts that it embedded.
    """

    def __init__(self, dimension: int = 256, name: str = "bag-of-words") -> None:
        self.name = name
        self.digest = hashlib.sha256(f"{name}/{dimension}".encode()).hexdigest()
        self.dimension = dimension
        self.embedded = 0

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        return np.stack([self.embed_question(text) for text in texts])

    def embed_question(self, text: str) -> Vectors:
        vector = np.zeros(self.dimension, dtype=np.float32)
        for word in re.findall(r"\w+", text.lower()) or [""]:
            # hash() differs from process to process
            vector[
                int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big") % self.dimension
            ] += 1
        return vector / np.float32(np.linalg.norm(vector))


class ScriptedAnswerModel:
    """Answers each question with the next of its scripts: statements, or an exception to raise
    (also half-way).
    """

    name = "scripted"

    def __init__(self, *scripts: Sequence[Written | Exception] | Exception) -> None:
        self._scripts = list(scripts)
        self.seen: list[tuple[Question, Sequence[Sentence]]] = []

    def prepare(self) -> None:
        """Nothing to load."""

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
        self.seen.append((question, evidence))
        script = self._scripts.pop(0) if self._scripts else []
        for item in [script] if isinstance(script, Exception) else script:
            if isinstance(item, Exception):
                raise item
            yield item


class FirstSentenceModel:
    """Says the best evidence sentence, citing it: always supported, never clever."""

    name = "first-sentence"

    def prepare(self) -> None:
        """Nothing to load."""

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
        if evidence:
            yield Statement(" ".join(evidence[0].text.split()), (evidence[0].n,), confidence=0.9)


class ScriptedReader:
    """Marks the given texts wherever they stand, each with its log-odds; anything else is far below
    silence.
    """

    def __init__(self, odds: Mapping[str, float]) -> None:
        self._odds = odds

    def prepare(self) -> None:
        """Nothing to load."""

    def begin_loading(self) -> None:
        """Nothing to load."""

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        return [self._reading(hit) for hit in hits]

    def _reading(self, hit: Hit) -> Reading:
        text, first = hit.passage.text, hit.passage.start
        words = [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]
        starts = np.full(len(words), -20, dtype=np.float32)
        ends = starts.copy()
        for marked, odds in self._odds.items():
            for match in re.finditer(re.escape(marked), text):
                for index, (start, end) in enumerate(words):
                    if start == match.start():
                        starts[index] = odds / 2
                    if end == match.end():
                        ends[index] = odds / 2
        offsets = np.array(words, dtype=np.int64).reshape(-1, 2) + first
        return Reading(hit, offsets, starts, ends)
