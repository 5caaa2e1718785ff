"""What other articles give as the answer to the same question: other days' values, contradictions. Pure functions.

They are found by the reader: a value is a rival when it would itself be an answer there. A number about something
else in a similar sentence is none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.answering.reader import Reading
from qa.language.figures import find_figures, same_figure
from qa.language.words import STOP_WORDS, content_stems, stem, tokens
from qa.questions import asked_words
from qa.types import Figure, Sentence, instant

# Log-odds, against silence, that a rival answers the question, and how far they may lie behind the chosen answer's.
# A figure of another day may well differ. To call it a contradiction the reader must be sure, and the rival's passage
# must speak of what the chosen one's speaks of; less so where another source says it: docs/measurements.md
LEAST_WHEN_DATED, DATED_BEHIND = 2.0, 6.0
LEAST, BEHIND, AS_MUCH = (
    6.0,
    2.0,
    0.9,
)  # AS_MUCH: of the question's words that the chosen answer's passage holds
LEAST_ELSEWHERE, BEHIND_ELSEWHERE, AS_MUCH_ELSEWHERE = 6.0, 8.0, 0.5


@dataclass(frozen=True, slots=True)
class Rival:
    """``[start, end)`` of the sentence's article; ``figure`` where a figure stands there."""

    sentence: Sentence
    start: int
    end: int
    figure: Figure | None
    odds: float

    @property
    def text(self) -> str:
        return self.sentence.hit.passage.article.text[self.start : self.end]


def rivals(
    question: str, chosen: Sentence, start: int, end: int, evidence: Sequence[Sentence]
) -> list[Rival]:
    """What other articles answer instead of ``[start, end)`` of the chosen sentence's article, the surest first.

    A figure's rivals are figures of its kind and unit with another value; a text's share no word with it. One for
    each article, its surest; of what another source says that day, one for the source. None without a reader.
    """
    mine = figure_at(chosen, start, end)
    if chosen.reading is None:
        return []
    odds = chosen.reading.score(start, end)
    asked = set(content_stems(question))
    spoken_of = len(asked & _held(chosen))
    said = _words(chosen.hit.passage.article.text[start:end])
    wanted = {stem(word) for word in asked_words(question)} | _unit_words(chosen, end)
    source = chosen.hit.passage.article.source
    found: dict[tuple[str | None, str | None], Rival] = {}
    for item in evidence:
        if item.reading is None or item.hit.passage.article.id == chosen.hit.passage.article.id:
            continue
        elsewhere = (
            None not in (source, other := item.hit.passage.article.source) and other != source
        )
        offered = (
            _figures_like(mine, item)
            if mine is not None
            else _texts(item, item.reading, said, question)
        )
        for low, high, figure in offered:
            score = item.reading.score(low, high)
            dated = figure is not None and other_day(chosen, item)
            least, behind = LEAST, BEHIND
            if dated:
                least, behind = LEAST_WHEN_DATED, DATED_BEHIND
            elif elsewhere:
                least, behind = LEAST_ELSEWHERE, BEHIND_ELSEWHERE
            if score is None or score < (max(least, odds - behind) if odds is not None else least):
                continue
            as_much = AS_MUCH_ELSEWHERE if elsewhere else AS_MUCH
            if not dated and len(asked & _held(item)) < as_much * spoken_of:
                continue
            counted = _unit_words(item, high)
            if (
                figure is not None
                and figure.kind == "number"
                and counted
                and wanted
                and not counted & wanted
            ):
                continue
            rival = Rival(item, low, high, figure, score)
            article = item.hit.passage.article
            teller = (None, article.source) if elsewhere and not dated else (article.id, None)
            if teller not in found or score > found[teller].odds:
                found[teller] = rival
    return sorted(found.values(), key=lambda rival: (-rival.odds, rival.sentence.n, rival.start))


def newest(chosen: Sentence, found: Sequence[Rival]) -> Rival | None:
    """Of figures published later than the chosen one, the last; the surest of one moment."""
    published = chosen.hit.passage.article.published_at
    if published is None:
        return None
    later = [
        (moment, rival)
        for rival in found
        if rival.figure is not None
        and (date := rival.sentence.hit.passage.article.published_at) is not None
        and (moment := instant(date)) > instant(published)
    ]
    return (
        max(later, key=lambda pair: (pair[0], pair[1].odds, -pair[1].start))[1] if later else None
    )


def figure_at(item: Sentence, start: int, end: int) -> Figure | None:
    """The figure that stands at a place of the article, read in its sentence ("some" may stand before it)."""
    for figure in find_figures(item.text, item.hit.passage.article.published_at):
        if figure.start + item.start < end and start < figure.end + item.start:
            return figure
    return None


def other_day(one: Sentence, other: Sentence) -> bool:
    """Whether both are dated, and on different days."""
    dates = [item.hit.passage.article.published_at for item in (one, other)]
    return None not in dates and len({date[:10] for date in dates if date}) == 2


def _figures_like(mine: Figure, item: Sentence) -> Iterator[tuple[int, int, Figure]]:
    for figure in find_figures(item.text, item.hit.passage.article.published_at):
        alike = figure.kind == mine.kind and (
            figure.unit == mine.unit or None in (figure.unit, mine.unit)
        )
        if alike and not same_figure(figure, mine):
            yield item.start + figure.start, item.start + figure.end, figure


def _texts(
    item: Sentence, reading: Reading, said: set[str], question: str
) -> Iterator[tuple[int, int, None]]:
    """The best span that the reader marks, unless it says the same, or repeats the question."""
    for start, end, _ in reading.best(item.start, item.end, 1):
        words = _words(item.hit.passage.article.text[start:end])
        if words and not words & said and not words <= set(content_stems(question)):
            yield start, end, None


def _held(item: Sentence) -> set[str]:
    """The words of its passage and title."""
    passage = item.hit.passage
    return set(content_stems(passage.text)) | set(content_stems(passage.article.title or ""))


def _words(text: str) -> set[str]:
    return {token.stem for token in tokens(text)}


def _unit_words(item: Sentence, end: int) -> set[str]:
    """What a number counts: up to three words behind it, as far as no other clause or function word begins."""
    behind: set[str] = set()
    at = end - item.start
    for token in tokens(item.text[at:])[:3]:
        gap = item.text[at : end - item.start + token.start]
        if gap.strip(" -\n") or token.stem in STOP_WORDS:
            break
        behind.add(token.stem)
        at = end - item.start + token.end
    return behind
