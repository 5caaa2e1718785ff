"""Sentences and passages of a text, as offsets. Pure functions; spans tile the text.

Sentence boundaries come from `sentencex`; the conventions of news are added here: headlines and
by-lines are lines of their own, a reporting clause belongs to its quote, "3 p.m. Tuesday" is one
sentence.
"""

import re
from itertools import pairwise

import sentencex

from qa.types import Article

CHUNKER_VERSION = 1  # part of the manifest: raise it when passages would come out differently

TARGET_WORDS = 110  # a passage; the embedder reads 256 word pieces, and the title goes in too
_LONGEST_WORD = 14
LONGEST_SENTENCE = (
    1200  # characters; a longer one (a list, a page without full stops) is cut at a space
)

Span = tuple[int, int]

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_CLOCK = re.compile(r"\b[ap]\.\s?m\.\s*$", re.IGNORECASE)
_AFTER_CLOCK = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|(?:E[SD]?T|C[SD]?T|P[SD]?T|GMT|UTC|BST|CET)\b"
)
_WORD = re.compile(r"\S+")


def split(article: Article) -> list[Span]:
    """Return the passages of an article, which tile its text.

    Each is a run of whole sentences of about 110 words; all are filled evenly.
    """
    spans = sentences(article.text, article.language)
    sizes = [_words(article.text, span) for span in spans]
    count = max(1, round(sum(sizes) / TARGET_WORDS))
    target = sum(sizes) / count
    passages: list[Span] = []
    start, filled = 0, 0.0
    for index, (span, size) in enumerate(zip(spans, sizes, strict=True)):
        filled += size
        following = sizes[index + 1] if index + 1 < len(sizes) else 0
        # Close the passage at the boundary nearest to its due share.
        if index + 1 == len(spans) or filled + following / 2 >= target * (len(passages) + 1):
            passages.append((start, span[1]))
            start = span[1]
    return passages


def sentences(text: str, language: str | None = None) -> list[Span]:
    """Return spans ``(start, end)`` that tile ``text`` in order; [] for "".

    Each includes the white space after its sentence.
    """
    if not text:
        return []
    starts = [0]
    for block_start, block_end in _blocks(text):
        block = text[block_start:block_end]
        ends = [
            boundary["end_index"]
            for boundary in sentencex.get_sentence_boundaries(_code(language), block)
        ]
        bounds = [block_start, *(block_start + end for end in ends)]
        for previous, here, following in zip(
            bounds, bounds[1:], [*bounds[2:], block_end], strict=False
        ):
            if here < block_end and not _joined(text[previous:here], text[here:following]):
                starts.append(here)
        if block_end < len(text):
            starts.append(block_end)
    edges = [*_ascending(text, starts), len(text)]
    pieces: list[Span] = []
    for start, end in (piece for edge in pairwise(edges) for piece in _cut(text, *edge)):
        if pieces and not text[start:end].strip():
            pieces[-1] = (pieces[-1][0], end)  # a gap wider than a sentence may be
        else:
            pieces.append((start, end))
    return pieces


def trimmed(text: str, span: Span) -> Span:
    """Return the span without white space at its ends, as it is quoted."""
    start, end = span
    content = text[start:end]
    return start + len(content) - len(content.lstrip()), end - len(content) + len(content.rstrip())


def _blocks(text: str) -> list[Span]:
    """Return paragraphs, and single lines where lines are not merely wrapped."""
    edges = [0, *(match.end() for match in _BLANK_LINE.finditer(text)), len(text)]
    blocks: list[Span] = []
    for start, end in pairwise(edges):
        block = text[start:end]
        if "\n" in block and not _wrapped(block):
            lines = [start + match.end() for match in re.finditer(r"\n\s*", block)]
            inner = [start, *(line for line in lines if line < end), end]
            blocks.extend(pairwise(inner))
        elif start < end:
            blocks.append((start, end))
    return blocks


def _wrapped(block: str) -> bool:
    """Return True if a block was wrapped at a column: all lines but the last about equally long."""
    lines = block.strip().split("\n")
    longest = max(len(line) for line in lines)
    return (
        longest <= 100 and all(len(line) > longest * 0.7 for line in lines[:-1]) and longest >= 50
    )


def _joined(before: str, after: str) -> bool:
    """Return True if the splitter broke here by mistake."""
    following = after.lstrip()
    if not following or not before.strip():
        return True
    return following[0].islower() or bool(_CLOCK.search(before) and _AFTER_CLOCK.match(following))


def _ascending(text: str, starts: list[int]) -> list[int]:
    """Return the starts in order, without those that begin a sentence of white space alone."""
    ascending: list[int] = []
    for start in sorted(set(starts)):
        if ascending and not text[ascending[-1] : start].strip():
            continue
        ascending.append(start)
    if len(ascending) > 1 and not text[ascending[-1] :].strip():
        ascending.pop()
    return ascending


def _cut(text: str, start: int, end: int) -> list[Span]:
    pieces: list[Span] = []
    while end - start > LONGEST_SENTENCE:
        middle = text.rfind(" ", start + LONGEST_SENTENCE // 2, start + LONGEST_SENTENCE)
        at = middle + 1 if middle > 0 else start + LONGEST_SENTENCE
        pieces.append((start, at))
        start = at
    return [*pieces, (start, end)]


def _words(text: str, span: Span) -> float:
    """Count words between spaces; in a run too long for a word, six characters count as one.

    Such runs come from scripts that are written without spaces.
    """
    lengths = (match.end() - match.start() for match in _WORD.finditer(text, *span))
    return sum(length / 6 if length > _LONGEST_WORD else 1 for length in lengths)


def _code(language: str | None) -> str:
    """Return the language as ISO 639-1, which the splitter expects: "en" for "en-GB"."""
    return (language or "en").split("-")[0].split("_")[0].lower() or "en"
