"""What speaks for a candidate answer, a span, a sentence or a verdict: one named number for each
reason. Pure functions.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

from qa.answering.evidence import rarity, share_of_best
from qa.answering.proposals import Proposal
from qa.answering.sentence import Sentence, Span
from qa.language.words import Token, tokens
from qa.question import Question
from qa.types import Hit


@dataclass(frozen=True, slots=True)
class SpanFeatures:
    """All about 0..1, but for log-odds: ``read`` and ``relevant``."""

    kind_match: float  # is it of the kind asked for
    overlap: float  # how much of the question its sentence, and its neighbours for less, contain
    near: float  # how near to it the question's words are
    heads: float  # is it a number of the very thing that was asked ("how many X": "210 X")
    rank: float  # 1 for the best evidence sentence, falling
    found: float  # its passage's score as a share of the best one's
    repeats: float  # how many other evidence sentences contain it too
    seconded: float  # how sure the reader is of the same words in other articles
    context: (
        float  # how much of the question its passage and title contain, a rare word counting more
    )
    named: float  # how many of the question's names and numbers these contain; 1 without any
    echoes: float  # how much of it the question already said
    length: float  # a tenth for each word: start and end of two answers can look like one long one
    read: float  # the reader's log-odds that it answers, against silence; 0 without a reader
    relevant: float  # the reader's log-odds that its passage answers


@dataclass(frozen=True, slots=True)
class SentenceFeatures:
    """Of a whole sentence as an answer. The first four are the reader's log-odds."""

    read: float  # of the clause that it marks
    alone: float  # that the sentence answers, read alone
    around: float  # the same, with its neighbours
    passage: float  # that its passage answers
    overlap: float  # its score as evidence, as a share of the best one's
    rank: float  # 1 for the best evidence sentence, falling
    found: float  # its passage's score as a share of the best one's
    named: float  # how many of the question's names and numbers it and its title contain
    cue: float  # has it a word that gives a cause, a manner, or speech, where that is asked for
    length: float  # a twentieth for each content word


@dataclass(frozen=True, slots=True)
class PolarityFeatures:
    """Whether a sentence says yes or no to a question. The first three are the reader's log-odds of
    yes against no.
    """

    alone: float  # of the sentence, read alone
    around: float  # with its neighbours
    passage: float  # of its passage
    contrary: float  # has it a word of denial and the question none, or the other way round
    always: float = 1.0  # so that a lean to yes or no can be fitted


@dataclass(frozen=True, slots=True)
class VerdictFeatures:
    """Of a sentence that decides a question of yes or no."""

    lean: float  # log-odds of yes against no, whichever is more likely
    decided: float  # the probability that it decides at all
    alone: float  # the reader's log-odds that it answers, read alone
    around: float  # with its neighbours
    passage: float  # its passage's
    overlap: float  # its score as evidence, as a share of the best one's
    found: float  # its passage's score as a share of the best one's
    named: float  # how many of the question's names and numbers it and its title contain


Features = SpanFeatures | SentenceFeatures | PolarityFeatures | VerdictFeatures


def names_of(features: type[Features]) -> tuple[str, ...]:
    """The names of the features, in order."""
    return tuple(field.name for field in fields(features))


def describe(
    question: Question,
    evidence: Sequence[Sentence],
    proposals: Sequence[Proposal],
) -> list[tuple[Span, SpanFeatures]]:
    """Each proposed span with its features, in order; a span without a word is left out."""
    context = _Context(question, evidence)
    drafts = [draft for proposal in proposals if (draft := _Draft(proposal, context)).own_stems]
    support = _Support(drafts)
    return [(draft.span, draft.features(support.others(draft))) for draft in drafts]


class _Context:
    """What the spans of one question have in common; what belongs to a sentence or a passage, once
    each.
    """

    def __init__(self, question: Question, evidence: Sequence[Sentence]) -> None:
        self.asked = question.asked
        self.names = question.names
        self.weights = rarity(question.stems, [item.stems for item in evidence])
        self.total = sum(self.weights.values()) or 1.0
        self.best = max((item.score for item in evidence), default=1.0) or 1.0
        self.top = max((item.hit.score for item in evidence), default=1.0) or 1.0
        self.words = {item.n: tokens(item.text) for item in evidence}
        self.phrases = [_phrase(words) for words in self.words.values()]
        self._passages: dict[int, set[str]] = {}

    def share(self, stems: set[str]) -> float:
        """How much of the question these stems cover, a rare word counting more."""
        return sum(weight for word, weight in self.weights.items() if word in stems) / self.total

    def around(self, hit: Hit) -> set[str]:
        """Stems of the words of a passage, its title, and its year."""
        known = self._passages.get(hit.passage.id)
        if known is None:
            article = hit.passage.article
            year = (article.published_at or "")[:4]
            text = f"{article.title or ''} {hit.passage.text} {year}"
            known = self._passages[hit.passage.id] = {token.stem for token in tokens(text)}
        return known


