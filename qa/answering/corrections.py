"""Corrections among the evidence: one that answers overrules the report that it corrects, any other
is cited beside it. Pure functions.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from qa import tuning
from qa.answering import evidence
from qa.answering.extraction.extract import extract
from qa.answering.sentence import Sentence
from qa.models.base import Statement
from qa.question import Question
from qa.types import Figure, Hit

# A correction's sentence that repeats what was wrong.
_FORMER = re.compile(
    r"\b(?:(?:earlier|previous|original|prior|first) (?:versions?|reports?|articles?|stor(?:y|ies))"
    r"|misstated|misreported|misidentified|misspelled|incorrectly|wrongly|erroneously|mistakenly"
    r"|in error)\b",
    re.IGNORECASE,
)
# … and what is right as well: "eleven, not fourteen as we wrongly reported"
_BOTH = re.compile(r"\b(?:not|rather than|instead of|but)\b", re.IGNORECASE)


def add_corrections(
    question: Question,
    hits: Sequence[Hit],
    sentences: Sequence[Sentence],
    readings: evidence.Readings | None = None,
) -> list[Sentence]:
    """The evidence, with the best sentence of each hit that corrects it and is not among it."""
    added = list(sentences)
    present = {item.article.id for item in sentences}
    for hit in hits:
        article = hit.passage.article
        if article.corrects in present and article.id not in present:
            present.add(article.id)
            best = evidence.select(question, [hit], 1, readings)
            added += [replace(item, n=len(added) + 1) for item in best]
    return added


def overrule(question: Question, sentences: Sequence[Sentence]) -> list[Sentence]:
    """The evidence without what a correction among it overrules, numbered again.

    That is every sentence of a corrected report where the correction alone answers the question;
    else those that give a figure which the correction takes back. So does the sentence of the
    correction that only repeats it.
    """
    articles = {item.article.id: item.article for item in sentences}
    if not any(_is_among(article.corrects, article.id, articles) for article in articles.values()):
        return list(sentences)
    overruled: set[str] = set()
    taken_back: dict[str, list[Figure]] = {}
    dropped: set[int] = set()
    for article in articles.values():
        corrected = article.corrects
        if corrected is None or not _is_among(corrected, article.id, articles):
            continue
        own = [item for item in sentences if item.article.id == article.id]
        former = [item for item in own if _only_repeats(item)]
        dropped.update(item.n for item in former)
        taken_back.setdefault(corrected, []).extend(
            figure for item in former for figure in _taken_back(item)
        )
        if _answers(question, [item for item in own if item not in former]):
            while corrected in articles and corrected not in overruled:
                overruled.add(corrected)
                corrected = articles[corrected].corrects or ""
    kept = [
        item
        for item in sentences
        if item.article.id not in overruled
        and item.n not in dropped
        and not _gives(item, taken_back.get(item.article.id, ()))
    ]
    return [replace(item, n=n) for n, item in enumerate(kept, start=1)]


def cited_beside(cited: Iterable[Sentence], among: Sequence[Sentence]) -> list[Sentence]:
    """Of each correction of the cited reports the best sentence in the evidence, where none is
    cited.
    """
    known = {item.article.id for item in cited}
    found: dict[str, Sentence] = {}
    for item in among:
        article = item.article
        if article.corrects in known and article.id not in known:
            found.setdefault(article.id, item)
    return list(found.values())


def _is_among(corrected: str | None, correction: str, articles: Iterable[str]) -> bool:
    return corrected is not None and corrected != correction and corrected in articles


def _only_repeats(item: Sentence) -> bool:
    return bool(_FORMER.search(item.text)) and not _BOTH.search(item.text)


def _taken_back(item: Sentence) -> Sequence[Figure]:
    """The figures of a sentence that repeats what was wrong. A date beside another figure is that
    of the earlier version.
    """
    undated = [figure for figure in item.figures if figure.kind != "date"]
    return undated or item.figures


def _answers(question: Question, sentences: Sequence[Sentence]) -> bool:
    """Return True if these alone hold an answer that is sure enough."""
    least = max(question.min_confidence or 0.0, tuning.CORRECTION_ANSWERS)
    return any(
        isinstance(said, Statement) and (said.confidence or 0.0) >= least
        for said in extract(question, sentences)
    )


def _gives(item: Sentence, taken_back: Iterable[Figure]) -> bool:
    wrong = {(figure.kind, figure.value, figure.unit) for figure in taken_back}
    return any((figure.kind, figure.value, figure.unit) in wrong for figure in item.figures)
