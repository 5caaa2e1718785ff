"""From one case and its outcome: scores, and the stage at which a wrong answer went wrong.

Pure functions of the case and its outcome: a stored run can be scored again without a model.
"""

from collections.abc import Collection
from typing import Literal

from eval import metrics
from eval.cases import EvalCase
from eval.metrics.answers import is_yes_or_no
from eval.metrics.citations import answer_citations
from eval.outcome import Outcome
from qa.answer import Answer

DEPTHS = (1, 5, 10)  # rankings are scored down to the last of them

Scores = dict[str, float | None]
Blame = Literal[
    "not ingested",
    "not retrieved",
    "retrieved, not among the evidence",
    "in the evidence, not answered",
    "retrieved, not answered",  # by a system that does not report its evidence
    "answered, not recognised by the metric",
    "declined",
    "answered, though unanswerable",
    "failed",
]


def scores_of(case: EvalCase, outcome: Outcome) -> Scores:
    """Every metric by name. None: it does not apply to the case, or is not reported."""
    scores: Scores = {}
    if outcome.hits is not None:
        scores |= _ranking_scores(case, outcome)
    if outcome.answer is not None:
        scores |= _answer_scores(case, outcome)
        scores |= _yes_no_scores(case, outcome)
        scores |= _declining_scores(case, outcome.answer)
        scores |= _citation_scores(case, outcome, outcome.answer)
    return scores


def is_right(case: EvalCase, outcome: Outcome) -> bool | None:
    """Whether the answer is right, see `metrics.is_right`. None for retrieval alone."""
    if outcome.answer is None:
        return None
    declined = outcome.answer.status == "not_found"
    return metrics.is_right(None if declined else outcome.said or "", case)


def confidence_of(case: EvalCase, outcome: Outcome) -> tuple[float, float] | None:
    """(confidence, how right) of the best answer, for the metrics of confidence.

    Confidence -1 where there was no answer at all. None for retrieval alone, for a case whose
    answer is not known, and where the system reports no confidence.
    """
    if outcome.answer is None or (case.answerable and not case.answers):
        return None
    if outcome.best is None:
        return -1.0, 0.0
    if outcome.confidence is None:
        return None
    return outcome.confidence, metrics.f1(outcome.best, case.answers) if case.answerable else 0.0


def blame_of(case: EvalCase, outcome: Outcome, ingested: Collection[str] | None) -> Blame | None:
    """The earliest stage that explains a wrong answer. None for a right one and retrieval alone.

    ``ingested``: which relevant articles the archive has; None where that is unknown. A system that
    does not report its hits or evidence is blamed for what can be seen.
    """
    if is_right(case, outcome) is not False:
        return None
    if not case.answerable:
        return "answered, though unanswerable"
    if _has_right_words(case, outcome):
        return "answered, not recognised by the metric"
    if case.relevant and ingested is not None and not set(case.relevant) & set(ingested):
        return "not ingested"
    if outcome.hits is not None and not _is_retrieved(case, outcome):
        return "not retrieved"
    declined = not outcome.said
    if declined and outcome.candidate and metrics.is_right(outcome.candidate, case):
        return "declined"
    if outcome.evidence is not None and not _is_in_evidence(case, outcome):
        return "retrieved, not among the evidence"
    if declined and outcome.candidate is None:
        return "declined"
    if outcome.evidence is None:
        return "retrieved, not answered"
    return "in the evidence, not answered"


def _ranking_scores(case: EvalCase, outcome: Outcome) -> Scores:
    hits = outcome.hits or ()
    ranked = [hit.article.id for hit in hits]
    passages = [hit.passage.text for hit in hits]
    relevant = case.relevant if case.answerable else ()
    answers = case.answers if case.answerable else ()
    scores: Scores = {f"hit@{k}": metrics.hit_at_k(ranked, relevant, k) for k in DEPTHS}
    scores["recall@10"] = metrics.recall_at_k(ranked, relevant, 10)
    scores["precision@10"] = metrics.precision_at_k(ranked, relevant, 10)
    scores["MRR"] = metrics.reciprocal_rank(ranked, relevant)
    scores["MAP"] = metrics.average_precision(ranked, relevant)
    scores["nDCG@10"] = metrics.ndcg_at_k(ranked, relevant, 10)
    for k in DEPTHS:
        scores[f"answer in passage@{k}"] = metrics.answer_in_passage(passages, answers, k)
    return scores


