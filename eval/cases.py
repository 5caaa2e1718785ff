"""Known-answer cases: one question with its right answers, a JSON object a line."""

from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.files import numbered_lines, parse_json, read_text
from qa.errors import BadInput, first_problem
from qa.types import Filters

SAMPLE = "sample cases"


class EvalCase(BaseModel):
    """One question. Any one of ``answers`` is right; an unanswerable question has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    question: str = Field(min_length=1, pattern=r"\S")
    answers: tuple[str, ...] = ()
    answerable: bool
    relevant: tuple[str, ...] = ()
    as_of: str | None = None
    include_undated: bool = False
    choices: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def filters(self) -> Filters:
        """What a system may see to answer it."""
        return Filters(as_of=self.as_of, include_undated=self.include_undated)


class LineProblem(NamedTuple):
    """A line of a case file that is not a case."""

    line: int
    problem: str


class CaseFile(NamedTuple):
    """A case file, read as far as it can be."""

    cases: list[EvalCase]
    problems: list[LineProblem]


def load_cases(path: Path | None) -> list[EvalCase]:
    """The cases of a file, or of the sample corpus. Raises BadInput with the first wrong line."""
    cases, problems = read_cases(path)
    if problems:
        raise BadInput(f"{cases_name(path)}:{problems[0].line}: {problems[0].problem}")
    if not cases:
        raise BadInput(f"{cases_name(path)} has no cases")
    return cases


def read_cases(path: Path | None) -> CaseFile:
    """The cases of a file, and its lines that are not cases. Raises BadInput for no text file."""
    sample = files("eval") / "data" / "sample.jsonl"
    text = read_text(path) if path is not None else sample.read_text("utf-8")
    found = CaseFile([], [])
    first_line: dict[str, int] = {}
    for number, line in numbered_lines(text):
        try:
            case = EvalCase.model_validate(parse_json(line))
        except ValidationError as error:
            found.problems.append(LineProblem(number, first_problem(error, "the line")))
            continue
        except ValueError as error:
            found.problems.append(LineProblem(number, str(error)))
            continue
        earlier = first_line.setdefault(case.id, number)
        if earlier != number:
            problem = f"the id '{case.id}' is already on line {earlier}"
            found.problems.append(LineProblem(number, problem))
            continue
        found.cases.append(case)
    return found


def cases_name(path: Path | None) -> str:
    """How a case file is called in messages and run files."""
    return path.name if path is not None else SAMPLE
