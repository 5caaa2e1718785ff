"""BenchmarkQED: assertions become nuggets, the chunks of their claims articles."""

import json
from pathlib import Path

import pytest

from eval.importers.benchmark_qed import benchmark_qed
from qa.errors import BadInput
from tests.support.importing import EXAMPLES, imported

FILE = EXAMPLES / "benchmark-qed" / "data_local_assertions.json"


def test_benchmark_qed(tmp_path: Path) -> None:
    found = imported(benchmark_qed, FILE, tmp_path / "out")
    (article,) = found.articles.values()
    assert (article["id"], article["title"]) == ("41", "Harbour of Vell widened")
    assert article["published_at"] == "2019-06-01T08:00:00Z"
    assert article["text"].startswith("The harbour of Vell was widened in 2019.")
    assert "<p>" not in article["text"]
    (case,) = found.cases.values()
    # What the response should do is an instruction, what it should say is the nugget.
    assert [nugget.answers for nugget in case.nuggets] == [
        ("the harbour of Vell was widened in 2019.",),
        ("the works cost 40 million euros.",),
    ]
    assert (case.relevant, case.scored_as) == (("41",), None)


def test_malformed_questions_are_skipped_with_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "assertions.json"
    (good,) = json.loads(FILE.read_text())
    path.write_text(json.dumps([good, good | {"assertions": []}, 5]))
    found = imported(benchmark_qed, path, tmp_path / "out")
    assert len(found.cases) == 1
    assert [reason.split(": ")[0] for reason in found.skipped] == [
        "assertions.json, question 2",
        "assertions.json, question 3",
    ]


@pytest.mark.parametrize(("content", "says"), [("{}", "expected a list"), ("[", "invalid JSON")])
def test_another_file_is_refused(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "assertions.json"
    path.write_text(content)
    with pytest.raises(BadInput, match=says):
        list(benchmark_qed(path))
