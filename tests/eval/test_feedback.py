"""Cases of readers' verdicts: what becomes a case, what goes to review, and stable days."""

from pathlib import Path
from typing import Any

import pytest

from eval.cases import EvalCase
from eval.check import find_faults
from eval.feedback import Imported, import_feedback
from eval.outcome import Outcome
from eval.verdict import Verdict, verdict_of
from qa.answer import Answer
from qa.answering.answerer import Answerer
from qa.archive.archive import Archive
from qa.bootstrap import open_retriever
from qa.errors import BadInput
from qa.question import Question
from qa.types import Filters, Form
from tests.support.archives import put
from tests.support.fakes import FirstSentenceModel

FERRY = {
    "id": "ferry",
    "text": "The ferry to Velm ran aground at dawn. Seven people were hurt in the accident.",
    "published_at": "2024-05-01",
    "source": "Argus",
}
LATER = {
    "id": "later",
    "text": "The harbour is open again. Nine people were hurt in the accident, the police said.",
    "published_at": "2024-05-03",
}
HURT = "How many people were hurt in the accident?"


@pytest.fixture
def reports(archive: Archive, tmp_path: Path) -> Archive:
    put(archive, [FERRY], tmp_path)
    return archive


def ask(archive: Archive, question: str = HURT, form: Form | None = None, **filters: Any) -> Answer:
    """An answer, stored as the service stores it."""
    given = Filters(**filters)
    asked = Question.parse(question, given, form=form)
    answer = Answerer(open_retriever(archive), FirstSentenceModel(), 0.0).answer(asked)
    archive.store_answer(answer, 100, given)
    return answer


def judge(archive: Archive, answer: Answer, verdict: str, *said: str | None, by: str = "a") -> None:
    archive.record_feedback(answer.id, verdict, by, *said)


def the_case(archive: Archive) -> EvalCase:
    found = import_feedback(archive)
    assert found.review == []
    (case,) = found.cases
    assert list(find_faults([case], archive)) == []
    return case


def why(found: Imported) -> str:
    assert found.cases == []
    (record,) = found.review
    return str(record["why"])


def verdict(case: EvalCase, answer: Answer) -> Verdict | None:
    return verdict_of(case, Outcome(hits=(), answer=answer))


def test_a_right_answer_becomes_a_case_that_it_passes(reports: Archive) -> None:
    answer = ask(reports)
    judge(reports, answer, "right")
    case = the_case(reports)
    assert case.id == f"feedback-{answer.id}"
    assert (case.question, case.answerable, case.relevant) == (HURT, True, ("ferry",))
    (span,) = case.gold
    assert FERRY["text"][span.start : span.end] == "Seven people were hurt in the accident."
    assert case.tags == ("feedback", "right")
    assert verdict(case, answer) is Verdict.RIGHT


@pytest.mark.parametrize("form", ["short", "sentences", "yes_no", "list", "brief"])
def test_every_form_of_a_right_answer_can_be_scored(reports: Archive, form: Form) -> None:
    question = "Were people hurt in the accident?" if form == "yes_no" else HURT
    answer = ask(reports, question, form)
    judge(reports, answer, "right")
    case = the_case(reports)
    assert verdict(case, answer) is Verdict.RIGHT, (case, answer)


def test_a_case_keeps_its_day_when_later_reports_come(reports: Archive, tmp_path: Path) -> None:
    judge(reports, ask(reports), "right")
    put(reports, [LATER], tmp_path)
    case = the_case(reports)
    assert (case.as_of, case.include_undated) == ("2024-05-01", True)
    again = ask(reports, as_of=case.as_of, include_undated=case.include_undated)
    assert verdict(case, again) is Verdict.RIGHT


def test_the_day_that_was_asked_for_is_kept(reports: Archive, tmp_path: Path) -> None:
    put(reports, [LATER], tmp_path)
    judge(reports, ask(reports, as_of="2024-05-02"), "right")
    case = the_case(reports)
    assert (case.as_of, case.include_undated) == ("2024-05-02", False)
    assert case.relevant == ("ferry",)


def test_a_question_rightly_declined_becomes_unanswerable(reports: Archive) -> None:
    answer = ask(reports, as_of="2020-01-01")
    assert answer.status == "not_found"
    judge(reports, answer, "right")
    case = the_case(reports)
    assert (case.answerable, case.answers, case.gold, case.as_of) == (False, (), (), "2020-01-01")


def test_a_correction_is_the_answer_and_its_report_relevant(
    reports: Archive, tmp_path: Path
) -> None:
    put(reports, [LATER], tmp_path)
    answer = ask(reports, form="short")
    judge(reports, answer, "wrong", "nine people")
    judge(reports, answer, "wrong", "Nine people.", by="b")
    judge(reports, answer, "wrong", by="c")
    case = the_case(reports)
    assert set(case.answers) == {"nine people", "Nine people."}
    assert (case.relevant, case.as_of) == (("later",), "2024-05-03")
    assert case.tags == ("feedback", "corrected")


