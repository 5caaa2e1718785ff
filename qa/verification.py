"""Check an answer anew against the archive: for whoever was given one and wants to rely on it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from qa.errors import BadInput, NotFound
from qa.figures import find_figures, holds
from qa.store import Snapshot


class _Given(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Quote(_Given):
    """What is checked of a citation."""

    n: int
    article_id: str
    version: str
    quote: str
    start: int
    end: int
    published_at: str | None = None


class Listed(_Given):
    """What is checked of a figure."""

    text: str
    status: str
    citation: int | None = None


class GivenAnswer(_Given):
    """What is checked of an `Answer` of the contract."""

    status: str
    answer: str | None = None
    citations: list[Quote] = []
    figures: list[Listed] = []


def check_answer(content: object, snapshot: Snapshot) -> list[str]:
    """What does not hold, a line each; [] for an answer that stands. Raises BadInput for what is no answer."""
    try:
        answer = GivenAnswer.model_validate(content)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"]) or "the document"
        raise BadInput(f"this is no answer of Dateline: {place}: {problem['msg']}") from error
    return list(_faults(answer, snapshot))


def _faults(answer: GivenAnswer, snapshot: Snapshot) -> Iterator[str]:
    if answer.status == "answered" and not answer.citations:
        yield "it is answered, but cites nothing"
    for citation in answer.citations:
        fault = _misquoted(citation, snapshot)
        if fault is not None:
            yield f"citation {citation.n}: {fault}"
    quotes = {citation.n: (citation.quote, citation.published_at) for citation in answer.citations}
    for text in unlabelled(answer.answer or "", answer.figures, quotes):
        yield f"the figure '{text}' stands in no quote that it cites, and is not labelled so"


def _misquoted(citation: Quote, snapshot: Snapshot) -> str | None:
    if not citation.quote:
        return "its quote is blank: the article was deleted"
    try:
        text = snapshot.article(citation.article_id, citation.version).article.text
    except NotFound as error:
        return str(error)
    if not 0 <= citation.start <= citation.end or text[citation.start : citation.end] != citation.quote:
        return f"its quote does not stand at {citation.start} to {citation.end} of article '{citation.article_id}'"
    return None


class _Figure(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def citation(self) -> int | None: ...


def unlabelled(text: str, listed: Sequence[_Figure], quotes: Mapping[int, tuple[str, str | None]]) -> Iterator[str]:
    """The figures of an answer's text that are not listed, or listed as supported by a quote that lacks them.

    ``quotes``: by number, each with the date of its article.
    """
    for figure in find_figures(text):
        entries = [item for item in listed if item.text == figure.text]
        if not entries:
            yield figure.text
        for item in entries:
            if item.status == "supported" and not any(
                holds(figure, other) for other in find_figures(*quotes.get(item.citation or 0, ("", None)))
            ):
                yield figure.text
