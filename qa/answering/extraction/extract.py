"""An answer from the evidence alone, in the form that the question wants."""

from collections.abc import Iterator, Sequence

from qa import tuning
from qa.answering.choice import choose
from qa.answering.extraction import brief, items, premise, telling, unknown, vague, verdicts
from qa.answering.sentence import Sentence
from qa.models.base import Declined, Statement, Written
from qa.question import Question

_NO_CANDIDATE = "no sentence of the nearest passages holds an answer of the kind asked for"
_UNDECIDED = "no sentence of the nearest passages decides this"


def extract(question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
    """The statements of the answer, or why there is none. All text is the evidence's."""
    if question.form in ("short", "sentences"):
        several = vague.meant(question, evidence)
        if several:
            yield from several
            return
    if question.form != "yes_no":
        contradicted = premise.contradicted(question, evidence)
        if contradicted is not None:
            yield contradicted
            return
    statements = _FORMS[question.form](question, evidence)
    sure = statements[0].confidence if statements else 0.0
    open_question = unknown.said_to_be(question, evidence, sure or 0.0)
    if question.form == "yes_no" and not _leaves_open(open_question):
        open_question = None
    if open_question is not None:
        yield open_question
    elif statements:
        yield from statements
    elif question.form == "yes_no":
        yield Declined("not_in_archive", _UNDECIDED)
    else:
        yield Declined("not_in_archive", _NO_CANDIDATE)


def _leaves_open(statement: Statement | None) -> bool:
    """Whether a question of yes or no is meant: with few of its words, something else is open."""
    return statement is not None and (statement.confidence or 0.0) >= tuning.UNKNOWN_VERDICT


def _short(question: Question, evidence: Sequence[Sentence]) -> list[Statement]:
    choice = choose(question, evidence)
    if choice is None:
        return []
    span = choice.span
    return [
        Statement(
            span.text,
            (span.sentence.n,),
            confidence=choice.confidence,
            span=span,
            comparison=choice.comparison,
        )
    ]


_FORMS = {
    "short": _short,
    "sentences": telling.tell,
    "yes_no": verdicts.decide,
    "list": items.enumerate_items,
    "brief": brief.compose,
}
