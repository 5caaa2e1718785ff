"""Words of questions and sentences: tokens with offsets, stems and stop words."""

import re
from functools import lru_cache
from typing import NamedTuple

import Stemmer

_TOKEN = re.compile(r"[^\W_]+(?:[.,]\d+)*(?:['’][^\W_]+)?")

# Words that say nothing about the topic. Left in, they match common passages of any topic.
STOP_WORDS = frozenset(
    """
    a about after all am an and any are as at be been before being between both but by can could
    did do does done during each for from had has have having he her him his how i if in into is it
    its just many may me might more most much must my no nor not of off on or our out over own per
    shall she should so some such than that the their them then there these they this those to too
    under until up upon us very was we were what when where which while who whom whose why will
    with would you your s t
    """.split()  # noqa: SIM905  # readable as a text
)


class Token(NamedTuple):
    stem: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Every word with its stem (Porter2, lower case, without possessive) and offsets."""
    return [
        Token(stem(_word(match)), match.start(), match.end()) for match in _TOKEN.finditer(text)
    ]


def content_stems(text: str) -> list[str]:
    """The stems of the words that are not stop words, each once, in order."""
    words = map(_word, _TOKEN.finditer(text))
    return list(dict.fromkeys(stem(word) for word in words if word not in STOP_WORDS))


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    # A stemmer keeps the word at hand in itself, so one must never be shared between threads.
    # A new one and its word cost a microsecond.
    return str(Stemmer.Stemmer("english").stemWord(word))


def _word(match: re.Match[str]) -> str:
    return match.group().lower().replace("’", "'").removesuffix("'s")
