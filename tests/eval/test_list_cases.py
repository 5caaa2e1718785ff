"""The list cases of `eval/data/lists`: what they say of their reports is so."""

import json
from pathlib import Path

import pytest

from eval.cases import EvalCase, load_cases
from eval.metrics import occurs

FOLDER = Path(__file__).parents[2] / "eval" / "data" / "lists"
CASES = load_cases(FOLDER / "cases.jsonl")
LINES = (FOLDER / "articles.jsonl").read_text("utf-8").splitlines()
TEXTS = {article["id"]: article["text"] for article in map(json.loads, LINES)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_items_of_a_case_are_in_its_reports(case: EvalCase) -> None:
    text = " ".join(TEXTS[article] for article in case.relevant)
    assert case.answerable == bool(case.items)
    assert all(occurs(spellings, text) for spellings in case.items)


def test_cases_to_develop_on_and_to_report_on_share_no_report() -> None:
    reports: dict[str, set[str]] = {"develop": set(), "report": set()}
    for case in CASES:
        (tag,) = case.tags
        reports[tag].add(case.id.rpartition("-")[0])
    assert not reports["develop"] & reports["report"]
    assert sum(case.answerable for case in CASES if case.tags == ("report",)) >= 60
