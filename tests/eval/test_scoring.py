"""What a case's outcome is worth, and at which stage a wrong one went wrong."""

from collections.abc import Mapping
from typing import Any

import pytest

from eval.cases import EvalCase
from eval.outcome import EvidenceSentence, Outcome, QuoteCheck
from eval.scoring import blame_of, confidence_of, is_right, scores_of
from eval.targets.file import adapt_answer
from qa.answer import HitOutput
from tests.support.targets import hits_of

CASE = EvalCase(
    id="q",
    question="How much was pledged?",
    answers=("USD 40 million",),
    answerable=True,
    relevant=("bridge",),
)
NOWHERE = EvalCase(id="n", question="Who won?", answerable=False)
QUOTE = "The council pledged $40m."


def hit(article: str, text: str = "Nothing of it.") -> HitOutput:
    return hits_of((article, text))[0]


def outcome_of(answer: Mapping[str, Any], **fields: Any) -> Outcome:
    """The outcome of a system that reports this much."""
    adapted, unreported = adapt_answer(answer)
    return Outcome(answer=adapted, unreported=unreported, **fields)


def answered(
    said: str | None, *, confidence: float = 0.8, candidate: str | None = None, **more: Any
) -> Outcome:
    answer = {
        "answer": said,
        "short_answer": {"text": said} if said else None,
        "confidence": confidence,
        "candidate": {"text": candidate, "confidence": 0.2} if candidate else None,
        "citations": [{"n": 1, "article_id": "bridge", "quote": QUOTE}] if said else [],
        "figures": [],
        "disagreements": [],
    }
    fields = {
        "hits": (hit("bridge", QUOTE), hit("other")),
        "evidence": (EvidenceSentence(article_id="b", text=QUOTE),),
    }
    return outcome_of(answer, **(fields | more))


def test_a_right_figure_in_other_words_is_right_and_its_f1_tells_another_story() -> None:
    scores = scores_of(CASE, answered("$40m"))
    assert scores["figure match"] == 1.0
    assert scores["exact match"] == 0.0
    assert is_right(CASE, answered("$40m"))
    assert blame_of(CASE, answered("$40m"), {"bridge"}) is None


def test_what_does_not_apply_is_none_and_never_nought() -> None:
    scores = scores_of(NOWHERE, answered(None))
    for name in (
        "hit@5",
        "MRR",
        "F1",
        "exact match",
        "figure match",
        "choice right",
        "citations exact",
    ):
        assert scores[name] is None, name
    assert scores["declined, unanswerable (right)"] == 1.0
    assert scores["declined, answerable (wrong)"] is None
    assert is_right(NOWHERE, answered(None))


def test_retrieval_alone_has_rankings_alone() -> None:
    outcome = Outcome(hits=(hit("other"), hit("bridge", QUOTE)))
    scores = scores_of(CASE, outcome)
    assert (scores["hit@1"], scores["hit@5"], scores["MRR"]) == (0.0, 1.0, 0.5)
    assert "F1" not in scores
    assert is_right(CASE, outcome) is None
    assert blame_of(CASE, outcome, set()) is None


def test_a_system_that_tells_only_answers_is_scored_on_them() -> None:
    scores = scores_of(CASE, outcome_of({"answer": "USD 40 million"}))
    assert scores["exact match"] == 1.0
    assert "hit@1" not in scores
    assert scores["figure without a quote or a label"] is None
    assert scores["citation recall"] == 0.0  # nothing was cited


@pytest.mark.parametrize(
    ("case", "outcome", "ingested", "stage"),
    [
        (CASE, answered("Elena"), set(), "not ingested"),
        (CASE, answered("Elena", hits=(hit("other"),)), {"bridge"}, "not retrieved"),
        (CASE, answered("Elena", evidence=()), {"bridge"}, "retrieved, not among the evidence"),
        (
            CASE.model_copy(update={"answers": ("council",)}),
            answered("Elena"),
            {"bridge"},
            "in the evidence, not answered",
        ),
        (
            CASE.model_copy(update={"answers": ("Elena Voss",)}),
            answered("Voss"),
            {"bridge"},
            "answered, not recognised by the metric",
        ),
        (CASE, answered(None, candidate="$40 million"), {"bridge"}, "declined"),
        (CASE, answered(None), None, "retrieved, not among the evidence"),
        (NOWHERE, answered("Elena"), set(), "answered, though unanswerable"),
    ],
)
def test_a_wrong_answer_is_blamed_on_the_earliest_stage_that_explains_it(
    case: EvalCase, outcome: Outcome, ingested: set[str] | None, stage: str
) -> None:
    assert blame_of(case, outcome, ingested) == stage


def test_an_article_that_is_not_known_to_be_missing_is_not_blamed() -> None:
    outcome = answered("Elena", hits=(hit("other"),))
    assert blame_of(CASE, outcome, None) == "not retrieved"


def test_the_rejected_candidate_stands_on_the_declining_curve() -> None:
    assert confidence_of(CASE, answered(None, candidate="USD 40 million")) == (0.2, 1.0)
    assert confidence_of(CASE, answered("USD 40 million")) == (0.8, 1.0)
    assert confidence_of(NOWHERE, answered("Elena")) == (0.8, 0.0)
    assert confidence_of(CASE, answered(None)) == (-1.0, 0.0)
    assert confidence_of(CASE, Outcome()) is None


def test_citations_of_the_timeline_do_not_count_as_idle() -> None:
    answer = {
        "answer": "USD 40 million",
        "citations": [{"n": 1, "quote": QUOTE}, {"n": 2, "quote": "It was $30m before."}],
        "timeline": [{"text": "$30m", "value": "30000000", "citation": 2}],
    }
    assert scores_of(CASE, outcome_of(answer))["citation precision"] == 1.0


def test_a_figure_that_no_quote_holds_is_seen() -> None:
    figure = {"text": "USD 40 million", "status": "supported", "citation": 1}
    answer = {
        "answer": "USD 40 million",
        "figures": [figure],
        "citations": [{"n": 1, "quote": QUOTE}],
    }

    def seen(**more: Any) -> float | None:
        return scores_of(CASE, outcome_of(answer | more))["figure without a quote or a label"]

    assert seen() == 0.0
    assert seen(citations=[{"n": 1, "quote": "Nothing of it."}]) == 1.0
    assert seen(figures=[]) == 1.0
    assert seen(figures=[figure | {"status": "unsupported", "citation": None}]) == 0.0


def test_exactness_is_over_the_quotes_that_could_be_looked_up() -> None:
    citations = [{"n": n, "quote": "a"} for n in (1, 2, 3)]
    outcome = outcome_of(
        {"answer": "x", "citations": citations},
        quotes=(QuoteCheck(n=1, exact=True), QuoteCheck(n=2, exact=False)),
    )
    assert scores_of(CASE, outcome)["citations exact"] == 0.5
