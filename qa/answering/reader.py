"""The reader: a small network that reads one passage against the question and marks where an answer
could be.

It is all-MiniLM-L6-v2 trained further (`eval/research/train_reader.py`) to point at the first and
the last word of an answer, or at nothing where the passage does not say. Its answers are text of
the passage by construction. It also says whether the passage answers at all, and whether it makes
the question, or a statement in its place, true or false.
"""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from embeddings.files import sha256_of
from embeddings.packaged import quiet_onnxruntime, tokenizer_file
from embeddings.texts import whole_characters
from qa.answering.instructions import quieted
from qa.archive.embedding import embedding_errors
from qa.errors import ModelUnavailable
from qa.types import Hit

Floats = npt.NDArray[np.float32]
Offsets = npt.NDArray[np.int64]

MAX_TOKENS = 256
LONGEST_ANSWER = 24  # word pieces
_QUESTION_WORDS = 80  # of a long question are read, and …
_TITLE_WORDS = 40  # … of a long title: the passage needs the room
_OUTPUTS = ("spans", "relevance", "verdict")
WEIGHTS_SHA256 = "69f44fc46490b6c71d44983f9a1f1062a48558a6d523e80ee32be0b8e0080f24"


class Verdict(NamedTuple):
    """How likely it is, 0..1, that a passage leaves a question of yes or no open, or decides it.

    Asked about a statement: whether the passage bears it out (yes) or contradicts it (no).
    """

    unknown: float = 1.0
    yes: float = 0.0
    no: float = 0.0


