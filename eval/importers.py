"""Convert public benchmarks to `articles.jsonl` and `cases.jsonl`."""

import ast
import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eval.cases import EvalCase
from eval.files import read_json, read_objects, read_text, write_atomically
from qa.errors import BadInput, first_problem

Record = dict[str, Any]


@dataclass(slots=True)
class Imported:
    """What a benchmark gives: articles and cases by id, and what was skipped, with the reason."""

    articles: dict[str, Record] = field(default_factory=dict)
    cases: dict[str, Record] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    def add_article(self, article_id: str, title: object, text: object) -> None:
        """Add an article, unless it is there already or has no text."""
        if not isinstance(text, str) or not text.strip():
            self.skipped.append(f"{article_id}: an article without text")
        elif article_id not in self.articles:
            has_title = isinstance(title, str) and title
            self.articles[article_id] = {
                "id": article_id,
                "title": title if has_title else None,
                "text": text,
            }

    def add_case(
        self,
        case_id: str,
        question: object,
        answers: Sequence[str],
        relevant: Sequence[str],
        *,
        answerable: bool,
    ) -> None:
        """Add a case, unless it has no question, a second id or values of the wrong type."""
        if not isinstance(question, str) or not question.strip():
            self.skipped.append(f"{case_id}: no question")
            return
        if case_id in self.cases:
            self.skipped.append(f"{case_id}: duplicate id")
            return
        case = {
            "id": case_id,
            "question": question,
            "answers": list(answers),
            "answerable": answerable,
            "relevant": list(dict.fromkeys(relevant)),
        }
        try:
            EvalCase.model_validate(case)
        except ValidationError as error:
            self.skipped.append(f"{case_id}: {first_problem(error)}")
        else:
            self.cases[case_id] = case


def squad(path: Path) -> Imported:
    """SQuAD 1.1 and 2.0 (Rajpurkar et al., 2018): a JSON file. Each paragraph is an article."""
    imported = Imported()
    try:
        for page in read_json(path)["data"]:
            for paragraph in page["paragraphs"]:
                _add_paragraph(imported, page.get("title"), paragraph)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        problem = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise BadInput(f"{path.name} is not a SQuAD file: {problem}") from error
    return imported


def _add_paragraph(imported: Imported, title: object, paragraph: Mapping[str, Any]) -> None:
    article_id = _digest(paragraph["context"])
    imported.add_article(article_id, title, paragraph["context"])
    for item in paragraph["qas"]:
        answers = list(dict.fromkeys(answer["text"] for answer in item["answers"]))
        case_id, question = str(item["id"]), item["question"]
        if item.get("is_impossible", False):
            imported.add_case(case_id, question, [], [], answerable=False)
        elif answers:
            imported.add_case(case_id, question, answers, [article_id], answerable=True)
        else:
            imported.skipped.append(f"{case_id}: answerable, but without an answer")


def beir(path: Path) -> Imported:
    """A BEIR folder (Thakur et al., 2021): `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv`.

    Without `test.tsv`, the only other file in `qrels`. A judgement above 0 is relevant. There are
    rankings but no answers: run it with --retrieval-only.
    """
    if not path.is_dir():
        raise BadInput(f"{path} is not a folder with corpus.jsonl, queries.jsonl and qrels/")
    imported = Imported()
    for record in _records_with(path / "corpus.jsonl", "_id", "text"):
        imported.add_article(str(record["_id"]), record.get("title"), record["text"])
    relevant = _judgements(path / "qrels")
    for record in _records_with(path / "queries.jsonl", "_id", "text"):
        case_id = str(record["_id"])
        if case_id in relevant:
            imported.add_case(case_id, record["text"], [], relevant[case_id], answerable=True)
        else:
            imported.skipped.append(f"{case_id}: no relevant document")
    return imported


def _judgements(folder: Path) -> dict[str, list[str]]:
    """The relevant documents by query."""
    path = folder / "test.tsv"
    judged = list(folder.glob("*.tsv"))
    if path not in judged and len(judged) == 1:
        path = judged[0]
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


def ragas(path: Path) -> Imported:
    """A ragas test set as JSONL or CSV. A case without a reference is unanswerable.

    Read are `user_input` or `question`, `reference` or `ground_truth`, and `reference_contexts` or
    `contexts`, which become the articles.
    """
    imported = Imported()
    for number, record in _rows(path):
        question = record.get("user_input") or record.get("question")
        if not isinstance(question, str):
            imported.skipped.append(f"line {number}: no single question")
            continue
        answers = _as_list(_first_of(record, "reference", "ground_truth", "ground_truths"))
        relevant = []
        for context in _as_list(_first_of(record, "reference_contexts", "contexts")):
            imported.add_article(_digest(context), None, context)
            relevant.append(_digest(context))
        answerable = bool(answers)
        case_id = str(record.get("id") or f"line-{number}")
        imported.add_case(
            case_id, question, answers, relevant if answerable else [], answerable=answerable
        )
    return imported


IMPORTERS: Mapping[str, Callable[[Path], Imported]] = {"squad": squad, "beir": beir, "ragas": ragas}


def write(imported: Imported, folder: Path) -> tuple[Path, Path]:
    """Write `articles.jsonl` and `cases.jsonl` to the folder. Raises BadInput if they exist."""
    if not imported.cases:
        reason = f" ({imported.skipped[0]})" if imported.skipped else ""
        raise BadInput(f"nothing to import: no case could be used{reason}")
    articles, cases = write_records(
        folder,
        {
            "articles.jsonl": list(imported.articles.values()),
            "cases.jsonl": list(imported.cases.values()),
        },
    )
    return articles, cases


def write_records(folder: Path, files: Mapping[str, Sequence[Record]]) -> list[Path]:
    """Write each file of JSON lines to the folder. Raises BadInput if one of them exists."""
    paths = [folder / name for name in files]
    for path in paths:
        if path.exists():
            raise BadInput(f"{path} already exists: choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"cannot write {folder}: {error.strerror}") from error
    for path, records in zip(paths, files.values(), strict=True):
        lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
        write_atomically(path, lines)
    return paths


def _records_with(path: Path, *keys: str) -> Iterator[Record]:
    for number, record in read_objects(path):
        for key in keys:
            if key not in record:
                raise BadInput(f"{path.name}:{number}: no '{key}'")
        yield record


def _rows(path: Path) -> Iterator[tuple[int, Record]]:
    if path.suffix.lower() != ".csv":
        yield from read_objects(path)
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                yield number, {key: _cell(value) for key, value in row.items() if key}
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path.name}: invalid CSV: {error}") from error


def _cell(value: Any) -> Any:
    """A cell's text, or the list that it holds as JSON or as Python writes it."""
    if not isinstance(value, str) or not value.lstrip().startswith("["):
        return value
    for parse in (json.loads, ast.literal_eval):
        try:
            return parse(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return value


def _first_of(record: Record, *keys: str) -> Any:
    """The first of these values that is not empty."""
    return next((record[key] for key in keys if record.get(key)), [])


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _digest(text: object) -> str:
    return hashlib.sha256(str(text).encode()).hexdigest()[:16]
