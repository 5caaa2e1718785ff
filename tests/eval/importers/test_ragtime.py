"""RAGTIME: a request with its nuggets, in the forms of both years."""

from pathlib import Path
from typing import Any

import pytest

from eval.cases import Nugget
from eval.importers.ragtime import ragtime
from qa.errors import BadInput
from tests.support.importing import EXAMPLES, imported, write_lines

TOPIC = {"topic_id": "7", "problem_statement": "Report on the harbour.", "background": "A port."}


def of_bank(folder: Path, *nuggets: dict[str, Any]) -> tuple[tuple[Nugget, ...], list[str]]:
    """The nuggets of a topic, and what was skipped."""
    write_lines(folder / "topics.jsonl", TOPIC)
    write_lines(
        folder / "nuggets.jsonl", {"metadata": {"topic_id": "7"}, "nugget_bank": list(nuggets)}
    )
    found = imported(ragtime, folder, folder / "out")
    return found.cases["7"].nuggets, found.skipped


def test_ragtime(tmp_path: Path) -> None:
    found = imported(ragtime, EXAMPLES / "ragtime", tmp_path / "out")
    assert found.articles["n1"]["published_at"] == "2019-06-01"
    (case,) = found.cases.values()
    assert case.question.startswith("I need a report on how the harbour of Vell")
    assert case.nuggets == (
        Nugget(question="When was the harbour widened?", answers=("2019",), weight=0.5),
        Nugget(
            question="What did the works cost, and who paid?",
            answers=("40 million euros", "the port paid"),
            every=True,
        ),
    )
    assert case.relevant == ("n1",)


def test_the_banks_of_2025_are_read(tmp_path: Path) -> None:
    bank = {
        "query_id": "7",
        "format_version": "v3",
        "nugget_bank": {
            "When?": {
                "question": "When?",
                "answers": {"2019": {"answer": "2019", "references": [{"doc_id": "n1"}]}},
                "importance": 3,
            },
            "The port paid.": {"claim": "The port paid.", "references": ["n2"]},
        },
    }
    write_lines(tmp_path / "nuggets.jsonl", bank)
    topic = {"request_id": "7", "problem_statement": "Report on the harbour."}
    write_lines(tmp_path / "topics.jsonl", topic)
    (case,) = imported(ragtime, tmp_path, tmp_path / "out").cases.values()
    assert case.nuggets == (
        Nugget(question="When?", answers=("2019",), weight=3),
        Nugget(answers=("The port paid.",)),
    )
    assert case.relevant == ("n1", "n2")


def test_nuggets_that_no_code_can_score_are_named(tmp_path: Path) -> None:
    answers = [{"answer": "2019"}]
    nuggets, skipped = of_bank(
        tmp_path,
        {"question": "When?", "answers": answers},
        {"question": "Why?"},
        {"question": "Not?", "answers": answers, "aggregator_type": "NOT"},
        {"question": "How?", "answers": answers, "importance": "huge"},
    )
    assert len(nuggets) == 1
    assert skipped == [
        "topic 7: Why?: no answers to compare with",
        "topic 7: Not?: cannot score aggregator_type NOT",
        "topic 7: How?: unknown importance 'huge'",
    ]


def test_topics_and_banks_that_do_not_fit_are_named(tmp_path: Path) -> None:
    bank = {"query_id": "7", "nugget_bank": [{"claim": "The port paid."}]}
    write_lines(tmp_path / "topics.jsonl", TOPIC, TOPIC | {"topic_id": "8"}, {"topic_id": "9"})
    write_lines(
        tmp_path / "nuggets.jsonl", bank, bank, bank | {"query_id": None}, {"query_id": "8"}
    )
    found = imported(ragtime, tmp_path, tmp_path / "out")
    assert found.skipped == [
        "nuggets.jsonl:2: second bank for topic 7",
        "nuggets.jsonl:3: no topic",
        "nuggets.jsonl:4: nugget_bank: Field required",
        "topic 8: no nuggets",
        "topics.jsonl:3: problem_statement: Field required",
    ]
    with pytest.raises(BadInput, match="not a folder"):
        list(ragtime(tmp_path / "topics.jsonl"))
