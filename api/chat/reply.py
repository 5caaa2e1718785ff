"""What an answer says in a chat, before any platform's markup."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from api.chat.markup import capitalize, one_line, web_address
from api.share.wording import lead, lines, other_sources
from qa.answer import Answer, Candidate, Citation, HitOutput
from qa.errors import (
    AnswerModelError,
    AnswerModelRateLimited,
    ArchiveBusy,
    BadInput,
    BudgetSpent,
    EmptyArchive,
    QAError,
    QueueFull,
)
from qa.tuning import DOUBTFUL

LOOKING = "Looking in the archive …"
BUSY = "Too many questions are waiting right now. Please ask again in a minute."
WENT_WRONG = "Something went wrong. Please ask again later."
RESTARTING = "The archive is being restarted. Please ask again in a minute."
NO_ACCESS = "This chat has no access to the archive now. Please tell its administrator."
NOT_SURE = "Not sure: "
THANKS = "Thank you, that is recorded."
NOT_RECORDED = "This answer is no longer stored, so nothing was recorded."

_NEAREST = 3  # reports that are named when nothing was found
_LONGEST_PAGE = 1000  # characters of a link to the web page


@dataclass(frozen=True, slots=True)
class Source:
    """A report behind a reply. Its texts are an article's own: escape them."""

    title: str
    details: str  # "Coast Daily · 2024-03-04"
    url: str | None  # one that a browser opens
    n: int | None = None  # its marker in the notes
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply in parts. All of them may hold an article's words: escape them. ``text`` has a line
    for each item of a list and each report of a brief.
    """

    text: str = ""
    headline: str = ""
    notes: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    page: str | None = None  # the answer on the web
    answer_id: str | None = None
    drafted: bool = False  # True if the text is what a draft shows

    @property
    def plain(self) -> str:
        """The reply as one line, for where there is no markup."""
        return one_line(": ".join(part for part in (self.headline, self.text) if part))


def reply_to(answer: Answer, public_url: str | None = None) -> Reply:
    """Short answer, text, confidence, doubts and sources; or the reason why there is none."""
    page = _page(public_url, answer.question)
    if answer.answer is None:
        sources = tuple(nearest(answer.hits or ()))
        return Reply(
            headline="Not found in the archive",
            text=f"{capitalize(answer.reason or 'nothing in the archive answers this')}.",
            notes=tuple(_not_found_notes(answer, sources)),
            sources=sources,
            page=page,
            answer_id=answer.id,
        )
    headline, text = _headline(answer), _text(answer, answer.answer)
    if text.casefold() == headline.casefold():
        text = ""  # the embedded model says no more than that
    doubt = NOT_SURE if answer.confidence < DOUBTFUL else ""
    return Reply(
        headline=f"{doubt}{headline}" if headline else "",
        text=text if headline else f"{doubt}{text}",
        notes=tuple(one_line(note) for note in _notes(answer)),
        sources=tuple(_cited(citation) for citation in answer.citations),
        page=page,
        answer_id=answer.id,
        drafted=True,
    )


def guess(candidate: Candidate) -> str:
    """The best answer that was rejected, as what it is."""
    return f"{NOT_SURE}{one_line(candidate.text)} (confidence {candidate.confidence:.2f})"


def nearest(hits: Sequence[HitOutput]) -> Iterator[Source]:
    """The best reports of a search, each once."""
    articles = {hit.article.id: hit.article for hit in hits}  # a dict keeps the order of the hits
    for article in list(articles.values())[:_NEAREST]:
        yield Source(
            title=one_line(article.title or article.id),
            details=_details(article.source, article.published_at),
            url=web_address(article.url),
        )


def excuse(error: QAError) -> str:
    """Why there is no answer, for the asker; the log has the details for the operator."""
    if isinstance(error, BadInput):
        return f"This cannot be answered: {error}."
    if isinstance(error, BudgetSpent):
        return "Today's questions are used up. Please ask again tomorrow."
    if isinstance(error, EmptyArchive):
        return "The archive is empty, so there is nothing to answer from yet."
    if isinstance(error, QueueFull | AnswerModelRateLimited):
        return BUSY
    if isinstance(error, ArchiveBusy):
        return "The archive is being worked on. Please ask again in a minute."
    if isinstance(error, AnswerModelError):
        return "The language model behind the archive failed. Please ask again later."
    return "The archive cannot answer right now. Please ask again later."


def _headline(answer: Answer) -> str:
    if answer.short_answer is None or answer.form in ("sentences", "brief"):
        return ""  # whole sentences are said whole
    return lead(answer)


def _text(answer: Answer, whole: str) -> str:
    """The answer's text; a list's items and a brief's reports as lines."""
    listed = lines(answer, _day)
    if not listed:
        return one_line(whole)
    return "\n".join(f"• {one_line(text)} {_markers(citations)}" for text, citations in listed)


def _page(public_url: str | None, question: str) -> str | None:
    if public_url is None:
        return None
    page = public_url.rstrip("/") + "/"
    with_question = f"{page}?{urlencode({'q': question}, errors='replace')}"
    return with_question if len(with_question) <= _LONGEST_PAGE else page


def _not_found_notes(answer: Answer, sources: Sequence[Source]) -> Iterator[str]:
    if answer.candidate is not None:
        yield guess(answer.candidate)
    if answer.coverage is not None:
        yield f"{answer.coverage.in_words}."
    if sources:
        yield "The nearest reports:"


def _notes(answer: Answer) -> Iterator[str]:
    doubt = ": this may be wrong, check the quotes" if answer.confidence < DOUBTFUL else ""
    several = answer.independent_sources > 1
    sources = f" · {answer.independent_sources} independent sources" if several else ""
    yield f"Confidence {answer.confidence:.2f}{doubt}{sources}"
    if answer.disagreements:
        others = (f"{other.text} {_markers(other.citations)}" for other in answer.disagreements)
        yield f"Sources disagree. {'; '.join(others)}"
    elif answer.reason:
        yield capitalize(answer.reason)
    if answer.timeline:
        values = (
            f"{_day(entry.published_at)} {entry.text} [{entry.citation}]"
            for entry in answer.timeline
        )
        yield f"Over time: {'; '.join(values)}"
    for status, words in (
        ("derived", "Worked out, not quoted"),
        ("unsupported", "Found in no quote"),
    ):
        if figures := [figure.text for figure in answer.figures if figure.status == status]:
            yield f"{words}: {', '.join(figures)}"


def _markers(citations: Sequence[int]) -> str:
    return "".join(f"[{n}]" for n in citations)


def _cited(citation: Citation) -> Source:
    return Source(
        title=one_line(citation.title or citation.article_id),
        details=" · ".join(
            [_details(citation.source, citation.published_at), *map(one_line, beside(citation))]
        ),
        url=web_address(citation.url),
        n=citation.n,
        quote=one_line(citation.quote),
    )


def beside(citation: Citation) -> Iterator[str]:
    """What is said of a citation beside its source and date: who speaks, who else reports it."""
    if citation.speaker is not None:
        yield f"quoting {citation.speaker}"
    if others := other_sources(citation):
        yield f"also in {', '.join(others)}"


def _details(source: str | None, published_at: str | None) -> str:
    return " · ".join(part for part in (one_line(source or ""), _day(published_at)) if part)


def _day(published_at: str | None) -> str:
    return published_at[:10] if published_at else "undated"
