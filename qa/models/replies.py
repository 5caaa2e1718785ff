"""Replies of language models as plain text: without thoughts and code fences, JSON read."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

_THOUGHT = re.compile(
    r"<(think|thinking|thought|reasoning|scratchpad)\b[^>]{0,100}>", re.IGNORECASE
)
_PARTIAL = re.compile(r"<[a-z/]{0,12}[^>]{0,100}\Z", re.IGNORECASE)
_FENCE = re.compile(r"\s*```[a-z]{0,12}[ \t]*\n?", re.IGNORECASE)
_LONGEST_FENCE = 20
_JSON = re.compile(r"\s*(?:\{\s*\"|\[\s*[\{\"])")
_SHORT_KEYS = ("short_answer", "short answer", "shortanswer", "short", "verdict")
_TEXT_KEYS = ("text", "statement", "sentence", "item", "claim", "answer", "response", "content")
_CITE_KEYS = ("citations", "citation", "cites", "sources", "source", "references", "numbers", "n")


def plain_text(chunks: Iterable[str]) -> Iterator[str]:
    """The same text as it is written, or all of it at its end where it is JSON."""
    spoken = _without_thoughts(chunks)
    begun = ""
    for chunk in spoken:
        begun += chunk
        if not _may_be_wrapped(begun.lstrip()):
            break
    begun = _FENCE.sub("", begun, count=1) if _FENCE.match(begun) else begun
    if not _JSON.match(begun):
        yield begun
        yield from spoken
        return
    whole = "".join(chain([begun], spoken)).strip().removesuffix("```")
    try:
        content = json.loads(whole)
    except (ValueError, RecursionError):
        return
    yield "\n".join(_lines(content))


def _may_be_wrapped(begun: str) -> bool:
    """Return True while a fence or JSON may still begin."""
    return len(begun) < _LONGEST_FENCE and (not begun or begun[0] in "`{[")


def _without_thoughts(chunks: Iterable[str]) -> Iterator[str]:
    """What is outside ``<think>`` and ``</think>``; nothing behind a thought without an end."""
    pending, closing = "", ""
    for chunk in chunks:
        pending += chunk
        while pending:
            if closing:
                end = pending.lower().find(closing)
                if end < 0:
                    pending = pending[-len(closing) :]
                    break
                pending, closing = pending[end + len(closing) :], ""
                continue
            match = _THOUGHT.search(pending)
            if match is None:
                partial = _PARTIAL.search(pending, max(0, len(pending) - 120))
                cut = partial.start() if partial else len(pending)
                if cut:
                    yield pending[:cut]
                pending = pending[cut:]
                break
            if match.start():
                yield pending[: match.start()]
            pending, closing = pending[match.end() :], f"</{match[1].lower()}>"
    if pending and not closing:
        yield pending


def _lines(content: object) -> Iterator[str]:
    """A line for each text in it, its numbers as markers behind it."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for part in content:
            yield from _lines(part)
    elif isinstance(content, Mapping):
        named = {str(key).lower(): value for key, value in content.items()}
        for key in _SHORT_KEYS:
            if isinstance(named.get(key), str):
                yield f"Short answer: {named[key]}"
        markers = "".join(f"[{n}]" for key in _CITE_KEYS for n in _numbers(named.get(key)))
        for key, value in named.items():
            if key in _TEXT_KEYS and isinstance(value, str):
                yield f"{value} {markers}"
            elif isinstance(value, list | Mapping) and key not in _CITE_KEYS:
                yield from _lines(value)


def _numbers(content: object) -> list[int]:
    if isinstance(content, bool):
        return []
    if isinstance(content, int):
        return [content]
    if isinstance(content, str):
        return [int(n) for n in re.findall(r"\d{1,3}", content)]
    if isinstance(content, list):
        return [n for part in content for n in _numbers(part)]
    return []
