"""Evidence sentences whose text, offsets and article a test can work out by hand."""

from collections.abc import Mapping
from dataclasses import replace

from qa.answering.evidence import close_ups
from qa.answering.reader import UNDECIDED, Verdict
from qa.answering.sentence import Sentence
from qa.types import Article, Hit, Passage, Scores, StoredArticle
from tests.support.fakes import ScriptedReader


def sentence(
    n: int,
    text: str,
    *,
    before: str = "",
    behind: str = "",
    published_at: str | None = None,
    title: str | None = None,
) -> Sentence:
    """A sentence of its own article, with other text around it."""
    article = Article(
        id=f"article-{n}",
        title=title,
        text=before + text + behind,
        published_at=published_at,
        source="Gazette",
        url=f"u{n}",
    )
    passage = Passage(100 + n, StoredArticle(10 + n, f"version-{n}", article), 0, len(article.text))
    return Sentence(n, Hit(1, 1.0, Scores(), passage), len(before), len(before) + len(text))


def read_closely(
    n: int,
    text: str,
    *,
    marks: Mapping[str, float] | None = None,
    relevance: float = 0.0,
    verdict: Verdict = UNDECIDED,
    published_at: str | None = None,
) -> Sentence:
    """A sentence that a reader has read in its passage, with its neighbours and alone: each time it
    marked these words with their log-odds, and found the same relevance and verdict.
    """
    item = sentence(n, text, published_at=published_at)
    readings = [
        replace(reading, relevance=relevance, verdict=verdict)
        for reading in ScriptedReader(marks or {}).read("", [item.hit, *close_ups(item)])
    ]
    return replace(item, reading=readings[0], closer=tuple(readings[1:]))
