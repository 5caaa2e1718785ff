"""Questions that an archive cannot answer, made from ones that it can."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from eval.drafting.elsewhere import may_answer, occur_together
from qa.answering.suggestions import Candidate
from qa.archive.snapshot import Snapshot
from qa.language.nouns import places
from qa.types import Filters

_NAME = re.compile(r"(?<=[a-z,’'] )[A-Z][\w’-]+(?: [A-Z][\w’-]+)*")
_SPEAKER = re.compile(r"What did (.+?) say about ")
_TRIED = 8  # other names for one question
_LEAST_LEFT = 5  # articles; with fewer left, nothing about a question is no achievement

NameKind = Literal["country", "city", "state", "person"]


@dataclass(frozen=True, slots=True)
class Twisted:
    """A question without an answer under ``as_of``, and why."""

    candidate: Candidate
    as_of: str | None
    why: str


def removed(snapshot: Snapshot, candidate: Candidate) -> Twisted | None:
    """The same question as of the day before its report, if no earlier report may answer it."""
    published = candidate.stored.article.published_at
    day = day_before(published)
    if published is None or day is None:
        return None
    filters = Filters(as_of=day)
    if snapshot.coverage(filters).articles < _LEAST_LEFT:
        return None
    if may_answer(snapshot, candidate, filters):
        return None
    why = f"asked as of {day}: the report that answers is of {published[:10]}"
    return Twisted(candidate, day, why)


def renamed(
    snapshot: Snapshot, candidate: Candidate, others: Sequence[Candidate], filters: Filters
) -> Twisted | None:
    """The question about another place or person, of whom the archive does not report the like."""
    text = candidate.stored.article.text
    for name, kind in names_in(candidate.question):
        tried = 0
        for other in names_of(others, kind):
            if other in text or tried == _TRIED or not _fits(other, name, candidate.question):
                continue
            tried += 1
            question = candidate.question.replace(name, other)
            if not occur_together(snapshot, other, question, filters):
                twisted = replace(candidate, question=question)
                return Twisted(twisted, filters.as_of, f"the report says it of {name}")
    return None


def _fits(other: str, name: str, question: str) -> bool:
    """Return False for a name that would turn "a Berlin hospital" into "a Oslo hospital"."""
    vowels = [one[0] in "AEIOU" for one in (other, name)]
    return vowels[0] == vowels[1] or re.search(rf"\ban? {re.escape(name)}", question) is None


def names_in(question: str) -> list[tuple[str, NameKind]]:
    """The names of a question that another of their kind can take the place of."""
    speaker = _SPEAKER.match(question)
    if speaker is not None:
        return [(speaker[1], "person")]
    found: list[tuple[str, NameKind]] = []
    for match in _NAME.finditer(question):
        name = match.group()
        kind = _place_kind(name)
        if kind is not None and question.count(name) == 1:
            found.append((name, kind))
    return found


def names_of(candidates: Iterable[Candidate], kind: NameKind) -> list[str]:
    """Names of a kind that occur in questions, each once."""
    named = (pair for one in candidates for pair in names_in(one.question))
    return list(dict.fromkeys(name for name, found in named if found == kind))


def day_before(published_at: str | None) -> str | None:
    """The day before, ISO 8601; None for what is not a whole day."""
    try:
        day = date.fromisoformat((published_at or "")[:10])
        return (day - timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return None


def _place_kind(name: str) -> NameKind | None:
    named = places(name)
    if any("country" in one for one in named):
        return "country"
    if any("city" in one or "capital" in one for one in named):
        return "city"
    return "state" if any("state" in one for one in named) else None
