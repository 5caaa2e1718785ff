"""From one case and its outcome: scores, and the stage at which a wrong answer went wrong.

Pure functions of the case and its outcome: a stored run can be scored again without a model.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from eval import metrics
from eval.benchmark_scores import benchmark_scores
from eval.cases import EvalCase
from eval.metrics.citations import answer_citations
from eval.outcome import Outcome
from eval.significance import mean
from eval.verdict import Verdict, verdict_of
from qa.answer import Answer
from qa.types import Form

DEPTHS = (1, 5, 10)  # rankings are scored down to the last of them
CRAG = "CRAG score"
# The form that an answer to such a case should have; of the other cases any form will do.
_ANSWER_FORM: Mapping[str, Form] = {
    "short": "short",
    "sentences": "sentences",
    "why": "sentences",
    "how": "sentences",
    "said": "sentences",
    "happened": "sentences",
    "yes_no": "yes_no",
    "list": "list",
    "brief": "brief",
}

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
    if outcome.answer is not None:
        scores |= _verdict_scores(case, outcome)
        scores |= _form_scores(case, outcome, outcome.answer)
    if outcome.hits is not None:
        ranked = [hit.article.id for hit in outcome.hits]
        scores |= ranking_scores(case, ranked, [hit.passage.text for hit in outcome.hits])
    if outcome.answer is not None:
        scores |= _answer_scores(case, outcome)
        scores |= _yes_no_scores(case, outcome)
        scores |= _declining_scores(case, outcome.answer)
        scores |= _citation_scores(case, outcome, outcome.answer)
        scores |= benchmark_scores(case, outcome.answer, verdict_of(case, outcome))
    return scores


def is_right(case: EvalCase, outcome: Outcome) -> bool | None:
    """Whether the verdict is right. None where there is none, see `verdict_of`."""
    verdict = verdict_of(case, outcome)
    return None if verdict is None else verdict is Verdict.RIGHT


def confidence_of(case: EvalCase, outcome: Outcome) -> tuple[float, float] | None:
    """(confidence, how right) of the best answer, for the metrics of confidence.

    How right: `f1` where right answers are known, else 1 or 0 by the verdict. Confidence -1 where
    there was no answer, or a rejected one that cannot be judged. None for retrieval alone, for a
    case whose answer is not known, and where the system reports no confidence.
    """
    verdict = verdict_of(case, outcome)
    by_words = not case.answerable or bool(case.answers)
    if outcome.answer is None or (verdict is None and not by_words):
        return None
    if outcome.best is None or (outcome.said is None and not by_words):
        return -1.0, 0.0
    if outcome.confidence is None:
        return None
    if not case.answerable:
        return outcome.confidence, 0.0
    if not by_words:
        return outcome.confidence, float(verdict is Verdict.RIGHT)
    return outcome.confidence, metrics.f1(outcome.best, case.answers)


def chance_of(case: EvalCase, outcome: Outcome) -> tuple[float, bool] | None:
    """(confidence, right or not) of the best answer: the claim that a confidence makes.

    A rejected candidate is judged by its words, so only where right answers are known. None where
    there is nothing to judge.
    """
    if outcome.answer is None or outcome.best is None or outcome.confidence is None:
        return None
    if not case.answerable:
        return outcome.confidence, False
    if outcome.said is not None:
        verdict = verdict_of(case, outcome)
        return None if verdict is None else (outcome.confidence, verdict is Verdict.RIGHT)
    if not case.answers:
        return None
    return outcome.confidence, metrics.is_right(outcome.best, case.answers, case.choices)


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
    candidate = outcome.candidate
    if declined and candidate and metrics.is_right(candidate, case.answers, case.choices):
        return "declined"
    if outcome.evidence is not None and not _is_in_evidence(case, outcome):
        return "retrieved, not among the evidence"
    if declined and outcome.candidate is None:
        return "declined"
    if outcome.evidence is None:
        return "retrieved, not answered"
    return "in the evidence, not answered"


def _verdict_scores(case: EvalCase, outcome: Outcome) -> Scores:
    """The verdict as CRAG's score, and as three shares."""
    verdict = verdict_of(case, outcome)
    scores: Scores = dict.fromkeys((CRAG, "right", "declined", "wrong", "overconfidence"))
    if verdict is not None:
        scores[CRAG] = float(verdict)
        scores["right"] = float(verdict is Verdict.RIGHT)
        scores["declined"] = float(verdict is Verdict.DECLINED)
        scores["wrong"] = float(verdict is Verdict.WRONG)
    chance = chance_of(case, outcome)
    if chance is not None:
        confidence, right = chance
        scores["overconfidence"] = round(confidence - right, 6)
    return scores


