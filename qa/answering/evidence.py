"""Evidence: the sentences of the hits, ranked against the question.

Few and relevant: a small model is drowned by long context, and a large one is paid by the word.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from qa import tuning
from qa.answering.instructions import quieted
from qa.answering.reader import Reader, Reading
from qa.answering.sentence import Sentence
from qa.language.forms import BRIEF_REQUEST
from qa.language.kinds import names_in
from qa.language.listed import joined
from qa.language.sentences import sentences, trimmed
from qa.language.words import content_stems
from qa.question import Question
from qa.types import AnswerKind, Article, Hit

_Split = Callable[[str, str | None], list[tuple[int, int]]]
_QUOTED = re.compile(r"[\"“][^\"“”]*[\"”]?")

FIGURE_KINDS: dict[AnswerKind, frozenset[str]] = {
    # "How much" may mean money, a share or a quantity.
    "money": frozenset({"money", "percent", "number"}),
    "number": frozenset({"number", "percent", "money"}),
    "percent": frozenset({"percent", "number"}),
    "date": frozenset({"date"}),
    "duration": frozenset({"duration", "number"}),
}


def wanted(question: Question) -> int:
    """How many passages are searched for what is read."""
    return tuning.BRIEF_HITS if question.form == "brief" else tuning.EVIDENCE_HITS


def readable(question: Question, hits: Sequence[Hit]) -> Sequence[Hit]:
    """The hits that are read: the best, or for a brief the first passages of the best reports.

    A report says first what matters most, and a few reports in depth say more of a matter than one
    passage of each of many.
    """
    if question.form != "brief":
        return hits[: tuning.EVIDENCE_HITS]
    articles = list(dict.fromkeys(hit.passage.article.id for hit in hits))
    chosen = frozenset(articles[: tuning.BRIEF_REPORTS])
    own = [hit for hit in hits if hit.passage.article.id in chosen]
    own.sort(key=lambda hit: (hit.rank + hit.passage.start / tuning.BRIEF_DEPTH, hit.rank))
    return own[: tuning.EVIDENCE_HITS]


def select(
    question: Question, hits: Sequence[Hit], limit: int, readings: "Readings | None" = None
) -> list[Sentence]:
    """The ``limit`` best sentences of the hits, numbered from 1, best first; ties by hit, then by
    position.

    A sentence scores the share of the question's content words (weighted by rarity among these
    sentences) that it or, for less, its neighbours and title contain; plus its passage's score;
    plus a figure of the kind asked for; plus the reader's probability that it holds an answer. A
    sentence that gives its reader orders is left out. For a brief, see `_Survey`.
    """
    split = _with_lines if question.form == "list" else sentences
    found = [item for hit in hits for item in _sentences(hit, split)]
    is_brief = question.form == "brief"
    if readings is not None and not is_brief:
        found = readings.add_to(found)
    ranking = (_Survey if is_brief else _Ranking)(question, hits, found)
    ranked = [
        replace(item, score=ranking.score(index))
        for index, item in enumerate(found)
        if item.start < item.end
    ]
    ranked.sort(key=lambda sentence: (-sentence.score, sentence.hit.rank, sentence.start))
    if is_brief:
        ranked = _spread(ranked, limit)
        if readings is not None:  # which the order of a brief does not ask for
            ranked = readings.add_to(ranked)
    return [replace(item, n=n) for n, item in enumerate(ranked[:limit], start=1)]


class Readings:
    """What the reader saw of the passages of one question. Each text is read once: a passage of a
    few sentences is often the same as one of them with its neighbours.
    """

    def __init__(self, reader: Reader, question: str) -> None:
        self._reader = reader
        self._question = question
        self._known: dict[tuple[int, int, int], Reading] = {}

    def of(self, hits: Sequence[Hit]) -> list[Reading]:
        """The readings of the hits' passages, in their order; those that are not known are read
        together.
        """
        places = [_place(hit) for hit in hits]
        unread = {
            place: hit for place, hit in zip(places, hits, strict=True) if place not in self._known
        }
        if unread:
            found = self._reader.read(self._question, list(unread.values()))
            self._known.update(zip(unread, found, strict=True))
        return [self._known[place] for place in places]

    def add_to(self, sentences: Sequence[Sentence]) -> list[Sentence]:
        """The sentences, each with the reading of its passage."""
        readings = self.of([item.hit for item in sentences])
        return [
            replace(item, reading=reading)
            for item, reading in zip(sentences, readings, strict=True)
        ]


def _place(hit: Hit) -> tuple[int, int, int]:
    """What is read of a hit: white space at the ends makes no difference."""
    passage = hit.passage
    return passage.stored.key, *trimmed(passage.article.text, (passage.start, passage.end))


def _spread(ranked: Sequence[Sentence], limit: int) -> list[Sentence]:
    """The ``limit`` best, where each sentence of a report makes its next one count for less."""
    left = list(ranked)
    taken: Counter[str] = Counter()
    chosen: list[Sentence] = []
    while left and len(chosen) < limit:
        best = max(
            left, key=lambda item: item.score * tuning.BRIEF_SPREAD ** taken[item.article.id]
        )
        left.remove(best)
        taken[best.article.id] += 1
        chosen.append(best)
    return chosen


def _with_lines(text: str, language: str | None) -> list[tuple[int, int]]:
    """The sentences of a text; the lines of a list belong to the one that introduces them."""
    return joined(text, sentences(text, language))


def _sentences(hit: Hit, split: _Split) -> Iterator[Sentence]:
    passage = hit.passage
    text, language = passage.text, passage.article.language
    quiet = quieted(text, language)
    for start, end in split(text, language):
        if quiet[start:end].strip():
            place = (passage.start + start, passage.start + end)
            first, last = trimmed(passage.article.text, place)
            yield Sentence(0, hit, first, last)


class _Ranking:
    """What the scores of all sentences of one question have in common."""

    def __init__(self, question: Question, hits: Sequence[Hit], found: Sequence[Sentence]) -> None:
        self._found = found
        self._kind = question.kind
        self._weights = rarity(question.stems, [item.stems for item in found])
        self._total = sum(self._weights.values()) or 1.0
        self._best = max((hit.score for hit in hits), default=1.0) or 1.0
        self._titles = {
            hit.passage.id: frozenset(content_stems(hit.passage.article.title or ""))
            for hit in hits
        }

    def score(self, index: int) -> float:
        item = self._found[index]
        score = self._overlap(index) / self._total
        score += tuning.EVIDENCE_PASSAGE * share_of_best(item.hit.score, self._best)
        score += self._figure_gain(item)
        if item.reading is not None:
            score += tuning.EVIDENCE_READER * item.reading.probability(item.start, item.end)
        return score

    def _overlap(self, index: int) -> float:
        item = self._found[index]
        around = self._around(index)
        title = self._titles[item.hit.passage.id]
        overlap = 0.0
        for word, weight in self._weights.items():
            if word in item.stems:
                overlap += weight
            elif word in around:
                overlap += weight * tuning.EVIDENCE_NEIGHBOUR
            elif word in title:
                overlap += weight * tuning.EVIDENCE_TITLE
        return overlap

    def _around(self, index: int) -> set[str]:
        """The stems of the sentences before and after it in its passage."""
        around: set[str] = set()
        for neighbour in (index - 1, index + 1):
            inside = 0 <= neighbour < len(self._found)
            if inside and self._found[neighbour].hit is self._found[index].hit:
                around |= self._found[neighbour].stems
        return around

    def _figure_gain(self, item: Sentence) -> float:
        accepted = FIGURE_KINDS.get(self._kind)
        if not accepted:
            return 0.0
        kinds = {figure.kind for figure in item.figures}
        if self._kind in kinds:
            return tuning.EVIDENCE_FIGURE
        return tuning.EVIDENCE_FIGURE / 2 if kinds & accepted else 0.0


class _Survey(_Ranking):
    """The order of a brief: what a report says early and precisely, beside the question's words.

    A report that has fewer of the question's words than the best one is about something else.
    """

    def __init__(self, question: Question, hits: Sequence[Hit], found: Sequence[Sentence]) -> None:
        super().__init__(question, hits, found)
        articles = {hit.passage.article.id: hit.passage.article for hit in hits}
        self._asked = frozenset(question.stems) - BRIEF_REQUEST
        spoken = {identity: self._spoken(article) for identity, article in articles.items()}
        most = max(spoken.values(), default=0)
        self._on_the_matter = {
            identity for identity, count in spoken.items() if count >= tuning.BRIEF_SPOKEN_OF * most
        }

    def _spoken(self, article: Article) -> int:
        """How many of the question's words an article has."""
        words = frozenset(content_stems(f"{article.title or ''} {article.text}"))
        return len(self._asked & words)

    def score(self, index: int) -> float:
        item = self._found[index]
        if item.article.id not in self._on_the_matter:
            return 0.0
        score = self._overlap(index) / self._total
        score += tuning.EVIDENCE_PASSAGE * share_of_best(item.hit.score, self._best)
        score += tuning.BRIEF_LEAD / (1 + item.start / tuning.BRIEF_DEPTH)
        facts = len(names_in(item.text)) / tuning.BRIEF_MANY_FACTS
        score += tuning.BRIEF_FACTS * min(1.0, facts)
        return score * (tuning.BRIEF_ASIDE if is_aside(item.text) else 1.0)


