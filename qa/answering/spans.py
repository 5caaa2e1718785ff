"""Candidate answers: spans of the evidence that could be what is asked for, and the choice among them.

Pure functions. Every candidate is text of a sentence, so whatever is picked can be quoted.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qa.answering.competing import newest, rivals
from qa.answering.evidence import FIGURE_KINDS, rarity, share_of_best
from qa.answering.verification import locate
from qa.language.dates import CALENDAR_WORDS
from qa.language.figures import find_figures, holds
from qa.language.words import STOP_WORDS, Token, content_stems, stem, tokens
from qa.questions import asked_words, kind_of, names_in
from qa.types import AnswerKind, Figure, Hit, Sentence

_JOINER = r"(?:of|the|de|la|le|for|and|&|von|van|al|bin|du|da|del|der)"
_NAME = re.compile(
    rf"(?:[A-Z][\w’'&.-]*|(?<=\s)[a-z]?[A-Z][\w-]*)(?:\s+(?:{_JOINER}\s+){{0,2}}[A-Z0-9][\w’'&.-]*)*"
)
_FUNCTION_WORD = "|".join(sorted(STOP_WORDS, key=len, reverse=True))
_LEADING = re.compile(rf"(?:(?:{_FUNCTION_WORD})(?:\s+|$))+", re.IGNORECASE)
_TRAILING = re.compile(r"(?:[’']s|[.’'&-])+$")
# A run of lower-case content words, "of" between them: a plain noun phrase, without a tagger.
_LOWER = rf"(?!(?:{_FUNCTION_WORD})\b)[a-z][\w’-]+"
_PHRASE = re.compile(rf"(?<![\w’-]){_LOWER}(?:\s+(?:of\s+)?{_LOWER}){{0,3}}")
PHRASE_MATCH = 0.3
_LONGEST_VOTE = 120  # characters
_SPOKEN_OF = (
    0.75  # of a yes/no question's words must stand in the sentence, or its title, that decides it
)
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
class Vote:
    """What a language model read out of the evidence, and how sure it was (its mean token probability)."""

    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Span:
    """``sentence.text[start:end]``, a candidate, with what speaks for it; each feature about 0..1, but `read`."""

    sentence: Sentence
    start: int
    end: int
    text: str
    kind_match: float  # is it of the kind asked for
    overlap: float  # how much of the question its sentence (and the neighbours' share in its score) holds
    near: float  # how near to it the question's words stand
    heads: float  # is it a number of the very thing that was asked ("how many X": "210 X")
    rank: float  # 1 for the best evidence sentence, falling
    found: float  # its passage's score as a share of the best one's
    repeats: float  # how many other evidence sentences say it too
    seconded: float  # how sure the reader is of the same words in other articles
    told: float  # how much of the question its passage and title hold, a rare word counting more
    named: float  # how many of the question's names and numbers they hold; 1 for a question without any
    echoes: float  # how much of it the question already said
    length: float  # a tenth for each word: start and end of two answers can look like one long one
    read: float  # the reader's log-odds that it answers, against that the passage does not tell; 0 without a reader
    agrees: float  # the words that it shares with the vote (F1), times the vote's probability


# Fitted by `make fit` on held-out questions of our own, but for what those cannot show, since nearly each of their
# events has one report: heads, repeats, seconded, echoes and kind_match are set by hand. docs/measurements.md
WEIGHTS = {
    "kind_match": 1.0,
    "overlap": 0.25,
    "near": 0.8,
    "heads": 0.4,
    "rank": 0.1,
    "found": 4.6,
    "repeats": 0.6,
    "seconded": 1.0,
    "told": 1.0,
    "named": 1.0,
    "echoes": -2.0,
    "length": -1.0,
    "read": 0.42,
    "agrees": 1.96,
}
_SURE = 15.0  # log-odds beyond this say no more
_MARKED = 6  # spans of each sentence that the reader marks
_MARKED_MATCH = 0.5  # their fit to the kind asked for, where no figure or name says better


def score(span: Span) -> float:
    return sum(weight * float(getattr(span, name)) for name, weight in WEIGHTS.items())


def candidates(question: str, evidence: Sequence[Sentence], vote: Vote | None = None) -> list[Span]:
    """Every span that could answer, best first; ties by sentence, then position."""
    kind = kind_of(question)
    asked = {stem(word) for word in asked_words(question)}
    wanted = content_stems(question)
    weights = rarity(wanted, [set(content_stems(item.text)) for item in evidence])
    total = sum(weights.values()) or 1.0
    best = max((item.score for item in evidence), default=1.0) or 1.0
    top = max((item.hit.score for item in evidence), default=1.0) or 1.0
    texts = [f" {' '.join(token.stem for token in tokens(item.text))} " for item in evidence]
    said = vote.text.strip(' ."“”') if vote else ""
    held = {item.hit.passage.id: _held(item.hit) for item in evidence}
    names = names_in(question)
    found: list[Span] = []
    for item in evidence:
        words = tokens(item.text)
        present = {word.stem for word in words}
        overlap = sum(weight for word, weight in weights.items() if word in present) / total
        around = held[item.hit.passage.id]
        told = sum(weight for word, weight in weights.items() if word in around) / total
        named = len(names & around) / len(names) if names else 1.0
        for (start, end), match in _offered(item, kind, said).items():
            text = item.text[start:end]
            own = [word.stem for word in words if start <= word.start < end]
            if not own:
                continue
            phrase = f" {' '.join(own)} "
            others = sum(phrase in other for other in texts) - 1
            found.append(
                Span(
                    item,
                    start,
                    end,
                    text,
                    kind_match=match,
                    overlap=0.5 * overlap + 0.5 * item.score / best,
                    near=_nearness(words, start, end, weights, total),
                    heads=_heads(words, start, end, asked),
                    rank=1 / (1 + 0.3 * (item.n - 1)),
                    found=share_of_best(item.hit.score, top),
                    repeats=min(1.0, max(0, others) / 3),
                    seconded=0.0,
                    told=told,
                    named=named,
                    echoes=sum(1 for word in own if word in weights) / len(own),
                    length=min(1.0, len(own) / 10),
                    read=_odds(item, start, end),
                    agrees=_agreement(text, said) * vote.probability if vote else 0.0,
                )
            )
    return sorted(
        _seconded(found), key=lambda span: (-score(span), span.sentence.n, span.start, -span.end)
    )


def _held(hit: Hit) -> set[str]:
    """Stems of the words of a passage, its title, and its year."""
    article = hit.passage.article
    return {
        token.stem
        for token in tokens(
            f"{article.title or ''} {hit.passage.text} {(article.published_at or '')[:4]}"
        )
    }


def _odds(item: Sentence, start: int, end: int) -> float:
    if item.reading is None:
        return 0.0
    odds = item.reading.score(item.start + start, item.start + end)
    return -_SURE if odds is None else min(_SURE, max(-_SURE, odds))


def _seconded(spans: Sequence[Span]) -> list[Span]:
    """The spans with what the reader thinks of the same words in other articles."""
    alike: dict[tuple[str, ...], dict[str, float]] = {}
    keys = [tuple(token.stem for token in tokens(span.text)) for span in spans]
    for span, key in zip(spans, keys, strict=True):
        by_article = alike.setdefault(key, {})
        name = span.sentence.hit.passage.article.id
        chance = 1 / (1 + math.exp(-span.read)) if span.sentence.reading is not None else 0.0
        by_article[name] = max(by_article.get(name, 0.0), chance)
    return [
        replace(
            span,
            seconded=min(1.0, sum(chance for name, chance in alike[key].items() if name != own)),
        )
        for span, key in zip(spans, keys, strict=True)
        for own in [span.sentence.hit.passage.article.id]
    ]


def _offered(item: Sentence, kind: AnswerKind, said: str) -> dict[tuple[int, int], float]:
    """The spans that rules, reader and vote offer, each once, with how well it fits the kind asked for."""
    figures = find_figures(item.text, item.hit.passage.article.published_at)
    offered: dict[tuple[int, int], float] = {}
    for start, end, match in _spans(item, kind, figures):
        offered[start, end] = max(match, offered.get((start, end), 0.0))
    if item.reading is not None:
        for start, end, _ in item.reading.best(item.start, item.end, _MARKED):
            place = _uncut(item.text, start - item.start, end - item.start, figures)
            # "40 km" around the figure 40 is of its kind.
            inside = [
                match
                for (low, high), match in offered.items()
                if place[0] <= low and high <= place[1]
            ]
            offered.setdefault(
                place, max([_MARKED_MATCH if kind not in FIGURE_KINDS else 0.0, *inside])
            )
    at = (
        locate(said, [item])
        if said and len(said) <= _LONGEST_VOTE and _could_be(kind, said)
        else None
    )
    if at is not None:
        offered.setdefault(
            _uncut(item.text, at[1] - item.start, at[2] - item.start, figures), _MARKED_MATCH
        )
    return offered


def _uncut(text: str, start: int, end: int, figures: Sequence[Figure]) -> tuple[int, int]:
    """The span, widened over a figure that it cuts to another value: "six" of "twenty-six", "1.85" of "1.85 million".
    The year of a date is no other value.
    """
    for figure in figures:
        cut = (
            figure.start < end
            and start < figure.end
            and not start <= figure.start <= figure.end <= end
        )
        inside = (max(start, figure.start), min(end, figure.end))
        if cut and not any(holds(part, figure) for part in find_figures(text[slice(*inside)])):
            start, end = min(start, figure.start), max(end, figure.end)
    return start, end


def _spans(
    item: Sentence, kind: AnswerKind, figures: Sequence[Figure]
) -> Iterator[tuple[int, int, float]]:
    """Offsets in the sentence, and how well the span fits the kind asked for."""
    text = item.text
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
        if (
            not name
            or name.lower() in CALENDAR_WORDS
            or any(low <= start and end <= high for low, high in dates)
        ):
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
            if title
            or (
                2 <= len(words) <= 4 and not any(word.isupper() and len(word) > 1 for word in words)
            )
            else 0.6
        )
    if kind == "place":
        return 1.0 if _BEFORE_PLACE.search(text, max(0, start - 20), start) else 0.5
    if kind == "organisation":
        return 0.5 if title else 1.0
    return 0.8


def _nearness(
    words: Sequence[Token], start: int, end: int, weights: dict[str, float], total: float
) -> float:
    """The weight of the question's words around the span, each falling with its distance in words."""
    inside = [index for index, word in enumerate(words) if start <= word.start < end]
    if not inside:
        return 0.0
    near: dict[str, float] = {}
    for index, word in enumerate(words):
        if word.stem in weights and not inside[0] <= index <= inside[-1]:
            distance = inside[0] - index if index < inside[0] else index - inside[-1]
            near[word.stem] = max(
                near.get(word.stem, 0.0), weights[word.stem] * math.exp(-(distance - 1) / 8)
            )
    return sum(near.values()) / total


