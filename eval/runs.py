"""Run files: one valid JSON document, one case a line, so that it can be written and read without holding it.

A run file holds the archive's text (quotes, hits): it is for whoever made it. What may be shared is its summary.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from eval.cases import EvalCase
from eval.outcomes import Outcome
from qa.errors import BadInput

KIND = "dateline run"
FORMAT = 1
_OPEN = '{"header": '
_RESULTS = ',\n"results": ['
_SUMMARY = '],\n"summary": '


class Result(BaseModel):
    """One case of a run: its outcome, or why there is none."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    case: EvalCase
    outcome: Outcome | None = None
    error: str | None = None
    retries: int = 0
    scores: Mapping[str, float | None] = {}
    right: bool | None = None
    blame: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A whole run file. Its results are read from the disk whenever they are asked for."""

    path: Path
    header: Mapping[str, Any]
    summary: Mapping[str, Any]

    def results(self) -> Iterator[Result]:
        with self.path.open(encoding="utf-8") as lines:
            yield from _results(lines, self.path)


def open_run(path: Path) -> Stored:
    """Raises BadInput for what is no whole run file."""
    header: Mapping[str, Any] | None = None
    tail = ""
    try:
        with path.open(encoding="utf-8") as lines:
            first = next(lines, "")
            if first.startswith(_OPEN):
                header = json.loads(first.removeprefix(_OPEN).rstrip().removesuffix(","))
            for line in lines:
                if line.startswith('"summary": '):
                    tail = line
        if header is None or header.get("kind") != KIND:
            raise BadInput(f"{path.name} is no run file of 'dateline eval run --out'")
        if header.get("format") != FORMAT:
            raise BadInput(f"{path.name} has format {header.get('format')}, this version reads {FORMAT}; run it again")
        if not tail.rstrip().endswith("}"):
            raise BadInput(f"{path.name} is cut short: run it again with the same --out")
        summary = json.loads(tail.removeprefix('"summary": ').rstrip()[:-1])
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError, AttributeError) as error:
        if isinstance(error, UnicodeDecodeError):
            raise BadInput(f"{path.name} is not UTF-8 text") from error
        raise BadInput(f"{path.name} is damaged: {error}") from error
    return Stored(path, header, summary)


class RunWriter:
    """Writes ``RUN.json.partial``, and ``RUN.json`` when it is whole. A run that was stopped goes on where it was.

    ``done`` holds the ids of the cases that an earlier, stopped run has already written; read them with `earlier`.
    Raises BadInput when the partial file is of another run.
    """

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        self._path = path
        self._partial = path.with_name(path.name + ".partial")
        self._header = header
        self.done: set[str] = set()
        self._file: IO[str] | None = None
        self._empty = True

    def __enter__(self) -> Self:
        try:
            if self._partial.exists():
                self._resume()
            else:
                self._file = self._partial.open("w", encoding="utf-8")
                self._file.write(f"{_OPEN}{_line(self._header)}{_RESULTS}\n")
                self._file.flush()
        except OSError as error:
            raise BadInput(f"{self._partial} cannot be written: {error.strerror}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def earlier(self) -> Iterator[Result]:
        """What the stopped run has written."""
        with self._partial.open(encoding="utf-8") as lines:
            for result in _results(lines, self._partial):
                if result.case.id not in self.done:
                    return  # written since
                yield result

    def add(self, result: Result) -> None:
        """One whole line, on the disk when this returns (but for a power cut)."""
        assert self._file is not None  # noqa: S101 - inside `with`
        try:
            self._file.write(f"{'' if self._empty else ','}{_line(result.model_dump(mode='json'))}\n")
            self._file.flush()
            self._empty = False
        except OSError as error:
            raise BadInput(
                f"{self._partial} cannot be written: {error.strerror}; free some space and run again"
            ) from error

    def finish(self, summary: Mapping[str, Any]) -> None:
        """The partial file becomes the run file."""
        assert self._file is not None  # noqa: S101 - inside `with`
        self._file.write(f"{_SUMMARY}{_line(summary)}}}\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._partial.replace(self._path)

    def _resume(self) -> None:
        whole = 0
        with self._partial.open("rb") as lines:
            first = next(lines, b"")
            if not first.endswith(b"\n"):
                raise BadInput(self._foreign())
            try:
                header = json.loads(first.decode().removeprefix(_OPEN).rstrip().removesuffix(","))
            except ValueError as error:
                raise BadInput(self._foreign()) from error
            if _lasting(header) != _lasting(json.loads(_line(self._header))):
                raise BadInput(self._foreign())
            self._header = header
            whole = len(first)
            for line in lines:
                if not line.endswith(b"\n"):
                    break  # cut in the middle of a write
                if line.startswith((b"{", b",{")):
                    try:
                        self.done.add(json.loads(line.decode().removeprefix(","))["case"]["id"])
                    except (ValueError, KeyError, TypeError):
                        break
                elif not line.startswith(b'"results"'):
                    break
                whole += len(line)
        with self._partial.open("rb+") as file:
            file.truncate(whole)
        self._file = self._partial.open("a", encoding="utf-8")
        self._empty = not self.done

    def _foreign(self) -> str:
        return (
            f"{self._partial.name} is of another run (other cases, settings or archive):"
            " choose another --out, or delete it"
        )


def _lasting(header: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in header.items() if name != "started_at"}


def _results(lines: Iterator[str], path: Path) -> Iterator[Result]:
    for number, line in enumerate(lines, start=1):
        if number <= 2:
            continue
        if not line.startswith(("{", ",{")):
            return
        try:
            yield Result.model_validate_json(line.removeprefix(","))
        except ValidationError as error:
            raise BadInput(f"{path.name}:{number} is damaged: {error.errors()[0]['msg']}") from error


def _line(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