def is_aside(text: str) -> bool:
    """Return True for a remark more than news: mostly in quotation marks, a question, or short."""
    quoted = sum(len(match[0]) for match in _QUOTED.finditer(text))
    short = len(text.split()) < tuning.BRIEF_SHORTEST
    return 2 * quoted > len(text) or text.rstrip().endswith("?") or short


def read_closely(
    question: Question, ranked: Sequence[Sentence], readings: Readings
) -> list[Sentence]:
    """The sentences, the best of them with closer readings; see `Sentence.odds`."""
    most = tuning.CLOSE_UPS[question.form]
    cuts = [close_ups(item) for item in ranked[:most]]
    found = readings.of([cut for pair in cuts for cut in pair])
    closest = [
        replace(item, closer=(around, alone))
        for item, around, alone in zip(ranked, found[::2], found[1::2], strict=False)
    ]
    return [*closest, *ranked[most:]]


def close_ups(item: Sentence) -> tuple[Hit, Hit]:
    """Its passage cut down for a closer reading: to the sentence with its neighbours, and to the
    sentence alone.
    """
    passage = item.hit.passage
    language = passage.article.language
    edges = [passage.start + end for _, end in sentences(passage.text, language)]
    before = [edge for edge in edges if edge <= item.start]
    behind = [edge for edge in edges if edge >= item.end]
    start = before[-2] if len(before) > 1 else passage.start
    end = behind[1] if len(behind) > 1 else passage.end
    return _cut(item.hit, start, end), _cut(item.hit, item.start, item.end)


def _cut(hit: Hit, start: int, end: int) -> Hit:
    return replace(hit, passage=replace(hit.passage, start=start, end=end))


def share_of_best(score: float, best: float) -> float:
    """0..1; 0 for all where the best is not above 0, as scores of a cross-encoder may be."""
    return max(0.0, score / best) if best > 0 else 0.0


def rarity(wanted: Sequence[str], stems: Sequence[AbstractSet[str]]) -> dict[str, float]:
    """The weight of each wanted word: log(1 + N / df), the smoothed idf of Robertson (2004)."""
    counts = Counter(word for words in stems for word in words)
    return {word: math.log(1 + len(stems) / (counts[word] or 0.5)) for word in wanted}
