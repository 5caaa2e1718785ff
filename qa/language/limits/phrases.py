"""What every kind of limit is made of: a question that is searched, and the phrases found in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from qa.language.limits.known import KnownNames, Name

_MOST_WORDS = 8  # of a name

# What follows a limit that ends: else its last word is part of another name ("Reuters polls").
ENDS = re.compile(
    r"\s*(?:[,.;:?!)(]|[–—-]\s|$)|\s+(?:a|about|and|are|as|concerning|covering|describe|did|do|does"
    r"|had|has|have|how|in|is|mention|mentions|of|on|or|over|regarding|said|say|says|show|tell"
    r"|that|the|to|was|were|what|when|where|which|who|whom|whose|why|with|will|would)\b",
    re.IGNORECASE,
)
# Behind it a second name or clause follows that the limit would have to hold for as well.
_JOINED = re.compile(r",? (?:and|as well as|or)\b", re.IGNORECASE)
# A limit that belongs to one of several clauses: "…, as the BBC reported, and who was …".
_GOES_ON = re.compile(r"[,;]|\band\b", re.IGNORECASE)
_AND = re.compile(r"(?:,? and|,? or|,) (?=(?:the )?[A-Z])")
_WORD = re.compile(r"\s*(?P<word>[^\s,;:?!()\"“”]+)")


class Period(NamedTuple):
    """Days of publication, both included; None: without end."""

    first: date | None
    last: date | None


class Names(NamedTuple):
    """Known names at a place in a question, and where they end."""

    values: tuple[str, ...]
    end: int
    possessive: bool = False


Cut = tuple[int, int]


@dataclass(slots=True)
class Phrase:
    """A part of the question that states limits: ``text[start:end]`` becomes ``instead``."""

    start: int
    end: int
    instead: str = ""
    names: dict[Name, tuple[str, ...]] = field(default_factory=dict)
    periods: list[Period] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)  # in place of the whole

    @property
    def limits(self) -> bool:
        """Whether it states any limit."""
        return bool(self.names or self.periods)

    def add(self, name: Name, values: tuple[str, ...]) -> None:
        """Limit it to these names as well."""
        self.names[name] = tuple(dict.fromkeys([*self.names.get(name, ()), *values]))

    def overlaps(self, other: "Phrase") -> bool:
        """Return True if the two have a character in common."""
        return self.start < other.end and other.start < self.end


class Asked:
    """One question, the names that it may state, and the day (ISO 8601) that it is asked on."""

    def __init__(self, text: str, known: KnownNames, now: str | None) -> None:
        self.text = text
        self.now = now[:10] if now else None
        self._known = known
        # A question without capitals writes names without them too.
        self._lower = text == text.lower()

    def without(self, phrases: Sequence[Phrase]) -> "Asked":
        """The question with these phrases cut out."""
        rest = self.text
        for phrase in sorted(phrases, key=lambda phrase: -phrase.start):
            rest = f"{rest[: phrase.start]}{rest[phrase.end :]}"
        return Asked(rest, self._known, self.now)

    def names_at(self, name: Name, start: int) -> Names | None:
        """The known names at a place: one, or several joined by "and"; None if one is unknown."""
        if self.text[start : start + 5].lower() == "both ":
            start += 5
        found = self.name_at(name, start)
        while found is not None and (joint := _AND.match(self.text, found.end)):
            following = self.name_at(name, joint.end())
            if following is None:
                # "…, and the mayor?" goes on; "Reuters and Al Jazeera" is not all known
                return found if joint[0].startswith(",") else None
            values = tuple(dict.fromkeys([*found.values, *following.values]))
            found = Names(values, following.end, following.possessive)
        return found

    def name_at(self, name: Name, start: int) -> Names | None:
        """The longest known name at a place."""
        for end in reversed(self._word_ends(start)):
            words = self.text[start:end]
            bare = re.sub(r"['’]s?$", "", words.rstrip("."))
            for written in dict.fromkeys([words, words.rstrip("."), bare]):
                values = self._known.find(name, written)
                if values and self._is_name(written, name):
                    behind = start + len(written)
                    possessive = written == bare and words.rstrip(".") != bare
                    return Names(values, end if possessive else behind, possessive)
        return None

    def ends_at(self, end: int) -> bool:
        """Return True if a limit may end there."""
        return ENDS.match(self.text, end) is not None

    def is_apart(self, phrase: Phrase) -> bool:
        """Return True if a phrase ends, and limits all of the question, not one of its clauses."""
        is_joined = _JOINED.match(self.text, phrase.end)
        return not is_joined and self.ends_at(phrase.end) and self.is_whole(phrase)

    def is_whole(self, phrase: Phrase) -> bool:
        """Return True if a phrase limits all of the question, not one of its clauses."""
        behind = self.text[phrase.end :].lstrip(" ,").rstrip(" ?.!)")
        return not self.text[: phrase.start].strip(" ,(") or not _GOES_ON.search(behind)

    def _word_ends(self, start: int) -> list[int]:
        ends = []
        end = start
        for _ in range(_MOST_WORDS):
            word = _WORD.match(self.text, end)
            if word is None:
                break
            end = word.end()
            ends.append(end)
        return ends

    def _is_name(self, written: str, name: Name) -> bool:
        """A name has a capital, unless the question has none; sections and domains need none."""
        own = re.sub(r"^the ", "", written, flags=re.IGNORECASE)
        has_sign = any(letter.isupper() for letter in own) or "." in own.strip(".")
        return name == "sections" or self._lower or has_sign
