"""Evidence sentences, and places in them. A place in a text is a `Span`, never a string that is
searched for again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from qa import tuning
from qa.answering.reader import Reading
from qa.language.figures import find_figures
from qa.language.words import content_stems
from qa.types import Article, Figure, Hit


@dataclass(frozen=True, eq=False)
class Sentence:
    """``article.text[start:end]``, one sentence of a hit's passage. ``n`` is its number in the
    prompt, from 1.

    ``reading`` is what the reader saw in its passage, None without a reader.
    """

    n: int
    hit: Hit
    start: int
    end: int
    score: float = 0.0
    reading: Reading | None = None
    closer: tuple[Reading, ...] = ()  # of the sentence with its neighbours, and alone

    def odds(self, start: int, end: int) -> float | None:
        """The reader's log-odds that ``[start, end)`` of the article answers, against silence.

        The mean over all that it read of the sentence, each between -15 and 15; a reading that does
        not see the span whole counts as -15. None without a reader.
        """
        if self.reading is None:
            return None
        limit = tuning.MOST_ODDS
        seen = [reading.score(start, end) for reading in (self.reading, *self.closer)]
        clipped = [-limit if odds is None else min(limit, max(-limit, odds)) for odds in seen]
        return sum(clipped) / len(clipped)

    @property
    def article(self) -> Article:
        return self.hit.passage.article

    @property
    def published_at(self) -> str | None:
        return self.article.published_at

    @property
    def text(self) -> str:
        return self.article.text[self.start : self.end]

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Its figures, relative dates read against its publication; their offsets count from
        ``start``.
        """
        return _figures(self.text, self.published_at)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of its content words."""
        return frozenset(content_stems(self.text))

    @cached_property
    def stems_with_title(self) -> frozenset[str]:
        """The stems of its content words and of those of its article's title."""
        return self.stems | frozenset(content_stems(self.article.title or ""))


@dataclass(frozen=True, slots=True)
class Span:
    """``article.text[start:end]``, inside one sentence."""

    sentence: Sentence
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.sentence.article.text[self.start : self.end]

    @property
    def inner(self) -> tuple[int, int]:
        """The same place counted from the sentence's start."""
        return self.start - self.sentence.start, self.end - self.sentence.start

    @property
    def figure(self) -> Figure | None:
        """The first figure of the sentence that it touches: a bound ("some") may stand before the
        span.
        """
        start, end = self.inner
        for figure in self.sentence.figures:
            if figure.start < end and start < figure.end:
                return figure
        return None


def locate(text: str, sentences: Sequence[Sentence]) -> Span | None:
    """Where a model's words are: in the first sentence that has them, ignoring case and white
    space.

    Not inside a word, nor inside a longer number: "200" is not in "1,200", nor "$3" in "$3.5".
    """
    words = text.split()
    if not words:
        return None
    before = r"(?<!\w)(?<!\d[.,])" if words[0][0].isalnum() else ""
    behind = r"(?!\w)(?![.,]\d)" if words[-1][-1].isalnum() else ""
    pattern = before + r"\s+".join(re.escape(word) for word in words) + behind
    for item in sentences:
        match = re.search(pattern, item.text, re.IGNORECASE)
        if match:
            return Span(item, item.start + match.start(), item.start + match.end())
    return None


@lru_cache(maxsize=2048)  # ranking, choice and verification look at the same sentences
def _figures(text: str, published_at: str | None) -> tuple[Figure, ...]:
    return tuple(find_figures(text, published_at))
