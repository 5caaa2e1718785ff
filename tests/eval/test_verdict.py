"""One verdict on each answer: right, declined or wrong, by the form of its case."""

from typing import Any

import pytest

from eval.cases import EvalCase
from eval.outcome import Outcome
from eval.targets.file import adapt_answer
from eval.verdict import Verdict, verdict_of

ON_GOLD = ("a", 100, 200)
BESIDE = ("a", 300, 400)
RIGHT, DECLINED, WRONG = Verdict.RIGHT, Verdict.DECLINED, Verdict.WRONG


def case(form: str | None, **fields: Any) -> EvalCase:
    content = {
        "id": "c",
        "question": "Why?",
        "answerable": form != "unanswerable",
        "form": form,
        "gold": [{"article_id": "a", "start": 100, "end": 200}],
        "relevant": ["a"],
    }
    return EvalCase.model_validate(content | fields)


def outcome(*places: tuple[str, int, int], **fields: Any) -> Outcome:
    citations = [
        {"n": n, "quote": "x", "article_id": name, "start": start, "end": end}
        for n, (name, start, end) in enumerate(places, start=1)
    ]
    answer, unreported = adapt_answer({"answer": "Text.", "citations": citations} | fields)
    return Outcome(answer=answer, unreported=unreported)


SILENT = outcome(answer=None)


@pytest.mark.parametrize("form", ["why", "how", "said", "happened", "sentences", "unknown"])
def test_whole_sentences_are_right_where_a_gold_sentence_is_cited(form: str) -> None:
    assert verdict_of(case(form), outcome(BESIDE, ON_GOLD)) is RIGHT
    assert verdict_of(case(form), outcome(BESIDE)) is WRONG
    assert verdict_of(case(form), outcome()) is WRONG
    assert verdict_of(case(form), SILENT) is DECLINED


def test_a_citation_that_only_a_disagreement_has_is_not_the_answers_own() -> None:
    beside = outcome(BESIDE, ON_GOLD, disagreements=[{"text": "x", "citations": [2]}])
    assert verdict_of(case("why"), beside) is WRONG
    both = {"text": "Text.", "citations": [1, 2]}
    own = outcome(
        BESIDE, ON_GOLD, statements=[both], disagreements=[{"text": "x", "citations": [2]}]
    )
    assert verdict_of(case("why"), own) is RIGHT


def test_a_fact_is_wrong_where_the_reports_do_not_know() -> None:
    fact = outcome(ON_GOLD, short_answer={"text": "$5m", "kind": "money", "value": "5000000"})
    assert verdict_of(case("unknown"), fact) is WRONG
    assert verdict_of(case("why"), fact) is RIGHT


def test_a_declined_answer_is_right_only_where_nothing_can_be_known() -> None:
    nowhere = case("unanswerable", gold=[], relevant=[])
    assert verdict_of(nowhere, SILENT) is RIGHT
    assert verdict_of(nowhere, outcome(ON_GOLD)) is WRONG
    for form in ("short", "yes_no", "list", "brief", "false_premise"):
        assert verdict_of(case(form, answers=["no"], items=[["b"]]), SILENT) is DECLINED


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("USD 40 million", RIGHT),
        ("$40m", RIGHT),  # the same value
        ("40 million dollars in aid", RIGHT),
        ("$40bn", WRONG),
        ("USD 41 million", WRONG),  # two of three words, but another value
        ("a lot", WRONG),
    ],
)
def test_a_short_answer_is_judged_by_its_value(said: str, expected: Verdict) -> None:
    assert verdict_of(case("short", answers=["USD 40 million"]), outcome(short_answer=said)) is (
        expected
    )


@pytest.mark.parametrize(
    ("said", "right", "expected"),
    [
        ("Voss", "Elena Voss", RIGHT),  # F1 2/3
        ("Anna Voss", "Elena Voss", WRONG),  # F1 1/2: half of the words are not enough
        ("United Kingdom", "United States", WRONG),
        ("Apollo 13 mission", "Apollo 11 mission", WRONG),  # F1 2/3, but another number
        ("the Apollo 11 crew", "Apollo 11", RIGHT),  # F1 4/5
    ],
)
def test_other_short_answers_are_judged_by_more_than_half_of_the_words(
    said: str, right: str, expected: Verdict
) -> None:
    assert verdict_of(case("short", answers=[right]), outcome(short_answer=said)) is expected


