"""BEIR (Thakur et al., 2021)."""

from collections.abc import Iterator
from pathlib import Path

from eval.files import read_text
from eval.importers.found import Article, Case, Found, Skipped, split_in
from eval.importers.reading import strict_objects
from qa.errors import BadInput


def beir(path: Path) -> Iterator[Found]:
    """A BEIR folder: `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`. Raises BadInput.

    Without `test.tsv`, the only other file in `qrels`, whose name is the split. A judgement above 0
    is relevant. There are rankings but no answers: run it with --retrieval-only.
    """
    if not path.is_dir():
        raise BadInput(f"{path} is not a folder with corpus.jsonl, queries.jsonl and qrels/")
    for _, record in strict_objects(path / "corpus.jsonl", "_id", "text"):
        yield Article(str(record["_id"]), record["text"], record.get("title"))
    qrels = _qrels(path / "qrels")
    relevant = _judgements(qrels)
    for _, record in strict_objects(path / "queries.jsonl", "_id", "text"):
        case_id = str(record["_id"])
        if case_id not in relevant:
            yield Skipped(f"{case_id}: no relevant document")
            continue
        fields = {
            "question": record["text"],
            "answerable": True,
            "relevant": list(dict.fromkeys(relevant[case_id])),
            "split": split_in(qrels.stem),
        }
        yield Case(case_id, fields)


def _qrels(folder: Path) -> Path:
    """`test.tsv`, or without it the only other file of judgements."""
    path = folder / "test.tsv"
    judged = list(folder.glob("*.tsv"))
    return judged[0] if path not in judged and len(judged) == 1 else path


def _judgements(path: Path) -> dict[str, list[str]]:
    """The relevant documents by query."""
    relevant: dict[str, list[str]] = {}
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        is_header = number == 1 and not line.split("\t")[-1].strip().lstrip("-").isdigit()
        if is_header or not line.strip():
            continue
        try:
            query, document, judgement = line.split("\t")
            if int(judgement) > 0:
                relevant.setdefault(query, []).append(document)
        except ValueError as error:
            expected = "expected 'query, document, judgement', separated by tabs"
            raise BadInput(f"{path.name}:{number}: {expected}") from error
    return relevant
