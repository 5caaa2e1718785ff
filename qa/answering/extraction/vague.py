"""Questions that fit several events of the archive, such as "How many died in the flood?"."""

import re
from collections.abc import Sequence

from qa import tuning
from qa.answering.choice import candidates
from qa.answering.competing import Reports, event_names, newest
from qa.answering.sentence import Sentence
from qa.answering.verification.text import key, source_words, synonyms
from qa.language.periods import asked_period, asks_for_present
from qa.models.base import Statement
from qa.question import Question
from qa.types import Article, Filters, instant

_EVENT = re.compile(
    r"\b(?:the|this|that)\s+(?P<event>accident|attack|avalanche|blackout|blast|blaze|bombing|collapse"
    r"|crash|cyclone|derailment|disaster|drought|earthquake|election|eruption|explosion|fire|flood"
    r"|flooding|floods|heatwave|hurricane|kidnapping|landslide|outbreak|quake|raid|recall|robbery"
    r"|shipwreck|shooting|sinking|stampede|storm|strike|theft|tornado|trial|tsunami|typhoon"
    r"|verdict|wildfire)\b",
    re.IGNORECASE,
)

_OFFICE = re.compile(  # speaks of no fire
    r"\bfire (?:brigade|chief|crew|department|marshal|officer|service|station)s?\b", re.IGNORECASE
)


def meant(question: Question, evidence: Sequence[Sentence]) -> list[Statement]:
    """What each event that the question may mean has as an answer, the newest event first; [] for a
    question that names one, or where only one fits.
    """
    named = _EVENT.search(question.text)
    narrowed = question.filters != Filters(include_undated=question.filters.include_undated)
    if named is None or question.names or narrowed or _is_dated(question):
        return []
    event = synonyms(key(named["event"].lower()))
    reports = Reports(question, evidence)
    found: list[tuple[Sentence, float]] = []
    for one in candidates(question, evidence):
        item = one.span.sentence
        if found and one.confidence < tuning.VAGUE_AS_SURE * found[0][1]:
            break
        if _reports(item.article, event) and not any(
            _same_event(item.article, other.article) for other, _ in found
        ):
            later = newest(one.span, reports.competing(one.span))
            updated = later.sentence if later is not None and later.updates else item
            found.append((updated, one.confidence))
    if len(found) < tuning.VAGUE_FEWEST:
        return []
    sure = found[0][1]
    found.sort(key=lambda pair: -_moment(pair[0]))
    return [
        Statement(" ".join(item.text.split()), (item.n,), confidence=sure, code="too_uncertain")
        for item, _ in found[: tuning.VAGUE_MOST]
    ]


def _is_dated(question: Question) -> bool:
    """Whether a time says which event is meant."""
    dated = any(figure.kind == "date" for figure in question.figures)
    return dated or asks_for_present(question.text) or asked_period(question.text, None) is not None


def _reports(article: Article, event: frozenset[str]) -> bool:
    """Whether the article is about such an event: its title or its beginning says so."""
    text = _OFFICE.sub(" ", f"{article.title or ''}. {article.text[: tuning.VAGUE_LEAD]}")
    return any(word.key in event for word in source_words(text))


def _same_event(one: Article, other: Article) -> bool:
    """Whether two reports are of one event, judged by their names."""
    shared = _names(one) & _names(other)
    return one.id == other.id or len(shared) >= tuning.SAME_EVENT_NAMES


def _names(article: Article) -> set[str]:
    return event_names(f"{article.title or ''}\n{article.text[: tuning.VAGUE_NAMES]}")


def _moment(item: Sentence) -> float:
    return instant(item.published_at) if item.published_at is not None else float("-inf")
