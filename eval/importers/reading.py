"""Read a benchmark's files as streams: one line or row in memory at a time."""

import bz2
import csv
import gzip
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from eval.files import parse_object
from eval.importers.found import Found, Skipped
from qa.errors import BadInput, first_problem

Row = dict[str, Any]


class Shape(BaseModel):
    """What is read of one record of a benchmark; its other keys are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


Model = TypeVar("Model", bound=Shape)


def convert_lines(
    path: Path, model: type[Model], convert: Callable[[int, Model], Iterable[Found]]
) -> Iterator[Found]:
    """Convert each line of a JSON lines file (.gz and .bz2 too), by its number and content.

    A line that is not JSON, or not of the model's shape, is skipped with its number. Raises
    BadInput if the file cannot be read.
    """
    for number, record in objects(path):
        if isinstance(record, Skipped):
            yield record
        else:
            place = f"{path.name}:{number}"
            yield from converted(place, record, model, partial(convert, number))


def converted(
    place: str, record: object, model: type[Model], convert: Callable[[Model], Iterable[Found]]
) -> Iterator[Found]:
    """Convert one record; skip it, naming the ``place``, if it is not of the model's shape."""
    try:
        item = model.model_validate(record)
    except ValidationError as error:
        yield Skipped(f"{place}: {first_problem(error, 'the record')}")
    else:
        yield from convert(item)


def objects(path: Path) -> Iterator[tuple[int, Row | Skipped]]:
    """The objects of a JSON lines file with their line numbers. Raises BadInput without a file."""
    for number, line in _lines(path):
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
            yield number, parse_object(text)
        except UnicodeDecodeError:
            yield number, Skipped(f"{path.name}:{number}: not UTF-8 text")
        except ValueError as error:
            yield number, Skipped(f"{path.name}:{number}: {error}")


def strict_objects(path: Path, *keys: str) -> Iterator[tuple[int, Row]]:
    """As `objects`, but raises BadInput for the first wrong line, also for one without a key."""
    for number, record in objects(path):
        if isinstance(record, Skipped):
            raise BadInput(record.reason)
        for key in keys:
            if key not in record:
                raise BadInput(f"{path.name}:{number}: no '{key}'")
        yield number, record


def rows(
    path: Path, *, delimiter: str = ",", header: Sequence[str] = ()
) -> Iterator[tuple[int, Row]]:
    """The rows of a CSV file by column, with the number of the line on which each ends.

    Lines before the one that has every column of ``header`` are passed over. Raises BadInput.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter)
            columns: list[str] = []
            for cells in reader:
                if columns:
                    yield reader.line_num, dict(zip(columns, cells, strict=False))
                elif set(header) <= set(cells):
                    columns = cells
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path.name}: invalid CSV: {error}") from error
    if not columns:
        raise BadInput(f"{path.name}: no line with the columns {', '.join(header)}")


def json_lines_in(path: Path) -> list[Path]:
    """The file itself, or the JSON lines files of a folder by name. Raises BadInput without any."""
    if not path.is_dir():
        return [path]
    files = sorted(file for file in path.iterdir() if ".jsonl" in file.suffixes)
    if not files:
        raise BadInput(f"{path} has no .jsonl files")
    return files


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line
    except EOFError as error:
        raise BadInput(f"{path.name} is cut short") from error
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror or error}") from error


def _opened(path: Path) -> IO[bytes]:
    match path.suffix.lower():
        case ".gz":
            return gzip.open(path, "rb")  # type: ignore[return-value]  # reads as IO[bytes] does
        case ".bz2":
            return bz2.open(path, "rb")
        case _:
            return path.open("rb")
