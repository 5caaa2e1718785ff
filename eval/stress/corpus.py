"""The reports of an archive, and which of them hold the answer to a case."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from eval.cases import EvalCase
from eval.metrics import occurs
from eval.metrics.figures import whole_figure
from eval.metrics.quantities import Quantity, read, same
from eval.metrics.words import is_about
from qa.archive.snapshot import Snapshot
from qa.language.sentences import sentences, trimmed
from qa.language.words import content_stems
from qa.types import Article, Filters

_PAGE = 500


class Place(NamedTuple):
    """Where a report gives the answer: its sentence, and the answer's own words in it."""

    article: Article
    sentence: tuple[int, int]
    answer: tuple[int, int]


@dataclass(frozen=True)
class Report:
    """An article cut into sentences."""

    article: Article

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """The spans of its sentences."""
        text = self.article.text
        return [trimmed(text, span) for span in sentences(text, self.article.language)]

    @cached_property
    def stems(self) -> list[frozenset[str]]:
        """The content words of each sentence."""
        return [
            frozenset(content_stems(self.article.text[start:end])) for start, end in self.sentences
        ]


class Corpus:
    """Every current report of an archive that readers may see."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self.reports = {article.id: Report(article) for article in articles}
        self._holders: dict[str, list[Article]] = {}

    @classmethod
    def read(cls, snapshot: Snapshot) -> "Corpus":
        """Read all articles into memory."""
        found: list[Article] = []
        after = 0
        while page := snapshot.articles(Filters(include_undated=True), _PAGE, after):
            found += [stored.article for stored in page]
            after = page[-1].key
        return cls(found)

    def holders(self, case: EvalCase) -> list[Article]:
        """The reports that answer: the relevant ones, and each with a right answer in a sentence
        that shares a third of the question's content words.
        """
        if case.id not in self._holders:
            self._holders[case.id] = self._find_holders(case)
        return self._holders[case.id]

    def _find_holders(self, case: EvalCase) -> list[Article]:
        named = {*case.relevant, *(span.article_id for span in case.gold)}
        asked = frozenset(content_stems(case.question))
        spellings = [*case.answers, *(name for names in case.items for name in names)]
        figures = _figures(spellings)
        return [
            report.article
            for name, report in self.reports.items()
            if name in named or _answers(report, asked, spellings, figures)
        ]

    def place(self, case: EvalCase) -> Place | None:
        """Where a relevant report gives an answer in its own words; the sentence nearest to the
        question. None where none does literally.
        """
        asked = frozenset(content_stems(case.question))
        found: list[tuple[int, Place]] = []
        for name in case.relevant:
            report = self.reports.get(name)
            if report is not None:
                found += _places(report, asked, case.answers)
        return max(found, key=lambda item: item[0])[1] if found else None

    @cached_property
    def newest(self) -> date | None:
        """The day of the newest dated report."""
        days = [day for report in self.reports.values() if (day := day_of(report.article))]
        return max(days, default=None)


def day_of(article: Article) -> date | None:
    """The day that an article was published. None if it is undated, or dated less precisely."""
    return day_in(article.published_at)


def day_in(moment: str | None) -> date | None:
    """The day of an ISO 8601 text. None for what is not a whole day."""
    try:
        return date.fromisoformat((moment or "")[:10])
    except ValueError:
        return None


def _answers(
    report: Report,
    asked: frozenset[str],
    spellings: Sequence[str],
    figures: Sequence[Quantity],
) -> bool:
    for (start, end), stems in zip(report.sentences, report.stems, strict=True):
        if not is_about(stems, asked):
            continue
        sentence = report.article.text[start:end]
        if occurs(spellings, sentence):
            return True
        if figures and any(same(one, other) for one in read(sentence) for other in figures):
            return True
    return False


def _figures(spellings: Sequence[str]) -> list[Quantity]:
    """The figures of those spellings that are little more than a figure."""
    figures = map(whole_figure, spellings)
    return [figure for figure in figures if figure is not None]


def _places(
    report: Report, asked: frozenset[str], answers: Sequence[str]
) -> Iterator[tuple[int, Place]]:
    text = report.article.text
    for (start, end), stems in zip(report.sentences, report.stems, strict=True):
        for answer in answers:
            pattern = re.compile(rf"(?<!\w){re.escape(answer)}(?!\w)", re.IGNORECASE)
            match = pattern.search(text, start, end)
            if match is not None:
                yield len(stems & asked), Place(report.article, (start, end), match.span())
                break
