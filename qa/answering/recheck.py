"""Check an answer anew against the archive: for whoever was given one and wants to rely on it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from qa.archive.snapshot import Snapshot
from qa.errors import BadInput, NotFound
from qa.language.figures import find_figures, holds
from qa.types import Article, Figure


class _Given(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


_Status = Literal["supported", "derived", "unsupported"]


class Quote(_Given):
    """What is checked of a citation."""

    n: int
    article_id: str
    version: str
    quote: str
    start: int
    end: int


class Listed(_Given):
    """What is checked of a figure."""

    text: str
    status: _Status
    citation: int | None = None


class GivenAnswer(_Given):
    """What is checked of an `Answer` of the contract."""

    status: Literal["answered", "not_found"]
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
    if (answer.status == "answered" or answer.answer is not None) and not answer.citations:
        yield "it is answered, but cites nothing"
    quotes: dict[int, tuple[str, str | None]] = {}
    for citation in answer.citations:
        article, fault = _looked_up(citation, snapshot)
        if fault is not None:
            yield f"citation {citation.n}: {fault}"
        elif article is not None:
            quotes[citation.n] = (citation.quote, article.published_at)
    for text in unlabelled(answer.answer or "", answer.figures, quotes):
        yield f"the figure '{text}' stands in no quote that it cites, and is not labelled so"


def _looked_up(citation: Quote, snapshot: Snapshot) -> tuple[Article | None, str | None]:
    """The article that it quotes, or what is wrong."""
    try:
        article = snapshot.article(citation.article_id, citation.version).article
    except NotFound as error:
        blank = "its quote is blank, and there is " if not citation.quote else ""
        return None, f"{blank}{error}"
    start, end = citation.start, citation.end
    if not 0 <= start < end or article.text[start:end] != citation.quote:
        return (
            None,
            f"its quote does not stand at {start} to {end} of article '{citation.article_id}'",
        )
    return article, None


class _Figure(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def citation(self) -> int | None: ...


def unlabelled(
    text: str, listed: Sequence[_Figure], quotes: Mapping[int, tuple[str, str | None]]
) -> Iterator[str]:
    """The figures of an answer's text that are not listed, or listed as supported by a quote that lacks them.

    ``quotes``: by number, each with the date of its article.
    """
    for figure in find_figures(text):
        entries = [item for item in listed if item.text == figure.text]
        if not entries:
            yield figure.text
        for item in entries:
            if item.status == "supported" and not any(
                # The same words: "2000" alone looks like a year, and in "2000 guests" it is none.
                other.text == figure.text or holds(figure, other)
                for other in _figures_of(*quotes.get(item.citation or 0, ("", None)))
            ):
                yield figure.text


def _figures_of(quote: str, published_at: str | None) -> list[Figure]:
    """Read against its date, where that is one: another system may give any text."""
    try:
        return find_figures(quote, published_at)
    except ValueError:
        return find_figures(quote)
