"""A drafted case with what a person needs to judge it, and the folder where drafts are kept."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Literal, Self

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from eval.cases import EvalCase
from eval.files import read_objects, write_atomically
from qa.errors import BadInput, NotFound, first_problem

DRAFTS, CASES = "drafts.jsonl", "cases.jsonl"
_LOCK = ".review.lock"

Decision = Literal["open", "accepted", "rejected"]
Kind = Literal[
    "who", "how many", "how much", "when", "where", "why", "said", "model", "removed", "renamed"
]


class Context(BaseModel):
    """The sentence that a question was made from, ``text[start:end]``, and what is around it.

    ``answer_start`` and ``answer_end``: the words that answer, if they are known; in ``text`` too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    article_id: str
    title: str | None
    source: str | None
    published_at: str | None
    text: str
    start: int = Field(ge=0)
    end: int
    answer_start: int | None = None
    answer_end: int | None = None


class Draft(BaseModel):
    """A case, and what was decided about it. ``why``: what makes it a case, for the person."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    case: EvalCase
    kind: Kind
    why: str
    context: Context
    decision: Decision = "open"


class Change(BaseModel):
    """What a person decides about a draft, in full: to undo it, the earlier one is sent again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    decision: Decision
    question: str = Field(min_length=1, max_length=1000, pattern=r"\S")
    answers: tuple[str, ...] = Field(default=(), max_length=20)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if any(not answer.strip() or len(answer) > 1000 for answer in self.answers):
            raise ValueError("an answer has 1 to 1000 characters")
        return self


class DraftFolder:
    """The drafts of a folder. Each decision is on disk when `decide` returns; `cases.jsonl` then
    holds the accepted cases. Safe to use from several threads.
    """

    def __init__(self, path: Path, drafts: Sequence[Draft]) -> None:
        self.path = path
        self._drafts = {draft.case.id: draft for draft in drafts}
        self._lock = Lock()

    @classmethod
    def create(cls, path: Path, drafts: Sequence[Draft]) -> "DraftFolder":
        """Write new drafts. Raises BadInput for a folder that has some, or that has cases."""
        check_new(path)
        folder = cls(path, drafts)
        write_atomically(path / DRAFTS, folder._lines())
        return folder

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator["DraftFolder"]:
        """Read the drafts, for one process at a time. Raises BadInput."""
        if not (path / DRAFTS).is_file():
            raise BadInput(
                f"{path} has no {DRAFTS}: make drafts first with dateline eval init --out {path}"
            )
        lock = FileLock(path / _LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise BadInput(f"another review of {path} is running") from error
        except OSError as error:
            raise BadInput(f"cannot write in {path}: {error.strerror}") from error
        try:
            folder = cls(path, _read(path / DRAFTS))
            folder.write_cases()
            yield folder
        finally:
            lock.release()

    @property
    def drafts(self) -> list[Draft]:
        with self._lock:
            return list(self._drafts.values())

    def decide(self, case_id: str, change: Change) -> Draft:
        """Store a decision, and the question and answers as the person left them.

        Raises NotFound; BadInput for what makes no case, or if a file cannot be written. Then
        nothing has changed.
        """
        with self._lock:
            before = self._drafts.get(case_id)
            if before is None:
                raise NotFound(f"no draft '{case_id}'")
            decided = _decided(before, change)
            self._drafts[case_id] = decided
            try:
                self.write_cases()
                write_atomically(self.path / DRAFTS, self._lines())  # last: it is what counts
            except BadInput:
                self._drafts[case_id] = before
                with suppress(BadInput):
                    self.write_cases()
                raise
            return decided

    def write_cases(self) -> None:
        """Write the accepted cases; they follow from the drafts. Raises BadInput."""
        accepted = [
            json.dumps(draft.case.model_dump(mode="json"), ensure_ascii=False) + "\n"
            for draft in self._drafts.values()
            if draft.decision == "accepted"
        ]
        write_atomically(self.path / CASES, accepted)

    def _lines(self) -> list[str]:
        return [
            json.dumps(draft.model_dump(mode="json"), ensure_ascii=False) + "\n"
            for draft in self._drafts.values()
        ]


def check_new(path: Path) -> None:
    """Raise BadInput for a folder that has drafts or cases: decisions must not be lost."""
    for name in (DRAFTS, CASES):
        if (path / name).exists():
            raise BadInput(f"{path / name} exists: name another folder with --out")


def _read(path: Path) -> list[Draft]:
    found: dict[str, Draft] = {}
    for number, record in read_objects(path):
        try:
            draft = Draft.model_validate(record)
        except ValidationError as error:
            problem = first_problem(error, "the line")
            raise BadInput(f"{path.name}:{number}: {problem}") from error
        if draft.case.id in found:
            raise BadInput(f"{path.name}:{number}: the id '{draft.case.id}' occurs twice")
        found[draft.case.id] = draft
    return list(found.values())


def _decided(draft: Draft, change: Change) -> Draft:
    question = " ".join(change.question.split())
    answers = tuple(dict.fromkeys(" ".join(answer.split()) for answer in change.answers))
    if answers and not draft.case.answerable:
        raise BadInput("a question that cannot be answered has no answers")
    if draft.case.form == "short" and not answers:
        raise BadInput("this question needs at least one answer")
    case = draft.case.model_copy(update={"question": question, "answers": answers})
    return draft.model_copy(update={"case": case, "decision": change.decision})