UNDECIDED = Verdict()


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the reader saw in one hit's passage.

    ``offsets`` (n, 2): the place of each word piece in the article's text, in order; ``starts`` and
    ``ends`` (n,): log-odds of an answer that starts or ends with it, against "the passage does not
    say". Odds of passages compare. ``relevance``: log-odds that the passage answers.
    """

    hit: Hit
    offsets: Offsets
    starts: Floats
    ends: Floats
    relevance: float = 0.0
    verdict: Verdict = UNDECIDED

    def best(self, start: int, end: int, count: int) -> list[tuple[int, int, float]]:
        """The ``count`` best spans inside ``[start, end)`` of the article as (start, end,
        log-odds), best first, of equals the earlier, then the shorter. Spans may overlap.
        """
        inside = np.flatnonzero((self.offsets[:, 0] >= start) & (self.offsets[:, 1] <= end))
        if not len(inside):
            return []
        table = self.starts[inside][:, None] + self.ends[inside][None, :]
        length = np.subtract.outer(np.arange(len(inside)), np.arange(len(inside))).T
        table = np.where((length >= 0) & (length < LONGEST_ANSWER), table, -np.inf)
        order = np.argsort(-table, axis=None, kind="stable")[:count]
        spans = (divmod(int(flat), len(inside)) for flat in order)
        return [
            (
                int(self.offsets[inside[first], 0]),
                int(self.offsets[inside[last], 1]),
                float(table[first, last]),
            )
            for first, last in spans
            if np.isfinite(table[first, last])
        ]

    def score(self, start: int, end: int) -> float | None:
        """Log-odds of the span ``[start, end)`` of the article; None where the reader did not see
        it whole.
        """
        inside = np.flatnonzero((self.offsets[:, 0] < end) & (self.offsets[:, 1] > start))
        if (
            not len(inside)
            or self.offsets[inside[0], 0] > start
            or self.offsets[inside[-1], 1] < end
        ):
            return None
        return float(self.starts[inside[0]] + self.ends[inside[-1]])

    def probability(self, start: int, end: int) -> float:
        """That an answer lies inside ``[start, end)``: the best span's odds against silence, as a
        probability.
        """
        best = self.best(start, end, 1)
        return 1 / (1 + float(np.exp(-np.clip(best[0][2], -30, 30)))) if best else 0.0


class Reader(Protocol):
    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """One reading a hit, in their order. Safe to call from several threads. Raises
        ModelUnavailable.
        """

    def prepare(self) -> None:
        """Load everything, so that the first question does not wait. Raises ModelUnavailable."""

    def begin_loading(self) -> None:
        """Load in the background what is not loaded: it is soon needed. What goes wrong is raised
        by `read`.
        """


class PackagedReader:
    """The reader that ships with the package, run by onnxruntime. Loads on first use.

    The passages of a question are read by the calling thread and up to ``helpers`` others, each
    passage by one thread: several threads at one passage spin while they wait for each other, and
    read no more passages a CPU second.
    """

    def __init__(self, helpers: int) -> None:
        self._lock = Lock()
        self._most_helpers = helpers
        self._helpers = ThreadPoolExecutor(helpers, "reader")

    def prepare(self) -> None:
        with self._lock:
            _ = self._network

    def begin_loading(self) -> None:
        if "_network" not in vars(self):
            self._helpers.submit(self.prepare)

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        with self._lock:
            network = self._network
        found: dict[int, Reading] = {}
        # The longest first, so that all threads end at about the same time.
        left = deque(sorted(range(len(hits)), key=lambda index: -_length(hits[index])))

        def read_on() -> None:
            while left:
                try:
                    index = left.popleft()
                except IndexError:  # another thread took the last one
                    return
                found[index] = network.read(question, hits[index])

        helpers = [
            self._helpers.submit(read_on) for _ in range(min(self._most_helpers, len(hits) - 1))
        ]
        read_on()
        for helper in helpers:
            if not helper.cancel():  # it was not busy with another question
                helper.result()
        return [found[index] for index in range(len(hits))]

    @cached_property
    def _network(self) -> "_Network":
        with embedding_errors(), as_file(files("qa.answering") / "reader.onnx") as path:
            return _Network(path)


def _length(hit: Hit) -> int:
    return hit.passage.end - hit.passage.start


@lru_cache(maxsize=1)
def shared_reader(helpers: int) -> PackagedReader:
    """One for the process."""
    return PackagedReader(helpers)


class _Network:
    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer

        onnxruntime = quiet_onnxruntime()

        try:
            found = sha256_of(path)
        except OSError as error:
            raise ModelUnavailable(
                "the reader's weights are missing; install dateline again"
            ) from error
        if found != WEIGHTS_SHA256:
            raise ModelUnavailable(
                f"the reader's weights have sha256 {found[:16]}…, expected {WEIGHTS_SHA256[:16]}…;"
                " install dateline again"
            )
        options = onnxruntime.SessionOptions()
        # errors only: warnings of a dependency are not the user's business
        options.log_severity_level = 3
        options.intra_op_num_threads = 1  # see `PackagedReader`
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(tokenizer_file()))
        self._tokenizer.enable_truncation(MAX_TOKENS, strategy="longest_first")
        self._tokenizer.no_padding()

    def read(self, question: str, hit: Hit) -> Reading:
        """One passage at a time: its numbers never depend on what else is read beside it."""
        passage = hit.passage
        title = " ".join((passage.article.title or "").split()[:_TITLE_WORDS])
        lead = f"{title}. " if title else ""
        text = quieted(whole_characters(passage.text), passage.article.language)
        asked = " ".join(question.split()[:_QUESTION_WORDS])
        encoding = self._tokenizer.encode(whole_characters(asked), whole_characters(lead) + text)
        feed = {
            "input_ids": np.array([encoding.ids], dtype=np.int64),
            "attention_mask": np.array([encoding.attention_mask], dtype=np.int64),
            "token_type_ids": np.array([encoding.type_ids], dtype=np.int64),
        }
        spans, relevance, verdict = self._session.run(_OUTPUTS, feed)
        seen = [
            index
            for index, (part, (start, end)) in enumerate(
                zip(encoding.sequence_ids, encoding.offsets, strict=True)
            )
            if part == 1 and start >= len(lead) and end > start
        ]
        offsets = np.array([encoding.offsets[index] for index in seen], dtype=np.int64).reshape(
            -1, 2
        )
        nothing, spans = spans[0, 0], spans[0, seen]  # the first piece means "does not say"
        return Reading(
            hit,
            offsets + (passage.start - len(lead)),
            spans[:, 0] - nothing[0],
            spans[:, 1] - nothing[1],
            float(relevance[0, 0]),
            Verdict(*_softmax(verdict[0]).tolist()),
        )


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max())
    shares: Floats = powers / powers.sum()
    return shares
