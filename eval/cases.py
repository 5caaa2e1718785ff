"""Known-answer cases: one question with its right answers, a JSON object a line."""

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa.errors import BadInput
from qa.types import Filters

SAMPLE = "sample cases"


class EvalCase(BaseModel):
    """One question. Any one of ``answers`` is right; none for a question that the archive cannot answer."""

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
        return Filters(as_of=self.as_of, include_undated=self.include_undated)


def load_cases(path: Path | None) -> list[EvalCase]:
    """The cases of a file, or the sample corpus's own. Raises BadInput naming the first line that is wrong."""
    cases = []
    for number, case in read_cases(path):
        if isinstance(case, str):
            raise BadInput(f"{name_of(path)}:{number}: {case}")
        cases.append(case)
    if not cases:
        raise BadInput(f"{name_of(path)} holds no case")
    return cases


def read_cases(path: Path | None) -> Iterator[tuple[int, EvalCase | str]]:
    """Each line's number with its case, or with what is wrong about it. Raises BadInput when nothing can be read."""
    try:
        text = (
            path.read_text("utf-8-sig")
            if path is not None
            else (files("eval") / "data" / "sample.jsonl").read_text("utf-8")
        )
    except OSError as error:
        raise BadInput(f"the cases cannot be read: {error.filename}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{name_of(path)} is not UTF-8 text") from error
    first: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            case = _case(line)
            if not isinstance(case, str) and first.setdefault(case.id, number) != number:
                case = f"the id '{case.id}' stands on line {first[case.id]} already"
            yield number, case


def name_of(path: Path | None) -> str:
    return path.name if path is not None else SAMPLE


def _case(line: str) -> EvalCase | str:
    try:
        return EvalCase.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        return f"no JSON: {error.msg}"
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(str(part) for part in problem["loc"]) or "the line"
        return f"{key}: {problem['msg']}"
    except (ValueError, RecursionError) as error:
        return f"no JSON that can be read: {error}"
