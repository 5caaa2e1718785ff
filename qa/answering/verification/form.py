"""What no report contains: addresses, markup, parts of the prompt, disguised digits."""

import re
import unicodedata
from collections.abc import Iterator

from qa.answering.verification.claim import Claim
from qa.answering.verification.source import Source

_ADDRESS = re.compile(
    r"\S*(?:://|www\.|@)\S*|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}\b(?:/\S*)?", re.IGNORECASE
)
_MARKUP = re.compile(r"<[^>]{0,200}>|!?\[[^\]]*\]\([^)]*\)|[<>\[\]{}|\\^~`*#=_]|&[a-z#0-9]+;|\x00")
_LEAK = re.compile(
    r"short answer|not found|numbered sentences|square brackets|the (?:prompt|instructions|rules)\b"
    r"|language model|as an ai\b|the sentences? (?:do|does|say|above|below|given)|sentence \d",
    re.IGNORECASE,
)


def form_faults(claim: Claim, source: Source) -> Iterator[str]:
    """What of its characters cannot come from the source."""
    for pattern, name in ((_ADDRESS, "an address"), (_MARKUP, "markup"), (_LEAK, "instructions")):
        for match in pattern.finditer(claim.text):
            if not source.is_verbatim(match.group()) and not _is_abbreviation(match.group()):
                yield f"it contains {name}: {match.group()[:60]}"
    held = set(source.sentence.text)
    for word in claim.text.split():
        if any(_is_odd(char) for char in word if char not in held):
            yield f"it contains unusual characters: {word[:40]}"


def _is_abbreviation(text: str) -> bool:
    """Return True for "U.S." and "p.m.", which look like the name of a computer."""
    return all(len(part) <= 1 for part in text.strip(".,").split("."))


def _is_odd(char: str) -> bool:
    """No letter of the Latin alphabet, ASCII digit, common punctuation or currency."""
    if char.isascii():
        return not char.isprintable()
    if char in "“”‘’–—…\u00a0\u202f\u2009€£¥₹₽₴₩₺₪₦°·•«»":
        return False
    is_latin = unicodedata.name(char, "").startswith("LATIN ")
    return not (is_latin and char.isalpha() and unicodedata.normalize("NFKC", char) == char)
