"""Run files: one JSON document with one case a line, so that it is written and read as a stream.

A run file holds the archive's text (quotes, hits), so it is private. Its summary may be shared.
Format 2 holds each answer as the contract's `Answer`; format 1 files are converted when read.
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
from eval.outcome import Outcome
from eval.targets.file import adapt_answer, adapt_hits
from qa.errors import BadInput, first_problem

KIND = "dateline run"
FORMAT = 2  # what is written
READABLE = (1, 2)
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
    """A complete run file. Its results are read from the disk each time they are needed."""

    path: Path
    header: Mapping[str, Any]
    summary: Mapping[str, Any]

    def results(self) -> Iterator[Result]:
        """In the order of the cases. Raises BadInput when one is damaged or missing."""
        count = 0
        with self.path.open(encoding="utf-8") as lines:
            for result in _results(lines, self.path, self.header.get("format", FORMAT)):
                yield result
                count += 1
        expected = self.header["cases"]["count"]
        if count != expected:
            raise BadInput(f"{self.path.name} is damaged: it has {count} of its {expected} cases")


class _Open(BaseModel):
    model_config = ConfigDict(frozen=True, extra="allow", allow_inf_nan=False)


class _Cases(_Open):
    name: str
    count: int
    sha256: str


class _Target(_Open):
    kind: str
    models: dict[str, Any]
    corpus: dict[str, Any]


class Header(_Open):
    """The keys that every run's header has, among others."""

    dateline: str
    target: _Target
    cases: _Cases


class _Number(_Open):
    mean: float | None
    n: int
    low: float | None = None
    high: float | None = None


class _Right(_Open):
    count: int
    n: int


class _Point(_Open):
    threshold: float
    coverage: float
    accuracy: float | None


class _Bin(_Open):
    confidence: float
    accuracy: float
    cases: int


class Summary(_Open):
    """The keys that every summary has, so that readers need not check."""

    cases: int
    failures: int
    retries: int
    right: _Right
    metrics: dict[str, _Number]
    blame: dict[str, int]
    by_tag: dict[str, dict[str, _Number]]
    by_form: dict[str, dict[str, _Number]] = {}  # missing in files of earlier versions
    groups: dict[str, dict[str, dict[str, _Number]]] = {}  # missing, as in the next one
    cpu_s: dict[str, float | None] = {}
    curve: list[_Point]
    calibration: list[_Bin]
    latency_s: dict[Literal["p50", "p90", "p95", "p99", "max"], float | None] = Field(min_length=5)
    stages_ms: dict[str, float | None]
    tokens: dict[str, _Number]


