"""What an export holds, as blocks in their order, before any file format."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from api.chat.markup import one_line, web_address
from api.share import wording
from api.share.shared import SharedAnswer

Style = Literal["title", "heading", "answer", "text", "item", "quote", "source"]


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph. ``text`` is on one line; it may hold an article's own words. ``numbers``: of
    the quotes that it rests on; a source's own. ``url`` ends it, and has passed `web_address`.
    """

    style: Style
    text: str
    numbers: tuple[int, ...] = ()
    url: str | None = None

    @property
    def markers(self) -> str:
        """Such as "[1][2]"."""
        return "".join(f"[{n}]" for n in self.numbers)


def outline(shared: SharedAnswer, address: str) -> Iterator[Block]:
    """An answer from its question to its ``address``."""
    answer = shared.answer
    yield Block("title", one_line(answer.question))
    if state := wording.state_in_words(answer, shared.currency):
        yield Block("text", state)
    yield from _answer(shared)
    yield from _quotes(shared)
    yield from _nearest(shared)
    if answer.disagreements:
        yield Block("heading", "Sources disagree")
    for other in answer.disagreements:
        yield Block("item", one_line(other.text), other.citations)
    if answer.timeline:
        yield Block("heading", "How the figure changed")
    for entry in answer.timeline:
        day = wording.day_in_words(entry.published_at)
        yield Block("item", f"{day}: {one_line(entry.text)}", (entry.citation,))
    yield from _events(shared)
    yield Block("heading", "About this answer")
    for fact in wording.facts(answer, shared.filters):
        yield Block("text", fact)
    yield Block("source", "This answer:", url=address)


def _answer(shared: SharedAnswer) -> Iterator[Block]:
    answer = shared.answer
    if doubt := wording.doubt(answer):
        yield Block("text", f"{doubt}:")
    if lines := wording.lines(answer):
        for text, numbers in lines:
            yield Block("item", one_line(text), numbers)
    elif said := wording.statements(answer):
        for text, numbers in said:
            yield Block("answer", one_line(text), numbers)
    else:
        yield Block("answer", one_line(wording.lead(answer)))
        if whole := wording.beside(answer):
            yield Block("text", one_line(whole))
    if answer.answer is None and answer.reason:
        yield Block("text", wording.as_sentence(answer.reason))
    for caution in wording.cautions(answer):
        yield Block("text", one_line(caution))


def _quotes(shared: SharedAnswer) -> Iterator[Block]:
    if shared.quotes:
        yield Block("heading", "Quotes")
    for quote in shared.quotes:
        citation = quote.citation
        if not citation.quote:
            yield Block("source", f"{wording.origin(citation)}: no longer shown.", (citation.n,))
            continue
        yield Block("quote", f"“{one_line(citation.quote)}”")
        if citation.speaker:
            yield Block("text", f"Quoting {one_line(citation.speaker)}")
        url = web_address(citation.url)
        yield Block("source", wording.named(citation), (citation.n,), url)
        if others := wording.other_sources(citation):
            yield Block("text", f"Also in {one_line(', '.join(others))}")


def _nearest(shared: SharedAnswer) -> Iterator[Block]:
    if shared.nearest:
        yield Block("heading", "Nearest reports")
    for article in shared.nearest:
        yield Block("item", wording.named(article), url=web_address(article.url))
    if shared.rejected is not None:
        rejected = shared.rejected
        yield Block("heading", "Not an answer")
        yield Block("text", wording.rejection_in_words(rejected.confidence))
        said = f"{rejected.opening}{rejected.said}{rejected.closing}"
        yield Block("quote", f"“{one_line(said)}”")
        yield Block("text", wording.named(rejected.article))


def _events(shared: SharedAnswer) -> Iterator[Block]:
    if shared.events:
        yield Block("heading", "What has changed since")
    for event in shared.events:
        parts = [wording.as_sentence(wording.change_in_words(event.change))]
        if event.says:
            parts.append(f"It says: “{one_line(event.says)}”")
        url = None
        if event.article is not None:
            parts.append(one_line(event.article.title or event.article.id))
            url = web_address(event.article.url)
        yield Block("item", " ".join(parts), url=url)