def _heads(words: Sequence[Token], start: int, end: int, asked: set[str]) -> float:
    """Whether what is asked for ("how many servicemen") stands in the span or in the three words behind it."""
    if not asked:
        return 0.0
    inside = [word.stem for word in words if start <= word.start < end]
    behind = [word.stem for word in words if word.start >= end][:3]
    return sum(word in behind or word in inside for word in asked) / len(asked)


@dataclass(frozen=True, slots=True)
class Choice:
    text: str
    sentence: Sentence
    confidence: float


# Logistic regression of "the choice is right" on its score, fitted by `make fit` on held-out questions. How far it
# leads over the next, or what else speaks for it, tells right from wrong a little better, and silence much worse:
# docs/measurements.md
CONFIDENCE = (-4.221, 0.493)


def choose(question: str, evidence: Sequence[Sentence], vote: Vote | None = None) -> Choice | None:
    """The best span, and of figures that other days give for the same thing the latest. None without a candidate."""
    spans = candidates(question, evidence, vote)
    if not spans:
        return None
    best, item = spans[0], spans[0].sentence
    later = newest(
        item, rivals(question, item, item.start + best.start, item.start + best.end, evidence)
    )
    constant, slope = CONFIDENCE
    confidence = 1 / (1 + math.exp(-(constant + slope * score(best))))
    chosen = (later.text, later.sentence) if later is not None else (best.text, item)
    return Choice(*chosen, round(confidence, 4))


