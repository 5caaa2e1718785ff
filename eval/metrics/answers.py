"""How right an answer is: by its words, by the choice that it is nearest to, as a whole."""

import re
import string
from collections import Counter
from collections.abc import Sequence

from eval.metrics.figures import figure_match
from eval.metrics.words import without_accents

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_DIGITS = re.compile(r"\d+")
CLOSE = 0.5  # F1 above which a short answer is right
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """SQuAD's normalisation (Rajpurkar et al., 2016).

    Lower case, no punctuation, no articles, single spaces.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def occurs(answers: Sequence[str], text: str) -> bool:
    """Return True if any of the answers occurs in the text, normalised and as whole words.

    An answer without words never does.
    """
    within = f" {normalise(text)} "
    wanted = (normalise(answer) for answer in answers)
    return any(f" {words} " in within for words in wanted if words)


def exact_match(answer: str, right: Sequence[str]) -> float:
    """1 if the normalised answer equals a right one, else 0 (Rajpurkar et al., 2016).

    An answer without words equals none.
    """
    said = _compared(answer)
    return float(bool(said) and any(said == _compared(other) for other in right))


def f1(answer: str, right: Sequence[str]) -> float:
    """2PR / (P + R), the best over the right answers (Rajpurkar et al., 2016).

    P and R are the shares of the answer's and of the right answer's words that both have, counted
    with multiplicity. 0 where one of them has no words, and without right answers.
    """
    said = _compared(answer).split()
    return max((_shared_words(said, _compared(other).split()) for other in right), default=0.0)


def choice_right(answer: str | None, right: Sequence[str], choices: Sequence[str]) -> float | None:
    """1 if the choice nearest to the answer by `f1` is a right one. None without choices.

    0 without an answer, without a word in common, and for two choices that are equally near.
    """
    if not choices:
        return None
    scores = [f1(answer or "", [choice]) for choice in choices]
    best = max(scores)
    nearest = set()
    for choice, score in zip(choices, scores, strict=True):
        if score == best:
            nearest.add(normalise(choice))
    if best == 0 or len(nearest) > 1:
        return 0.0
    return float(nearest <= {normalise(other) for other in right})


def is_right(said: str, right: Sequence[str], choices: Sequence[str] = ()) -> bool:
    """Return True for an exact match, the same figure, the right choice, or a close wording.

    Where a right answer and ``said`` are figures, their values decide. A wording is close if its
    `f1` is above `CLOSE` ("United Kingdom" and "United States" share half of their words), and if
    it has no other number in digits ("Apollo 13"). Accents do not count: "Świątek" is "Swiatek".
    """
    said = without_accents(said)
    right, choices = list(map(without_accents, right)), list(map(without_accents, choices))
    if exact_match(said, right) or choice_right(said, right, choices):
        return True
    figure = figure_match(said, right)
    if figure is not None and (figure.same or figure.read):
        return figure.same
    numbers = set(_DIGITS.findall(said))
    close = [other for other in right if f1(said, [other]) > CLOSE]
    return any(set(_DIGITS.findall(other)) == numbers for other in close)


def _compared(text: str) -> str:
    """Normalised; a text of articles alone (vitamin "A") keeps them."""
    return normalise(text) or " ".join(text.lower().translate(_PUNCTUATION).split())


def _shared_words(said: Sequence[str], right: Sequence[str]) -> float:
    if not said or not right:
        return 0.0
    shared = sum((Counter(said) & Counter(right)).values())
    return 2 * shared / (len(said) + len(right))
