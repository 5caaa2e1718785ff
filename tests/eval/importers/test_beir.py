"""BEIR: a corpus, queries and judgements, without answers."""

import shutil
from pathlib import Path

import pytest

from eval.importers.beir import beir
from qa.errors import BadInput
from tests.support.importing import EXAMPLES, imported, write_lines


def test_beir(tmp_path: Path) -> None:
    found = imported(beir, EXAMPLES / "beir", tmp_path / "out")
    assert list(found.articles) == ["d1", "d2"]
    assert found.articles["d1"]["title"] == "Harbour"
    assert "title" not in found.articles["d2"]
    # A judgement of 0 is not relevant.
    assert [(case.id, case.relevant) for case in found.cases.values()] == [
        ("q1", ("d1",)),
        ("q2", ("d2",)),
    ]


@pytest.mark.parametrize(("name", "split"), [("train", "train"), ("dev", "dev"), ("all", "test")])
def test_the_split_is_the_name_of_the_judgements(tmp_path: Path, name: str, split: str) -> None:
    shutil.copytree(EXAMPLES / "beir", tmp_path / "beir")
    qrels = tmp_path / "beir" / "qrels"
    (qrels / "test.tsv").rename(qrels / f"{name}.tsv")
    found = imported(beir, tmp_path / "beir", tmp_path / "out")
    assert [case.split for case in found.cases.values()] == [split, split]


def test_wrong_files_are_named_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a folder"):
        list(beir(tmp_path / "nowhere"))
    with pytest.raises(BadInput, match=r"corpus\.jsonl"):
        list(beir(tmp_path))
    write_lines(tmp_path / "corpus.jsonl", {"_id": "d1"})
    with pytest.raises(BadInput, match=r"corpus\.jsonl:1: no 'text'"):
        list(beir(tmp_path))
    write_lines(tmp_path / "corpus.jsonl", {"_id": "d1", "text": "x"})
    with pytest.raises(BadInput, match=r"test\.tsv"):
        list(beir(tmp_path))
    (tmp_path / "qrels").mkdir()
    for row in ("q\td\tmuch", "q\t0\td\t1", "q\td"):
        (tmp_path / "qrels" / "dev.tsv").write_text(f"query\tdoc\tscore\n{row}\n")
        with pytest.raises(BadInput, match=r"dev\.tsv:2"):
            list(beir(tmp_path))
    (tmp_path / "qrels" / "dev.tsv").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="not UTF-8"):
        list(beir(tmp_path))


def test_a_query_without_a_relevant_document_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    write_lines(tmp_path / "corpus.jsonl", {"_id": "d1", "text": "x"})
    write_lines(tmp_path / "queries.jsonl", {"_id": "q1", "text": "a"}, {"_id": "q2", "text": "b"})
    (tmp_path / "qrels" / "test.tsv").write_text("q1\td1\t1\n")
    found = imported(beir, tmp_path, tmp_path / "out")
    assert found.skipped == ["q2: no relevant document"]