def _answer_scores(case: EvalCase, outcome: Outcome) -> Scores:
    scores: Scores = {
        "exact match": None,
        "F1": None,
        "F1, rejected candidates counted": None,
        "figure match": None,
        "figure match, one approximate": None,
    }
    if not case.answerable or not case.answers:
        return scores
    said = outcome.said or ""
    scores["exact match"] = metrics.exact_match(said, case.answers)
    scores["F1"] = metrics.f1(said, case.answers)
    scores["F1, rejected candidates counted"] = metrics.f1(outcome.best or "", case.answers)
    figure = metrics.figure_match(said, case.answers)
    if figure is not None:
        scores["figure match"] = float(figure.same)
        if figure.same:
            scores["figure match, one approximate"] = float(figure.approximate)
    return scores


def _yes_no_scores(case: EvalCase, outcome: Outcome) -> Scores:
    scores: Scores = {
        "choice right": None,
        "yes/no right": None,
        "yes/no, were it always yes": None,
    }
    if case.answers:
        scores["choice right"] = metrics.choice_right(outcome.said, case.answers, case.choices)
    if is_yes_or_no(case):
        scores["yes/no right"] = metrics.exact_match(outcome.said or "", case.answers)
        scores["yes/no, were it always yes"] = metrics.exact_match("yes", case.answers)
    return scores


def _declining_scores(case: EvalCase, answer: Answer) -> Scores:
    declined = answer.status == "not_found"
    return {
        "declined, unanswerable (right)": None if case.answerable else float(declined),
        "declined, answerable (wrong)": float(declined) if case.answerable else None,
        # The first is the recall of declining; this is its precision, over what was declined.
        "declining precision": float(not case.answerable) if declined else None,
    }


def _citation_scores(case: EvalCase, outcome: Outcome, answer: Answer) -> Scores:
    scores: Scores = {
        "relevant article cited": _relevant_article_cited(case, answer),
        "sources disagree": None,
        "citations exact": _exact_share(outcome),
        "citation recall": None,
        "citation precision": None,
        "figure without a quote or a label": None,
        "digits without a quote or a label": None,
    }
    if answer.status != "answered":
        return scores
    text = answer.answer or ""
    quotes = [citation.quote for citation in answer_citations(answer)]
    scores["citation recall"] = metrics.citation_recall(text, quotes, case.question)
    scores["citation precision"] = metrics.citation_precision(text, quotes, case.question)
    if "disagreements" not in outcome.unreported:
        scores["sources disagree"] = float(bool(answer.disagreements))
    if "figures" not in outcome.unreported:
        scores["figure without a quote or a label"] = metrics.figures_without_quote(answer)
        scores["digits without a quote or a label"] = metrics.digits_without_quote(
            answer, case.question
        )
    return scores


def _relevant_article_cited(case: EvalCase, answer: Answer) -> float | None:
    """1 if a relevant article is cited, also by the timeline or a disagreement."""
    if not case.answerable or not case.relevant:
        return None
    return float(any(citation.article_id in case.relevant for citation in answer.citations))


def _exact_share(outcome: Outcome) -> float | None:
    """(quotes at their offsets) / (quotes that could be looked up)."""
    checks = [check.exact for check in outcome.quotes]
    return sum(checks) / len(checks) if checks else None


def _has_right_words(case: EvalCase, outcome: Outcome) -> bool:
    """Return True if the right words were said, with more or fewer around them."""
    said = outcome.said
    if not said or outcome.answer is None:
        return False
    if metrics.occurs(case.answers, f"{said} {outcome.answer.answer or ''}"):
        return True
    return any(metrics.occurs([said], right) for right in case.answers)


def _is_retrieved(case: EvalCase, outcome: Outcome) -> bool:
    for hit in outcome.hits or ():
        if hit.article.id in case.relevant or metrics.occurs(case.answers, hit.passage.text):
            return True
    return False


def _is_in_evidence(case: EvalCase, outcome: Outcome) -> bool:
    """A yes or no needs no particular words in the evidence."""
    if is_yes_or_no(case):
        return True
    return any(metrics.occurs(case.answers, sentence.text) for sentence in outcome.evidence or ())
