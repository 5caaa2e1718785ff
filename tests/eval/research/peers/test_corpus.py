"""The corpus of a comparison: what each system is handed, and asked."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from eval.cases import EvalCase
from eval.research.peers.corpus import OWN, Corpus, bare, choose, dated, read_corpus
from eval.research.peers.wire import ARTICLES, read_rows
from qa.errors import BadInput
from qa.ingest.files import Read, read_paths
from qa.types import Article

ARTICLES_OF_TWO = [
    {"id": "ferry", "title": "Ferry burns", "text": "It left Luwuk.", "published_at": "2023-03-06"},
    {"id": "mine", "text": "The mine closed.", "url": "https://example.org/mine"},
]
CASES: list[dict[str, Any]] = [
    {"id": "1", "question": "Which harbour?", "answers": ["Luwuk"], "relevant": ["ferry"]},
    {"id": "2", "question": "What closed?", "answers": ["mine"], "relevant": ["mine"]},
    {"id": "3", "question": "Who won?", "answerable": False},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = "".join(json.dumps(record) + "\n" for record in ARTICLES_OF_TWO)
    (tmp_path / f"{ARTICLES}.gz").write_bytes(gzip.compress(lines.encode()))
    cases = (json.dumps({"answerable": True, **case}) for case in CASES)
    (tmp_path / "cases.jsonl").write_text("\n".join(cases))
    return tmp_path


def ids(corpus: Corpus) -> list[str]:
    return [case.id for case in corpus.cases]


def test_passages_carry_their_title_and_the_date_in_seconds(folder: Path) -> None:
    ferry, mine = read_corpus(folder).rows
    # 2023-03-06T00:00:00Z
    assert (ferry.article, ferry.full_text) == ("ferry", "Ferry burns\nIt left Luwuk.")
    assert ferry.published == 1678060800
    assert (mine.full_text, mine.published) == ("The mine closed.", None)


def test_fewer_articles_keep_the_cases_that_they_answer_and_the_unanswerable(folder: Path) -> None:
    assert ids(read_corpus(folder)) == ["1", "2", "3"]
    assert ids(read_corpus(folder, most=1)) == ["1", "3"]


def test_fewer_articles_are_those_that_answer_most_questions() -> None:
    articles = [Article(id=name, text=name) for name in ("a", "b", "c", "d")]
    cases = [
        EvalCase(id="1", question="?", answerable=True, relevant=("c", "a")),
        EvalCase(id="2", question="?", answerable=True, relevant=("d",)),
    ]
    # "c" and "d" answer a question each; a third article is the first of the others.
    assert [article.id for article in choose(articles, cases, 1)] == ["c"]
    assert [article.id for article in choose(articles, cases, 3)] == ["a", "c", "d"]


def test_what_is_written_is_what_was_read(folder: Path, tmp_path: Path) -> None:
    corpus = read_corpus(folder)
    target = tmp_path / "run"
    target.mkdir()
    corpus.write(target)
    assert tuple(read_rows(target)) == corpus.rows
    read = [item.article for item in read_paths([target / ARTICLES]) if isinstance(item, Read)]
    assert tuple(read) == corpus.articles


def test_a_question_with_its_date_sees_the_whole_of_its_day() -> None:
    case = EvalCase(id="1", question="Which harbour?", answerable=True, as_of="2023-03-06")
    # 2023-03-06T00:00:00Z and the 86,400 seconds of the day, less a microsecond
    assert dated(case).until == pytest.approx(1678060800 + 86400, abs=0.001)
    assert (bare(case).until, bare(case).as_of) == (None, None)
    undated = EvalCase(id="1", question="Which harbour?", answerable=True)
    assert dated(undated) == bare(undated)


def test_a_folder_without_articles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"has no articles\.jsonl"):
        read_corpus(tmp_path)


def test_our_own_corpus_is_the_default() -> None:
    corpus = read_corpus(OWN, most=5)
    assert len(corpus.articles) == 5
    assert {case.answerable for case in corpus.cases} == {True, False}
