"""Items that a text gives one to a line, with or without bullets. Pure functions."""

import re
from collections.abc import Sequence

from qa.language.sentences import Span, trimmed

_BULLET = re.compile(r"\s*(?:[-–•*·▪◦]\s+|\(?\d{1,2}[.)]\s+|\d{1,2}[.)]$)")
_LONGEST = 15  # words of a line without a bullet
_ENDED = re.compile(r"[.!?]['\"’”]?$")


def joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """The sentences of a text, where one that introduces lines of a list has them in it."""
    found: list[Span] = []
    index = 0
    while index < len(spans):
        start, end = spans[index]
        index += 1
        if text[start:end].rstrip().endswith(":") and "\n" in text[start:end][-3:]:
            is_bulleted = bool(index < len(spans) and _BULLET.match(text[slice(*spans[index])]))
            while index < len(spans) and _is_item(text, spans[index], is_bulleted=is_bulleted):
                end = spans[index][1]
                index += 1
        found.append((start, end))
    return found


def lines(text: str) -> list[Span]:
    """The items of a sentence that `joined` made, without bullets and marks behind; [] for any
    other.
    """
    opening = re.search(r":\s*\n", text)
    if opening is None:
        return []
    items: list[Span] = []
    for line in re.finditer(r"[^\n]+", text[opening.end() :]):
        start, end = opening.end() + line.start(), opening.end() + line.end()
        bullet = _BULLET.match(text[start:end])
        start, end = trimmed(text, (start + (bullet.end() if bullet else 0), end))
        end -= len(text[start:end]) - len(text[start:end].rstrip(".;,"))
        if start < end:
            items.append((start, end))
    return items if len(items) > 1 else []


def _is_item(text: str, span: Span, *, is_bulleted: bool) -> bool:
    line = text[slice(*span)]
    if "\n" in line.strip():
        return False
    if is_bulleted:
        return bool(_BULLET.match(line)) or text[: span[0]].rstrip(" ").endswith((".", ")"))
    behind_gap = text[: span[0]].endswith("\n\n") and not text[: span[0]].rstrip().endswith(":")
    return not behind_gap and len(line.split()) <= _LONGEST and not _ENDED.search(line.strip())
