"""Sentences of a text, as offsets that tile it: nothing is lost and nothing overlaps.

Boundaries come from `sentencex`. News adds a few rules: headlines and by-lines are lines of their
own, a reporting clause belongs to its quote, "3 p.m. Tuesday" does not end a sentence.
"""

import re
from calendar import day_name
from itertools import pairwise

import sentencex

Span = tuple[int, int]

LONGEST_SENTENCE = 1200  # characters; longer ones (lists, pages without full stops) are cut

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_CLOCK = re.compile(r"\b[ap]\.\s?m\.\s*$", re.IGNORECASE)
_AFTER_CLOCK = re.compile(
    rf"(?:{'|'.join(day_name)})\b|(?:E[SD]?T|C[SD]?T|P[SD]?T|GMT|UTC|BST|CET)\b"
)


def sentences(text: str, language: str | None = None) -> list[Span]:
    """Spans that tile ``text`` in order, each with the white space behind it; [] for ''."""
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
    """The span without the white space at its ends, as it is quoted."""
    start, end = span
    content = text[start:end]
    return start + len(content) - len(content.lstrip()), end - len(content) + len(content.rstrip())


def _blocks(text: str) -> list[Span]:
    """Paragraphs, and single lines where lines are not merely wrapped."""
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
    """Return True for lines wrapped at a column: all but the last about equally long."""
    lines = block.strip().split("\n")
    longest = max(len(line) for line in lines)
    return 50 <= longest <= 100 and all(len(line) > longest * 0.7 for line in lines[:-1])


def _joined(before: str, after: str) -> bool:
    """Return True if sentencex split here by mistake."""
    following = after.lstrip()
    if not following or not before.strip():
        return True
    return following[0].islower() or bool(_CLOCK.search(before) and _AFTER_CLOCK.match(following))


def _ascending(text: str, starts: list[int]) -> list[int]:
    """The starts in order, without those that would make a sentence of white space."""
    kept: list[int] = []
    for start in sorted(set(starts)):
        if kept and not text[kept[-1] : start].strip():
            continue
        kept.append(start)
    if len(kept) > 1 and not text[kept[-1] :].strip():
        kept.pop()
    return kept


def _cut(text: str, start: int, end: int) -> list[Span]:
    pieces: list[Span] = []
    while end - start > LONGEST_SENTENCE:
        middle = text.rfind(" ", start + LONGEST_SENTENCE // 2, start + LONGEST_SENTENCE)
        at = middle + 1 if middle > 0 else start + LONGEST_SENTENCE
        pieces.append((start, at))
        start = at
    return [*pieces, (start, end)]


def _code(language: str | None) -> str:
    """ISO 639-1, as sentencex expects: "en-GB" is "en"."""
    return (language or "en").split("-")[0].split("_")[0].lower() or "en"
