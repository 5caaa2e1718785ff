"""How right an answer is: by its words, by the choice that it is nearest to, as a whole."""

import re
import string
from collections import Counter
from collections.abc import Sequence

from eval.cases import EvalCase
from eval.metrics.figures import figure_match

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """SQuAD's normalisation (Rajpurkar et al., 2016).

    Lower case, no punctuation, no articles, single spaces.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def occurs(answers: Sequence[str], text: str) -> bool:
    """Return True if any of the answers occurs in the text, normalised and as whole words."""
    within = f" {normalise(text)} "
    wanted = (normalise(answer) for answer in answers)
    return any(f" {words} " in within for words in wanted if words)


def exact_match(answer: str, right: Sequence[str]) -> float:
    """1 if the normalised answer equals a right one, else 0. An empty one equals none."""
    said = _compared(answer)
    return float(bool(said) and any(said == _compared(other) for other in right))


def f1(answer: str, right: Sequence[str]) -> float:
    """2PR / (P + R), the best over the right answers (Rajpurkar et al., 2016).

    P and R are shares of shared words, counted with multiplicity.
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


def is_right(said: str | None, case: EvalCase) -> bool | None:
    """Return True for an exact match, the right figure or the right choice.

    ``said`` is None if the system declined, which is right where the case is unanswerable. None
    for a case whose answer is not known.
    """
    if not case.answerable:
        return said is None
    if not case.answers:
        return None
    if not said:
        return False
    figure = figure_match(said, case.answers)
    return bool(
        exact_match(said, case.answers)
        or (figure is not None and figure.same)
        or choice_right(said, case.answers, case.choices)
    )


def is_yes_or_no(case: EvalCase) -> bool:
    """Return True if every right answer is a yes or a no."""
    answers = [normalise(answer) for answer in case.answers]
    return bool(answers) and all(answer in ("yes", "no") for answer in answers)


def _compared(text: str) -> str:
    """Normalised; a text of articles alone (vitamin "A") keeps them."""
    return normalise(text) or " ".join(text.lower().translate(_PUNCTUATION).split())


def _shared_words(said: Sequence[str], right: Sequence[str]) -> float:
    if not said or not right:
        return 0.0
    shared = sum((Counter(said) & Counter(right)).values())
    return 2 * shared / (len(said) + len(right))
