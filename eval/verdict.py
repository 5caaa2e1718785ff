"""Right, declined or wrong: one verdict on each answer, by the form of its case.

Their mean is CRAG's score (Yang et al., 2024): +1 right, 0 declined, -1 wrong.
"""

from enum import IntEnum

from eval import metrics
from eval.cases import EvalCase
from eval.metrics.citations import answer_citations
from eval.metrics.every_answer import answers_said
from eval.metrics.forms import (
    brief_shares,
    cites_gold,
    is_confirmed,
    item_shares,
    states_a_value,
    verdict_said,
)
from eval.outcome import Outcome
from qa.answer import Answer

# A list is right from this F1: with nothing wrong in it, when it has more than half of the items.
LIST_RIGHT = 0.7
# A brief is right from this F1 of both shares: with every citation sound, from a third of the gold.
BRIEF_RIGHT = 0.5
UNJUDGED = "unjudged"  # the name of no verdict


class Verdict(IntEnum):
    """What an answer counts in the score."""

    WRONG = -1
    DECLINED = 0
    RIGHT = 1


def verdict_of(case: EvalCase, outcome: Outcome) -> Verdict | None:
    """The verdict on an answer; None for retrieval alone, and where it cannot be judged.

    - unanswerable: declined is right, any answer is wrong;
    - false_premise: right if the answer objects or cites what is true, see `_objects`;
    - any other form: an answer that was declined is neither;
    - short: see `metrics.is_right`;
    - yes_no: by the verdict; an answer without one is wrong;
    - every_answer: right if every item is given, and no wrong answer;
    - list, brief: by F1, see `LIST_RIGHT` and `BRIEF_RIGHT`;
    - unknown: right if a gold sentence is cited and no value is given as the answer;
    - why, how, said, happened, sentences: right if a gold sentence is cited.
    """
    answer = outcome.answer
    form = case.scored_as
    if answer is None or form is None:
        return None
    declined = answer.status == "not_found"
    if form == "unanswerable":
        return Verdict.RIGHT if declined else Verdict.WRONG
    if form == "false_premise":
        right = _objects(case, answer)
        declined = declined and not right
    elif declined:
        return Verdict.DECLINED
    else:
        right = _is_right(case, outcome, answer)
    if right is None:
        return None
    if declined:
        return Verdict.DECLINED
    return Verdict.RIGHT if right else Verdict.WRONG


def verdict_name(verdict: Verdict | None) -> str:
    """``right``, ``declined``, ``wrong``, or `UNJUDGED`."""
    return UNJUDGED if verdict is None else verdict.name.lower()


def _is_right(case: EvalCase, outcome: Outcome, answer: Answer) -> bool | None:
    citations = answer_citations(answer)
    match case.scored_as:
        case "short":
            if not case.answers:
                return None
            return metrics.is_right(outcome.said or "", case.answers, case.choices)
        case "yes_no":
            return metrics.exact_match(verdict_said(answer) or "", case.answers) == 1
        case "list":
            items = item_shares(answer, case.items)
            return None if items is None else items.f1 >= LIST_RIGHT
        case "every_answer":
            said = answers_said(answer, case.items, case.wrong_answers)
            return None if said is None else said.share == 1 and not said.wrong
        case "brief":
            shares = brief_shares(citations, case.gold, case.relevant)
            return None if shares is None else shares.f1 >= BRIEF_RIGHT
        case "unknown":
            cited = cites_gold(citations, case.gold)
            return None if cited is None else bool(cited) and not states_a_value(answer)
        case _:
            cited = cites_gold(citations, case.gold)
            return None if cited is None else bool(cited)


def _objects(case: EvalCase, answer: Answer) -> bool | None:
    """Whether the answer contradicts the premise: it says so, or it cites a gold sentence and does
    not give the asserted value as the answer. Where no gold sentence is known, it has to say one of
    the case's answers.

    An answer that does none of these has accepted the premise.
    """
    if answer.reason_code == "false_premise":
        return True
    if case.asserted is not None and is_confirmed(answer, case.asserted):
        return False
    if answer.status == "not_found":
        return False
    if not case.gold:
        return metrics.occurs(case.answers, answer.answer or "")
    cited = cites_gold(answer_citations(answer), case.gold)
    return None if cited is None else bool(cited)
