"""Known-answer cases: one question with its right answers, a JSON object a line."""

import json
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from qa.errors import BadInput
from qa.types import Filters


class EvalCase(BaseModel):
    """One question. Any one of ``answers`` is right; none for a question that the archive cannot answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
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
    """The cases of a file, or the sample corpus's own. Raises BadInput naming the line that is wrong."""
    name = path.name if path is not None else "sample cases"
    try:
        text = (
            path.read_text("utf-8-sig")
            if path is not None
            else (files("eval") / "data" / "sample.jsonl").read_text("utf-8")
        )
    except OSError as error:
        raise BadInput(f"the cases cannot be read: {error.filename}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{name} is not UTF-8 text") from error
    cases: dict[str, EvalCase] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            case = EvalCase.model_validate(json.loads(line))
        except json.JSONDecodeError as error:
            raise BadInput(f"{name}:{number}: no JSON: {error.msg}") from error
        except (ValueError, RecursionError) as error:
            if not isinstance(error, ValidationError):
                raise BadInput(f"{name}:{number}: no JSON that can be read: {error}") from error
            problem = error.errors()[0]
            key = ".".join(str(part) for part in problem["loc"]) or "the line"
            raise BadInput(f"{name}:{number}: {key}: {problem['msg']}") from error
        if case.id in cases:
            raise BadInput(f"{name}:{number}: the id '{case.id}' stands twice")
        cases[case.id] = case
    if not cases:
        raise BadInput(f"{name} holds no case")
    return list(cases.values())
