"""Scores, one function each. Where a metric does not apply it is None, never 0.

Rankings are of articles: hits in order, an article counted at its first hit. Relevance is binary.
"""

import math
import re
import string
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from qa.language.figures import find_figures, holds, same_figure
from qa.language.words import content_stems
from qa.types import Figure

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_VERDICT = {"yes", "no"}
_SUPPORTED_SHARE = 0.8  # of a statement's own words must stand in the quotes that support it


def normalise(text: str) -> str:
    """SQuAD's normalisation (Rajpurkar et al., 2016): lower case, no punctuation, no articles, single spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


# Rankings


def hit_at_k(ranked: Sequence[str], relevant: Sequence[str], k: int) -> float | None:
    """1 if any of the first ``k`` different articles is relevant. None without relevant ones."""
    if not relevant:
        return None
    return float(bool(_found(ranked, relevant, k)))


def recall_at_k(ranked: Sequence[str], relevant: Sequence[str], k: int) -> float | None:
    """The share of the relevant articles that are among the first ``k`` different ones. None without relevant ones."""
    if not relevant:
        return None
    return len(_found(ranked, relevant, k)) / len(set(relevant))


def precision_at_k(ranked: Sequence[str], relevant: Sequence[str], k: int) -> float | None:
    """The relevant among the first ``k`` different articles, over ``k`` also where fewer were found, as TREC has it."""
    if not relevant:
        return None
    return len(_found(ranked, relevant, k)) / k


def reciprocal_rank(ranked: Sequence[str], relevant: Sequence[str]) -> float | None:
    """1 / rank of the first relevant article; 0 when none was found. None without relevant ones."""
    if not relevant:
        return None
    ranks = (rank for rank, article in enumerate(_distinct(ranked), start=1) if article in relevant)
    return 1 / first if (first := next(ranks, None)) else 0.0


def average_precision(ranked: Sequence[str], relevant: Sequence[str]) -> float | None:
    """The mean over the relevant articles of the precision at the rank of each, 0 for one that was not found
    (Manning, Raghavan and Schütze, 2008, 8.4); its mean over the cases is MAP.
    """
    if not relevant:
        return None
    found, total = 0, 0.0
    for rank, article in enumerate(_distinct(ranked), start=1):
        if article in relevant:
            found += 1
            total += found / rank
    return total / len(set(relevant))


def ndcg_at_k(ranked: Sequence[str], relevant: Sequence[str], k: int) -> float | None:
    """Gain 1 / log2(rank + 1) of each relevant article among the first ``k``, over that of the best possible order
    (Järvelin and Kekäläinen, 2002).
    """
    if not relevant:
        return None
    gains = [1 / math.log2(rank + 1) for rank in range(1, k + 1)]
    gained = sum(
        gain for gain, article in zip(gains, _distinct(ranked), strict=False) if article in relevant
    )
    return gained / sum(gains[: len(set(relevant))])


def answer_in_passage(passages: Sequence[str], answers: Sequence[str], k: int) -> float | None:
    """1 if any right answer occurs, normalised and as whole words, in one of the first ``k`` passages."""
    if not answers:
        return None
    return float(any(occurs(answers, passage) for passage in passages[:k]))


def occurs(answers: Sequence[str], text: str) -> bool:
    """Whether any of the answers stands in the text, normalised and as whole words."""
    within = f" {normalise(text)} "
    return any(f" {wanted} " in within for answer in answers if (wanted := normalise(answer)))


# Answers


def exact_match(answer: str, right: Sequence[str]) -> float:
    """1 if the normalised answer equals any right one, else 0; an answer that normalises to nothing equals none."""
    said = _compared(answer)
    return float(bool(said) and any(said == _compared(other) for other in right))


def f1(answer: str, right: Sequence[str]) -> float:
    """The best over the right answers of 2PR / (P + R), P and R over shared words counted with multiplicity
    (Rajpurkar et al., 2016).
    """
    return max(
        (_f1(_compared(answer).split(), _compared(other).split()) for other in right), default=0.0
    )


def _compared(text: str) -> str:
    """Normalised; a text that vanishes with its articles (vitamin "A") keeps them."""
    return normalise(text) or " ".join(text.lower().translate(_PUNCTUATION).split())


class FigureMatch(NamedTuple):
    same: bool
    approximate: bool  # one of the two is "some", "nearly", "more than" …


class _Said(NamedTuple):
    figure: Figure
    negative: bool
    measure: str  # what it is measured in, as far as `_MEASURE` knows it


def figure_match(
    answer: str, right: Sequence[str], published_at: str | None = None
) -> FigureMatch | None:
    """Whether the answer gives the same figure as a right one, by value and unit: "$200m" is "USD 200 million", "$200"
    is not. An answer that gives several figures, or none, matches none. What is counted is not compared ("17 people"
    is "17"), but what it is measured in is, where both say it. None where no right answer is a figure.
    ``published_at`` resolves dates like "Tuesday".
    """
    readings = (_only_figure(other, published_at, whole=True) for other in right)
    wanted = [found for found in readings if found is not None]
    if not wanted:
        return None
    said = _only_figure(answer, published_at, whole=False)
    same = [other for other in wanted if said is not None and _same(said, other)]
    if said is None or not same:
        return FigureMatch(same=False, approximate=False)
    exact = said.figure.bound == "exact" and any(other.figure.bound == "exact" for other in same)
    return FigureMatch(same=True, approximate=not exact)


def choice_right(answer: str | None, right: Sequence[str], choices: Sequence[str]) -> float | None:
    """1 if, of the choices, the one nearest to the answer by `f1` is a right one. No answer, no word in common with
    any, or two different ones equally near: 0. None without choices.
    """
    if not choices:
        return None
    scores = [f1(answer or "", [choice]) for choice in choices]
    nearest = {
        normalise(choice)
        for choice, score in zip(choices, scores, strict=True)
        if score == max(scores)
    }
    if max(scores) == 0 or len(nearest) > 1:
        return 0.0
    return float(nearest <= {normalise(other) for other in right})


# Citations


def supports(quotes: Sequence[str], statement: str, question: str) -> bool | None:
    """A deterministic stand-in for the entailment model of ALCE (Gao et al., 2023): every figure of the statement
    stands in a quote by value, and so do four of five of its content words, those of the question left out.
    None where it has none of either (a bare yes), so that nothing can be said.
    """
    figures = find_figures(statement)
    held = [figure for quote in quotes for figure in find_figures(quote)]
    bare = statement
    for figure in reversed(figures):
        bare = bare[: figure.start] + " " + bare[figure.end :]
    own = set(content_stems(bare)) - set(content_stems(question)) - _VERDICT
    if not figures and not own:
        return None
    if any(not any(holds(figure, other) for other in held) for figure in figures):
        return False
    there = own & {stem for quote in quotes for stem in content_stems(quote)}
    return not own or len(there) / len(own) >= _SUPPORTED_SHARE


def citation_recall(statement: str, quotes: Sequence[str], question: str) -> float | None:
    """ALCE's, for an answer as one statement: 1 if its quotes together support it."""
    if not quotes:
        return 0.0
    together = supports(quotes, statement, question)
    return None if together is None else float(together)