def decide(question: str, evidence: Sequence[Sentence]) -> Choice | None:
    """Yes or no to a question with a figure in it ("Was it 200 million?"), by value, with the sentence that decides:
    the first that speaks of what is asked and has one figure of that kind. None where there is no such figure or
    sentence, and for every other yes/no question.
    """
    asked = [figure for figure in find_figures(question) if figure.kind != "date"]
    if len(asked) != 1:
        return None
    figure = asked[0]
    rest = set(content_stems(question[: figure.start] + " " + question[figure.end :]))
    for item in evidence:
        held = find_figures(item.text, item.hit.passage.article.published_at)
        alike = [other for other in held if other.kind == figure.kind]
        spoken = set(content_stems(item.text)) | set(
            content_stems(item.hit.passage.article.title or "")
        )
        share = len(rest & spoken) / len(rest) if rest else 0.0
        if share >= _SPOKEN_OF and len(alike) == 1:
            return Choice("Yes" if holds(figure, alike[0]) else "No", item, round(share, 4))
    return None


def _could_be(kind: AnswerKind, said: str) -> bool:
    """Whether read words can be of the kind asked for: a figure where one is wanted, a name where one is."""
    found = {figure.kind for figure in find_figures(said)}
    if kind in FIGURE_KINDS:
        return bool(found & FIGURE_KINDS[kind])
    if kind in ("person", "place", "organisation"):
        return any(word[:1].isupper() for word in said.split()) and not said[:1].isdigit()
    return True


def _agreement(one: str, other: str) -> float:
    """F1 over shared words, as in SQuAD's score."""
    first, second = [token.stem for token in tokens(one)], [token.stem for token in tokens(other)]
    if not first or not second:
        return 0.0
    shared = sum((Counter(first) & Counter(second)).values())
    return 2 * shared / (len(first) + len(second))
