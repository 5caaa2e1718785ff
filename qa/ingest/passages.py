"""Passages of an article, as offsets. Pure functions; nothing is lost and nothing overlaps."""

import re

from qa.language.sentences import Span, sentences
from qa.types import Article

CHUNKER_VERSION = 1  # part of the manifest: raise it when passages would come out differently

TARGET_WORDS = 110  # a passage; the embedder reads 256 word pieces, and the title goes in too
_LONGEST_WORD = 14
_WORD = re.compile(r"\S+")


def split(article: Article) -> list[Span]:
    """Runs of whole sentences of about 110 words, evenly filled, that tile the article's text."""
    spans = sentences(article.text, article.language)
    sizes = [_words(article.text, span) for span in spans]
    count = max(1, round(sum(sizes) / TARGET_WORDS))
    target = sum(sizes) / count
    passages: list[Span] = []
    start, filled = 0, 0.0
    for index, (span, size) in enumerate(zip(spans, sizes, strict=True)):
        filled += size
        following = sizes[index + 1] if index + 1 < len(sizes) else 0
        # Close the passage at the boundary nearest to its even share.
        if index + 1 == len(spans) or filled + following / 2 >= target * (len(passages) + 1):
            passages.append((start, span[1]))
            start = span[1]
    return passages


def _words(text: str, span: Span) -> float:
    """Words between spaces; six characters count as a word in a script without spaces."""
    lengths = (match.end() - match.start() for match in _WORD.finditer(text, *span))
    return sum(length / 6 if length > _LONGEST_WORD else 1 for length in lengths)


def embedded_text(article: Article, span: Span) -> str:
    """What the embedder reads of a passage: the title, then the passage. Never what is quoted."""
    text = article.text[span[0] : span[1]].strip()
    return f"{article.title}\n{text}" if article.title else text
