"""The reader: its arithmetic by hand, and the packaged network on text that we wrote."""

import math
from threading import Event

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.answering import reader as reader_module
from qa.answering.reader import LONGEST_ANSWER, PackagedReader, Reading
from qa.errors import ModelUnavailable
from qa.types import Article, Hit, Passage, Scores, StoredArticle


def hit(text: str, title: str | None = None, start: int = 0) -> Hit:
    article = Article(id="a", title=title, text=text)
    return Hit(1, 1.0, Scores(), Passage(1, StoredArticle(1, "v", article), start, len(text)))


def reading(starts: list[float], ends: list[float]) -> Reading:
    """Of a text of two-letter words: the piece i stands at 3i … 3i + 2."""
    offsets = np.array(
        [[3 * index, 3 * index + 2] for index in range(len(starts))], dtype=np.int64
    ).reshape(-1, 2)
    first, last = np.array(starts, dtype=np.float32), np.array(ends, dtype=np.float32)
    return Reading(hit("ab " * len(starts)), offsets, first, last)


@pytest.fixture(scope="module")
def packaged() -> PackagedReader:
    return PackagedReader(1)


def test_the_best_spans_are_sums_of_start_and_end_the_earlier_first_of_equals() -> None:
    # Sums by hand: 0-0: 1, 0-1: 0, 0-2: 3, 1-1: 2, 1-2: 5, 2-2: 2.
    read = reading([0, 2, -1], [1, 0, 3])
    assert read.best(0, 9, 5) == [(3, 8, 5.0), (0, 8, 3.0), (3, 5, 2.0), (6, 8, 2.0), (0, 2, 1.0)]
    assert read.best(0, 5, 9) == [(3, 5, 2.0), (0, 2, 1.0), (0, 5, 0.0)]
    assert read.best(1, 4, 3) == []


def test_the_score_of_a_span_is_that_of_the_pieces_that_cover_it() -> None:
    read = reading([0, 2, -1], [1, 0, 3])
    assert read.score(3, 8) == 5.0
    assert read.score(4, 7) == 5.0  # inside two pieces
    assert read.score(6, 12) is None  # goes on where nothing was read


def test_the_probability_is_that_of_the_best_span_against_silence() -> None:
    assert reading([0, 2, -1], [1, 0, 3]).probability(0, 9) == pytest.approx(1 / (1 + math.exp(-5)))
    assert reading([], []).probability(0, 9) == 0


@given(
    st.lists(
        st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=2 * LONGEST_ANSWER
    )
)
def test_the_best_span_is_the_best_of_all(pieces: list[tuple[int, int]]) -> None:
    starts, ends = [float(start) for start, _ in pieces], [float(end) for _, end in pieces]
    read = reading(starts, ends)
    brute = max(
        starts[first] + ends[last]
        for first in range(len(pieces))
        for last in range(first, min(len(pieces), first + LONGEST_ANSWER))
    )
    ((start, end, odds),) = read.best(0, 3 * len(pieces), 1)
    assert odds == brute == read.score(start, end)


def test_what_is_marked_is_text_of_the_article_wherever_the_passage_begins(
    packaged: PackagedReader,
) -> None:
    before = "🌊 Élan, a first paragraph about ice. "
    text = before + "The council of Marlow Bay pledged USD 40 million in relief on Monday."
    (read,) = packaged.read(
        "How much relief was pledged?", [hit(text, "Relief for Marlow Bay", len(before))]
    )
    ((start, end, odds),) = read.best(0, len(text), 1)
    assert text[start:end] == "USD 40 million"
    assert odds > 0
    assert int(read.offsets.min()) == len(before)
    assert int(read.offsets.max()) == len(text)


def test_a_passage_that_does_not_tell_is_below_silence(packaged: PackagedReader) -> None:
    text = "The lighthouse was painted white in the spring, and its keeper has a dog called Bosun."
    (read,) = packaged.read("How many passengers did the airline carry last year?", [hit(text)])
    assert read.probability(0, len(text)) < 0.1


def test_a_reading_does_not_depend_on_what_else_is_read(packaged: PackagedReader) -> None:
    one, other = hit("The dam broke at noon on Friday."), hit("Three ferries sank. " * 30)
    alone = packaged.read("When did the dam break?", [one])[0]
    beside = packaged.read("When did the dam break?", [other, one, other])[1]
    assert np.array_equal(alone.starts, beside.starts)
    assert np.array_equal(alone.ends, beside.ends)


def test_helpers_read_the_same_in_the_order_of_the_hits(packaged: PackagedReader) -> None:
    hits = [hit(f"The dam in town {n} broke at noon. " + "Rain fell. " * n) for n in range(8)]
    together = PackagedReader(3).read("Which dam broke?", hits)
    assert [reading.hit for reading in together] == hits
    for beside, one in zip(together, hits, strict=True):
        (alone,) = packaged.read("Which dam broke?", [one])
        assert np.array_equal(alone.starts, beside.starts)
        assert (alone.relevance, alone.verdict) == (beside.relevance, beside.verdict)


def test_a_question_never_waits_for_a_helper_of_another(packaged: PackagedReader) -> None:
    busy = PackagedReader(1)
    leave = Event()
    busy._helpers.submit(leave.wait)
    assert len(busy.read("Who?", [hit("The mayor spoke."), hit("Rain fell.")])) == 2
    leave.set()


def test_what_a_helper_cannot_read_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object, __: str, read: Hit) -> None:
        raise IndexError(read.passage.text)

    monkeypatch.setattr(reader_module._Network, "read", fail)
    with pytest.raises(IndexError, match=r"Rain|Snow"):
        PackagedReader(1).read("Who?", [hit("Rain fell."), hit("Snow fell.")])


def test_weights_that_load_in_the_background_are_refused_when_they_are_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader_module, "WEIGHTS_SHA256", "0" * 64)
    altered = PackagedReader(1)
    altered.begin_loading()
    with pytest.raises(ModelUnavailable, match="sha256"):
        altered.read("Who?", [hit("The mayor spoke.")])


@pytest.mark.parametrize("question", ["?", "word " * 400, "\ud800", "你好吗", "\x00"])
@pytest.mark.parametrize("text", ["x", "word " * 2000, "\ud800 lone", "…", "e\u0301" * 50])
def test_any_text_can_be_read(packaged: PackagedReader, question: str, text: str) -> None:
    (read,) = packaged.read(question, [hit(text, "t " * 300)])
    for start, end, odds in read.best(0, len(text), 3):
        assert 0 <= start < end <= len(text)
        assert math.isfinite(odds)


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelUnavailable, match="sha256"):
        PackagedReader(1).prepare()
