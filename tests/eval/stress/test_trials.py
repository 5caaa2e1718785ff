"""What applies to a case, and when the answer is as it must be."""

import pytest

from eval.cases import EvalCase
from eval.outcome import Outcome
from eval.stress.trials import KINDS, Judged, Trial, is_same, judge, trials
from qa.answer import Citation, Disagreement, Item
from tests.support.stress import CASE, CORPUS, DECLINED, said
from tests.support.values import an_answer


def only(kind: str, case: EvalCase = CASE) -> Trial | None:
    return next(iter(trials(case, CORPUS, [kind], 1)), None)


def test_every_kind_applies_to_a_plain_case_and_wordings_alone_to_an_unanswerable_one() -> None:
    found = {trial.kind for trial in trials(CASE, CORPUS, KINDS, 1)}
    assert found == {*KINDS} - {"names respelt"}
    unanswerable = EvalCase(id="none", question="How many boats sank?", answerable=False)
    kinds = {trial.kind for trial in trials(unanswerable, CORPUS, KINDS, 1)}
    assert kinds == {"paraphrase", "typos", "word order"}


def test_removed_is_every_report_that_holds_the_answer() -> None:
    trial = only("report removed")
    assert trial is not None
    assert trial.remove == ("relief", "copy")
    yes = EvalCase(
        id="y", question="Did it?", answers=("yes",), answerable=True, relevant=("copy",)
    )
    assert only("report removed", yes) is None


def test_as_of_moves_before_the_first_holder_and_behind_the_newest_report() -> None:
    before, after = only("as_of before"), only("as_of after")
    assert before is not None
    assert after is not None
    assert (before.asked.as_of, after.asked.as_of) == ("2024-03-03", "2024-05-02")
    dated = CASE.model_copy(update={"as_of": "2024-03-20"})
    moved = only("as_of after", dated)
    assert moved is not None
    assert moved.asked.as_of == "2024-03-21"
    assert only("as_of after", CASE.model_copy(update={"as_of": "2024-03"})) is None


def test_a_case_is_asked_late_enough_to_see_what_contradicts() -> None:
    trial = only("contradicted later", CASE.model_copy(update={"as_of": "2024-03-06"}))
    assert trial is not None
    assert trial.add[0].published_at == trial.asked.as_of == "2024-03-07"


@pytest.mark.parametrize(
    ("kind", "before", "after", "expected"),
    [
        ("typos", said("40 million"), said("40,000,000"), Judged(True, True)),
        ("typos", said("40 million"), DECLINED, Judged(False, False)),
        ("typos", said("3"), said("40 million"), Judged(False, None)),  # it was wrong before
        ("typos", DECLINED, DECLINED, Judged(True, None)),
        ("report removed", said("40 million"), DECLINED, Judged(None, True)),
        ("report removed", said("3"), said("3"), Judged(None, False)),
        ("as_of after", said("3"), said("3"), Judged(True, True)),
        ("contradicted later", DECLINED, said("17 million"), Judged(None, None)),
        ("contradicted later", said("40 million"), said("17 million"), Judged(None, True)),
        ("contradicted later", said("40 million"), said("40 million"), Judged(None, False)),
        (
            "contradicted later",
            said("40 million"),
            said("40 million", disagreements=(Disagreement(text="17 million", citations=(1,)),)),
            Judged(None, True),
        ),
        ("typos", Outcome(), Outcome(), Judged(None, None)),
    ],
)
def test_an_answer_is_judged_by_what_the_kind_demands(
    kind: str, before: Outcome, after: Outcome, expected: Judged
) -> None:
    assert judge(Trial(kind, CASE, CASE, "", value="17 million"), before, after) == expected


def test_lists_verdicts_and_sentences_are_the_same_by_their_form() -> None:
    def cited(start: int) -> Outcome:
        citation = Citation(
            n=1, article_id="relief", version="v", title=None, source=None, url=None,
            published_at=None, passage_id=1, quote="q" * 10, start=start, end=start + 10,
        )  # fmt: skip
        return Outcome(answer=an_answer(status="answered", answer="q", citations=(citation,)))

    def listed(*names: str) -> Outcome:
        items = tuple(Item(text=name, kind="text", citations=(1,)) for name in names)
        return Outcome(answer=an_answer(status="answered", answer=", ".join(names), items=items))

    why = EvalCase(id="w", question="Why?", answerable=True, form="why")
    assert is_same(why, cited(0), cited(4))
    assert not is_same(why, cited(0), cited(40))
    assert is_same(CASE, listed("Hask", "Brno"), listed("Brno", "Hask"))
    assert not is_same(CASE, listed("Hask", "Brno"), listed("Brno", "Oslo"))
    polar = EvalCase(id="p", question="Did it?", answers=("no",), answerable=True)
    assert is_same(polar, said("yes"), said("Yes."))
    assert not is_same(polar, said("yes"), said("no"))
