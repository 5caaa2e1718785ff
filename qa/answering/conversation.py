"""Follow-up questions, completed by the questions before them: by rule, or by a model that can."""

import logging
import re
from collections.abc import Sequence

from qa.errors import AnswerModelError
from qa.language.words import content_stems
from qa.models.base import Rewriting
from qa.question import LONGEST_QUESTION, check_question

_LEANS = re.compile(
    r"^\W*(?:and|but|or|so|then|what about|how about)\b"
    r"|\b(?:it|its|that|this|those|these|he|him|his|she|her|they|them|their|there|then|one|ones)\b(?!\s+(?:is|was)\s+the\b)",
    re.IGNORECASE,
)
_OPENING = re.compile(r"^\W*(?:and|but|or|so|then)\b[\s,]*", re.IGNORECASE)
_ALONE = 2  # content words without which a question names nothing that could be found

_log = logging.getLogger("dateline.models")

LEANT_ON = 4  # earlier questions that a follow-up may lean on


def whole_question(question: str, earlier: Sequence[str]) -> str:
    """The question, completed by as many of the earlier ones as fit into the longest question.

    ``earlier``: the user's questions before it in this conversation, oldest first. Raises BadInput
    for an empty or overlong question.
    """
    check_question(question)
    asked_before = [asked for asked in earlier if asked.strip()]
    leant_on = [asked for asked in asked_before[-LEANT_ON:] if len(asked) <= LONGEST_QUESTION]
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


def completed(question: str, earlier: Sequence[str], model: object) -> str:
    """As `whole_question`, in the words of a model that can rewrite questions.

    Its question counts if it keeps every content word of the follow-up and takes all others from
    the earlier questions; else, and where it fails, the rule decides. A question that needs no
    other is left as it is. Raises BadInput for an empty or overlong question.
    """
    by_rule = whole_question(question, earlier)
    if by_rule == question or not isinstance(model, Rewriting):
        return by_rule
    leant_on = earlier[-LEANT_ON:]
    try:
        rewritten = " ".join(model.rewrite(question, leant_on).split())
    except AnswerModelError as error:
        _log.info("a follow-up question was not rewritten: %s", error)
        return by_rule
    own = set(content_stems(question))
    known = own.union(*(content_stems(text) for text in leant_on))
    said = set(content_stems(rewritten))
    fits = own < said <= known and len(rewritten) <= LONGEST_QUESTION
    return rewritten if fits else by_rule
