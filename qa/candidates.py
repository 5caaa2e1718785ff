"""Candidate answers: spans of the evidence that could be what is asked for, scored without a language model.

Pure functions. Every candidate is text of a sentence, so whatever is picked can be quoted.
"""

import math
import re
from calendar import day_name, month_abbr, month_name
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.citations import locate
from qa.evidence import FIGURE_KINDS, rarity
from qa.figures import find_figures
from qa.questions import asked_words, kind_of
from qa.types import AnswerKind, Sentence, instant
from qa.words import STOP_WORDS, Token, content_stems, stem, tokens

_JOINER = r"(?:of|the|de|la|le|for|and|&|von|van|al|bin|du|da|del|der)"
_NAME = re.compile(rf"(?:[A-Z][\w’'&.-]*|(?<=\s)[a-z]?[A-Z][\w-]*)(?:\s+(?:{_JOINER}\s+){{0,2}}[A-Z0-9][\w’'&.-]*)*")
_FUNCTION_WORD = "|".join(sorted(STOP_WORDS, key=len, reverse=True))
_LEADING = re.compile(rf"(?:(?:{_FUNCTION_WORD})(?:\s+|$))+", re.IGNORECASE)
_TRAILING = re.compile(r"(?:[’']s|[.’'&-])+$")
_CALENDAR = {name.lower() for name in [*day_name, *month_name, *month_abbr] if name}
# A run of lower-case content words, "of" between them: a plain noun phrase, without a tagger.
_LOWER = rf"(?!(?:{_FUNCTION_WORD})\b)[a-z][\w’-]+"
_PHRASE = re.compile(rf"(?<![\w’-]){_LOWER}(?:\s+(?:of\s+)?{_LOWER}){{0,3}}")
PHRASE_MATCH = 0.3
_QUOTED = re.compile(r"[\"“‘]([^\"“”]{2,80}?)[,.]?[\"”’]")
_BEFORE_PLACE = re.compile(
    r"\b(?:in|at|from|to|near|of|into|across|outside|toward|towards|on|off|around)\s+(?:the\s+)?$"
)
_TITLES = {
    "mr", "mrs", "ms", "dr", "president", "minister", "secretary", "sen", "gen", "judge", "justice", "chief", "mayor",
    "professor", "prof", "king", "queen", "prince", "princess", "pope", "senator", "governor", "gov", "rep", "actor",
    "singer", "author", "chancellor", "director", "captain", "coach", "striker", "premier", "spokesman", "spokeswoman",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """``sentence.text[start:end]``, a candidate, with what speaks for it; each feature about 0..1."""

    sentence: Sentence
    start: int
    end: int
    text: str
    kind_match: float  # is it of the kind asked for
    overlap: float  # how much of the question its sentence (and the neighbours' share in its score) holds
    near: float  # how near to it the question's words stand
    heads: float  # is it a number of the very thing that was asked ("how many X": "210 X")
    rank: float  # 1 for the best evidence sentence, falling
    repeats: float  # how many other evidence sentences say it too
    echoes: float  # how much of it the question already said


# Chosen on a grid over samples of five benchmarks, 350 questions in all: docs/measurements.md
WEIGHTS = {
    "kind_match": 1.0,
    "overlap": 2.0,
    "near": 3.0,
    "heads": 0.4,
    "rank": 0.5,
    "repeats": 0.3,
    "echoes": -2.0,
}


def score(span: Span) -> float:
    return sum(weight * float(getattr(span, name)) for name, weight in WEIGHTS.items())


def candidates(question: str, evidence: Sequence[Sentence]) -> list[Span]:
    """Every span that could answer, best first; ties by sentence, then position."""
    kind = kind_of(question)
    asked = {stem(word) for word in asked_words(question)}
    wanted = content_stems(question)
    weights = rarity(wanted, [set(content_stems(item.text)) for item in evidence])
    total = sum(weights.values()) or 1.0
    best = max((item.score for item in evidence), default=1.0) or 1.0
    texts = [f" {' '.join(token.stem for token in tokens(item.text))} " for item in evidence]
    found: list[Span] = []
    for item in evidence:
        words = tokens(item.text)
        present = {word.stem for word in words}
        overlap = sum(weight for word, weight in weights.items() if word in present) / total
        for start, end, match in _spans(item, kind):
            text = item.text[start:end]
            own = [word.stem for word in words if start <= word.start < end]
            if not own:
                continue
            said = sum(1 for word in own if word in weights) / len(own)
            phrase = f" {' '.join(own)} "
            others = sum(phrase in other for other in texts) - 1
            found.append(
                Span(
                    item,
                    start,
                    end,
                    text,
                    match,
                    0.5 * overlap + 0.5 * item.score / best,
                    _nearness(words, start, end, weights, total),
                    _heads(words, start, end, asked),
                    1 / (1 + 0.3 * (item.n - 1)),
                    min(1.0, max(0, others) / 3),
                    said,
                )
            )
    return sorted(found, key=lambda span: (-score(span), span.sentence.n, span.start, -span.end))


def _spans(item: Sentence, kind: AnswerKind) -> Iterator[tuple[int, int, float]]:
    """Offsets in the sentence, and how well the span fits the kind asked for."""
    text = item.text
    figures = find_figures(text, item.hit.passage.article.published_at)
    wanted = FIGURE_KINDS.get(kind)
    if wanted:
        for figure in figures:
            if figure.kind in wanted:
                yield figure.start, figure.end, 1.0 if figure.kind == kind else 0.4
        return
    dates = [(figure.start, figure.end) for figure in figures if figure.kind == "date"]
    for match in _NAME.finditer(text):
        lead = _LEADING.match(match[0])
        start = match.start() + (lead.end() if lead else 0)
        name = _TRAILING.sub("", text[start : match.end()])
        end = start + len(name)
        if not name or name.lower() in _CALENDAR or any(low <= start and end <= high for low, high in dates):
            continue
        # A capital that opens a sentence may be an ordinary word.
        opening = match.start() == 0 and " " not in name
        yield start, end, (0.3 if opening else 1.0) * _fits(text, start, name, kind)
    for match in _QUOTED.finditer(text):
        yield match.start(1), match.end(1), 0.7 if kind == "text" else 0.2
    if kind == "text":
        for figure in figures:
            yield figure.start, figure.end, 0.4
        for match in _PHRASE.finditer(text):
            yield match.start(), match.end(), PHRASE_MATCH


def _fits(text: str, start: int, name: str, kind: AnswerKind) -> float:
    words = name.split()
    title = words[0].lower().rstrip(".") in _TITLES
    if kind == "person":
        return (
            1.0
            if title or (2 <= len(words) <= 4 and not any(word.isupper() and len(word) > 1 for word in words))
            else 0.6
        )
    if kind == "place":
        return 1.0 if _BEFORE_PLACE.search(text, max(0, start - 20), start) else 0.5
    if kind == "organisation":
        return 0.5 if title else 1.0
    return 0.8


def _nearness(words: Sequence[Token], start: int, end: int, weights: dict[str, float], total: float) -> float:
    """The weight of the question's words around the span, each falling with its distance in words."""
    inside = [index for index, word in enumerate(words) if start <= word.start < end]
    if not inside:
        return 0.0
    near: dict[str, float] = {}
    for index, word in enumerate(words):
        if word.stem in weights and not inside[0] <= index <= inside[-1]:
            distance = inside[0] - index if index < inside[0] else index - inside[-1]
            near[word.stem] = max(near.get(word.stem, 0.0), weights[word.stem] * math.exp(-(distance - 1) / 8))
    return sum(near.values()) / total


def _heads(words: Sequence[Token], start: int, end: int, asked: set[str]) -> float:
    """Whether what is asked for ("how many servicemen") stands in the span or in the three words behind it."""
    if not asked:
        return 0.0
    inside = [word.stem for word in words if start <= word.start < end]
    behind = [word.stem for word in words if word.start >= end][:3]
    return sum(word in behind or word in inside for word in asked) / len(asked)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a language model read out of the evidence, and how sure it was (its mean token probability)."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Choice:
    text: str
    sentence: Sentence
    confidence: float


SAME_THING = 0.9  # of the winner's overlap with the question
_NEARLY = 3.0  # points of the winner's score
AGREEMENT = 3.0  # what the reading's full, certain agreement is worth beside the features above; docs/measurements.md
_READ_ONLY = 0.5  # stands for kind and nearness of a span that only the reading proposes
# Logistic regression of "the choice is right" on the features of `_confidence`, fitted on held-out cases.
_CONFIDENCE = (-3.86, 0.80, 0.91, -0.77)


def choose(question: str, evidence: Sequence[Sentence], reading: Reading) -> Choice | None:
    """The best span, once a model has read the evidence; None when there is no candidate at all.

    The reading is a vote: it lifts the candidates that share words with it (F1), by its certainty. Read words that
    stand in the evidence but are no candidate become one.
    """
    said = reading.text.strip(' ."“”')
    spans = candidates(question, evidence)
    ranked = [
        (
            score(span) + AGREEMENT * (agreement := _agreement(span.text, said)) * reading.probability,
            agreement,
            span,
        )
        for span in spans
    ]
    own = _own_span(question, evidence, said)
    if own is not None and all(span.text.lower() != own.text.lower() for span in spans):
        ranked.append((score(own) + AGREEMENT * reading.probability, 1.0, own))
    if not ranked:
        return None
    total, agreement, best = max(ranked, key=lambda item: (item[0], -item[2].sentence.n, -item[2].start, item[2].end))
    confidence = _confidence(total, agreement * reading.probability, best.overlap)
    latest = _latest(kind_of(question), best, total, [(score, span) for score, _, span in ranked])
    return Choice(latest.text, latest.sentence, confidence)


def _could_be(kind: AnswerKind, said: str) -> bool:
    """Whether read words can be of the kind asked for: a figure where one is wanted, a name where one is."""
    found = {figure.kind for figure in find_figures(said)}
    if kind in FIGURE_KINDS:
        return bool(found & FIGURE_KINDS[kind])
    if kind in ("person", "place", "organisation"):
        return any(word[:1].isupper() for word in said.split()) and not said[:1].isdigit()
    return True


def _latest(kind: AnswerKind, best: Span, total: float, ranked: Sequence[tuple[float, Span]]) -> Span:
    """Of figures of one kind that dated articles give for what seems the same thing, the one published last.

    "The same thing": the other sentence speaks of no less of the question, and the other span scores nearly as well.
    """
    published = best.sentence.hit.passage.article.published_at
    if kind not in FIGURE_KINDS or published is None:
        return best
    later = [
        (other, score, span)
        for score, span in ranked
        if (other := span.sentence.hit.passage.article.published_at) is not None
        and instant(other) > instant(published)
        and span.kind_match == best.kind_match
        and span.overlap >= SAME_THING * best.overlap
        and score >= total - _NEARLY
    ]
    if not later:
        return best
    newest = max(instant(other) for other, _, _ in later)
    _, _, span = max((item for item in later if instant(item[0]) == newest), key=lambda item: (item[1], -item[2].start))
    return span


def _own_span(question: str, evidence: Sequence[Sentence], said: str) -> Span | None:
    at = locate(said, evidence) if len(said) <= 120 else None
    if at is None:
        return None
    item, start, end = at
    if not _could_be(kind_of(question), said):
        return None
    words, asked = content_stems(said), set(content_stems(question))
    return Span(
        item,
        start - item.start,
        end - item.start,
        item.text[start - item.start : end - item.start],
        kind_match=_READ_ONLY,
        overlap=item.score / (evidence[0].score or 1.0),
        near=0.0,
        heads=0.0,
        rank=1 / (1 + 0.3 * (item.n - 1)),
        repeats=0.0,
        echoes=sum(word in asked for word in words) / max(1, len(words)),
    )


def _confidence(total: float, agreement: float, overlap: float) -> float:
    constant, by_total, by_agreement, by_overlap = _CONFIDENCE
    linear = constant + by_total * total + by_agreement * agreement + by_overlap * overlap
    return round(1 / (1 + math.exp(-linear)), 4)


def _agreement(one: str, other: str) -> float:
    """F1 over shared words, as in SQuAD's score."""
    first, second = [token.stem for token in tokens(one)], [token.stem for token in tokens(other)]
    if not first or not second:
        return 0.0
    shared = sum((Counter(first) & Counter(second)).values())
    return 2 * shared / (len(first) + len(second))
