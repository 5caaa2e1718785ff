"""From what a system said to one case: its scores, and where a wrong answer went wrong. Pure functions.

They see only the case and the kept outcome, so a stored run can be scored again without a model.
"""

from collections.abc import Collection
from typing import Literal

from eval import metrics
from eval.cases import EvalCase
from eval.outcomes import KeptAnswer, KeptCitation, Outcome
from qa.answering.recheck import unlabelled

DEPTHS = (1, 5, 10)  # rankings are scored down to the last of them

Scores = dict[str, float | None]
Blame = Literal[
    "not ingested",
    "not retrieved",
    "retrieved, not among the evidence",
    "in the evidence, not answered",
    "retrieved, not answered",  # by a system that does not tell its evidence
    "answered, not recognised by the metric",
    "declined",
    "answered, though unanswerable",
    "failed",
]


def scores_of(case: EvalCase, outcome: Outcome) -> Scores:
    """Every metric by name; None where it does not apply to this case or the system does not tell."""
    scores: Scores = {}
    if outcome.hits is not None:
        ranked = [hit.article.id for hit in outcome.hits]
        passages = [hit.passage.text for hit in outcome.hits]
        relevant = case.relevant if case.answerable else ()
        scores |= {f"hit@{k}": metrics.hit_at_k(ranked, relevant, k) for k in DEPTHS}
        scores |= {
            "recall@10": metrics.recall_at_k(ranked, relevant, 10),
            "precision@10": metrics.precision_at_k(ranked, relevant, 10),
            "MRR": metrics.reciprocal_rank(ranked, relevant),
            "MAP": metrics.average_precision(ranked, relevant),
            "nDCG@10": metrics.ndcg_at_k(ranked, relevant, 10),
        }
        answers = case.answers if case.answerable else ()
        scores |= {
            f"answer in passage@{k}": metrics.answer_in_passage(passages, answers, k)
            for k in DEPTHS
        }
    if outcome.answer is not None:
        scores |= _of_answer(case, outcome.answer)
    return scores


def _of_answer(case: EvalCase, answer: KeptAnswer) -> Scores:
    said = answer.said
    answered = answer.status == "answered"
    declined = float(not answered)
    boolean = _boolean(case)
    scores: Scores = dict.fromkeys(
        (
            "exact match",
            "F1",
            "F1, rejected candidates counted",
            "figure match",
            "figure match, one approximate",
        )
    )
    if case.answerable and case.answers:
        figure = metrics.figure_match(said or "", case.answers)
        scores |= {
            "exact match": metrics.exact_match(said or "", case.answers),
            "F1": metrics.f1(said or "", case.answers),
            "F1, rejected candidates counted": metrics.f1(answer.best or "", case.answers),
            "figure match": None if figure is None else float(figure.same),
            "figure match, one approximate": float(figure.approximate)
            if figure is not None and figure.same
            else None,
        }
    quotes = [citation.quote for citation in _of_statement(answer)]
    scores |= {
        "choice right": metrics.choice_right(said, case.answers, case.choices)
        if case.answers
        else None,
        "yes/no right": metrics.exact_match(said or "", case.answers) if boolean else None,
        "yes/no, were it always yes": metrics.exact_match("yes", case.answers) if boolean else None,
        "declined, unanswerable (right)": None if case.answerable else declined,
        "declined, answerable (wrong)": declined if case.answerable else None,
        # The first is the recall of declining; this its precision, over what was declined.
        "declining precision": float(not case.answerable) if declined else None,
        "relevant article cited": _cited(case, answer),
        "sources disagree": (
            float(bool(answer.disagreements))
            if answered and answer.disagreements is not None
            else None
        ),
        "citations exact": _exact(answer),
        "citation recall": (
            metrics.citation_recall(answer.answer or "", quotes, case.question)
            if answered
            else None
        ),
        "citation precision": (
            metrics.citation_precision(answer.answer or "", quotes, case.question)
            if answered
            else None
        ),
        "figure without a quote or a label": _unlabelled(answer) if answered else None,
    }
    return scores


def confidence_of(case: EvalCase, outcome: Outcome) -> tuple[float, float] | None:
    """(confidence, how right) of its best answer, as the declining curve wants it: confidence -1 where there was no
    answer at all. None for retrieval alone and where a system tells no confidence.
    """
    answer = outcome.answer
    if answer is None or (case.answerable and not case.answers):
        return None
    if answer.best is None:
        return -1.0, 0.0
    confidence = answer.confidence if answer.said else answer.candidate_confidence
    if confidence is None:
        return None
    return confidence, metrics.f1(answer.best, case.answers) if case.answerable else 0.0


