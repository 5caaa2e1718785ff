"""Each question gets the same answer, whatever else is asked at the same time."""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import as_file, files
from typing import Any

import pytest

from qa.answering.answerer import Answerer
from qa.answering.choice import choose
from qa.answering.instructions import quieted
from qa.answering.reader import PackagedReader, Reader, Reading
from qa.answering.sentence import Sentence
from qa.archive.archive import Archive
from qa.bootstrap import open_retriever
from qa.language.words import stem
from qa.models.base import Statement, Written
from qa.question import Question
from qa.types import Hit
from tests.support.archives import ingest
from tests.support.fakes import ScriptedReader

SAMPLE = files("qa") / "data" / "sample.jsonl"
THREADS = 16
_FORMS = (
    "Who spoke about {}?",
    "How much did {} cost?",
    "When was {} announced?",
    "Where did {} happen?",
    "What happened to {}?",
)


class ChoosingModel:
    """The embedded model without its language model: it answers with the best span."""

    name = "choosing"

    def prepare(self) -> None:
        """Nothing to load."""

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
        choice = choose(question, evidence)
        if choice is not None:
            span, sure = choice.span, choice.confidence
            yield Statement(span.text, (span.sentence.n,), confidence=sure, span=span)


class WordReader:
    """Marks names and figures by their length, in milliseconds; the network is far slower."""

    def prepare(self) -> None:
        """Nothing to load."""

    def begin_loading(self) -> None:
        """Nothing to load."""

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        words = {word for hit in hits for word in re.findall(r"[A-Z]\w+|\d+", hit.passage.text)}
        return ScriptedReader({word: float(len(word)) for word in words}).read(question, hits)


@pytest.fixture
def _frequent_switches() -> Iterator[None]:
    """Let threads take turns more often, so that what they share is soon in use by two."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def _questions(count: int) -> list[str]:
    titles = [json.loads(line)["title"] for line in SAMPLE.read_text("utf-8").splitlines()]
    asked = [form.format(title) for form in _FORMS for title in titles]
    return asked[:: len(asked) // count][:count]


@pytest.mark.usefixtures("_frequent_switches")
@pytest.mark.parametrize(
    ("reader", "count"),
    [
        (WordReader(), 25),
        pytest.param(WordReader(), 200, marks=pytest.mark.slow),
        pytest.param(PackagedReader(1), 40, marks=pytest.mark.slow),
    ],
)
def test_questions_asked_at_once_get_the_answers_of_questions_asked_alone(
    archive: Archive, reader: Reader, count: int
) -> None:
    with as_file(SAMPLE) as path:
        ingest(archive, path)
    answerer = Answerer(open_retriever(archive), ChoosingModel(), 0.0, reader)
    questions = _questions(count)

    def answer(question: str) -> dict[str, Any]:
        return answerer.answer(Question.parse(question)).model_dump(exclude={"timings_ms"})

    # As in a fresh process: nothing is cached when the threads begin.
    stem.cache_clear()
    quieted.cache_clear()
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(answer, questions))
    stem.cache_clear()
    quieted.cache_clear()
    alone = [answer(question) for question in questions]
    assert sum(found["status"] == "answered" for found in alone) > count / 2
    assert together == alone
