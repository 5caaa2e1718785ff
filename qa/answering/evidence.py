"""Evidence: the sentences of the hits, ranked against the question. Pure functions.

Little and right: a small model is drowned by long context, and a large one pays for it.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from qa.answering.instructions import quieted
from qa.answering.reader import Reading
from qa.language.figures import find_figures
from qa.language.sentences import sentences, trimmed
from qa.language.words import content_stems
from qa.questions import kind_of
from qa.types import AnswerKind, Hit, Sentence

FIGURE_KINDS: dict[AnswerKind, frozenset[str]] = {
    # "How much" may mean money, a share or a quantity; the order of preference is the question's own kind first.
    "money": frozenset({"money", "percent", "number"}),
    "number": frozenset({"number", "percent", "money"}),
    "percent": frozenset({"percent", "number"}),
    "date": frozenset({"date"}),
    "duration": frozenset({"duration", "number"}),
}
_NEIGHBOUR = 0.4  # a question word in the sentence before or after counts this much; measured with the reader
_TITLE = 0.3
_TYPE = 0.25
_PASSAGE = 0.5
_READ = 1.0  # what a sentence gains in which the reader is sure of an answer


def select(
    question: str, hits: Sequence[Hit], limit: int, readings: Sequence[Reading] = ()
) -> list[Sentence]:
    """The ``limit`` best sentences of the hits, numbered from 1, best first; ties by hit, then by position.

    A sentence scores the share of the question's content words (weighted by rarity among these sentences) that it
    or, for less, its neighbours and title hold; plus its passage's score; plus a figure of the kind asked for; plus
    the reader's probability that an answer stands in it, where its passage was read. A sentence that tells its reader
    what to do is none.
    """
    read = {reading.hit.passage.id: reading for reading in readings}
    wanted = content_stems(question)
    kind = kind_of(question)
    spans = [
        (
            hit,
            trimmed(hit.passage.article.text, (hit.passage.start + start, hit.passage.start + end)),
        )
        for hit in hits
        for quiet in [quieted(hit.passage.text, hit.passage.article.language)]
        for start, end in sentences(hit.passage.text, hit.passage.article.language)
        if quiet[start:end].strip()
    ]
    stems = [set(content_stems(hit.passage.article.text[start:end])) for hit, (start, end) in spans]
    weights = rarity(wanted, stems)
    total = sum(weights.values()) or 1.0
    top = max((hit.score for hit in hits), default=1.0) or 1.0
    titles = {hit.passage.id: set(content_stems(hit.passage.article.title or "")) for hit in hits}
    ranked: list[Sentence] = []
    for index, (hit, (start, end)) in enumerate(spans):
        if start >= end:
            continue
        around: set[str] = set()
        for neighbour in (index - 1, index + 1):
            if 0 <= neighbour < len(spans) and spans[neighbour][0] is hit:
                around |= stems[neighbour]
        score = 0.0
        for word, weight in weights.items():
            if word in stems[index]:
                score += weight
            elif word in around:
                score += weight * _NEIGHBOUR
            elif word in titles[hit.passage.id]:
                score += weight * _TITLE
        score = score / total + _PASSAGE * share_of_best(hit.score, top)
        kinds = FIGURE_KINDS.get(kind)
        if kinds:
            text = hit.passage.article.text[start:end]
            found = {figure.kind for figure in find_figures(text, hit.passage.article.published_at)}
            score += _TYPE if kind in found else _TYPE / 2 if found & kinds else 0.0
        reading = read.get(hit.passage.id)
        if reading is not None:
            score += _READ * reading.probability(start, end)
        ranked.append(Sentence(0, hit, start, end, score, reading))
    ranked.sort(key=lambda sentence: (-sentence.score, sentence.hit.rank, sentence.start))
    return [replace(item, n=n) for n, item in enumerate(ranked[:limit], start=1)]


def share_of_best(score: float, top: float) -> float:
    """0..1; 0 for all where even the best is not above 0: a cross-encoder's scores may be negative."""
    return max(0.0, score / top) if top > 0 else 0.0


def rarity(wanted: Sequence[str], stems: Sequence[set[str]]) -> dict[str, float]:
    """How much each wanted word tells among these sentences: log(1 + N / df), the smoothed idf of Robertson (2004)."""
    counts = Counter(word for words in stems for word in words)
    return {word: math.log(1 + len(stems) / (counts[word] or 0.5)) for word in wanted}
