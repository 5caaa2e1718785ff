"""RAMDocs' rule (Wang et al., 2025): every right answer is given, and no wrong one."""

from collections.abc import Sequence
from typing import NamedTuple

from eval.metrics.answers import normalise
from qa.answer import Answer


class AnswersSaid(NamedTuple):
    """``share`` of the right answers that are given; whether a ``wrong`` one is."""

    share: float
    wrong: bool


def answers_said(
    answer: Answer, items: Sequence[Sequence[str]], wrong: Sequence[str]
) -> AnswersSaid | None:
    """Which answers an answer gives, in any of their spellings. None without ``items``.

    The paper compares lists of answers in lower case; here an answer is given if it occurs as whole
    words, normalised as `occurs` does. Longer spellings are found first, and what they cover is
    passed over: "Paris, Texas" does not give "Paris".
    """
    if not items:
        return None
    short = answer.short_answer.text if answer.short_answer is not None else ""
    text = " ; ".join([answer.answer or "", short, *(item.text for item in answer.items)])
    right = [normalise(spelling) for spellings in items for spelling in spellings]
    untrue = {normalise(spelling) for spelling in wrong} - set(right)
    said = _said(text, {*right, *untrue})
    given = sum(any(normalise(each) in said for each in spellings) for spellings in items)
    return AnswersSaid(given / len(items), bool(untrue & said))


def _said(text: str, spellings: set[str]) -> set[str]:
    left = f" {normalise(text).replace(' ', '  ')} "  # two spaces: neighbours share none
    found = set()
    for spelling in sorted(spellings - {""}, key=len, reverse=True):
        words = f" {spelling.replace(' ', '  ')} "
        if words in left:
            found.add(spelling)
            left = left.replace(words, " | ")
    return found