def citation_precision(statement: str, quotes: Sequence[str], question: str) -> float | None:
    """ALCE's: the share of the quotes that are not idle. One is idle when it does not support the statement alone
    while the others do without it, or when all together do not support it. None without quotes.
    """
    together = supports(quotes, statement, question)
    if not quotes or together is None:
        return None
    if not together:
        return 0.0
    useful = 0
    for index, quote in enumerate(quotes):
        rest = [*quotes[:index], *quotes[index + 1 :]]
        useful += bool(supports([quote], statement, question)) or not supports(
            rest, statement, question
        )
    return useful / len(quotes)


# Declining and confidence


class CurvePoint(NamedTuple):
    """What a threshold would give: the share of all cases that are answered, and how right those answers are."""

    threshold: float
    coverage: float
    accuracy: float | None  # None where nothing is answered


def coverage_curve(cases: Sequence[tuple[float, float]]) -> list[CurvePoint]:
    """The coverage-accuracy curve (El-Yaniv and Wiener, 2010) at thresholds 0, .05 … .95. ``cases``: for each its
    best answer's confidence, and how right that answer is, 0..1 (an answer to an unanswerable case is 0); a case
    without any answer has confidence -1.
    """
    points = []
    for threshold in (step / 20 for step in range(20)):
        answered = [right for confidence, right in cases if confidence >= threshold]
        points.append(
            CurvePoint(
                threshold,
                len(answered) / len(cases) if cases else 0.0,
                sum(answered) / len(answered) if answered else None,
            )
        )
    return points