def checked(header: object, summary: object) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The header and summary of a run, unchanged. Raises ValidationError for a missing key."""
    checked_header = Header.model_validate(header).model_dump(exclude_unset=True)
    checked_summary = Summary.model_validate(summary).model_dump(exclude_unset=True)
    return checked_header, checked_summary


def open_run(path: Path) -> Stored:
    """Open a run file without reading its results. Raises BadInput if it is not complete."""
    try:
        first, last = _first_and_summary(path)
        header = json.loads(_header_of(first)) if first.startswith(_OPEN) else None
        if not isinstance(header, dict) or header.get("kind") != KIND:
            raise BadInput(f"{path.name} is not a run file of 'dateline eval run --out'")
        if header.get("format") not in READABLE:
            raise BadInput(
                f"{path.name} has format {header.get('format')}, this version reads"
                f" {' and '.join(map(str, READABLE))}: run it again"
            )
        if not last.rstrip().endswith("}}"):
            raise BadInput(f"{path.name} is cut short: run it again with the same --out")
        summary = json.loads(last.removeprefix('"summary": ').rstrip()[:-1])
        return Stored(path, *checked(header, summary))
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        raise BadInput(f"{path.name} is damaged: {first_problem(error)}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path.name} is damaged: {error}") from error


class RunWriter:
    """Writes ``RUN.json.partial``, and renames it to ``RUN.json`` when it is complete.

    A stopped run continues where it was: ``done`` holds the ids of the cases that it has written;
    read them with `earlier`. Raises BadInput if the partial file belongs to another run.
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
            raise BadInput(f"cannot write {self._partial}: {error.strerror}") from error
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
            with suppress(OSError):  # a full disk was reported by the write that met it
                self._file.close()
        self._unlock()

    def _unlock(self) -> None:
        self._lock.release()
        with suppress(OSError):
            Path(self._lock.lock_file).unlink()

    def earlier(self) -> Iterator[Result]:
        """The results that the stopped run has written."""
        with self._partial.open(encoding="utf-8") as lines:
            for result in _results(lines, self._partial, FORMAT):
                if result.case.id not in self.done:
                    return  # written by this run
                yield result

    def add(self, result: Result) -> None:
        """Write one line; it survives a crash of this process, not a power cut."""
        assert self._file is not None  # noqa: S101 - inside `with`
        try:
            self._file.write(
                f"{'' if self._empty else ','}{_line(result.model_dump(mode='json'))}\n"
            )
            self._file.flush()
            self._empty = False
        except OSError as error:
            raise BadInput(
                f"cannot write {self._partial}: {error.strerror}; free some space and run again"
            ) from error

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Write the summary and rename the partial file to the run file."""
        assert self._file is not None  # noqa: S101 - inside `with`
        try:
            self._file.write(f"{_SUMMARY}{_line(summary)}}}\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._partial.replace(self._path)
        except OSError as error:
            raise BadInput(
                f"cannot write {self._path}: {error.strerror}; free some space and run again"
            ) from error

    def _resume(self) -> None:
        """Continue the partial file after its last complete line.

        One that was cut before its first case is started again.
        """
        opening = f"{_OPEN}{_line(self._header)}{_RESULTS}\n".encode()
        with self._partial.open("rb") as lines:
            first, second = next(lines, b""), next(lines, b"")
            if not (first.endswith(b"\n") and second == b'"results": [\n'):
                if opening.startswith(first[:40]) and not second.startswith(b"{"):
                    return
                raise BadInput(self._foreign())
            try:
                header = json.loads(_header_of(first.decode()))
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
            f"{self._partial.name} belongs to another run (other cases, settings or archive):"
            " choose another --out, or delete it"
        )


def _lasting(header: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in header.items() if name != "started_at"}


def _first_and_summary(path: Path) -> tuple[str, str]:
    """The line of the header, and that of the summary; "" where there is none."""
    summary = ""
    with path.open(encoding="utf-8") as lines:
        first = next(lines, "")
        for line in lines:
            if line.startswith('"summary": '):
                summary = line
    return first, summary


def _header_of(line: str) -> str:
    return line.removeprefix(_OPEN).rstrip().removesuffix(",")


def _results(lines: Iterator[str], path: Path, written_as: int) -> Iterator[Result]:
    for number, line in enumerate(lines, start=1):
        if number <= 2:
            continue
        if line.startswith("]"):
            return
        try:
            yield _result(line.removeprefix(","), written_as)
        except ValidationError as error:
            raise BadInput(f"{path.name}:{number} is damaged: {first_problem(error)}") from error
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise BadInput(f"{path.name}:{number} is damaged: {error}") from error


def _result(line: str, written_as: int) -> Result:
    if written_as == FORMAT:
        return Result.model_validate_json(line)
    content = json.loads(line)
    if content.get("outcome") is not None:
        content["outcome"] = _from_format_1(content["outcome"])
    return Result.model_validate(content)


def _from_format_1(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """An outcome of format 1, which had an answer of its own form, in today's."""
    fields = {**outcome, "hits": adapt_hits(outcome.get("hits"))}
    old = outcome.get("answer")
    if old is None:
        return fields
    short, candidate = old.get("short"), old.get("candidate")
    citations = old.get("citations") or ()
    answer, fields["unreported"] = adapt_answer(
        {
            **old,
            "short_answer": short and {"text": short, "kind": old.get("kind")},
            "candidate": candidate
            and {"text": candidate, "confidence": old.get("candidate_confidence")},
            "timeline": [
                {"text": entry["text"], "citation": next(iter(entry["citations"]), None)}
                for entry in old.get("timeline") or ()
            ],
            "timings_ms": outcome.get("timings_ms") or {},
        }
    )
    quotes = [
        {
            "n": citation["n"],
            "exact": citation["exact"],
            "before": citation.get("before", ""),
            "after": citation.get("after", ""),
        }
        for citation in citations
        if citation.get("exact") is not None
    ]
    return fields | {"answer": answer, "quotes": quotes}


def _line(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