def is_right(case: EvalCase, outcome: Outcome) -> bool | None:
    """Declined where it is unanswerable; else an exact match, the right figure, or the right choice. None for
    retrieval alone, and for a case whose answer is not known.
    """
    if outcome.answer is None or (case.answerable and not case.answers):
        return None
    if not case.answerable:
        return outcome.answer.status == "not_found"
    return _right(outcome.answer.said, case)


def blame_of(case: EvalCase, outcome: Outcome, ingested: Collection[str] | None) -> Blame | None:
    """The stage at which a wrong answer went wrong, the earliest that explains it; None for a right one and for
    retrieval alone. ``ingested``: which relevant articles the archive has; None where that is unknown.

    A system that does not tell its hits or evidence is blamed for what can be seen.
    """
    if outcome.answer is None or is_right(case, outcome) is not False:
        return None
    if not case.answerable:
        return "answered, though unanswerable"
    if outcome.answer.said and _contains(outcome.answer, case):
        return "answered, not recognised by the metric"
    if case.relevant and ingested is not None and not set(case.relevant) & set(ingested):
        return "not ingested"
    if outcome.hits is not None and not _retrieved(case, outcome):
        return "not retrieved"
    if (
        not outcome.answer.said
        and outcome.answer.candidate
        and _right(outcome.answer.candidate, case)
    ):
        return "declined"
    if (
        outcome.evidence is not None
        and not _boolean(case)
        and not any(metrics.occurs(case.answers, sentence.text) for sentence in outcome.evidence)
    ):
        return "retrieved, not among the evidence"
    if not outcome.answer.said and outcome.answer.candidate is None:
        return "declined"
    return (
        "in the evidence, not answered"
        if outcome.evidence is not None
        else "retrieved, not answered"
    )


def _right(said: str | None, case: EvalCase) -> bool:
    if not said:
        return False
    figure = metrics.figure_match(said, case.answers)
    return bool(
        metrics.exact_match(said, case.answers)
        or (figure is not None and figure.same)
        or metrics.choice_right(said, case.answers, case.choices)
    )


def _retrieved(case: EvalCase, outcome: Outcome) -> bool:
    hits = outcome.hits or ()
    return any(hit.article.id in case.relevant for hit in hits) or any(
        metrics.occurs(case.answers, hit.passage.text) for hit in hits
    )


def _contains(answer: KeptAnswer, case: EvalCase) -> bool:
    """Whether the right words were said, in more or fewer of them."""
    said = answer.said or ""
    return metrics.occurs(case.answers, f"{said} {answer.answer or ''}") or (
        bool(metrics.normalise(said))
        and any(metrics.occurs([said], right) for right in case.answers)
    )


def _boolean(case: EvalCase) -> bool:
    return bool(case.answers) and all(
        metrics.normalise(answer) in ("yes", "no") for answer in case.answers
    )


def _cited(case: EvalCase, answer: KeptAnswer) -> float | None:
    """1 if a relevant article is among the citations, those of the disagreements among them."""
    if not case.answerable or not case.relevant:
        return None
    return float(any(citation.article_id in case.relevant for citation in answer.citations))


def _exact(answer: KeptAnswer) -> float | None:
    """The share of citations whose quote stands at its place, of those of which it is known."""
    looked = [citation.exact for citation in answer.citations if citation.exact is not None]
    return sum(looked) / len(looked) if looked else None


def _of_statement(answer: KeptAnswer) -> list[KeptCitation]:
    """The citations of the answer itself: not those that only its timeline or its disagreements rest on."""
    beside = {
        n for entry in (*answer.timeline, *(answer.disagreements or ())) for n in entry.citations
    }
    # The first is the answer's own, though the timeline lists its figure too.
    return [
        citation
        for index, citation in enumerate(answer.citations)
        if index == 0 or citation.n not in beside
    ]


def _unlabelled(answer: KeptAnswer) -> float | None:
    """1 if the answer's text has a figure that no quote holds and that is not labelled so. None for a system that lists
    no figures.
    """
    if answer.figures is None:
        return None
    quotes = {citation.n: (citation.quote, citation.published_at) for citation in answer.citations}
    return float(any(unlabelled(answer.answer or "", answer.figures, quotes)))
