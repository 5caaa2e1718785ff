"""Words by which reports count the same thing, and that mark an older or a partial count. Pure
functions.
"""

import re
from collections.abc import Set as AbstractSet

from qa.language.words import Token, stem, tokens

_SAME_THING = """
    body corpse dead death die fatality kill life lives perish toll victim
    casualty hurt injure injury treat wound
    missing unaccounted vanish
    case ill infect infection sick sicken
    displace evacuate evacuee flee fled homeless shelter
    bill budget cost expense price
    aid donate give gave pledge promise raise
    magnitude strength strong
    arrest detain detainee held hold
"""
_GROUPS = [frozenset(map(stem, line.split())) for line in _SAME_THING.strip().splitlines()]
_COUNTED = frozenset[str]().union(*_GROUPS)
# Before a figure that was thought true earlier, or is added to another.
_EARLIER = re.compile(
    r"\b(?:(?:compared (?:with|to)|earlier|first|from|instead of|initial(?:ly)?|not|once"
    r"|original(?:ly)?|previous(?:ly)?|rather than)\s+(?:\w+\s+){0,2}"
    r"|(?:a further|additional|another|extra|had (?:\w+ ){0,4}(?:been|spoken of|stood at))\s+)$",
    re.IGNORECASE,
)
# Behind a figure that is a part of another.
_PART = re.compile(
    r"\s*(?:of (?:the|them|those|these|whom)|(?:\w+ )?(?:more|others?))\b", re.IGNORECASE
)
_CLAUSE_END = re.compile(r"[;:—–]\s|,\s(?:while|but|whereas|although)\b")


def measure(stems: AbstractSet[str]) -> frozenset[str]:
    """The stems by which reports count what these ask: of "killed" also "toll" and "death". Empty
    where they name nothing that is counted so.
    """
    return frozenset[str]().union(*(group for group in _GROUPS if stems & group))


def counts(text: str, start: int, end: int, thing: AbstractSet[str]) -> bool:
    """Return True if the figure ``text[start:end]`` is the whole count of a thing: of the words for
    what reports count, the nearest one in its clause is one for the thing, and nothing marks an
    older count or a part of one.
    """
    if _EARLIER.search(text, max(0, start - 40), start) or _PART.match(text, end):
        return False
    before = [match.end() for match in _CLAUSE_END.finditer(text, 0, start)]
    behind = _CLAUSE_END.search(text, end)
    low, high = before[-1] if before else 0, behind.start() if behind else len(text)
    distances = [
        (_gap(text[low:high], token, (start - low, end - low)), token.stem not in thing)
        for token in tokens(text[low:high])
        if token.stem in thing or token.stem in _COUNTED
    ]
    return bool(distances) and not min(distances)[1]


def _gap(text: str, token: Token, place: tuple[int, int]) -> int:
    """The words between a token and a place."""
    start, end = place
    between = text[token.end : start] if token.end <= start else text[end : token.start]
    return len(between.split())
