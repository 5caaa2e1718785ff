"""Follow-up questions, completed by the questions before them. Pure functions."""

import re
from collections.abc import Sequence

from qa.language.words import content_stems
from qa.question import LONGEST_QUESTION, check_question

_LEANS = re.compile(
    r"^\W*(?:and|but|or|so|then|what about|how about)\b"
    r"|\b(?:it|its|that|this|those|these|he|him|his|she|her|they|them|their|there|then|one|ones)\b(?!\s+(?:is|was)\s+the\b)",
    re.IGNORECASE,
)
_OPENING = re.compile(r"^\W*(?:and|but|or|so|then)\b[\s,]*", re.IGNORECASE)
_ALONE = 2  # content words without which a question names nothing that could be found


LEANT_ON = 4  # earlier questions that a follow-up may lean on


def whole_question(question: str, earlier: Sequence[str]) -> str:
    """The question, completed by as many of the earlier ones as fit into the longest question.

    ``earlier``: the user's questions before it in this conversation, oldest first. Raises BadInput
    for an empty or overlong question.
    """
    check_question(question)
    leant_on = [asked for asked in earlier[-LEANT_ON:] if len(asked) <= LONGEST_QUESTION]
    while leant_on and len(standalone(question, leant_on)) > LONGEST_QUESTION:
        leant_on.pop(0)
    return standalone(question, leant_on)


def standalone(question: str, earlier: Sequence[str]) -> str:
    """Return the question with the ones it refers to in parentheses.

    "And who announced it?" after "How much aid was announced?" becomes "who announced it? (How much
    aid was announced?)". A question refers back when it begins with a conjunction, has a pronoun,
    or has fewer than two content words. The user's own words are kept, so the follow-up decides the
    kind of answer, and retrieval finds by both. ``earlier``: oldest first.
    """
    if not earlier or not (_LEANS.search(question) or len(content_stems(question)) < _ALONE):
        return question
    whole = standalone(earlier[-1], earlier[:-1])
    return f"{_OPENING.sub('', question).strip()} ({whole})"
