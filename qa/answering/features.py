"""What speaks for a candidate answer, a span, a sentence or a verdict: one named number for each
reason. Pure functions.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

from qa import tuning
from qa.answering.evidence import rarity, share_of_best
from qa.answering.proposals import Proposal
from qa.answering.sentence import Sentence, Span
from qa.language.periods import AskedTime
from qa.language.words import Token, tokens
from qa.question import Question
from qa.types import Hit


@dataclass(frozen=True, slots=True)
class SpanFeatures:
    """Of a span. All about 0..1, but ``read``."""

    kind_match: float  # is it of the kind asked for
    heads: float  # is it a number of the very thing that was asked ("how many X": "210 X")
    found: float  # its passage's score as a share of the best one's
    repeats: float  # how many other evidence sentences contain it too
    seconded: float  # how sure the reader is of the same words in other articles
    shared: float  # how much of what was found says the same words, see `_Context.shared`
    context: (
        float  # how much of the question its passage and title contain, a rare word counting more
    )
    named: float  # how many of the question's names and numbers these contain; 1 without any
    echoes: float  # how much of it the question already said
    read: float  # the reader's log-odds that it answers, against silence; 0 without a reader
    missed: float  # is its report too old to report what is asked; see `AskedTime.missed`


@dataclass(frozen=True, slots=True)
class SentenceFeatures:
    """Of a whole sentence as an answer. The first three are the reader's log-odds."""

    read: float  # of the clause that it marks
    around: float  # that the sentence and its neighbours answer
    passage: float  # that its passage answers
    found: float  # its passage's score as a share of the best one's
    cue: float  # has it a word that gives a cause, a manner, or speech, where that is asked for
    missed: float  # is its report too old to report what is asked; see `AskedTime.missed`


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
    around: float  # the reader's log-odds that it answers with its neighbours
    passage: float  # that its passage answers
    overlap: float  # its score as evidence, as a share of the best one's
    found: float  # its passage's score as a share of the best one's


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
        self.top = max((item.hit.score for item in evidence), default=1.0) or 1.0
        self.time = AskedTime.read(question.text, question.now)
        self._length = len(question.text.split()) / tuning.SHARED_LENGTH
        self._articles = _articles(evidence)
        self.words = {item.n: tokens(item.text) for item in evidence}
        self.phrases = [_phrase(words) for words in self.words.values()]
        self._passages: dict[int, set[str]] = {}

    def share(self, stems: set[str]) -> float:
        """How much of the question these stems cover, a rare word counting more."""
        return sum(weight for word, weight in self.weights.items() if word in stems) / self.total

    def shared(self, phrase: str, own: str) -> float:
        """The share of the articles found, by their scores, that have the phrase too.

        A long question joins what several reports say: the longer, the more this counts.
        """
        total = sum(score for _, score in self._articles.values()) or 1.0
        others = sum(
            score
            for article, (text, score) in self._articles.items()
            if article != own and phrase in text
        )
        return self._length * others / total

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
        around = context.around(item.hit)
        names = context.names
        return SpanFeatures(
            kind_match=self._kind_match,
            heads=counts_asked(self._words, start, end, context.asked),
            found=share_of_best(item.hit.score, context.top),
            repeats=self._repeats(),
            seconded=seconded,
            shared=context.shared(self._phrase, item.article.id),
            context=context.share(around),
            named=len(names & around) / len(names) if names else 1.0,
            echoes=sum(stem in context.weights for stem in self.own_stems) / len(self.own_stems),
            read=self.read,
            missed=context.time.missed(item.published_at),
        )

    @property
    def _phrase(self) -> str:
        return f" {' '.join(self.own_stems)} "

    def _repeats(self) -> float:
        others = sum(self._phrase in other for other in self._context.phrases) - 1
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


def counts_asked(words: Sequence[Token], start: int, end: int, asked: frozenset[str]) -> float:
    """The share of the words asked for ("how many servicemen") in the span or in the three words
    behind it.
    """
    if not asked:
        return 0.0
    inside = [word.stem for word in words if start <= word.start < end]
    behind = [word.stem for word in words if word.start >= end][:3]
    return sum(word in behind or word in inside for word in asked) / len(asked)


def _articles(evidence: Sequence[Sentence]) -> dict[str, tuple[str, float]]:
    """The words of the passages found, with the title, and the best score, of each article."""
    hits = {item.hit.passage.id: item.hit for item in evidence}.values()
    found: dict[str, tuple[str, float]] = {}
    for hit in hits:
        article = hit.passage.article
        title = _phrase(tokens(article.title or ""))
        text, score = found.get(article.id, (title, 0.0))
        found[article.id] = text + _phrase(tokens(hit.passage.text)), max(score, hit.score)
    return found


def _phrase(words: Sequence[Token]) -> str:
    return f" {' '.join(word.stem for word in words)} "
