"""CRAG: pages become articles, each question is asked as of its time."""

import bz2
from pathlib import Path

import pytest

from eval.importers.crag import crag
from qa.types import instant
from tests.support.importing import EXAMPLES, imported, write_lines

FILE = EXAMPLES / "crag" / "crag_task_1_and_2_dev_v4.jsonl"


def test_crag(tmp_path: Path) -> None:
    packed = tmp_path / f"{FILE.name}.bz2"
    packed.write_bytes(bz2.compress(FILE.read_bytes()))
    found = imported(crag, packed, tmp_path / "out")
    page = found.articles["https://vell.example/harbour"]
    assert "The works cost 40 million euros and were paid by the port." in page["text"]
    assert "<p>" not in page["text"]
    assert page["title"] == "Harbour of Vell widened"
    assert page["published_at"].startswith("2019-06-01")
    assert page["updated_at"] == "2024-03-12T09:00:00+00:00"
    snippet = found.articles["https://vell.example/prices"]
    assert snippet["text"] == "Bread prices in Vell rose by 4 percent last autumn."

    simple, false_premise, _ = found.cases.values()
    assert simple.answers == ("40 million euros", "€40 million")
    # 10:19 in California is 17:19 in Greenwich, a few days after the clocks changed.
    assert simple.as_of is not None
    assert instant(simple.as_of) == instant("2024-03-13T17:19:56+00:00")
    assert simple.include_undated
    assert simple.tags == ("open", "simple", "static", "public-test")
    assert simple.relevant == ()  # CRAG judges no page
    assert (false_premise.form, false_premise.answers) == ("false_premise", ())


@pytest.mark.parametrize(("stated", "split"), [(0, "dev"), (1, "test"), (None, "test")])
def test_the_split_is_a_field_and_not_the_name(
    tmp_path: Path, stated: int | None, split: str
) -> None:
    record = {"interaction_id": "i", "query": "Who?", "answer": "Voss", "split": stated}
    path = write_lines(tmp_path / "crag_dev_v4.jsonl", record)
    (case,) = imported(crag, path, tmp_path / "out").cases.values()
    assert case.split == split


@pytest.mark.parametrize("time", [None, "", "yesterday", "2024-03-13"])
def test_a_time_of_another_form_is_left_out(tmp_path: Path, time: str | None) -> None:
    record = {"interaction_id": "i", "query": "Who?", "answer": "Voss", "query_time": time}
    path = write_lines(tmp_path / "dev.jsonl", record)
    (case,) = imported(crag, path, tmp_path / "out").cases.values()
    assert case.as_of is None


def test_malformed_lines_and_empty_pages_are_named(tmp_path: Path) -> None:
    empty = {"page_url": "https://x.example/", "page_result": " ", "page_last_modified": "?"}
    record = {"interaction_id": "i", "query": "Who?", "answer": "Voss", "search_results": [empty]}
    path = write_lines(tmp_path / "dev.jsonl", record, record | {"alt_ans": "Voss"}, "nothing")
    found = imported(crag, path, tmp_path / "out")
    assert found.skipped[0] == "https://x.example/: an article without text"
    assert found.skipped[1].startswith("dev.jsonl:2: alt_ans: ")
    assert found.skipped[2].startswith("dev.jsonl:3: invalid JSON")


def test_a_question_that_nobody_can_answer_is_unanswerable(tmp_path: Path) -> None:
    record = {"interaction_id": "i", "query": "Who?", "answer": "i don't know"}
    path = write_lines(tmp_path / "dev.jsonl", record)
    (case,) = imported(crag, path, tmp_path / "out").cases.values()
    assert (case.answerable, case.answers) == (False, ())
