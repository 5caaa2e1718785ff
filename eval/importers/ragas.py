"""ragas test sets."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.importers.found import Article, Case, Found, Skipped, digest
from eval.importers.reading import Row, rows, strict_objects


def ragas(path: Path) -> Iterator[Found]:
    """A test set as JSONL or CSV. A case without a reference is unanswerable. Raises BadInput.

    Read are `user_input` or `question`, `reference` or `ground_truth`, and `reference_contexts` or
    `contexts`, which become the articles.
    """
    for number, record in _records(path):
        question = record.get("user_input") or record.get("question")
        if not isinstance(question, str):
            yield Skipped(f"line {number}: no single question")
            continue
        answers = _as_list(_first_of(record, "reference", "ground_truth", "ground_truths"))
        relevant = []
        for context in _as_list(_first_of(record, "reference_contexts", "contexts")):
            yield Article(digest(context), context)
            relevant.append(digest(context))
        fields = {
            "question": question,
            "answers": answers,
            "answerable": bool(answers),
            "relevant": list(dict.fromkeys(relevant)) if answers else [],
        }
        yield Case(str(record.get("id") or f"line-{number}"), fields)


def _records(path: Path) -> Iterator[tuple[int, Row]]:
    if path.suffix.lower() != ".csv":
        yield from strict_objects(path)
        return
    for number, row in rows(path):
        yield number, {key: _cell(value) for key, value in row.items() if key}


def _cell(value: str) -> Any:
    """A cell's text, or the list that it holds as JSON or as Python writes it."""
    if not value.lstrip().startswith("["):
        return value
    for parse in (json.loads, ast.literal_eval):
        try:
            return parse(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
    return value


def _first_of(record: Row, *keys: str) -> Any:
    """The first of these values that is not empty."""
    return next((record[key] for key in keys if record.get(key)), [])


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
