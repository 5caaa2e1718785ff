"""The sample cases agree with the sample corpus, and there are enough of each kind to gate on."""

import json
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from eval.cases import EvalCase, GoldSpan, load_cases
from eval.gates import load_gates
from qa.language.sentences import sentences, trimmed
from qa.types import Article, instant

KINDS = (
    "why",
    "how",
    "said",
    "happened",
    "list",
    "yes_no",
    "unknown",
    "false_premise",
    "brief",
    "unanswerable",
)
LEAST = 12  # cases of a kind, so that a gate on it means something
CORPUS = {
    article.id: article
    for article in (
        Article.model_validate(json.loads(line))
        for line in (files("qa") / "data" / "sample.jsonl").read_text("utf-8").splitlines()
    )
}
CASES = load_cases(None)
FORMED = [case for case in CASES if case.form is not None]


def quote(span: GoldSpan) -> str:
    return CORPUS[span.article_id].text[span.start : span.end]


def test_there_are_enough_cases_of_each_kind() -> None:
    counts = Counter(str(case.form) for case in FORMED)
    assert {kind: counts[kind] for kind in KINDS if counts[kind] < LEAST} == {}
    assert set(counts) == set(KINDS)


def test_yes_and_no_are_asked_equally_often() -> None:
    counts = Counter(case.answers for case in FORMED if case.form == "yes_no")
    assert counts[("yes",)] == counts[("no",)]
    assert set(counts) == {("yes",), ("no",)}
    ways = Counter(tag for case in FORMED if case.answers == ("no",) for tag in case.tags)
    assert {ways[way] > 2 for way in ("opposite", "negation", "number", "place")} == {True}


def test_each_kind_has_a_gate() -> None:
    gates = load_gates(Path(__file__).parents[2] / "eval" / "baselines" / "gates.toml")
    assert set(KINDS) <= {gate.form for gate in gates if gate.not_worse}


def test_a_case_is_tagged_with_its_kind() -> None:
    assert [case.id for case in FORMED if case.form not in case.tags] == []


def test_no_question_is_asked_twice_of_the_same_archive() -> None:
    asked = Counter((case.question, case.as_of, case.include_undated) for case in CASES)
    assert [question for question, times in asked.items() if times > 1] == []


@pytest.mark.parametrize("case", FORMED, ids=lambda case: case.id)
def test_gold_is_whole_sentences_of_the_relevant_articles(case: EvalCase) -> None:
    assert bool(case.gold) == case.answerable
    assert len(set(case.gold)) == len(case.gold)
    assert set(case.relevant) == {span.article_id for span in case.gold}
    for span in case.gold:
        text = CORPUS[span.article_id].text
        whole = {trimmed(text, place) for place in sentences(text, "en")}
        assert (span.start, span.end) in whole, quote(span)


@pytest.mark.parametrize("case", FORMED, ids=lambda case: case.id)
def test_gold_is_visible_at_the_time_of_the_question(case: EvalCase) -> None:
    for article_id in case.relevant:
        published_at = CORPUS[article_id].published_at
        if case.as_of is not None:
            assert published_at is not None
            assert instant(published_at) <= instant(case.as_of, end_of_day=True)


@pytest.mark.parametrize("case", [case for case in FORMED if case.form == "list"], ids=str)
def test_every_item_of_a_list_is_in_its_gold(case: EvalCase) -> None:
    said = " ".join(quote(span) for span in case.gold)
    assert len(case.items) > 1
    for spellings in case.items:
        assert any(spelling in said for spelling in spellings), spellings


def test_a_false_premise_is_a_part_of_its_question() -> None:
    cases = [case for case in CASES if case.form == "false_premise" or case.asserted is not None]
    assert {case.form for case in cases} == {"false_premise"}
    for case in cases:
        assert case.asserted is not None, case.id
        assert case.asserted in case.question, case.id


def test_a_brief_needs_several_reports() -> None:
    for case in FORMED:
        if case.form == "brief":
            assert len(case.gold) >= 4, case.id
            assert len(case.relevant) >= 2, case.id
