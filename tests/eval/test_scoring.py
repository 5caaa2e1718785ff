"""What a case's outcome is worth, and at which stage a wrong one went wrong."""

from collections.abc import Mapping
from typing import Any

import pytest

from eval.cases import EvalCase
from eval.outcome import EvidenceSentence, Outcome, QuoteCheck
from eval.scoring import blame_of, chance_of, confidence_of, is_right, scores_of
from eval.targets.file import adapt_answer, adapt_hits
from qa.answer import Answer, HitOutput
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
            CASE.model_copy(update={"answers": ("Elena Anna Voss",)}),
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
    elsewhere = [{"n": 1, "quote": "Nothing of it."}, {"n": 2, "quote": QUOTE}]
    assert seen(citations=elsewhere) == 1.0  # not in the quote that it names
    assert seen(figures=[figure | {"status": "unsupported", "citation": None}]) == 0.0


def test_exactness_is_over_the_quotes_that_could_be_looked_up() -> None:
    citations = [{"n": n, "quote": "a"} for n in (1, 2, 3)]
    outcome = outcome_of(
        {"answer": "x", "citations": citations},
        quotes=(QuoteCheck(n=1, exact=True), QuoteCheck(n=2, exact=False)),
    )
    assert scores_of(CASE, outcome)["citations exact"] == 0.5


GOLD_CASE = EvalCase.model_validate(
    {
        "id": "g",
        "question": "Why was it closed?",
        "answerable": True,
        "form": "why",
        "relevant": ["bridge"],
        "gold": [{"article_id": "bridge", "start": 100, "end": 126}],
    }
)


def hits_at(start: int) -> tuple[HitOutput, ...]:
    """A hit of the bridge whose passage, the quote, starts there."""
    passage = {"text": QUOTE, "start": start, "end": start + len(QUOTE)}
    records = [{"article": {"id": "bridge"}, "passage": passage}]
    return Outcome.model_validate({"hits": adapt_hits(records)}).hits or ()


def cited(start: int, **fields: Any) -> Outcome:
    citation = {"n": 1, "article_id": "bridge", "quote": QUOTE, "start": start, "end": start + 26}
    answer = {"answer": QUOTE, "confidence": 0.7, "citations": [citation], "form": "sentences"}
    return outcome_of(answer | fields, hits=hits_at(start))


def test_the_verdict_is_scored_as_one_number_and_as_three_shares() -> None:
    names = ("CRAG score", "right", "declined", "wrong")

    def scored(outcome: Outcome, case: EvalCase = CASE) -> list[float | None]:
        scores = scores_of(case, outcome)
        return [scores[name] for name in names]

    assert scored(answered("$40m")) == [1.0, 1.0, 0.0, 0.0]
    assert scored(answered(None)) == [0.0, 0.0, 1.0, 0.0]
    assert scored(answered("Elena")) == [-1.0, 0.0, 0.0, 1.0]
    assert scored(answered(None), NOWHERE) == [1.0, 1.0, 0.0, 0.0]
    assert scored(answered("Elena"), NOWHERE) == [-1.0, 0.0, 0.0, 1.0]
    assert scored(answered("$40m"), EvalCase(id="x", question="?", answerable=True)) == [None] * 4


def test_sentences_are_scored_by_gold_and_by_the_form_that_was_found() -> None:
    scores = scores_of(GOLD_CASE, cited(100))
    assert (scores["gold cited"], scores["form found"], scores["right"]) == (1.0, 1.0, 1.0)
    scores = scores_of(GOLD_CASE, cited(300, form="short"))
    assert (scores["gold cited"], scores["form found"], scores["right"]) == (0.0, 0.0, 0.0)
    silent = scores_of(GOLD_CASE, outcome_of({"answer": None}))
    assert (silent["gold cited"], silent["form found"]) == (0.0, None)


