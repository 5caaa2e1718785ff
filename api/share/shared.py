"""A stored answer as it may be shown now, with its quotes in the articles that hold them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qa.answer import Answer, Candidate, Change, Citation, Currency
from qa.answering.currency import currency
from qa.archive.snapshot import Snapshot
from qa.archive.visibility import is_withdrawn
from qa.errors import NotFound
from qa.language.sentences import Span, sentences, trimmed
from qa.types import Article, Filters, Hit

_SENTENCES_AROUND = 2  # shown before a quote, and behind it; where there are many quotes, one
_MANY = 4  # quotes
_NEAREST = 5  # reports beside "not found"
_FARTHEST = 3000  # characters from the quote in which they are looked for
_READ_FOR_CHANGES = 20_000  # characters of a report in which what it says now is looked for
_ALIKE = 0.4  # share of the words of two sentences from which one says the other anew
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Quote:
    """A citation's quote between the sentences around it, as the cited version has them.

    ``opening``, ``said`` and ``closing`` are the quote: ``said`` is the short answer inside it,
    empty where it was read elsewhere. ``article``: None where its text may not be shown.
    """

    citation: Citation
    article: Article | None = None
    before: str = ""
    opening: str = ""
    said: str = ""
    closing: str = ""
    after: str = ""
    begins_article: bool = True
    ends_article: bool = True


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a cited report, and the report concerned if it may be shown.

    ``says``: its sentence that is most like the quote; empty without one.
    """

    change: Change
    article: Article | None
    says: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The best answer that was rejected, in a sentence of a report that says it: ``opening``,
    ``said`` and ``closing``.
    """

    confidence: float
    article: Article
    opening: str
    said: str
    closing: str


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """What a page or an export of an answer shows. ``filters``: those of its question. ``nearest``:
    the reports beside an answer that was not found, best first.
    """

    answer: Answer
    filters: Filters
    currency: Currency
    quotes: tuple[Quote, ...]
    events: tuple[Event, ...]
    nearest: tuple[Article, ...] = ()
    rejected: Rejected | None = None


def read_shared(snapshot: Snapshot, answer_id: str, hits: Sequence[Hit] = ()) -> SharedAnswer:
    """A stored answer without the words of articles that may not be shown now.

    ``hits``: what its question finds now, where it was not found. The rejected candidate does not
    say where it is from, so it is shown only where one of them says it.
    Raises NotFound.
    """
    stored = snapshot.answer(answer_id)
    answer = _showable(stored, snapshot)
    state = currency(stored, snapshot)
    quoted = {citation.n: citation.quote for citation in answer.citations}
    events = (_event(change, quoted, snapshot) for change in state.changes)
    around = _SENTENCES_AROUND if len(answer.citations) <= _MANY else 1
    nearest = {hit.passage.article.id: hit.passage.article for hit in hits}
    nearest = {key: one for key, one in nearest.items() if _readable(key, snapshot) is not None}
    found = [hit for hit in hits if hit.passage.article.id in nearest]
    return SharedAnswer(
        answer=answer,
        filters=snapshot.filters_of(answer_id),
        currency=state,
        quotes=tuple(_in_context(citation, snapshot, around) for citation in answer.citations),
        events=tuple(events),
        nearest=tuple(nearest.values())[:_NEAREST],
        rejected=_rejected(stored.candidate, found),
    )


def _rejected(candidate: Candidate | None, hits: Sequence[Hit]) -> Rejected | None:
    """The candidate in the first passage that says it word for word."""
    if candidate is None:
        return None
    words = re.compile(r"\s+".join(map(re.escape, candidate.text.split())))
    for hit in hits:
        article, text = hit.passage.article, hit.passage.text
        said = words.search(text)
        if said is None:
            continue
        pieces = [trimmed(text, span) for span in sentences(text, article.language)]
        first = max((start for start, _ in pieces if start <= said.start()), default=said.start())
        last = min((end for _, end in pieces if end >= said.end()), default=said.end())
        return Rejected(
            candidate.confidence,
            article,
            opening=text[first : said.start()],
            said=said[0],
            closing=text[said.end() : last],
        )
    return None


def _showable(answer: Answer, snapshot: Snapshot) -> Answer:
    """The one place that decides what of a stored answer is shown: everything else is made from it.

    Nothing of other reports that cannot be read now, and no rejected candidate: it does not say
    which article it is from.
    """
    shown = tuple(_without_hidden_reports(citation, snapshot) for citation in answer.citations)
    return answer.model_copy(update={"citations": shown, "candidate": None})


def _without_hidden_reports(citation: Citation, snapshot: Snapshot) -> Citation:
    readable = tuple(
        other
        for other in citation.also_reported_by
        if _readable(other.article_id, snapshot) is not None
    )
    return citation.model_copy(update={"also_reported_by": readable})


def _readable(article_id: str, snapshot: Snapshot) -> Article | None:
    """The article, unless it was deleted or may not be shown; the newest version decides."""
    newest = snapshot.find(article_id)
    if newest is None or is_withdrawn(newest.article, snapshot.now):
        return None
    try:
        return snapshot.article(article_id).article
    except NotFound:  # under embargo
        return None


def _event(change: Change, quoted: Mapping[int, str], snapshot: Snapshot) -> Event:
    article = _readable(change.article_id, snapshot)
    quote = quoted.get(change.citation or 0, "")
    if article is None or not quote or change.kind not in ("newer_version", "correction"):
        return Event(change, article, "")
    text = article.text[:_READ_FOR_CHANGES]
    said = [text[start:end].strip() for start, end in sentences(text, article.language)]
    closest = max(said, key=lambda sentence: _likeness(sentence, quote), default="")
    return Event(change, article, closest if _likeness(closest, quote) >= _ALIKE else "")


def _likeness(sentence: str, quote: str) -> float:
    """The words that both have, as a share of those that either has."""
    one, other = (set(_WORD.findall(text.lower())) for text in (sentence, quote))
    return len(one & other) / max(1, len(one | other))


def _in_context(citation: Citation, snapshot: Snapshot, around: int) -> Quote:
    if not citation.quote:
        return Quote(citation)
    article = snapshot.article(citation.article_id, citation.version).article
    text, start, end = article.text, citation.start, citation.end
    first, last = _sentences_around(article, (start, end), around)
    said_start, said_end = citation.answer_start, citation.answer_end
    if said_start is None or said_end is None or not start <= said_start <= said_end <= end:
        said_start = said_end = end
    return Quote(
        citation,
        article,
        before=text[first:start],
        opening=text[start:said_start],
        said=text[said_start:said_end],
        closing=text[said_end:end],
        after=text[end:last],
        begins_article=not text[:first].strip(),
        ends_article=not text[last:].strip(),
    )


def _sentences_around(article: Article, quote: Span, around: int) -> Span:
    """Where the ``around`` sentences before a quote begin, and those behind it end."""
    text = article.text
    start, end = quote
    low, high = max(0, start - _FARTHEST), min(len(text), end + _FARTHEST)
    pieces = [trimmed(text[low:high], span) for span in sentences(text[low:high], article.language)]
    if low > 0:
        pieces = pieces[1:]  # its beginning is cut off
    if high < len(text):
        pieces = pieces[:-1]
    begins = [low + first for first, _ in pieces if low + first < start]
    ends = [low + last for _, last in pieces if low + last > end]
    first = begins[-around:][0] if begins else start
    last = ends[:around][-1] if ends else end
    return first, last
