"""Words: stems are the same however many threads ask for them, tokens keep their place."""

import itertools
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from qa.language.words import content_stems, stem, tokens

_STARTS = (
    "bal",
    "lit",
    "cor",
    "dest",
    "fam",
    "gen",
    "harv",
    "log",
    "mark",
    "nav",
    "oper",
    "part",
    "sens",
)
_MIDDLES = ("am", "er", "in", "ol", "ut", "iv", "ac", "ent", "os", "ar", "el", "um")
_ENDS = (
    "ation",
    "ing",
    "ed",
    "ness",
    "fully",
    "ability",
    "iser",
    "ously",
    "ements",
    "ies",
    "icate",
)
WORDS = ["".join(parts) for parts in itertools.product(_STARTS, _MIDDLES, _ENDS)]
THREADS = 8


@pytest.fixture
def _frequent_switches() -> Iterator[None]:
    """Let threads take turns every few bytecodes, so that a shared stemmer fails every time."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("_frequent_switches")
def test_threads_that_stem_at_once_get_the_stems_of_one_thread() -> None:
    assert len(set(WORDS)) == 13 * 12 * 11
    stem.cache_clear()
    expected = {word: stem(word) for word in WORDS}
    stem.cache_clear()
    together = Barrier(THREADS)

    def stems_from(number: int) -> dict[str, str]:
        turned = WORDS[number * 200 :] + WORDS[: number * 200]
        together.wait()
        return {word: stem(word) for word in turned}

    with ThreadPoolExecutor(THREADS) as pool:
        for found in pool.map(stems_from, range(THREADS)):
            assert found == expected
    assert {word: stem(word) for word in WORDS} == expected, "wrong stems stayed in the cache"


def test_tokens_keep_their_offsets_and_drop_the_possessive() -> None:
    text = "The mayor’s 3.5 boats"
    assert [(token.stem, text[token.start : token.end]) for token in tokens(text)] == [
        ("the", "The"),
        ("mayor", "mayor’s"),
        ("3.5", "3.5"),
        ("boat", "boats"),
    ]


def test_content_stems_come_once_in_order_without_stop_words() -> None:
    assert content_stems("Which ships did the ship's captains leave?") == [
        "ship",
        "captain",
        "leav",
    ]
