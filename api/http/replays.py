"""Results of requests as they are stored, and the events that they are sent as again."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from qa.answer import Answer, HitOutput
from qa.answering.answerer import HitsFound, Token, Trace
from qa.archive.answers import cited_articles
from qa.archive.archive import Archive
from qa.archive.requests import Request, Result
from qa.errors import NotFound


@dataclass(frozen=True, slots=True)
class HitsShown:
    """`HitsFound` of an answer that was given before."""

    hits: tuple[HitOutput, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """The response to a write: JSON."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class Answers:
    """Questions: the events of an answer follow from the answer."""

    stoppable = True

    def lasting(self, event: Any) -> bool:
        return isinstance(event, HitsFound | HitsShown | Token | Trace | Answer)

    def pack(self, events: list[Any]) -> Result:
        *_, trace, answer = events
        named = _named_articles(answer)
        content = {
            "answer": answer.model_dump(mode="json"),
            "named": sorted(named),
            "prompt_tokens": trace.prompt_tokens,
            "completion_tokens": trace.completion_tokens,
        }
        return Result(json.dumps(content), answer.id, frozenset(named))

    def unpack(self, done: Request, archive: Archive) -> list[Any]:
        """The events. After a deletion, or where the caller may not see an article any more, those
        of the stored answer, which has none of the text.
        """
        if done.result is not None:
            content = json.loads(done.result)
            answer = Answer.model_validate(content["answer"])
            with archive.snapshot() as snapshot:
                withheld = snapshot.withheld_of(content["named"])
            if not withheld:
                read, written = content["prompt_tokens"], content["completion_tokens"]
                return events_of(answer, Trace((), read, written))
        if done.answer_id is None:
            raise NotFound("the request led to no answer")
        with archive.snapshot() as snapshot:
            return events_of(snapshot.answer(done.answer_id), Trace((), None, None))

    def is_cut(self, events: list[Any]) -> bool:
        answer: Answer = events[-1]
        return answer.status == "answered" and answer.answer is None


class Replies:
    """Writes: one reply, and whoever has begun one sees it through."""

    stoppable = False

    def lasting(self, event: Any) -> bool:
        return isinstance(event, Reply)

    def pack(self, events: list[Reply]) -> Result:
        (reply,) = events
        return Result(json.dumps(asdict(reply)))

    def unpack(self, done: Request, archive: Archive) -> list[Reply]:  # noqa: ARG002  # see Form
        return [Reply(**json.loads(done.result or "null"))]

    def is_cut(self, events: list[Reply]) -> bool:  # noqa: ARG002  # see Form
        return False


def events_of(answer: Answer, trace: Trace) -> list[Any]:
    """The events of an answer, as they were when it was given."""
    return [HitsShown(answer.hits or ()), *_tokens(answer), trace, answer]


def _named_articles(answer: Answer) -> set[str]:
    """The ids of the articles whose text or name it may hold."""
    named = cited_articles(answer)
    for item in answer.hits or ():
        named |= {item.article.id, *(report.article_id for report in item.also_reported_by)}
    for citation in answer.citations:
        named |= {report.article_id for report in citation.also_reported_by}
    return named


def _tokens(answer: Answer) -> Iterator[Token]:
    """A token for each statement, with what joins it to the one before it."""
    end = 0
    for statement in answer.statements:
        yield Token((answer.answer or "")[end : statement.end], answer.confidence)
        end = statement.end
