"""ragas: contexts become articles, a question without a reference is unanswerable."""

import csv
from pathlib import Path

from eval.importers.ragas import ragas
from tests.support.importing import EXAMPLES, imported, write_lines

ROWS = [
    {
        "user_input": "How many?",
        "reference": "Five",
        "reference_contexts": ["Five ships came.", "They left."],
    },
    {"user_input": "Who?", "reference": "", "reference_contexts": []},
]


def test_ragas(tmp_path: Path) -> None:
    found = imported(ragas, EXAMPLES / "ragas" / "testset.jsonl", tmp_path / "out")
    first, second = found.cases.values()
    assert (first.id, first.answers, len(first.relevant)) == ("line-1", ("40 million euros",), 1)
    assert (second.answerable, second.relevant) == (False, ())


def test_csv_with_lists_as_pandas_writes_them_says_the_same(tmp_path: Path) -> None:
    as_jsonl, as_csv = tmp_path / "set.jsonl", tmp_path / "set.csv"
    write_lines(as_jsonl, *ROWS)
    with as_csv.open("w", newline="") as file:
        writer = csv.DictWriter(file, ROWS[0])
        writer.writeheader()
        writer.writerows(ROWS)
    one = imported(ragas, as_jsonl, tmp_path / "one")
    other = imported(ragas, as_csv, tmp_path / "other")
    assert one.articles == other.articles
    assert [article["text"] for article in one.articles.values()] == [
        "Five ships came.",
        "They left.",
    ]
    assert [case.question for case in other.cases.values()] == ["How many?", "Who?"]


def test_wrong_values_are_named_and_lone_surrogates_replaced(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    write_lines(
        path,
        {"user_input": "A?", "reference": 5, "reference_contexts": ["x"]},
        {"user_input": "B?", "reference": "b", "reference_contexts": [5]},
        {"user_input": "C\ud800?", "reference": ["c"], "reference_contexts": ["Text \ud800."]},
        {"user_input": ["several", "turns"]},
    )
    found = imported(ragas, path, tmp_path / "out")
    assert [case.question for case in found.cases.values()] == ["B?", "C??"]
    assert [article["text"] for article in found.articles.values()] == ["x", "Text ?."]
    assert found.skipped[0].startswith("line-1: answers.0")
    assert found.skipped[1].endswith("an article without text")
    assert found.skipped[2] == "line 4: no single question"
