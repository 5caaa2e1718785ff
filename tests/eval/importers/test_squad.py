"""SQuAD: a paragraph is an article, an impossible question is unanswerable."""

from pathlib import Path

import pytest

from eval.importers.squad import squad
from qa.errors import BadInput
from tests.support.importing import EXAMPLES, imported


def test_squad(tmp_path: Path) -> None:
    found = imported(squad, EXAMPLES / "squad" / "dev-v2.0.json", tmp_path / "out")
    (article,) = found.articles.values()
    assert (article["title"], article["text"][:19]) == ("Vell", "The harbour of Vell")
    first, second = found.cases.values()
    assert (first.answers, first.answerable, first.relevant) == (
        ("40 million euros",),
        True,
        (article["id"],),
    )
    assert (second.answers, second.answerable, second.relevant) == ((), False, ())
    assert {case.split for case in found.cases.values()} == {"dev"}


def test_a_question_without_an_answer_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "squad.json"
    asked = '{"id": "3", "question": "Why?", "answers": []}'
    right = '{"id": "4", "question": "Who?", "answers": [{"text": "Voss"}]}'
    path.write_text(
        f'{{"data": [{{"paragraphs": [{{"context": "x", "qas": [{asked}, {right}]}}]}}]}}'
    )
    found = imported(squad, path, tmp_path / "out")
    assert found.skipped == ["3: answerable, but without an answer"]
    assert list(found.cases) == ["4"]


@pytest.mark.parametrize(
    "content", ["", "[]", '{"data": 5}', '{"data": [{}]}', '{"data": [{"paragraphs": [{}]}]}', "["]
)
def test_another_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "squad.json"
    path.write_text(content)
    with pytest.raises(BadInput):
        imported(squad, path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
