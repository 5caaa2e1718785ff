"""Read and write files: text, JSON, JSON lines. Whatever is wrong with one is a `BadInput`."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from embeddings.files import replace_atomically
from qa.errors import BadInput, first_problem

Model = TypeVar("Model", bound=BaseModel)


def read_text(path: Path) -> str:
    """The file's text, without a byte order mark. Raises BadInput."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 text") from error


def read_json(path: Path) -> Any:
    """The file's JSON. Raises BadInput."""
    try:
        return without_surrogates(parse_json(read_text(path)))
    except ValueError as error:
        raise BadInput(f"{path.name}: {error}") from error


def read_objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON lines file, with their line numbers. Raises BadInput with the line."""
    for number, line in numbered_lines(read_text(path)):
        try:
            yield number, parse_object(line)
        except ValueError as error:
            raise BadInput(f"{path.name}:{number}: {error}") from error


def parse_lines(text: str, model: type[Model]) -> Iterator[tuple[int, Model | str]]:
    """The records of JSON lines by line number; of a wrong line, what is wrong with it."""
    for number, line in numbered_lines(text):
        try:
            yield number, model.model_validate(parse_json(line))
        except ValidationError as error:
            yield number, first_problem(error, "the line")
        except ValueError as error:
            yield number, str(error)


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, numbered from 1. Only a line feed ends a line, as in JSON."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line


def parse_json(text: str) -> Any:
    """Raises ValueError("invalid JSON: …"), also for JSON that is nested too deep."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"invalid JSON: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"invalid JSON: {error}") from error


def parse_object(text: str) -> dict[str, Any]:
    """The same for a JSON object, its lone surrogates replaced."""
    record = without_surrogates(parse_json(text))
    if not isinstance(record, dict):
        got = type(record).__name__
        raise ValueError(f"expected a JSON object, got a {got}")  # noqa: TRY004 - one kind of error
    return record


def without_surrogates(value: Any) -> Any:
    """Replace lone surrogates, which no file or database can hold. Raises RecursionError."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_surrogates(item) for item in value]
    return value


def write_atomically(path: Path, parts: Iterable[str]) -> None:
    """Write the file; if that fails, it stays as it was. Raises BadInput."""

    def fill(fresh: Path) -> None:
        with fresh.open("w", encoding="utf-8") as file:
            file.writelines(parts)

    if not path.name:
        raise BadInput("the file to write needs a name")
    try:
        replace_atomically(path, fill)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}") from error