class _Draft:
    """A proposed span, and its features but for those that other spans decide."""

    def __init__(self, proposal: Proposal, context: _Context) -> None:
        self.span = proposal.span
        self.sentence = proposal.span.sentence
        self._kind_match = proposal.kind_match
        self._context = context
        self._words = context.words[self.sentence.n]
        start, end = self.span.inner
        self.own_stems = [word.stem for word in self._words if start <= word.start < end]

    @cached_property
    def key(self) -> tuple[str, ...]:
        """What makes two spans say the same."""
        return tuple(token.stem for token in tokens(self.span.text))

    @cached_property
    def read(self) -> float:
        odds = self.sentence.odds(self.span.start, self.span.end)
        return 0.0 if odds is None else odds

    @cached_property
    def chance(self) -> float:
        """The reader's probability; 0 without a reader."""
        return 1 / (1 + math.exp(-self.read)) if self.sentence.reading is not None else 0.0

    def features(self, seconded: float) -> SpanFeatures:
        context, item = self._context, self.sentence
        start, end = self.span.inner
        present = {word.stem for word in self._words}
        around = context.around(item.hit)
        names = context.names
        return SpanFeatures(
            kind_match=self._kind_match,
            overlap=0.5 * context.share(present) + 0.5 * item.score / context.best,
            near=proximity(self._words, start, end, context.weights) / context.total,
            heads=counts_asked(self._words, start, end, context.asked),
            rank=1 / (1 + 0.3 * (item.n - 1)),
            found=share_of_best(item.hit.score, context.top),
            repeats=self._repeats(),
            seconded=seconded,
            context=context.share(around),
            named=len(names & around) / len(names) if names else 1.0,
            echoes=sum(stem in context.weights for stem in self.own_stems) / len(self.own_stems),
            length=min(1.0, len(self.own_stems) / 10),
            read=self.read,
            relevant=self.sentence.relevance,
        )

    def _repeats(self) -> float:
        phrase = f" {' '.join(self.own_stems)} "
        others = sum(phrase in other for other in self._context.phrases) - 1
        return min(1.0, max(0, others) / 3)


class _Support:
    """How sure the reader is of the same words, article by article."""

    def __init__(self, drafts: Sequence[_Draft]) -> None:
        self._chances: dict[tuple[str, ...], dict[str, float]] = {}
        for draft in drafts:
            by_article = self._chances.setdefault(draft.key, {})
            article = draft.sentence.article.id
            by_article[article] = max(by_article.get(article, 0.0), draft.chance)

    def others(self, draft: _Draft) -> float:
        own = draft.sentence.article.id
        chances = self._chances[draft.key].items()
        return min(1.0, sum(chance for article, chance in chances if article != own))


def proximity(words: Sequence[Token], start: int, end: int, weights: dict[str, float]) -> float:
    """The weight of the question's words around a span, each falling with its distance in words.

    exp(-(distance - 1) / 8); a word that occurs twice counts once, where it is nearest.
    """
    inside = [index for index, word in enumerate(words) if start <= word.start < end]
    if not inside:
        return 0.0
    first, last = inside[0], inside[-1]
    near: dict[str, float] = {}
    for index, word in enumerate(words):
        if word.stem in weights and not first <= index <= last:
            distance = first - index if index < first else index - last
            weight = weights[word.stem] * math.exp(-(distance - 1) / 8)
            near[word.stem] = max(near.get(word.stem, 0.0), weight)
    return sum(near.values())


def counts_asked(words: Sequence[Token], start: int, end: int, asked: frozenset[str]) -> float:
    """The share of the words asked for ("how many servicemen") in the span or in the three words
    behind it.
    """
    if not asked:
        return 0.0
    inside = [word.stem for word in words if start <= word.start < end]
    behind = [word.stem for word in words if word.start >= end][:3]
    return sum(word in behind or word in inside for word in asked) / len(asked)


def _phrase(words: Sequence[Token]) -> str:
    return f" {' '.join(word.stem for word in words)} "
