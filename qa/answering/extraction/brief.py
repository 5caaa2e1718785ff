"""A brief: what several reports say of a matter, in the order of time, each sentence cited."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from qa import tuning
from qa.answering.competing import event_names
from qa.answering.extraction.telling import rank, repeats, statement_of
from qa.answering.sentence import Sentence
from qa.language.forms import BRIEF_REQUEST
from qa.language.words import content_stems
from qa.models.base import Statement
from qa.question import Question
from qa.types import Article, instant

_BYLINE = re.compile(r"By (?:[A-Z][\w.’'-]+(?:,? (?:and )?|$)){1,6}")


def compose(question: Question, evidence: Sequence[Sentence]) -> list[Statement]:
    """The sentences that matter most, no fact twice, oldest report first; [] without evidence.

    Of two that say the same with other figures, the later report's. Only reports with most of the
    names asked about: without those they are about another matter.
    """
    names = event_names(question.text)
    evidence = [item for item in evidence if _named(names, item.article) >= tuning.BRIEF_NAMED]
    ranked = rank(question, evidence)
    if not ranked:
        return []
    least = tuning.BRIEF_LEAST * evidence[0].score
    chosen: list[Sentence] = []
    for item in evidence:
        if len(chosen) == tuning.MOST_BRIEF:
            break
        if item.score < least or _BYLINE.fullmatch(item.text.strip()):
            continue
        alike = next((other for other in chosen if repeats(item, other)), None)
        if alike is None:
            chosen.append(item)
        elif _moment(item) > _moment(alike) and item.figures != alike.figures:
            chosen[chosen.index(alike)] = item
    chosen.sort(key=_moment)
    sure = max(ranked[0].confidence, _on_the_matter(question, chosen))
    return [statement_of(question, item, sure) for item in chosen]


def _on_the_matter(question: Question, chosen: Sequence[Sentence]) -> float:
    """How sure it is that the reports are about what is asked: the share of its words that the best
    of them has, less what its names may hide.
    """
    asked = frozenset(question.stems) - BRIEF_REQUEST
    articles = {item.article.id: item.article for item in chosen}.values()
    best = 0.0
    for article in articles:
        share = len(asked & _said(article)) / len(asked) if asked else 0.0
        best = max(best, share * _named(question.names, article))
    return round(tuning.BRIEF_SUREST * best, 4)


def _named(names: AbstractSet[str], article: Article) -> float:
    """How many of the names the article has; 1 without any."""
    return len(names & _said(article)) / len(names) if names else 1.0


def _said(article: Article) -> frozenset[str]:
    return _stems(f"{article.title or ''} {article.text}")


@lru_cache(maxsize=64)  # a report has several sentences
def _stems(text: str) -> frozenset[str]:
    return frozenset(content_stems(text))


def _moment(item: Sentence) -> tuple[float, str, int]:
    """By publication, undated reports first, then by the place in the report."""
    published = item.published_at
    moment = instant(published) if published is not None else float("-inf")
    return moment, item.article.id, item.start
