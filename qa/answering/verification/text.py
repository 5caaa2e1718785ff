"""Words of a statement and of a source, comparable across spellings and inflections."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from qa.answering.verification.vocabulary import BOUND, CONTRARY, EMPTY, SYNONYMS
from qa.language.lexicon import base, implied, opposite

_TOKEN = re.compile(r"(?:[^\W\d_]\.){2,}|[^\W_]+(?:[.,]\d+)*(?:['’][^\W_]+)?")
_STOP = re.compile(r"[.!?][\"”’)]*\s")
_CLAUSE = re.compile(r"[,;:—–()\"“”.!?]|\s-\s")


@dataclass(frozen=True, slots=True)
class Word:
    """A word at ``text[start:end]``. ``lower``: without possessive; ``key``: its base's stem."""

    text: str
    lower: str
    key: str
    start: int
    end: int
    clause: int  # punctuation marks before it
    opens: bool  # the first of a sentence: its capital says nothing

    @property
    def is_capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def is_name(self) -> bool:
        """A capital inside a sentence, or inside the word."""
        inner = any(letter.isupper() for letter in self.text[1:])
        return inner or (self.is_capital and not self.opens)

    @property
    def is_empty(self) -> bool:
        return self.lower in EMPTY

    @property
    def is_content(self) -> bool:
        """It says something of its own: no function word and no number."""
        return not (self.is_empty or self.lower in BOUND or self.text[0].isdigit())


def words(text: str) -> list[Word]:
    """The words of a text, in order."""
    return list(_words(text))


@lru_cache(maxsize=512)
def source_words(text: str) -> tuple[Word, ...]:
    """As `words`, remembered: the same evidence is compared with every statement."""
    return tuple(_words(text))


def content_keys(text: str) -> frozenset[str]:
    """The keys of the words of a text that say something of their own."""
    return frozenset(word.key for word in source_words(text) if word.is_content)


def _words(text: str) -> Iterator[Word]:
    clause, last = 0, 0
    opens = True
    for match in _TOKEN.finditer(text):
        between = text[last : match.start()]
        clause += len(_CLAUSE.findall(between))
        opens = opens or bool(_STOP.search(between))
        written = match.group()
        lower = written.lower().replace("’", "'").removesuffix("'s").rstrip("'")
        if "." in lower and not lower[0].isdigit():
            lower = lower.replace(".", "")
        yield Word(written, lower, key(lower), match.start(), match.end(), clause, opens)
        last = match.end()
        opens = False


@lru_cache(maxsize=50_000)
def key(lower: str) -> str:
    """What words of one meaning share: the stem of the base form, in American spelling."""
    return fold(base(lower))


def fold(stem: str) -> str:
    for british, american in (("our", "or"), ("is", "iz"), ("ys", "yz"), ("mm", "m"), ("ll", "l")):
        if len(stem) > 4 and british in stem[2:]:
            stem = stem[:2] + stem[2:].replace(british, american)
    return stem


@lru_cache(maxsize=20_000)
def meanings(word_key: str) -> frozenset[str]:
    """The keys that a source with this word supports: itself, the same in other words, and what is
    more general.
    """
    return frozenset({word_key, *map(fold, implied(word_key)), *_SYNONYMS.get(word_key, ())})


def synonyms(word_key: str) -> frozenset[str]:
    """The key, and those that a report may use instead of it."""
    return frozenset({word_key, *_SYNONYMS.get(word_key, ())})


@lru_cache(maxsize=20_000)
def opposites(word_key: str) -> frozenset[str]:
    """The keys of what means the contrary."""
    return frozenset({*map(fold, opposite(word_key)), *_CONTRARY.get(word_key, ())})


def related(one: str, other: str) -> bool:
    """Return True for keys of words that share a meaning or a more general one, and are no
    contraries.
    """
    if other in opposites(one) or one in opposites(other):
        return False
    return bool(meanings(one) & meanings(other))


def _grouped() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for group in SYNONYMS:
        keys = {key(word) for word in group}
        for word in keys:
            found.setdefault(word, set()).update(keys)
    return found


_SYNONYMS = _grouped()


def _contraries() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for sides in CONTRARY:
        one, other = ({key(word) for word in side} for side in sides)
        for word in one - other:
            found.setdefault(word, set()).update(other - one)
        for word in other - one:
            found.setdefault(word, set()).update(one - other)
    return found


_CONTRARY = _contraries()
