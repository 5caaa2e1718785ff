"""ClapNQ: the selected sentences of a passage are gold."""

from pathlib import Path
from typing import Any

import pytest

from eval.importers.clapnq import clapnq
from tests.support.importing import EXAMPLES, imported, write_lines


def test_clapnq(tmp_path: Path) -> None:
    found = imported(clapnq, EXAMPLES / "clapnq", tmp_path / "out")
    # Two passages of the questions, and one more of the corpus, which has one of them too.
    assert [article["title"] for article in found.articles.values()] == [
        "Harbour of Vell",
        "Vell",
        "Prices",
    ]
    answerable, unanswerable = found.cases.values()
    assert answerable.form == "sentences"
    assert answerable.answers == ("The works, which cost 40 million euros, were paid by the port.",)
    (gold,) = answerable.gold
    text = found.articles[gold.article_id]["text"]
    selected = "The works cost 40 million euros and were paid by the port."  # without its "&"
    assert text[gold.start : gold.end] == selected
    assert (unanswerable.answerable, unanswerable.gold) == (False, ())
    assert (answerable.split, unanswerable.split) == ("dev", "dev")  # as their files are named


@pytest.mark.parametrize("selected", [[], ["Nowhere to be found.&"], ["&"]])
def test_without_a_place_the_whole_passage_is_gold(tmp_path: Path, selected: list[str]) -> None:
    record = {
        "id": 1,
        "input": "who left",
        "passages": [{"title": "Mayor", "text": "Voss left."}],
        "output": [{"answer": "It was Voss.", "selected_sentences": selected}],
    }
    path = write_lines(tmp_path / "dev.jsonl", record)
    (case,) = imported(clapnq, path, tmp_path / "out").cases.values()
    assert [(span.start, span.end) for span in case.gold] == [(0, len("Voss left."))]


def test_malformed_lines_are_skipped_with_their_numbers(tmp_path: Path) -> None:
    good: dict[str, Any] = {
        "id": 1,
        "input": "who left",
        "passages": [{"text": "Voss left."}],
        "output": [{"answer": None}],
    }
    path = write_lines(tmp_path / "dev.jsonl", good, good | {"passages": []}, "?", {"id": 2})
    found = imported(clapnq, path, tmp_path / "out")
    assert [reason.split(": ")[0] for reason in found.skipped] == [
        "dev.jsonl:2",
        "dev.jsonl:3",
        "dev.jsonl:4",
    ]
