"""Other people's benchmarks as our two files, `articles.jsonl` and `cases.jsonl`."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from eval.cases import EvalCase
from eval.compare import write_whole
from eval.outcomes import first_fault
from eval.targets import clean, read_jsonl
from qa.errors import BadInput

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Imported:
    """``articles`` each once, by id; ``skipped``: what could not be used, and why."""

    articles: Sequence[Record]
    cases: Sequence[Record]
    skipped: Sequence[str]


def squad(path: Path) -> Imported:
    """SQuAD 1.1 and 2.0 (Rajpurkar et al., 2018): a JSON file. Each paragraph becomes an article."""
    articles: dict[str, Record] = {}
    cases: dict[str, Record] = {}
    skipped: list[str] = []
    try:
        pages = _json(path)["data"]
        for page in pages:
            for paragraph in page["paragraphs"]:
                article = _id(paragraph["context"])
                _article(articles, skipped, article, page.get("title"), paragraph["context"])
                for item in paragraph["qas"]:
                    answers = list(dict.fromkeys(answer["text"] for answer in item["answers"]))
                    answerable = not item.get("is_impossible", False)
                    if answerable and not answers:
                        skipped.append(f"{item['id']}: answerable, but without an answer")
                        continue
                    _add(cases, skipped, str(item["id"]), item["question"], answers if answerable else [],
                         [article] if answerable else [], answerable=answerable)  # fmt: skip
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadInput(f"{path.name} is not of SQuAD's form: {_what(error)}") from error
    return Imported(list(articles.values()), list(cases.values()), skipped)


def beir(path: Path) -> Imported:
    """A BEIR folder (Thakur et al., 2021): `corpus.jsonl`, `queries.jsonl` and `qrels/test.tsv`, or the only other
    file there. A judgement above 0 is relevant. It knows rankings, no answers: run it with --retrieval-only.
    """
    if not path.is_dir():
        raise BadInput(f"{path} is no folder with corpus.jsonl, queries.jsonl and qrels/")
    articles: dict[str, Record] = {}
    skipped: list[str] = []
    for _, record in _having(path / "corpus.jsonl", "_id", "text"):
        _article(articles, skipped, str(record["_id"]), record.get("title"), record["text"])
    judged = sorted((path / "qrels").glob("*.tsv"))
    chosen = (
        path / "qrels" / "test.tsv"
        if path / "qrels" / "test.tsv" in judged or len(judged) != 1
        else judged[0]
    )
    relevant: dict[str, list[str]] = {}
    number = 0
    try:
        for number, line in enumerate(chosen.read_text("utf-8-sig").splitlines(), start=1):
            if not line.strip() or (
                number == 1 and not line.split("\t")[-1].strip().lstrip("-").isdigit()
            ):
                continue  # its header
            query, document, judgement = line.split("\t")
            if int(judgement) > 0:
                relevant.setdefault(query, []).append(document)
    except OSError as error:
        raise BadInput(f"{chosen} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{chosen.name} is not UTF-8 text") from error
    except ValueError as error:
        raise BadInput(
            f"{chosen.name}:{number}: not 'query, document, judgement' with tabs between"
        ) from error
    cases: dict[str, Record] = {}
    for _, record in _having(path / "queries.jsonl", "_id", "text"):
        name = str(record["_id"])
        if name in relevant:
            _add(cases, skipped, name, record["text"], [], relevant[name], answerable=True)
        else:
            skipped.append(f"{name}: no relevant document")
    return Imported(list(articles.values()), list(cases.values()), skipped)


def ragas(path: Path) -> Imported:
    """A ragas test set as JSONL or CSV: `user_input` or `question`, `reference` or `ground_truth`, and
    `reference_contexts` or `contexts`, which become the articles. A case without a reference is unanswerable.
    """
    articles: dict[str, Record] = {}
    cases: dict[str, Record] = {}
    skipped: list[str] = []
    for number, record in _table(path):
        question = record.get("user_input") or record.get("question")
        if not isinstance(question, str):
            skipped.append(f"line {number}: no single question")
            continue
        reference = (
            record.get("reference")
            or record.get("ground_truth")
            or record.get("ground_truths")
            or []
        )
        contexts = record.get("reference_contexts") or record.get("contexts") or []
        ids = []
        for context in contexts if isinstance(contexts, list) else [contexts]:
            _article(articles, skipped, _id(context), None, context)
            ids.append(_id(context))
        answers = reference if isinstance(reference, list) else [reference]
        _add(cases, skipped, str(record.get("id") or f"line-{number}"), question, answers, ids if answers else [],
             answerable=bool(answers))  # fmt: skip
    return Imported(list(articles.values()), list(cases.values()), skipped)


IMPORTERS: Mapping[str, Callable[[Path], Imported]] = {"squad": squad, "beir": beir, "ragas": ragas}


def write(imported: Imported, folder: Path) -> tuple[Path, Path]:
    """`articles.jsonl` and `cases.jsonl` in the folder, which must not have them yet. Raises BadInput."""
    if not imported.cases:
        raise BadInput(f"nothing to import: no case could be used{_first(imported.skipped)}")
    paths = folder / "articles.jsonl", folder / "cases.jsonl"
    for path in paths:
        if path.exists():
            raise BadInput(f"{path} is there already: choose another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{folder} cannot be written: {error.strerror}") from error
    for path, records in zip(paths, (imported.articles, imported.cases), strict=True):
        write_whole(path, (json.dumps(record, ensure_ascii=False) + "\n" for record in records))
    return paths


def _add(
    cases: dict[str, Record],
    skipped: list[str],
    name: str,
    question: str,
    answers: Sequence[str],
    relevant: Sequence[str],
    *,
    answerable: bool,
) -> None:
    if not isinstance(question, str) or not question.strip():
        skipped.append(f"{name}: no question")
    elif name in cases:
        skipped.append(f"{name}: its id stands twice")
    else:
        case = {
            "id": name,
            "question": question,
            "answers": list(answers),
            "answerable": answerable,
            "relevant": list(dict.fromkeys(relevant)),
        }
        try:
            EvalCase.model_validate(case)
        except ValidationError as error:
            skipped.append(f"{name}: {first_fault(error)}")
        else:
            cases[name] = case


def _article(
    articles: dict[str, Record], skipped: list[str], name: str, title: object, text: object
) -> None:
    if not isinstance(text, str) or not text.strip():
        skipped.append(f"{name}: an article without text")
    elif name not in articles:
        articles[name] = {
            "id": name,
            "title": title if isinstance(title, str) and title else None,
            "text": text,
        }


def _json(path: Path) -> Any:
    try:
        return clean(json.loads(path.read_text("utf-8-sig")))
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path.name} is no JSON: {error}") from error


def _having(path: Path, *keys: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, record in read_jsonl(path):
        for key in keys:
            if key not in record:
                raise BadInput(f"{path.name}:{number}: no '{key}'")
        yield number, record


def _table(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    if path.suffix.lower() != ".csv":
        yield from read_jsonl(path)
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                # Lists stand in a cell as JSON or as Python writes them.
                yield number, {key: _cell(value) for key, value in row.items() if key}
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path.name} is no CSV: {error}") from error


def _cell(value: Any) -> Any:
    if not isinstance(value, str) or not value.lstrip().startswith("["):
        return value
    import ast

    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        try:
            return ast.literal_eval(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return value


def _id(text: object) -> str:
    return hashlib.sha256(str(text).encode()).hexdigest()[:16]


def _what(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else str(error)


def _first(skipped: Sequence[str]) -> str:
    return f" ({skipped[0]})" if skipped else ""
