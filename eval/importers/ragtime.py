"""TREC RAGTIME (Lawrie et al., 2026): report requests with nuggets."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from eval.importers.found import Article, Case, Found, Skipped
from eval.importers.reading import Shape, convert_lines
from qa.errors import BadInput

# The AutoNuggetizer's weights (Pradeep et al., 2025); a number is taken as it is.
WEIGHTS = {"vital": 1.0, "okay": 0.5}


def _values(value: Any) -> Any:
    """The bank of 2025 has objects by text where that of 2026 has lists."""
    return list(value.values()) if isinstance(value, dict) else value or ()


def _answer(value: Any) -> Any:
    return {"answer": value} if isinstance(value, str) else value


def _reference(value: Any) -> Any:
    return value.get("doc_id") if isinstance(value, dict) else value


Reference = Annotated[str, BeforeValidator(_reference)]
References = Annotated[tuple[Reference, ...], BeforeValidator(_values)]


class _Answer(Shape):
    answer: str
    references: References = ()


class _Nugget(Shape):
    question: str | None = None
    claim: str | None = None
    answers: Annotated[
        tuple[Annotated[_Answer, BeforeValidator(_answer)], ...], BeforeValidator(_values)
    ] = ()
    references: References = ()
    aggregator_type: str | None = None
    importance: int | str | None = None


class _Metadata(Shape):
    topic_id: str


class _Bank(Shape):
    query_id: str | None = None
    metadata: _Metadata | None = None
    nuggets: Annotated[tuple[_Nugget, ...], BeforeValidator(_values)] = Field(
        validation_alias="nugget_bank"
    )


class _Topic(Shape):
    id: str = Field(validation_alias=AliasChoices("topic_id", "request_id", "id"))
    problem_statement: str
    title: str | None = None


class _Document(Shape):
    id: str = Field(validation_alias=AliasChoices("id", "doc_id", "_id"))
    text: str
    title: str | None = None
    url: str | None = None
    date: str | None = Field(default=None, validation_alias=AliasChoices("date", "time"))


def ragtime(path: Path) -> Iterator[Found]:
    """A folder with `topics.jsonl`, `nuggets.jsonl`, and `collection.jsonl` if it is there.

    Nugget banks of both years are read. A request's problem statement is the question; its
    background is not shown to the system. Raises BadInput.
    """
    if not path.is_dir():
        raise BadInput(f"{path} is not a folder with topics.jsonl and nuggets.jsonl")
    collection = path / "collection.jsonl"
    if collection.exists():
        yield from convert_lines(collection, _Document, _article)
    banks: dict[str, _Bank] = {}
    yield from convert_lines(path / "nuggets.jsonl", _Bank, lambda n, bank: _keep(n, bank, banks))
    yield from convert_lines(
        path / "topics.jsonl", _Topic, lambda _, topic: _convert(topic, banks.get(topic.id))
    )


def _article(_number: int, item: _Document) -> Iterator[Found]:
    yield Article(item.id, item.text, item.title, item.url, item.date)


def _keep(number: int, bank: _Bank, banks: dict[str, _Bank]) -> Iterator[Found]:
    topic = bank.metadata.topic_id if bank.metadata is not None else bank.query_id
    if topic is None:
        yield Skipped(f"nuggets.jsonl:{number}: no topic")
    elif topic in banks:
        yield Skipped(f"nuggets.jsonl:{number}: second bank for topic {topic}")
    else:
        banks[topic] = bank


def _convert(topic: _Topic, bank: _Bank | None) -> Iterator[Found]:
    nuggets: list[dict[str, Any]] = []
    relevant: list[str] = []
    for nugget in bank.nuggets if bank is not None else ():
        problem = _problem(nugget)
        if problem is not None:
            name = nugget.question or nugget.claim or "a nugget"
            yield Skipped(f"topic {topic.id}: {name}: {problem}")
            continue
        nuggets.append(_nugget(nugget))
        relevant += nugget.references
        relevant += [name for answer in nugget.answers for name in answer.references]
    if not nuggets:
        yield Skipped(f"topic {topic.id}: no nuggets")
        return
    fields = {
        "question": topic.problem_statement,
        "answerable": True,
        "relevant": list(dict.fromkeys(relevant)),
        "nuggets": nuggets,
    }
    yield Case(topic.id, fields)


def _problem(nugget: _Nugget) -> str | None:
    """Why a nugget cannot be scored, if so."""
    if not nugget.answers and not nugget.claim:
        return "no answers to compare with"
    if nugget.aggregator_type not in (None, "AND", "OR"):
        return f"cannot score aggregator_type {nugget.aggregator_type}"
    if isinstance(nugget.importance, str) and nugget.importance.lower() not in WEIGHTS:
        return f"unknown importance '{nugget.importance}'"
    return None


def _nugget(nugget: _Nugget) -> dict[str, Any]:
    answers: list[str | None] = [answer.answer for answer in nugget.answers]
    answers = answers or [nugget.claim]
    fields: dict[str, Any] = {"answers": answers}
    if nugget.question:
        fields["question"] = nugget.question
    if nugget.aggregator_type == "AND":
        fields["every"] = True
    if isinstance(nugget.importance, str):
        fields["weight"] = WEIGHTS[nugget.importance.lower()]
    elif nugget.importance is not None:
        fields["weight"] = nugget.importance
    return fields