def test_a_report_that_came_after_the_answer_may_correct_it(
    reports: Archive, tmp_path: Path
) -> None:
    answer = ask(reports, form="short")
    put(reports, [LATER], tmp_path)
    judge(reports, answer, "wrong", "nine people")
    case = the_case(reports)
    assert case.relevant == ("later",)
    assert case.as_of is not None
    assert case.as_of > "2024-05-03", "the day of the verdict, when that report was known"


def test_a_report_about_something_else_is_not_relevant_for_a_word_of_the_correction(
    reports: Archive, tmp_path: Path
) -> None:
    bakery = {"id": "bakery", "text": "The bakery sells seven kinds of bread. People queue for it."}
    put(reports, [bakery], tmp_path)
    answer = ask(reports, form="short")
    assert {citation.article_id for citation in answer.citations} == {"ferry"}
    judge(reports, answer, "wrong", "seven")
    assert the_case(reports).relevant == ("ferry",)


def test_a_correction_that_no_report_holds_is_a_case_too(reports: Archive) -> None:
    judge(reports, ask(reports, form="short"), "wrong", "eleven")
    (case,) = import_feedback(reports).cases
    assert (case.answers, case.relevant) == (("eleven",), ())


def test_a_corrected_explanation_needs_a_sentence_of_a_report(reports: Archive) -> None:
    answer = ask(reports, "What happened to the ferry?", "sentences")
    judge(reports, answer, "wrong", "It ran aground in a storm")
    assert "occurs in no report" in why(import_feedback(reports))
    judge(reports, answer, "wrong", "ran aground at dawn")
    case = the_case(reports)
    (span,) = case.gold
    assert FERRY["text"][span.start : span.end] == "The ferry to Velm ran aground at dawn."
    assert (case.scored_as, case.relevant) == ("sentences", ("ferry",))


@pytest.mark.parametrize(("correction", "answers"), [("No.", ("no",)), ("yes", ("yes",))])
def test_a_corrected_verdict_is_a_yes_or_no(
    reports: Archive, correction: str, answers: tuple[str, ...]
) -> None:
    answer = ask(reports, "Were people hurt in the accident?", "yes_no")
    judge(reports, answer, "wrong", correction)
    assert the_case(reports).answers == answers


@pytest.mark.parametrize(
    ("verdicts", "reason"),
    [
        ([("wrong", None, "no source")], "without a correction"),
        ([("incomplete", "nine", None)], "incomplete"),
        ([("right",), ("wrong", "nine")], "callers disagree"),
        ([("wrong", "nine"), ("wrong", "ten")], "corrections differ"),
    ],
)
def test_what_needs_a_decision_goes_to_review_without_names(
    reports: Archive, verdicts: list[tuple[str | None, ...]], reason: str
) -> None:
    answer = ask(reports, form="short")
    for number, (said, *rest) in enumerate(verdicts):
        judge(reports, answer, str(said), *rest, by=f"caller-{number}")
    found = import_feedback(reports)
    assert reason in why(found)
    (record,) = found.review
    assert (record["answer_id"], record["question"]) == (answer.id, HURT)
    assert len(record["verdicts"]) == len(verdicts)
    assert "caller-0" not in str(record)


def test_a_yes_is_corrected_by_a_no_and_punctuation_corrects_nothing(reports: Archive) -> None:
    answer = ask(reports, "Were people hurt in the accident?", "yes_no")
    judge(reports, answer, "wrong", "seven of them")
    assert "yes or no" in why(import_feedback(reports))
    judge(reports, answer, "wrong", "?!")
    assert "without a correction" in why(import_feedback(reports))


def test_a_corrected_list_and_a_filtered_question_go_to_review(reports: Archive) -> None:
    listed = ask(reports, "Who was hurt in the accident?", "list")
    judge(reports, listed, "wrong", "Ann and Bo")
    assert "by hand" in why(import_feedback(reports))
    judge(reports, listed, "right")
    filtered = ask(reports, sources=("Argus",))
    judge(reports, filtered, "right")
    found = import_feedback(reports)
    assert len(found.cases) == 1
    assert "sources" in found.review[0]["why"]


def test_an_answer_whose_report_was_deleted_goes_to_review(reports: Archive) -> None:
    judge(reports, ask(reports), "right")
    reports.delete("ferry")
    found = import_feedback(reports)
    assert "deleted" in why(found)
    assert found.review[0]["answer"] is None


def test_the_same_question_of_one_day_is_one_case(reports: Archive) -> None:
    for k in (HURT, f"{HURT[:-1]} ?"):
        judge(reports, ask(reports, k), "right")
    found = import_feedback(reports)
    assert len(found.cases) == 1
    assert found.cases[0].id in found.review[0]["why"]


def test_without_feedback_there_is_nothing_to_import(archive: Archive) -> None:
    with pytest.raises(BadInput, match="nobody has given feedback"):
        import_feedback(archive)
