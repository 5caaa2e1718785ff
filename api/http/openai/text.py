"""An answer as Markdown with citations, whole or piece by piece: the same text either way."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from api.chat.markup import escape_markdown, escape_markdown_line, web_address
from api.chat.reply import NOT_SURE, beside, guess, nearest
from qa.answer import Answer, Citation
from qa.answering.answerer import Token
from qa.tuning import DOUBTFUL


@dataclass(frozen=True, slots=True)
class Mark:
    """``text[start:end]`` is a citation's marker, such as "[1]".

    Offsets count Unicode code points, ``end`` is exclusive. ``url`` is the report's own, else where
    this service has the cited version of it.
    """

    start: int
    end: int
    url: str
    title: str

    def to_json(self) -> dict[str, object]:
        """The fields of OpenAI's URL citation, without its type."""
        return {
            "start_index": self.start,
            "end_index": self.end,
            "url": self.url,
            "title": self.title,
        }


class Writing:
    """The text of one answer, as far as it is written. All of an article's text is escaped.

    ``base``: the address of this service, for reports without one of their own.
    """

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")
        self.text = ""
        self.marks: tuple[Mark, ...] = ()

    def add(self, token: Token) -> str:
        """Write a verified statement; returns what it adds to the text."""
        if not self.text:
            return self._write(_opening(token.text, token.confidence))
        # The statement brings its separator, which the escaping may strip.
        joint = " " if token.text.startswith(" ") else ""
        return self._write(f"{joint}{escape_markdown(token.text)}")

    def write(self, answer: Answer) -> "Writing":
        """Write a whole answer."""
        if answer.answer is not None:
            self.add(Token(answer.answer, answer.confidence))
        self.finish(answer)
        return self

    def finish(self, answer: Answer) -> str:
        """Write markers, notes and sources, or why nothing was found; returns what they add."""
        if not self.text:
            return self._write(_not_found(answer))
        place = len(self.text) + 1
        markers, marks = "", []
        for citation in answer.citations:
            marker = f"[{citation.n}]"
            start = place + len(markers)
            marks.append(
                Mark(
                    start,
                    start + len(marker),
                    web_address(citation.url) or article_address(citation, self._base),
                    citation.title or citation.article_id,
                )
            )
            markers += marker
        self.marks = tuple(marks)
        return self._write(f" {markers}{_notes(answer)}")

    def _write(self, text: str) -> str:
        self.text += text
        return text


def article_address(citation: Citation, base: str) -> str:
    """Where the service at ``base`` has the cited version of an article."""
    named = quote(citation.article_id.encode("utf-8", "surrogatepass"), safe="")
    return f"{base}/v1/articles/{named}?{urlencode({'version': citation.version})}"


def _opening(text: str, confidence: float) -> str:
    """The first words of an answer; an uncertain one says so before anything else."""
    if confidence < DOUBTFUL:
        return NOT_SURE + escape_markdown(text)
    return escape_markdown_line(text)


def _notes(answer: Answer) -> str:
    """Doubts and sources."""
    notes = ""
    if answer.confidence < DOUBTFUL:
        notes += f"\n\nConfidence {answer.confidence:.2f}: this may be wrong, check the quotes."
    if answer.reason:
        notes += f"\n\nNote: {escape_markdown(answer.reason)}."
    sources = "\n".join(_source(citation) for citation in answer.citations)
    return f"{notes}\n\nSources:\n{sources}"


def _source(citation: Citation) -> str:
    day = citation.published_at[:10] if citation.published_at else "undated"
    origin = [citation.title or citation.article_id, citation.source, day, *beside(citation)]
    named = ", ".join(escape_markdown(part) for part in origin if part)
    url = web_address(citation.url)
    link = f", {url}" if url else ""
    return f"[{citation.n}] “{escape_markdown(citation.quote)}” — {named}{link}"


def _not_found(answer: Answer) -> str:
    """The reason, the rejected candidate with its confidence, and the nearest reports."""
    text = f"Not found in the archive: {escape_markdown(answer.reason or 'no answer')}."
    if answer.candidate is not None:
        text += f"\n\n{escape_markdown(guess(answer.candidate))}"
    if answer.coverage is not None:
        text += f"\n\n{answer.coverage.in_words}."
    reports = [
        f"- {escape_markdown(f'{report.title} · {report.details}')}"
        + (f", {report.url}" if report.url else "")
        for report in nearest(answer.hits or ())
    ]
    if reports:
        text += "\n\nThe nearest reports:\n" + "\n".join(reports)
    return text
