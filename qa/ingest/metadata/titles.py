"""The headline of a page, out of the several that its templates state, without the site's name."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from qa.ingest.metadata.publisher import host_of, same_name

_SEPARATOR = re.compile(r"\s+[|–—•·»«:~-]+\s+|\s*[|»]\s*|_|--")
_CUT_OFF = re.compile(r"\s*(?:…|\.\.\.)$")
_FIRM = frozenset("|»")  # a separator that headlines themselves do not use


@dataclass(frozen=True, slots=True)
class Stated:
    """A title that a page states, and how much that place is trusted."""

    text: str
    weight: int


def choose_title(
    stated: Sequence[Stated], visible: Sequence[str], outlets: Sequence[str], url: str | None
) -> str | None:
    """Return the headline on which most of the page agrees; in a tie, the one that readers see.

    ``visible`` are the page's ``h1``: often the headline, sometimes a logo or a section, so one
    counts only if it shares most of its words with a stated title, or if there is no other.
    """
    site = [*outlets, *([host] if (host := host_of(url)) else [])]
    titles = [Stated(without_site(title.text, site), title.weight) for title in stated]
    shown = [text for text in visible if not any(same_name(text, name) for name in site)]
    alike = [text for text in shown if any(_alike(text, title.text) for title in titles)]
    if alike or not titles:
        titles = [*titles, *(Stated(text, 4) for text in (alike or shown)[:1])]
    titles = [title for title in titles if title.text]
    votes: Counter[str] = Counter()
    for title in titles:
        votes[_key(title.text)] += title.weight
    if not votes:
        return None
    ties = [title for title in titles if votes[_key(title.text)] == max(votes.values())]
    seen = [title for title in ties if any(_key(title.text) == _key(text) for text in alike)]
    return _whole((seen or ties)[0].text, titles)


def without_site(title: str, site: Sequence[str]) -> str:
    """Return the title without the site's name at either end, and the section before it."""
    text = " ".join(title.split())
    while True:
        shorter = _without_last(text, site)
        if shorter == text:
            break
        text = shorter
    first = _SEPARATOR.search(text)
    if first and any(same_name(text[: first.start()], name) for name in site):
        return text[first.end() :]
    return text


def _without_last(text: str, site: Sequence[str]) -> str:
    separators = list(_SEPARATOR.finditer(text))
    if not separators:
        return text
    last = separators[-1]
    head, tail = text[: last.start()], text[last.end() :]
    named = any(same_name(tail, name) for name in site)
    firm = bool(_FIRM & set(last.group()))
    short = len(tail.split()) <= 4 and len(head.split()) > len(tail.split())
    return head if named or (firm and short) else text


def _whole(text: str, titles: Sequence[Stated]) -> str:
    """Return the full title where ``text`` was cut off for length."""
    if not _CUT_OFF.search(text):
        return text
    start = _key(text)
    longer = [title.text for title in titles if not _CUT_OFF.search(title.text)]
    return next((title for title in longer if _key(title).startswith(start)), text)


def _alike(left: str, right: str) -> bool:
    words, others = (set(re.findall(r"\w+", text.casefold())) for text in (left, right))
    if not words or not others:
        return False
    if len(words) < 2 or len(others) < 2:  # a script without spaces, or a single word
        return _key(left) in _key(right) or _key(right) in _key(left)
    return len(words & others) >= 0.4 * min(len(words), len(others))


def _key(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
