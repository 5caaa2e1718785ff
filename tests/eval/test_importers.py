"""Other people's benchmarks become our two files, which our own readers then accept."""

import csv
import json
from pathlib import Path

import pytest

from eval.cases import load_cases
from eval.importers import beir, ragas, squad, write
from qa.errors import BadInput
from qa.ingest.files import Read, read_paths

SQUAD = {
    "version": "v2.0",
    "data": [
        {
            "title": "Harbours",
            "paragraphs": [
                {
                    "context": "Five ships came in May.",
                    "qas": [
                        {
                            "id": "1",
                            "question": "How many came?",
                            "answers": [{"text": "Five"}, {"text": "Five"}],
                        },
                        {"id": "2", "question": "Who came?", "answers": [], "is_impossible": True},
                        {"id": "3", "question": "Why?", "answers": []},
                        {"id": "1", "question": "How many?", "answers": [{"text": "Five"}]},
                    ],
                }
            ],
        }
    ],
}


def test_squad(tmp_path: Path) -> None:
    path = tmp_path / "squad.json"
    path.write_text(json.dumps(SQUAD))
    imported = squad(path)
    articles, cases = write(imported, tmp_path / "out")
    first, second = load_cases(cases)
    assert (first.id, first.answers, first.answerable) == ("1", ("Five",), True)
    assert (second.id, second.answers, second.answerable, second.relevant) == ("2", (), False, ())
    (read,) = [item for item in read_paths([articles]) if isinstance(item, Read)]
    assert (read.article.id, read.article.title, read.article.text) == (
        first.relevant[0],
        "Harbours",
        "Five ships came in May.",
    )
    assert imported.skipped == ["3: answerable, but without an answer", "1: duplicate id"]
    with pytest.raises(BadInput, match="already exists"):
        write(imported, tmp_path / "out")


def test_beir(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text(
        '{"_id": "d1", "title": "", "text": "Ships."}\n'
        '{"_id": "d2", "title": "T", "text": "Trains."}\n'
    )
    (tmp_path / "queries.jsonl").write_text(
        '{"_id": "q1", "text": "ships?"}\n{"_id": "q2", "text": "none?"}\n'
    )
    (tmp_path / "qrels" / "test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq2\td2\t0\n"
    )
    imported = beir(tmp_path)
    assert list(imported.articles) == ["d1", "d2"]
    assert imported.articles["d1"]["title"] is None
    assert [(case["id"], case["relevant"]) for case in imported.cases.values()] == [("q1", ["d1"])]
    assert imported.skipped == ["q2: no relevant document"]


def test_ragas_as_jsonl_and_as_csv(tmp_path: Path) -> None:
    rows = [
        {
            "user_input": "How many?",
            "reference": "Five",
            "reference_contexts": ["Five ships came.", "They left."],
        },
        {"user_input": "Who?", "reference": "", "reference_contexts": []},
    ]
    as_jsonl, as_csv = tmp_path / "set.jsonl", tmp_path / "set.csv"
    as_jsonl.write_text("".join(json.dumps(row) + "\n" for row in rows))
    with as_csv.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)  # lists as Python writes them, as pandas does
    one, other = ragas(as_jsonl), ragas(as_csv)
    assert one.articles == other.articles
    assert [article["text"] for article in one.articles.values()] == [
        "Five ships came.",
        "They left.",
    ]
    assert [
        (case["answers"], case["answerable"], len(case["relevant"])) for case in one.cases.values()
    ] == [
        (["Five"], True, 2),
        ([], False, 0),
    ]
    assert [case["question"] for case in other.cases.values()] == ["How many?", "Who?"]


@pytest.mark.parametrize(
    "content", ["", "[]", '{"data": 5}', '{"data": [{}]}', '{"data": [{"paragraphs": [{}]}]}', "["]
)
def test_what_is_no_squad_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "squad.json"
    path.write_text(content)
    with pytest.raises(BadInput):
        write(squad(path), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_what_is_no_beir_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not a folder"):
        beir(tmp_path / "nowhere")
    with pytest.raises(BadInput, match=r"corpus\.jsonl"):
        beir(tmp_path)
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d1"}\n')
    with pytest.raises(BadInput, match=r"corpus\.jsonl:1: no 'text'"):
        beir(tmp_path)
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d1", "text": "x"}\n')
    with pytest.raises(BadInput, match=r"test\.tsv"):
        beir(tmp_path)
    (tmp_path / "qrels").mkdir()
    for row in ("q\td\tmuch", "q\t0\td\t1", "q\td"):
        (tmp_path / "qrels" / "dev.tsv").write_text(f"query\tdoc\tscore\n{row}\n")
        with pytest.raises(BadInput, match=r"dev\.tsv:2"):
            beir(tmp_path)
    (tmp_path / "qrels" / "dev.tsv").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="not UTF-8"):
        beir(tmp_path)


def test_what_cannot_be_used_is_named_and_left_out(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    rows = [
        {"user_input": "A?", "reference": 5, "reference_contexts": ["x"]},
        {"user_input": "B?", "reference": "b", "reference_contexts": [5]},
        {"user_input": "C\ud800?", "reference": ["c"], "reference_contexts": ["Text \ud800."]},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    imported = ragas(path)
    assert [case["question"] for case in imported.cases.values()] == ["B?", "C??"]
    assert [article["text"] for article in imported.articles.values()] == ["x", "Text ?."]
    assert imported.skipped[0].startswith("line-1: answers.0")
    assert imported.skipped[1].endswith("an article without text")
    write(imported, tmp_path / "out")
