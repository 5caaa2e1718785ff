"""Run files: one valid JSON document, one case a line, so that it can be written and read without holding it.

A run file holds the archive's text (quotes, hits): it is for whoever made it. What may be shared is its summary.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Literal, Self

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.cases import EvalCase
from eval.outcomes import Outcome, first_fault
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
        """In the order of the cases. Raises BadInput when one is damaged or missing."""
        count = 0
        with self.path.open(encoding="utf-8") as lines:
            for result in _results(lines, self.path):
                yield result
                count += 1
        if count != self.header["cases"]["count"]:
            raise BadInput(
                f"{self.path.name} is damaged: {count} of its {self.header['cases']['count']} cases are there"
            )


class _Of(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)


class _CasesOf(_Of):
    name: str
    count: int
    sha256: str


class _TargetOf(_Of):
    kind: str
    models: dict[str, Any]
    corpus: dict[str, Any]


class Header(_Of):
    """What every run says of itself; more may stand there."""

    dateline: str
    target: _TargetOf
    cases: _CasesOf


class _Number(_Of):
    mean: float | None
    n: int
    low: float | None = None
    high: float | None = None


class _Right(_Of):
    count: int
    n: int


class _Point(_Of):
    threshold: float
    coverage: float
    accuracy: float | None


class _Bin(_Of):
    confidence: float
    accuracy: float
    cases: int


class Summary(_Of):
    """What every summary holds, so that whoever reads it need not ask."""

    cases: int
    failures: int
    retries: int
    right: _Right
    metrics: dict[str, _Number]
    blame: dict[str, int]
    by_tag: dict[str, dict[str, _Number]]
    curve: list[_Point]
    calibration: list[_Bin]
    latency_s: dict[Literal["p50", "p90", "p95", "p99", "max"], float | None] = Field(min_length=5)
    stages_ms: dict[str, float | None]
    tokens: dict[str, _Number]


def checked(header: object, summary: object) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The header and the summary of a run as they are. Raises ValidationError for what lacks something."""
    found = Header.model_validate(header), Summary.model_validate(summary)
    return found[0].model_dump(exclude_unset=True), found[1].model_dump(exclude_unset=True)


def open_run(path: Path) -> Stored:
    """Raises BadInput for what is no whole run file."""
    header: Any = None
    tail = ""
    try:
        with path.open(encoding="utf-8") as lines:
            first = next(lines, "")
            if first.startswith(_OPEN):
                header = json.loads(first.removeprefix(_OPEN).rstrip().removesuffix(","))
            for line in lines:
                if line.startswith('"summary": '):
                    tail = line
        if not isinstance(header, dict) or header.get("kind") != KIND:
            raise BadInput(f"{path.name} is no run file of 'dateline eval run --out'")
        if header.get("format") != FORMAT:
            raise BadInput(
                f"{path.name} has format {header.get('format')}, this version reads {FORMAT}; run it again"
            )
        if not tail.rstrip().endswith("}}"):
            raise BadInput(f"{path.name} is cut short: run it again with the same --out")
        return Stored(
            path, *checked(header, json.loads(tail.removeprefix('"summary": ').rstrip()[:-1]))
        )
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise BadInput(f"{path.name} is damaged: {first_fault(error)}") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, UnicodeDecodeError):
            raise BadInput(f"{path.name} is not UTF-8 text") from error
        raise BadInput(f"{path.name} is damaged: {error}") from error


class RunWriter:
    """Writes ``RUN.json.partial``, and ``RUN.json`` when it is whole. A run that was stopped goes on where it was.

    ``done`` holds the ids of the cases that an earlier, stopped run has already written; read them with `earlier`.
    Raises BadInput when the partial file is of another run.
    """

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        if not path.name:
            raise BadInput("--out needs the name of a file")
        self._path = path
        self._partial = path.with_name(path.name + ".partial")
        self._lock = FileLock(path.with_name(path.name + ".lock"))
        self._header = header
        self.done: set[str] = set()
        self._file: IO[str] | None = None
        self._empty = True

    def __enter__(self) -> Self:
        try:
            self._lock.acquire(timeout=0)
            if self._partial.exists():
                self._resume()
            if self._file is None:
                self._file = self._partial.open("w", encoding="utf-8")
                self._file.write(f"{_OPEN}{_line(self._header)}{_RESULTS}\n")
                self._file.flush()
        except Timeout as error:
            raise BadInput(
                f"another run is writing {self._path.name}: choose another --out"
            ) from error
        except OSError as error:
            self._unlock()
            raise BadInput(f"{self._partial} cannot be written: {error.strerror}") from error
        except BadInput:
            self._unlock()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            with suppress(OSError):  # a full disk was reported where it was met
                self._file.close()
        self._unlock()

    def _unlock(self) -> None:
        self._lock.release()
        with suppress(OSError):
            Path(self._lock.lock_file).unlink()

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
            self._file.write(
                f"{'' if self._empty else ','}{_line(result.model_dump(mode='json'))}\n"
            )
            self._file.flush()
            self._empty = False
        except OSError as error:
            raise BadInput(
                f"{self._partial} cannot be written: {error.strerror}; free some space and run again"
            ) from error

    def finish(self, summary: Mapping[str, Any]) -> None:
        """The partial file becomes the run file."""
        assert self._file is not None  # noqa: S101 - inside `with`
        try:
            self._file.write(f"{_SUMMARY}{_line(summary)}}}\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._partial.replace(self._path)
        except OSError as error:
            raise BadInput(
                f"{self._path} cannot be written: {error.strerror}; free some space and run again"
            ) from error

    def _resume(self) -> None:
        """Take up the partial file after its last whole line; one that was cut before its first case is begun anew."""
        opening = f"{_OPEN}{_line(self._header)}{_RESULTS}\n".encode()
        with self._partial.open("rb") as lines:
            first, second = next(lines, b""), next(lines, b"")
            if not (first.endswith(b"\n") and second == b'"results": [\n'):
                if opening.startswith(first[:40]) and not second.startswith(b"{"):
                    return
                raise BadInput(self._foreign())
            try:
                header = json.loads(first.decode().removeprefix(_OPEN).rstrip().removesuffix(","))
            except (ValueError, RecursionError) as error:
                raise BadInput(self._foreign()) from error
            if not isinstance(header, dict) or _lasting(header) != _lasting(
                json.loads(_line(self._header))
            ):
                raise BadInput(self._foreign())
            self._header = header
            whole = len(first) + len(second)
            for line in lines:
                try:
                    if not line.endswith(b"\n"):
                        break  # cut in the middle of a write
                    self.done.add(Result.model_validate_json(line.removeprefix(b",")).case.id)
                except ValidationError:
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
        if line.startswith("]"):
            return
        try:
            yield Result.model_validate_json(line.removeprefix(","))
        except ValidationError as error:
            raise BadInput(f"{path.name}:{number} is damaged: {first_fault(error)}") from error


def _line(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