def curve_area(cases: Sequence[tuple[float, float]]) -> float | None:
    """The area under accuracy over coverage: the mean over the answered cases, surest first, of the accuracy up to
    each. Cases of equal confidence come in together, so that their order tells nothing. None without an answered one.
    """
    answered = sorted((case for case in cases if case[0] >= 0), reverse=True)
    if not answered:
        return None
    total, right, taken, start = 0.0, 0.0, 0, 0
    while start < len(answered):
        end = start
        while end < len(answered) and answered[end][0] == answered[start][0]:
            end += 1
        right += sum(score for _, score in answered[start:end])
        taken = end
        total += right / taken * (end - start)
        start = end
    return total / len(answered)


def auroc(cases: Sequence[tuple[float, float]]) -> float | None:
    """How well confidence parts right answers from wrong ones: the chance that a right one has the higher, ties half
    (Fawcett, 2006). ``cases`` as in `coverage_curve`, right where at least .5; a case without any answer is in
    neither. None without both kinds.
    """
    right = sorted(confidence for confidence, score in cases if score >= 0.5 and confidence >= 0)
    wrong = sorted(confidence for confidence, score in cases if score < 0.5 and confidence >= 0)
    if not right or not wrong:
        return None
    ranks = _mid_ranks(right + wrong)
    above = sum(ranks[: len(right)]) - len(right) * (len(right) + 1) / 2
    return above / (len(right) * len(wrong))


class Bin(NamedTuple):
    confidence: float  # mean of the bin
    accuracy: float
    cases: int


def calibration(cases: Sequence[tuple[float, float]], bins: int = 10) -> list[Bin]:
    """Cases with an answer in bins of equal width by confidence, empty ones left out."""
    groups: list[list[tuple[float, float]]] = [[] for _ in range(bins)]
    for confidence, right in cases:
        if confidence >= 0:
            groups[min(bins - 1, int(confidence * bins))].append((confidence, right))
    return [
        Bin(
            sum(c for c, _ in group) / len(group), sum(r for _, r in group) / len(group), len(group)
        )
        for group in groups
        if group
    ]


def calibration_error(cases: Sequence[tuple[float, float]], bins: int = 10) -> float | None:
    """Expected calibration error (Guo et al., 2017): the mean over the cases of how far their bin's accuracy lies
    from its confidence. None without an answered case.
    """
    found = calibration(cases, bins)
    total = sum(each.cases for each in found)
    return (
        sum(each.cases * abs(each.accuracy - each.confidence) for each in found) / total
        if total
        else None
    )


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile: the smallest value that at least ``share`` of the values do not exceed."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def _found(ranked: Sequence[str], relevant: Sequence[str], k: int) -> set[str]:
    return set(_distinct(ranked)[:k]) & set(relevant)


def _distinct(ranked: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(ranked))


def _f1(said: list[str], right: list[str]) -> float:
    if not said or not right:
        return 0.0
    shared = sum((Counter(said) & Counter(right)).values())
    return 2 * shared / (len(said) + len(right))


