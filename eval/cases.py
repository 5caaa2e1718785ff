"""Known-answer cases: one question with its right answers, a JSON object a line."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from eval.files import parse_lines, read_text
from qa.errors import BadInput
from qa.types import Filters

SAMPLE = "sample cases"

# How a case is scored (`eval.verdict`): the forms of answers, and what a question can be beside.
CaseForm = Literal[
    "short",
    "sentences",
    "why",
    "how",
    "said",
    "happened",
    "unknown",
    "yes_no",
    "list",
    "every_answer",
    "brief",
    "false_premise",
    "unanswerable",
]
# What a case may be used for. Nothing may be fitted on, or chosen by looking at, a "test" case.
Split = Literal["train", "dev", "test"]
Spellings = Annotated[tuple[str, ...], Field(min_length=1)]


def _missing(value: object) -> bool:
    return not value


def _is_test(split: object) -> bool:
    return split == "test"


class GoldSpan(BaseModel):
    """A sentence that answers: ``text[start:end]`` of the article, in code points."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    article_id: str = Field(min_length=1)
    start: int = Field(ge=0)
    end: int

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"a span must end after it starts, got {self.start} to {self.end}")
        return self


class Turn(BaseModel):
    """What was said before in a conversation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    speaker: Literal["user", "agent"]
    text: str = Field(min_length=1)


class Nugget(BaseModel):
    """Something that a good answer says: any of ``answers``, or with ``every`` each of them.

    ``question``: what it answers, if that is known. ``weight``: its share in the recall.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    answers: Spellings
    question: str | None = None
    every: bool = False
    weight: float = Field(default=1, gt=0, allow_inf_nan=False)


class EvalCase(BaseModel):
    """One question. Any one of ``answers`` is right; an unanswerable question has none.

    ``form`` decides how the answer is scored; the system does not see it. ``items`` are those of a
    list, each with its accepted spellings. ``gold`` are sentences that answer: any one of them, or
    all for a brief. ``asserted`` is the untrue value that a question takes for granted.
    ``wrong_answers`` are those that false reports give. ``nuggets`` are what a report should say.
    ``history`` are the turns before the question, oldest first.
    ``split``: a case is held out from fitting unless its file says otherwise, see `eval.held_out`.
    """

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
    # Left out where they are missing, so that the hash of older case files stays the same.
    form: CaseForm | None = Field(default=None, exclude_if=_missing)
    items: tuple[Spellings, ...] = Field(default=(), exclude_if=_missing)
    gold: tuple[GoldSpan, ...] = Field(default=(), exclude_if=_missing)
    asserted: str | None = Field(default=None, exclude_if=_missing)
    wrong_answers: tuple[str, ...] = Field(default=(), exclude_if=_missing)
    nuggets: tuple[Nugget, ...] = Field(default=(), exclude_if=_missing)
    history: tuple[Turn, ...] = Field(default=(), exclude_if=_missing)
    split: Split = Field(default="test", exclude_if=_is_test)

    @model_validator(mode="after")
    def _form_fits(self) -> Self:
        if self.form == "unanswerable" and self.answerable:
            raise ValueError("form 'unanswerable' needs answerable: false")
        return self

    @property
    def scored_as(self) -> CaseForm | None:
        """The form by which the answer is scored: ``form``, else read off what is known of it.

        None where neither an answer nor a sentence is known: then only rankings are scored.
        """
        if not self.answerable:
            return "unanswerable"
        if self.form is not None:
            return self.form
        if self.items:
            return "list"
        if self.answers:
            return "yes_no" if self.is_yes_or_no else "short"
        return "sentences" if self.gold else None

    @property
    def is_yes_or_no(self) -> bool:
        """Whether every right answer is a yes or a no."""
        words = [answer.strip(" .!").lower() for answer in self.answers]
        return bool(words) and all(word in ("yes", "no") for word in words)

    @property
    def earlier(self) -> tuple[str, ...]:
        """The user's questions before this one, oldest first."""
        return tuple(turn.text for turn in self.history if turn.speaker == "user")

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
    for number, case in parse_lines(text, EvalCase):
        if isinstance(case, str):
            found.problems.append(LineProblem(number, case))
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
