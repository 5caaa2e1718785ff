"""MTRAG and MTRAG-UN (Katsis et al., 2025; Rosenthal et al., 2026): conversations."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from eval.importers.found import Article, Case, Found, Skipped
from eval.importers.reading import Shape, convert_lines
from qa.errors import BadInput

TASKS = "reference.jsonl"


def _labels(value: Any) -> tuple[str, ...]:
    """A list of labels; a missing one is written as NaN."""
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, list) else ()


Labels = Annotated[tuple[str, ...], BeforeValidator(_labels)]


class _Turn(Shape):
    speaker: Literal["user", "agent"]
    text: str


class _Context(Shape):
    document_id: str
    text: str
    title: str | None = None


class _Task(Shape):
    task_id: str
    input: tuple[_Turn, ...] = Field(min_length=1)
    contexts: tuple[_Context, ...] = ()
    targets: tuple[_Turn, ...] = ()
    answerability: Labels = Field(
        default=(), validation_alias=AliasChoices("Answerability", "answerability")
    )
    question_type: Labels = Field(default=(), validation_alias="Question Type")
    multi_turn: Labels = Field(default=(), validation_alias="Multi-Turn")


class _Passage(Shape):
    id: str = Field(validation_alias=AliasChoices("_id", "id"))
    text: str
    title: str | None = None
    url: str | None = None


def mtrag(path: Path) -> Iterator[Found]:
    """The generation tasks, `reference.jsonl`, or a folder with it and corpora. Raises BadInput.

    In a folder every other JSON lines file is a corpus at passage level. Without a corpus the
    archive holds the reference passages of all tasks.
    """
    if not path.is_dir():
        yield from convert_lines(path, _Task, _convert)
        return
    tasks = path / TASKS
    if not tasks.exists():
        raise BadInput(f"{path} has no {TASKS}")
    for corpus in sorted(path.glob("*.jsonl*")):
        if corpus != tasks:
            yield from convert_lines(corpus, _Passage, _passage)
    yield from convert_lines(tasks, _Task, _convert)


def _passage(_number: int, item: _Passage) -> Iterator[Found]:
    yield Article(item.id, item.text, item.title, item.url)


def _convert(_number: int, task: _Task) -> Iterator[Found]:
    *history, asked = task.input
    labels = {label.lower() for label in task.answerability}
    if asked.speaker != "user":
        yield Skipped(f"{task.task_id}: the last turn is not the user's")
        return
    if "conversational" in labels:
        yield Skipped(f"{task.task_id}: not a question (conversational)")
        return
    for context in task.contexts:
        yield Article(context.document_id, context.text, context.title)
    fields: dict[str, Any] = {
        "question": asked.text,
        "history": [turn.model_dump() for turn in history],
        "tags": _tags(task, history),
    }
    if labels & {"unanswerable", "underspecified"} or not task.contexts:
        yield Case(task.task_id, fields | {"answerable": False})
        return
    whole = [
        {"article_id": context.document_id, "start": 0, "end": len(context.text)}
        for context in task.contexts
    ]
    fields |= {
        "answerable": True,
        "form": "sentences",
        "answers": [turn.text for turn in task.targets],
        "relevant": list(dict.fromkeys(context.document_id for context in task.contexts)),
        "gold": whole,
    }
    yield Case(task.task_id, fields)


def _tags(task: _Task, history: Sequence[_Turn]) -> list[str]:
    labels = [*task.answerability, *task.question_type, *task.multi_turn]
    turn = "later-turn" if history else "first-turn"
    return list(dict.fromkeys([turn, *(label.lower().replace(" ", "-") for label in labels)]))