def test_a_form_that_was_not_reported_is_not_scored() -> None:
    """Also where an answer was stored before answers had a form."""
    outcome = cited(100)
    assert outcome.answer is not None
    stored = outcome.answer.model_dump(exclude={"form"})
    old = outcome.model_copy(update={"answer": Answer.model_validate(stored)})
    assert scores_of(GOLD_CASE, old)["form found"] is None
    assert scores_of(GOLD_CASE, outcome)["form found"] == 1.0


def test_yes_or_no_is_scored_where_answered_and_by_how_often() -> None:
    case = EvalCase(id="y", question="Is it?", answers=("no",), answerable=True)

    def scored(said: str | None) -> list[float | None]:
        scores = scores_of(case, outcome_of({"answer": said}))
        names = ("yes/no answered", "yes/no right, where answered", "yes/no right")
        return [scores[name] for name in names]

    assert scored("No, it is not.") == [1.0, 1.0, 1.0]
    assert scored("Yes.") == [1.0, 0.0, 0.0]
    assert scored(None) == [0.0, None, 0.0]


def test_lists_briefs_and_false_premises_have_their_own_scores() -> None:
    listed = EvalCase(id="l", question="Who?", answerable=True, items=(("Voss",), ("Anders",)))
    scores = scores_of(listed, outcome_of({"answer": "Voss.", "items": ["Voss"]}))
    assert scores["list F1"] == pytest.approx(2 / 3)  # P 1, R 1/2
    assert scores["list recall"] == 0.5
    brief = GOLD_CASE.model_copy(update={"form": "brief"})
    scores = scores_of(brief, cited(300))  # from the relevant article, but not gold
    assert (scores["brief: gold cited"], scores["brief: citations sound"]) == (0.0, 1.0)
    assert scores["gold cited"] is None
    assert scores_of(brief, outcome_of({"answer": None}))["brief: citations sound"] is None
    premise = GOLD_CASE.model_copy(update={"form": "false_premise", "asserted": "$40m"})
    assert scores_of(premise, cited(300))["untrue value not repeated"] == 0.0
    assert scores_of(premise, cited(300, answer="It was."))["untrue value not repeated"] == 1.0


def test_a_confidence_is_compared_with_being_right() -> None:
    assert chance_of(CASE, answered("$40m")) == (0.8, True)
    assert chance_of(CASE, answered("Elena")) == (0.8, False)
    assert chance_of(CASE, answered(None, candidate="$40m")) == (0.2, True)
    assert chance_of(CASE, answered(None)) is None
    assert chance_of(NOWHERE, answered("Elena")) == (0.8, False)
    assert chance_of(GOLD_CASE, cited(100)) == (0.7, True)
    assert chance_of(GOLD_CASE, answered(None, candidate="Elena")) is None
    assert scores_of(CASE, answered("Elena"))["overconfidence"] == pytest.approx(0.8)
    assert scores_of(CASE, answered("$40m"))["overconfidence"] == pytest.approx(-0.2)
    # On the declining curve a candidate that cannot be judged is no answer.
    assert confidence_of(GOLD_CASE, answered(None, candidate="Elena")) == (-1.0, 0.0)
    assert confidence_of(GOLD_CASE, cited(100)) == (0.7, 1.0)
    assert confidence_of(GOLD_CASE, cited(300)) == (0.7, 0.0)


def test_a_wrong_form_is_blamed_by_where_its_gold_sentence_was_lost() -> None:
    def blamed(outcome: Outcome) -> str | None:
        return blame_of(GOLD_CASE, outcome, {"bridge"})

    wrong = cited(300)
    seen = (EvidenceSentence(article_id="bridge", text=QUOTE),)
    assert blamed(wrong) == "not retrieved"  # another passage of the right article
    found = wrong.model_copy(update={"hits": hits_at(100)})
    assert blamed(found) == "retrieved, not answered"
    assert blamed(found.model_copy(update={"evidence": ()})) == "retrieved, not among the evidence"
    assert blamed(found.model_copy(update={"evidence": seen})) == "in the evidence, not answered"
    assert blamed(cited(100)) is None
