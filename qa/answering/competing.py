"""What other reports give as the answer to the same question: values of other days, contradictions.
Pure functions.

The reader finds them: a value competes when it would itself be an answer there. A number about
something else in a similar sentence does not. Of a later report of the same event, words suffice:
"a final toll of 23" updates how many were killed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf

from qa import tuning
from qa.answering.scorer import Thresholds, scorer
from qa.answering.sentence import Sentence, Span
from qa.language.counted import counts, measure
from qa.language.dates import CALENDAR_WORDS, days_of
from qa.language.figures import same_figure
from qa.language.kinds import names_in
from qa.language.words import STOP_WORDS, content_stems, stem, tokens
from qa.question import Question
from qa.types import Figure, instant

_CALENDAR = frozenset(map(stem, CALENDAR_WORDS))
_LONG_AGO = re.compile(
    r"\b(?:(?:weeks?|months?|years?|decades?) (?:ago|earlier)|(?:last|previous) (?:month|year))\b",
    re.IGNORECASE,
)
_NO_UNIT = frozenset({"rather", "yet", "now"})  # may follow a number, and is not what it counts


@dataclass(frozen=True, slots=True)
class Competitor:
    """Another report's answer. ``figure``: where one is there; ``odds``: the reader's, against
    silence; ``updates``: whether it is a later report's count of the very thing that is asked.
    """

    span: Span
    figure: Figure | None
    odds: float
    updates: bool = False

    @property
    def sentence(self) -> Sentence:
        return self.span.sentence


@dataclass(frozen=True, slots=True)
class Comparison:
    """What competes with one span: figures of ``other_days``, and ``contradictions`` (of the same
    day, undated, or no figure). The surest first, at most six in all.
    """

    other_days: tuple[Competitor, ...] = ()
    contradictions: tuple[Competitor, ...] = ()


class Reports:
    """The evidence of one question, searched for what competes with a span of it."""

    def __init__(self, question: Question, evidence: Sequence[Sentence]) -> None:
        self._question = question
        self._stems = frozenset(question.stems)
        self._evidence = [item for item in evidence if item.reading is not None]

    def compare(self, chosen: Span) -> Comparison:
        """What competes with a span, parted by day."""
        return self.part(chosen, self.competing(chosen))

    @staticmethod
    def part(chosen: Span, competing: Sequence[Competitor]) -> Comparison:
        """What was found to compete with a span, parted by day; the surest six."""
        found = competing[: tuning.MOST_COMPETING]
        dated = [
            item for item in found if item.figure and on_other_day(chosen.sentence, item.sentence)
        ]
        return Comparison(tuple(dated), tuple(item for item in found if item not in dated))

    def competing(self, chosen: Span) -> list[Competitor]:
        """What other articles answer instead of the span, the surest first.

        A figure competes with figures of its kind and unit with another value; a text with one that
        shares no word with it. One for each article, its surest; of what another source says that
        day, one for the source. [] without a reader.
        """
        if chosen.sentence.reading is None:
            return []
        anchor = _Anchor(chosen, self._question, self._stems)
        found: dict[tuple[str | None, str | None], Competitor] = {}
        for item in self._evidence:
            if item.article.id == chosen.sentence.article.id:
                continue
            for competitor in anchor.competitors(item):
                reporter = anchor.reporter(competitor)
                if reporter not in found or competitor.odds > found[reporter].odds:
                    found[reporter] = competitor
        return sorted(
            found.values(), key=lambda item: (-item.odds, item.sentence.n, item.span.start)
        )


class _Anchor:
    """The span that others compete with, and what is asked of them."""

    def __init__(self, chosen: Span, question: Question, stems: frozenset[str]) -> None:
        self._sentence = chosen.sentence
        measured = measure(frozenset(question.stems) - question.names)
        self._thing = measured or question.asked
        # A count of the mere noun ("visitors") is of the same thing only where the reader agrees.
        self._least_update = -inf if measured else 0.0
        self._known_dates = [
            figure
            for figure in (*question.figures, *chosen.sentence.figures)
            if figure.kind == "date"
        ]
        self._asked_names = question.names & _names(chosen.sentence)
        self._figure = chosen.figure
        self._words = _words(chosen.text)
        self._stems = stems
        self._covered = len(stems & _passage_stems(chosen.sentence))
        self._counted = question.asked | _unit_words(chosen)
        reading = chosen.sentence.reading
        self._odds = reading.score(chosen.start, chosen.end) if reading is not None else None
        self._thresholds: Thresholds = scorer().competing

    def competitors(self, item: Sentence) -> Iterator[Competitor]:
        for span, figure in self._offered(item):
            competitor = self._admitted(span, figure)
            if competitor is not None:
                yield competitor

    def reporter(self, competitor: Competitor) -> tuple[str | None, str | None]:
        """Whose word it is: an article's, or of one day a source's."""
        article = competitor.sentence.article
        dated = competitor.figure and on_other_day(self._sentence, competitor.sentence)
        if self._elsewhere(competitor.sentence) and not dated:
            return None, article.source
        return article.id, None

    def _offered(self, item: Sentence) -> Iterator[tuple[Span, Figure | None]]:
        if self._figure is not None:
            yield from self._figures_like(self._figure, item)
        elif item.reading is not None:
            yield from self._texts(item)

    def _figures_like(self, mine: Figure, item: Sentence) -> Iterator[tuple[Span, Figure | None]]:
        for figure in item.figures:
            same_unit = figure.unit == mine.unit or None in (figure.unit, mine.unit)
            if figure.kind == mine.kind and same_unit and not same_figure(figure, mine):
                yield Span(item, item.start + figure.start, item.start + figure.end), figure

    def _texts(self, item: Sentence) -> Iterator[tuple[Span, Figure | None]]:
        """The best span that the reader marks, unless it says the same, or repeats the question."""
        assert item.reading is not None  # noqa: S101 - only sentences with a reading are searched
        for start, end, _ in item.reading.best(item.start, item.end, 1):
            span = Span(item, start, end)
            words = _words(span.text)
            if words and not words & self._words and not words <= self._stems:
                yield span, None

    def _admitted(self, span: Span, figure: Figure | None) -> Competitor | None:
        item = span.sentence
        dated = figure is not None and on_other_day(self._sentence, item)
        if dated:
            limits = self._thresholds.other_day
        elif self._elsewhere(item):
            limits = self._thresholds.other_source
        else:
            limits = self._thresholds.same_source
        odds = item.reading.score(span.start, span.end) if item.reading is not None else None
        if odds is None:
            return None
        if figure is not None and odds >= self._least_update and self._updated_by(span):
            return Competitor(span, figure, odds, updates=True)
        least = limits.least
        if self._odds is not None:
            least = max(least, self._odds - limits.behind)
        if odds < least:
            return None
        covered = len(self._stems & _passage_stems(item))
        if covered < limits.coverage * self._covered:
            return None
        if figure is not None and figure.kind == "number" and not self._counts_alike(span):
            return None
        return Competitor(span, figure, odds)

    def _updated_by(self, span: Span) -> bool:
        """Whether a later report of the same event counts what is asked, and says so."""
        item = span.sentence
        if not _later(item, self._sentence) or not self._is_same_event(item):
            return False
        if self._is_of_earlier_event(item):
            return False
        start, end = span.inner
        if not counts(item.text, start, end, self._thing):
            return False
        counted = _unit_words(span) - _NO_UNIT
        return not counted or bool(counted & (self._counted | self._thing))

    def _is_same_event(self, item: Sentence) -> bool:
        """Whether it has the question's names; of a question without names, two of the report's."""
        if self._asked_names:
            return self._asked_names <= _names(item)
        return len(_names(self._sentence) & _names(item)) >= tuning.SAME_EVENT_NAMES

    def _is_of_earlier_event(self, item: Sentence) -> bool:
        """Whether it gives a time well before the report that it would update: "A quake on July 29
        killed 16", of a report of August 6.
        """
        published = self._sentence.published_at
        if published is None or _LONG_AGO.search(item.text):
            return True
        reported = date.fromisoformat(published[:10]).toordinal()
        days = [
            days_of(figure.value)[1]
            for figure in item.figures
            if figure.kind == "date"
            and len(figure.value) == len("2018-07-29")
            and not any(same_figure(figure, known) for known in self._known_dates)
        ]
        return any(day.toordinal() < reported - tuning.REPORTED_WITHIN for day in days)

    def _counts_alike(self, span: Span) -> bool:
        counted = _unit_words(span)
        return not counted or not self._counted or bool(counted & self._counted)

    def _elsewhere(self, item: Sentence) -> bool:
        """Whether another source reports it; unknown sources count as the same."""
        mine, other = self._sentence.article.source, item.article.source
        return mine is not None and other is not None and mine != other


def newest(chosen: Span, competing: Sequence[Competitor]) -> Competitor | None:
    """Of figures published later than the chosen one, the last; of one moment one that counts the
    same in words, then the surest.
    """
    published = chosen.sentence.published_at
    if published is None:
        return None
    later = [
        (moment, item)
        for item in competing
        if item.figure is not None
        and (date := item.sentence.published_at) is not None
        and (moment := instant(date)) > instant(published)
    ]
    return (
        max(later, key=lambda pair: (pair[0], pair[1].updates, pair[1].odds, -pair[1].span.start))[
            1
        ]
        if later
        else None
    )


def on_other_day(one: Sentence, other: Sentence) -> bool:
    """Whether both are dated, and on different days."""
    first, second = one.published_at, other.published_at
    return first is not None and second is not None and first[:10] != second[:10]


def _later(one: Sentence, other: Sentence) -> bool:
    """Whether both are dated, and the first is of a later report."""
    first, second = one.published_at, other.published_at
    return first is not None and second is not None and instant(first) > instant(second)


def _names(item: Sentence) -> set[str]:
    """The names of its passage and title."""
    passage = item.hit.passage
    return event_names(f"{passage.article.title or ''}\n{passage.text}")


def event_names(text: str) -> set[str]:
    """The names by which two reports are of one event: no numbers, months or days of the week."""
    return {name for name in names_in(text) - _CALENDAR if not name[0].isdigit()}


def _passage_stems(item: Sentence) -> set[str]:
    """The content words of its passage and title."""
    passage = item.hit.passage
    return set(content_stems(passage.text)) | set(content_stems(passage.article.title or ""))


def _words(text: str) -> set[str]:
    return {token.stem for token in tokens(text)}


def _unit_words(span: Span) -> set[str]:
    """What a number counts: up to three words behind it, as far as no other clause or function word
    begins.
    """
    item = span.sentence
    text = item.text
    end = span.end - item.start
    behind: set[str] = set()
    at = end
    for token in tokens(text[end:])[:3]:
        gap = text[at : end + token.start]
        if gap.strip(" -\n") or token.stem in STOP_WORDS:
            break
        behind.add(token.stem)
        at = end + token.end
    return behind
