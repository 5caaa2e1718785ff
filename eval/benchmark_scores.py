"""The scores of public benchmarks by rules in code: RAMDocs, FreshQA, RAGTIME, BenchmarkQED."""

from eval import metrics
from eval.cases import EvalCase
from eval.metrics.every_answer import answers_said
from eval.metrics.forms import Shares
from eval.metrics.reports import nugget_recall, sentence_support, supported_text
from eval.verdict import Verdict
from qa.answer import Answer

# The forms that FreshQA's two rules apply to.
_FACTS = ("short", "yes_no", "false_premise")


def benchmark_scores(
    case: EvalCase, answer: Answer, verdict: Verdict | None
) -> dict[str, float | None]:
    """Every score by name; None where it does not apply to the case."""
    support = sentence_support(answer, case.question)
    scores: dict[str, float | None] = {
        "sentence support": support,
        "right answers said": None,
        "wrong answer said": None,
        "relaxed right": None,
        "strict right": None,
        "nugget recall": None,
        "nugget recall, supported sentences": None,
        "report F1": None,
    }
    said = answers_said(answer, case.items, case.wrong_answers)
    if case.scored_as == "every_answer" and said is not None:
        scores["right answers said"] = said.share
        scores["wrong answer said"] = float(said.wrong)
    if case.scored_as in _FACTS and verdict is not None:
        relaxed = verdict is Verdict.RIGHT or _says_a_right_one(case, answer)
        # A sentence without a claim of its own ("Yes.") has nothing that could be invented.
        sound = support in (None, 1.0)
        scores["relaxed right"] = float(relaxed)
        scores["strict right"] = float(relaxed and sound)
    if case.nuggets:
        text = answer.answer or "" if answer.status == "answered" else ""
        supported = supported_text(answer, case.question)
        recall = nugget_recall(case.nuggets, supported, case.question) or 0.0
        scores["nugget recall"] = nugget_recall(case.nuggets, text, case.question)
        scores["nugget recall, supported sentences"] = recall
        scores["report F1"] = Shares(recall, precision=support or 0.0).f1
    return scores


def _says_a_right_one(case: EvalCase, answer: Answer) -> bool:
    """Return True if a right answer is among what was said.

    A yes or no must be the verdict, a false premise must be objected to: their words alone prove
    nothing.
    """
    if case.scored_as != "short" or answer.status != "answered":
        return False
    return metrics.occurs(case.answers, answer.answer or "")
