"""Whether two reports are copies of one story: wire copy, edited, shortened, reframed. Pure.

Copies share runs of words, but so do reports written to one pattern, and follow-ups that repeat
their background. Those differ where a report says what is new: in its title and lead.
"""

import re
import zlib
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import pairwise
from typing import Self

from qa import tuning
from qa.language.dates import CALENDAR_WORDS
from qa.language.figures.lexicon import TENS, UNITS
from qa.language.words import STOP_WORDS
from qa.types import Article, instant

COPIES_VERSION = 2  # part of the manifest: raise it when other reports would come out as copies

_RUN = 3  # words
_SAMPLE = 48  # runs that are stored of each text, to find candidates by
_ROOT = 5  # letters that stand for a word: stemming 1,000 words takes 30 ms
_DAY = 86_400  # seconds
_AROUND = 3  # equal words on either side of a name that was replaced
_NAME = 3  # words that a name has at most
_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_BEGINNING = re.compile(r"[.!?:\n“\"]\W*$")
_NUMBER = re.compile(r"\d[\d.,]*")
_CORRECTION = re.compile(r"^\W*correct(?:ion|ed|s)\b", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Fingerprint:
    """What of a report is compared."""

    article: Article

    @classmethod
    def of(cls, text: str, title: str | None = None) -> Self:
        return cls(Article(id="", title=title, text=text))

    @cached_property
    def runs(self) -> frozenset[int]:
        """Hashes of every run of three words of the text, the same on every machine."""
        shifted = (self.words[offset:] for offset in range(_RUN))
        return frozenset(zlib.crc32(" ".join(run).encode()) for run in zip(*shifted, strict=False))

    @property
    def sample(self) -> list[int]:
        """The runs with the lowest hashes: texts that share many runs share some of these."""
        return sorted(self.runs)[:_SAMPLE]

    @cached_property
    def words(self) -> list[str]:
        """Of the text, in lower case."""
        return _words(self.article.text)

    @cached_property
    def capitalised(self) -> list[bool]:
        """Of each word, whether it has a capital that no beginning of a sentence explains."""
        text = self.article.text
        found = []
        for match in _WORD.finditer(text):
            begins = _BEGINNING.search(text, max(0, match.start() - 3), match.start()) is not None
            found.append(match.group()[0].isupper() and match.start() > 0 and not begins)
        return found

    @cached_property
    def title_words(self) -> list[str]:
        return _words(self.article.title or "")

    @property
    def title_roots(self) -> frozenset[str]:
        return _roots(self.title_words)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """In title and text."""
        return _numbers([*self.title_words, *self.words])

    @cached_property
    def lead_numbers(self) -> frozenset[str]:
        """In title and lead."""
        return _numbers([*self.title_words, *self.words[: tuning.LEAD_WORDS]])

    @cached_property
    def lead_roots(self) -> frozenset[str]:
        return _roots(self.words[: tuning.LEAD_WORDS])

    @cached_property
    def opening_roots(self) -> frozenset[str]:
        """Of title and the first words: a lead may come behind a byline or a frame."""
        return _roots([*self.title_words, *self.words[: 2 * tuning.LEAD_WORDS]])

    @cached_property
    def says_it_corrects(self) -> bool:
        """Whether it says of itself that it corrects a report."""
        return _CORRECTION.search(f"{self.article.title}\n{self.article.text}") is not None


def are_copies(one: Fingerprint, other: Fingerprint) -> bool:
    """Return True if one is a copy of the other, or both of a third. Symmetric.

    A source repeats itself in follow-ups, so that two reports of one source must be all but equal,
    and of one day.
    """
    same_source = one.article.source is not None and one.article.source == other.article.source
    least = tuning.SHARED_BY_SOURCE if same_source else tuning.SHARED_RUNS
    most_days = 1 if same_source else tuning.COPY_DAYS
    return (
        _days_apart(one.article, other.article) <= most_days
        and shared_runs(one, other) >= least
        and shared_lead(one, other) >= tuning.SHARED_LEAD
        and numbers_agree(one, other)
        and shared_title(one, other) >= tuning.SHARED_TITLE
        and not _corrects(one, other)
        and names_agree(one, other)
    )


def shared_runs(one: Fingerprint, other: Fingerprint) -> float:
    """The share of the shorter one's runs of words that the other has as well; 0 where they are too
    few to tell a copy from a pattern.
    """
    shared = len(one.runs & other.runs)
    if shared < tuning.LEAST_SHARED_RUNS:
        return 0.0
    return shared / min(len(one.runs), len(other.runs))


def shared_lead(one: Fingerprint, other: Fingerprint) -> float:
    """The share of a lead's words that the other opens with; the lesser of both."""
    return min(
        _share(one.lead_roots, other.opening_roots), _share(other.lead_roots, one.opening_roots)
    )


def shared_title(one: Fingerprint, other: Fingerprint) -> float:
    """The share of a title's words that the other has; the greater of both.

    Low for pages of one site of which only the frame was read.
    """
    return max(
        _share(one.title_roots, other.title_roots | _roots(other.words)),
        _share(other.title_roots, one.title_roots | _roots(one.words)),
    )


def numbers_agree(one: Fingerprint, other: Fingerprint) -> bool:
    """Return True if all numbers in title and lead of one of them are in the other, and at least
    half of the other's.
    """
    shares = (
        _share(one.lead_numbers, other.numbers),
        _share(other.lead_numbers, one.numbers),
    )
    return max(shares) == 1 and min(shares) >= tuning.SHARED_NUMBERS


def names_agree(one: Fingerprint, other: Fingerprint) -> bool:
    """Return False if a name stands in the place of another, between words that are the same: one
    report is a pattern for the other, or contradicts it. Neither name is anywhere in the other.
    """
    if one.words == other.words:
        return True  # comparing takes the square of their length
    one, other = sorted((one, other), key=lambda report: report.words)  # blocks depend on the order
    equal = SequenceMatcher(None, one.words, other.words, autojunk=False).get_matching_blocks()
    for before, after in pairwise(equal):
        here = slice(before.a + before.size, after.a)
        there = slice(before.b + before.size, after.b)
        lengths = (here.stop - here.start, there.stop - there.start)
        if min(before.size, after.size) < _AROUND or not all(1 <= n <= _NAME for n in lengths):
            continue
        mine, theirs = one.words[here], other.words[there]
        if (
            all(one.capitalised[here])
            and all(other.capitalised[there])
            and not CALENDAR_WORDS & {*mine, *theirs}
            and not set(mine) & set(other.words)
            and not set(theirs) & set(one.words)
        ):
            return False
    return True


def _corrects(one: Fingerprint, other: Fingerprint) -> bool:
    by_id = one.article.corrects == other.article.id or other.article.corrects == one.article.id
    return by_id or one.says_it_corrects != other.says_it_corrects


def _days_apart(one: Article, other: Article) -> float:
    """0 where a date is missing."""
    if one.published_at is None or other.published_at is None:
        return 0
    return abs(instant(one.published_at) - instant(other.published_at)) / _DAY


def _share(part: AbstractSet[str], whole: AbstractSet[str]) -> float:
    return len(part & whole) / len(part) if part else 1.0


def _words(text: str) -> list[str]:
    return [match.group().lower() for match in _WORD.finditer(text)]


def _roots(words: Iterable[str]) -> frozenset[str]:
    """The beginnings of the content words."""
    return frozenset(word[:_ROOT] for word in words if word not in STOP_WORDS)


def _numbers(words: Sequence[str]) -> frozenset[str]:
    """The numbers among the words, in digits. "Thirty-six" is 36; "one" may be a pronoun."""
    found = set()
    tens = 0
    for word in words:
        digits = _NUMBER.match(word)
        units = UNITS.get(word, 0)
        if digits is not None:
            found.add(digits.group().replace(",", ""))
        elif tens and 0 < units < 10:
            found.discard(str(tens))
            found.add(str(tens + units))
        elif word in TENS or units > 1:
            found.add(str(TENS.get(word, units)))
        tens = TENS.get(word, 0)
    return frozenset(found)
