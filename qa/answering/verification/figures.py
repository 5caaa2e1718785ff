"""Figures of a claim against those of a source: value, unit, bound, and what they count."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from qa.answering.sentence import Sentence
from qa.answering.verification.claim import Claim
from qa.answering.verification.source import Source
from qa.answering.verification.text import Word, key, meanings
from qa.answering.verification.vocabulary import ORDINALS, QUANTITY
from qa.language.dates import MONTHS, WEEKDAYS, days_of
from qa.language.figures import holds
from qa.question import Question
from qa.types import Figure

_RUN = re.compile(r"\d+(?:[.,:/–-]\d+)*[^\W\d_]*|[^\W\d_]+\d\w*")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)\Z")
_RANGE = re.compile(
    r"(\d[\d.,]*)\s?(?:[a-z%][a-z.]{0,7})?\s{0,2}(?:and|to|or|-|–)\s{0,2}(?:[A-Z]{3}\s|[$€£])?(\d[\d.,]*)"
)
_STRICT_BOUNDS = ("at_least", "at_most")


def figure_faults(claim: Claim, source: Source) -> Iterator[str]:
    """Every number, amount, date and quantity that the source does not hold as the claim has it."""
    sentence = source.sentence
    for figure in claim.figures:
        if holder(figure, [sentence]) is None:
            if _is_article(claim, figure, source):
                continue
            if not asked(figure, source.question):
                yield f"the sentence does not hold the figure {figure.text}"
            elif not _counts_what_the_question_counts(claim, figure, source.question):
                yield f"the figure {figure.text} is only in the question"
            continue
        matches = [other for other in sentence.figures if supports(figure, other)]
        if not any(_agrees(figure, other) for other in matches):
            yield f"the sentence has {matches[0].text}, not {figure.text}"
        elif figure.kind in ("number", "money") and not any(
            _counts_the_same(claim, figure, other, source) for other in matches
        ):
            yield f"{figure.text} counts something else in the sentence"
    yield from _runs(claim, source)
    yield from _quantities(claim, source)
    yield from _days(claim, source)


def _is_article(claim: Claim, figure: Figure, source: Source) -> bool:
    """Return True for "one of the ships", "one fifth", "one-off", and "one hour" for "an hour"."""
    one, _, rest = figure.text.partition(" ")
    if one.lower() != "one":
        return False
    behind = rest or claim.text[figure.end :].lstrip()
    if claim.text[figure.end :].startswith("-off"):
        return True
    first = behind.split(maxsplit=1)[0].strip(".,;") if behind else ""
    text = source.sentence.text.lower()
    return (
        first in ("of", "quarter", "half", *ORDINALS)
        or f"a {first}" in text
        or f"an {first}" in text
    )


def holder(figure: Figure, sentences: Sequence[Sentence]) -> Sentence | None:
    """The first sentence that holds a figure."""
    for item in sentences:
        if any(supports(figure, other) for other in item.figures):
            return item
    return None


def supports(figure: Figure, other: Figure) -> bool:
    """Equal by value, and no more precise than the source."""
    return holds(figure, other) and not _adds_year(figure, other)


def asked(figure: Figure, question: Question) -> bool:
    """Whether the question names the figure. A date that is more precise than the question's is not
    named by it.
    """
    return any(supports(figure, other) for other in question.figures)


def _adds_year(said: Figure, source: Figure) -> bool:
    dates = said.kind == source.kind == "date"
    return dates and source.value.startswith("--") and not said.value.startswith("--")


def _agrees(said: Figure, source: Figure) -> bool:
    """The same kind, currency and bound, as far as the claim states them."""
    if ("point" in said.text) != ("point" in source.text):
        return False
    if {said.kind, source.kind} == {"money", "number"}:
        return False
    if said.kind == "money" and said.unit != source.unit:
        bare = source.unit is None and said.unit == "USD"
        if not (bare or said.unit is None):
            return False
    return said.bound not in _STRICT_BOUNDS or said.bound == source.bound


def _counts_what_the_question_counts(claim: Claim, figure: Figure, question: Question) -> bool:
    """Dates are taken from a question as they are, counts only with what they count."""
    if figure.kind == "date":
        return True
    behind = _behind(claim.text, figure.end)
    known = {key(word.lower()) for word in re.findall(r"[^\W\d_]+", question.text)}
    return not behind or behind[0] in known


def _counts_the_same(claim: Claim, said: Figure, source_figure: Figure, source: Source) -> bool:
    """Whether the word behind a figure belongs to it in the source too.

    It belongs to the figure if it occurs between the neighbouring figures.
    """
    nouns = _nouns_behind(claim, said)
    if not nouns:
        return True
    figures = source.sentence.figures
    start = max((one.end for one in figures if one.end <= source_figure.start), default=0)
    end = min(
        (one.start for one in figures if one.start >= source_figure.end),
        default=len(source.sentence.text),
    )
    near = frozenset(
        meaning
        for word in source.words
        if start <= word.start < end
        for meaning in meanings(word.key)
    )
    known = near | source.context | source.asked
    if len([one for one in figures if one.kind in ("number", "money")]) < 2:
        known |= frozenset(source.places)
    return any(noun in known for noun in nouns)


def _nouns_behind(claim: Claim, figure: Figure) -> list[str]:
    """Keys of up to three words right behind a figure, up to a function word or a mark."""
    found: list[str] = []
    last = figure.end
    for word in claim.words:
        if word.start < figure.end:
            continue
        between = claim.text[last : word.start]
        if between.strip(" -") or len(found) == 3:
            break
        if not word.is_content:
            if word.lower == "of" and not found:
                last = word.end
                continue
            break
        found.append(word.key)
        last = word.end
    return found


def _behind(text: str, end: int) -> list[str]:
    return [key(word.lower()) for word in re.findall(r"[^\W\d_]+", text[end : end + 30])[:1]]


def _runs(claim: Claim, source: Source) -> Iterator[str]:
    """Digits outside the figures ("3-2", "1990s", "21st") or beyond them ("7,341" of "May 7,341")
    must be in the source as they are.
    """
    known = set(_RUN.findall(source.sentence.text)) | set(_RUN.findall(source.question.text))
    for match in _RUN.finditer(claim.text):
        inside = any(
            figure.start <= match.start() and match.end() <= figure.end for figure in claim.figures
        )
        if not inside and match.group() not in known:
            yield f"the sentence does not hold {match.group()}"
    held = _pairs(source.sentence.text)
    for pair in _pairs(claim.text):
        if pair not in held and (pair[1], pair[0]) in held:
            yield f"the sentence has {pair[1]} before {pair[0]}"


def _pairs(text: str) -> set[tuple[str, str]]:
    return {(match[1].rstrip(".,"), match[2].rstrip(".,")) for match in _RANGE.finditer(text)}


def _quantities(claim: Claim, source: Source) -> Iterator[str]:
    """Find what counts without digits: "dozens", "twice", "two thirds", "fifth"."""
    values = {_ordinal(word.lower) for word in source.words}
    days = {int(figure.value[-2:]) for figure in source.sentence.figures if _is_day(figure)}
    for word in claim.words:
        if claim.in_figure(word):
            continue
        value = _ordinal(word.lower)
        if value is not None and word.lower not in source.lower and value not in values | days:
            yield f"the sentence does not say '{word.text}'"
        for group in QUANTITY:
            if word.lower in group and not group & source.lower and value is None:
                yield f"the sentence does not say '{word.text}'"


def _is_day(figure: Figure) -> bool:
    return (
        figure.kind == "date"
        and len(figure.value) in (7, 10)
        and figure.value[-3] == "-"
        and (figure.value.startswith("--") or len(figure.value) == 10)
    )


def _ordinal(lower: str) -> int | None:
    if lower in ORDINALS:
        return ORDINALS[lower]
    match = _ORDINAL.match(lower)
    return int(match[1]) if match else None


def _days(claim: Claim, source: Source) -> Iterator[str]:
    """Days of the week and months that are no part of a date."""
    sentence = source.sentence
    dated = [days_of(figure.value)[0] for figure in sentence.figures if _is_full_date(figure)]
    known = source.lower | {word.lower for word in words_of(source.question.text)}
    for word in claim.words:
        if word.lower in WEEKDAYS and word.lower not in known:
            if not any(day.weekday() == WEEKDAYS[word.lower] for day in dated):
                yield f"the sentence does not say '{word.text}'"
        elif word.lower in MONTHS and word.is_capital and not claim.in_figure(word):
            months = {MONTHS[known_word] for known_word in known if known_word in MONTHS}
            if MONTHS[word.lower] not in months | {day.month for day in dated}:
                yield f"the sentence does not say '{word.text}'"


def _is_full_date(figure: Figure) -> bool:
    try:
        date.fromisoformat(figure.value)
    except ValueError:
        return False
    return figure.kind == "date" and len(figure.value) == 10


def words_of(text: str) -> list[Word]:
    from qa.answering.verification.text import words

    return words(text)