def test_a_yes_or_no_is_judged_by_its_verdict_alone() -> None:
    no = case("yes_no", answers=["no"])
    value = {"text": "no", "kind": "boolean", "value": "false"}
    assert verdict_of(no, outcome(short_answer=value)) is RIGHT
    assert verdict_of(no, outcome(answer="Yes, it is.")) is WRONG
    assert verdict_of(no, outcome(ON_GOLD, answer="It was closed.")) is WRONG  # no verdict


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        (["b", "c", "d"], RIGHT),
        (["b", "c"], RIGHT),  # P 1, R 2/3: F1 .8
        (["b"], WRONG),  # P 1, R 1/3: F1 .5
        (["b", "c", "x", "y"], WRONG),  # P 1/2, R 2/3: F1 .57
        (["b", "c", "d", "x"], RIGHT),  # P 3/4, R 1: F1 .86
    ],
)
def test_a_list_is_right_from_an_f1_of_seven_tenths(listed: list[str], expected: Verdict) -> None:
    items = case("list", items=[["b", "B."], ["c"], ["d"]])
    assert verdict_of(items, outcome(items=listed)) is expected


def test_a_brief_is_right_from_an_f1_of_one_half() -> None:
    gold = [{"article_id": "a", "start": start, "end": start + 9} for start in (0, 10, 20)]
    brief = case("brief", gold=gold)
    # One of three gold sentences, every citation from a relevant article: 2 * 1/3 / (4/3) = 1/2
    assert verdict_of(brief, outcome(("a", 0, 9), ("a", 50, 60))) is RIGHT
    # The same with a citation of another article: 2 * 1/3 * 2/3 / 1 = 4/9
    assert verdict_of(brief, outcome(("a", 0, 9), ("a", 50, 60), ("x", 0, 9))) is WRONG


def test_a_false_premise_must_be_contradicted() -> None:
    asked = case("false_premise", asserted="Mario Draghi")
    objects = {"reason_code": "false_premise"}
    assert verdict_of(asked, outcome(ON_GOLD)) is RIGHT
    assert verdict_of(asked, outcome(BESIDE, **objects)) is RIGHT
    assert verdict_of(asked, outcome(answer=None, **objects)) is RIGHT
    assert verdict_of(asked, SILENT) is DECLINED
    assert verdict_of(asked, outcome(BESIDE)) is WRONG  # it has accepted the premise
    assert verdict_of(asked, outcome(ON_GOLD, short_answer="Mario Draghi")) is WRONG


def test_without_gold_a_false_premise_is_judged_by_what_is_said() -> None:
    asked = case("false_premise", gold=[], answers=["Vell has no king"])
    assert verdict_of(asked, outcome(answer="Vell has no king.")) is RIGHT
    assert verdict_of(asked, outcome(answer="He attended Tosca.")) is WRONG
    assert verdict_of(asked, SILENT) is DECLINED
    assert verdict_of(asked, outcome(reason_code="false_premise")) is RIGHT


def test_the_form_is_read_off_a_case_that_names_none() -> None:
    def scored_as(**fields: Any) -> str | None:
        return case(None, **fields).scored_as

    assert scored_as() == "sentences"
    assert scored_as(gold=[]) is None
    assert scored_as(answers=["Voss"]) == "short"
    assert scored_as(answers=["Yes", "yes."]) == "yes_no"
    assert scored_as(items=[["b"]]) == "list"
    assert scored_as(answerable=False) == "unanswerable"
    assert case("why", answerable=False).scored_as == "unanswerable"


def test_there_is_no_verdict_without_what_it_needs() -> None:
    assert verdict_of(case("why"), Outcome()) is None  # retrieval alone
    assert verdict_of(case("why", gold=[]), outcome(ON_GOLD)) is None
    assert verdict_of(case("list"), outcome()) is None
    assert verdict_of(case("short"), outcome()) is None
    assert verdict_of(case("why"), outcome(("a", 0, 0))) is None  # quotes, but reports no places