def _form_scores(case: EvalCase, outcome: Outcome, answer: Answer) -> Scores:
    """What the form of the case is measured by. An answer that was declined cites nothing."""
    scores: Scores = dict.fromkeys(
        (
            "gold cited",
            "yes/no answered",
            "yes/no right, where answered",
            "list F1",
            "list recall",
            "brief: gold cited",
            "brief: citations sound",
            "untrue value not repeated",
            "form found",
        )
    )
    form = case.scored_as
    answered = answer.status == "answered"
    speaks = answered or answer.reason_code == "false_premise"
    citations = answer_citations(answer) if speaks else []
    if form == "brief":
        shares = metrics.brief_shares(citations, case.gold, case.relevant)
        if shares is not None:
            scores["brief: gold cited"] = shares.recall
            scores["brief: citations sound"] = shares.precision if answered else None
    else:
        scores["gold cited"] = metrics.cites_gold(citations, case.gold)
    if form == "yes_no":
        scores["yes/no answered"] = float(answered)
        if answered:
            verdict = metrics.verdict_said(answer) or ""
            right = metrics.exact_match(verdict, case.answers)
            scores["yes/no right, where answered"] = right
    items = metrics.item_shares(answer, case.items)
    if form == "list" and items is not None:
        scores["list F1"] = items.f1
        scores["list recall"] = items.recall
    if form == "false_premise" and case.asserted is not None:
        scores["untrue value not repeated"] = float(not metrics.repeats(answer, case.asserted))
    wanted = _ANSWER_FORM.get(form or "")
    if wanted is not None and outcome.reports("form"):
        scores["form found"] = float(answer.form == wanted)
    return scores


def ranking_scores(case: EvalCase, ranked: Sequence[str], passages: Sequence[str]) -> Scores:
    """What the retrieval of a case is measured by; both arguments best first."""
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
    if case.is_yes_or_no:
        scores["yes/no right"] = float(verdict_of(case, outcome) is Verdict.RIGHT)
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
        "citations exact": mean([check.exact for check in outcome.quotes]),
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


def _has_right_words(case: EvalCase, outcome: Outcome) -> bool:
    """Return True if the right words were said, with more or fewer around them."""
    said = outcome.said
    if not said or outcome.answer is None or case.scored_as == "yes_no":
        return False
    if metrics.occurs(case.answers, f"{said} {outcome.answer.answer or ''}"):
        return True
    return any(metrics.occurs([said], right) for right in case.answers)


def _is_retrieved(case: EvalCase, outcome: Outcome) -> bool:
    """Whether a hit holds a gold sentence; without gold, the answer or a relevant article."""
    for hit in outcome.hits or ():
        if case.gold:
            if _holds_gold(case, hit.article.id, hit.passage.start, hit.passage.end):
                return True
        elif hit.article.id in case.relevant or metrics.occurs(case.answers, hit.passage.text):
            return True
    return False


def _is_in_evidence(case: EvalCase, outcome: Outcome) -> bool:
    """Whether the model saw a gold sentence; without gold, a right answer.

    Without gold a yes or no needs no particular words.
    """
    if case.gold:
        return _gold_in_evidence(case, outcome)
    if case.is_yes_or_no:
        return True
    return any(metrics.occurs(case.answers, sentence.text) for sentence in outcome.evidence or ())


def _gold_in_evidence(case: EvalCase, outcome: Outcome) -> bool:
    """Evidence has no offsets of its own: a sentence is found again in the hits it came from."""
    for sentence in outcome.evidence or ():
        for hit in outcome.hits or ():
            place = hit.passage.text.find(sentence.text)
            if hit.article.id != sentence.article_id or place < 0:
                continue
            start = hit.passage.start + place
            if _holds_gold(case, hit.article.id, start, start + len(sentence.text)):
                return True
    return False


def _holds_gold(case: EvalCase, article_id: str, start: int, end: int) -> bool:
    return any(metrics.shares_half(article_id, start, end, span) for span in case.gold)