_MINUS = re.compile(r"(?:\bminus\s+|(?<![\w\d])[-−]\s?)$", re.IGNORECASE)
_MEASURE = re.compile(
    r"[\s-]*(?:(?:a|an|per)\s+)?(percentage\s+points?|km/h|kph|mph|miles\s+per\s+hour|knots?|kilomet(?:re|er)s?|km|miles?|met(?:re|er)s?"
    r"|f(?:oo|ee)t|ft|inch(?:es)?|yards?|kilo(?:gram)?s?|kg|grams?|lbs?|ounces?|tonnes?|tons?|barrels?|gallons?"
    r"|lit(?:re|er)s?|acres?|hectares?|(?:degrees?|°)\s?(?:celsius|fahrenheit|c\b|f\b))(?!\w)",
    re.IGNORECASE,
)
_SPELLINGS = {
    "kph": "km/h", "miles per hour": "mph", "kilometer": "km", "kilometre": "km", "meter": "metre", "feet": "ft",
    "foot": "ft", "kilo": "kg", "kilogram": "kg", "liter": "litre", "inche": "inch", "°c": "celsius", "° c": "celsius",
    "°celsius": "celsius", "degree c": "celsius", "degree celsius": "celsius", "°f": "fahrenheit", "° f": "fahrenheit",
    "°fahrenheit": "fahrenheit", "degree f": "fahrenheit", "degree fahrenheit": "fahrenheit",
}  # fmt: skip


def _measure(text: str, end: int) -> str:
    found = _MEASURE.match(text, end)
    if found is None:
        # "percentage points" is part of what is read as a percentage
        return "percentage point" if "point" in text[max(0, end - 8) : end].lower() else ""
    name = re.sub(r"\s+", " ", found[1].lower()).replace("degrees", "degree").removesuffix("s")
    return _SPELLINGS.get(name, name)


def _only_figure(text: str, published_at: str | None, *, whole: bool) -> _Said | None:
    """The text's one figure; with ``whole`` only if little else stands beside it, so that the text is a figure."""
    figures = find_figures(text, published_at)
    if len(figures) != 1:
        return None
    rest = f"{text[: figures[0].start]} {text[figures[0].end :]}"
    words = content_stems(rest)
    if whole and (
        len(words) > 2 or any(word[:1].isupper() and len(word) > 1 for word in rest.split())
    ):
        return None
    negative = bool(_MINUS.search(text, 0, figures[0].start))
    return _Said(figures[0], negative, _measure(text, figures[0].end))


def _same(one: _Said, other: _Said) -> bool:
    """Stricter than what a quote must hold: the same kind, sign and measure, a date as precise; durations by length
    (14 days are two weeks, no month is 30 days). Percentage points are no percentage.
    """
    said, right = one.figure, other.figure
    if said.kind != right.kind or one.negative != other.negative:
        return False
    if one.measure != other.measure and (said.kind == "percent" or (one.measure and other.measure)):
        return False
    if said.kind == "date":
        return (said.value, said.value_to) == (right.value, right.value_to)
    if said.kind == "duration":
        return all(
            (one is None and other is None)
            or (one is not None and other is not None and _length(one) == _length(other))
            for one, other in ((said.value, right.value), (said.value_to, right.value_to))
        )
    return same_figure(said, right)


_DURATION = re.compile(r"(T)|([\d.]+)([A-Z])")
_IN_MONTHS = {"Y": 12, "M": 1}
_IN_SECONDS = {"W": 7 * 86_400, "D": 86_400}
_OF_A_DAY = {"H": 3_600, "M": 60, "S": 1}


def _length(duration: str) -> tuple[Decimal, Decimal]:
    """An ISO 8601 duration as months and seconds, which do not convert into each other."""
    months = seconds = Decimal(0)
    of_a_day = False
    for match in _DURATION.finditer(duration):
        if match[1]:
            of_a_day = True
            continue
        count, unit = Decimal(match[2]), match[3]
        if of_a_day:
            seconds += count * _OF_A_DAY[unit]
        elif unit in _IN_MONTHS:
            months += count * _IN_MONTHS[unit]
        else:
            seconds += count * _IN_SECONDS[unit]
    return months, seconds


def _mid_ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1, equal values sharing the mean of theirs."""
    order = sorted(range(len(values)), key=lambda index: values[index])
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for index in order[start:end]:
            ranks[index] = (start + 1 + end) / 2
        start = end
    return ranks
