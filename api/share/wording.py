"""What pages and exports say of an answer, in words. Pure functions."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import date

from api.chat.markup import capitalize, one_line, web_address
from qa.answer import Answer, Change, Citation, Coverage, Currency
from qa.tuning import DOUBTFUL
from qa.types import Article, Filters

LIKELY = 0.6  # of the answers below it, many are wrong; the page at `/` marks them too

_CHANGES = {
    "newer_version": "a newer version of {} no longer has the quote",
    "amended": "the source, address or date of {} was changed",
    "correction": "a correction of {} was published",
    "withdrawn": "{} was withdrawn",
    "deleted": "{} was deleted from the archive",
    "later_report": "a later report says something else",
}
_FILTERS = {
    "as_of": "as of {}",
    "known_at": "as the archive was on {}",
    "sources": "in {}",
    "authors": "by {}",
    "sections": "in the section {}",
    "languages": "in the language {}",
    "article_ids": "in the article {}",
    "published_from": "published from {}",
    "published_to": "published to {}",
    "include_undated": "undated articles too",
}


def day_in_words(iso: str | None) -> str:
    """The day of an ISO 8601 time as it was where the report appeared: "4 March 2024"."""
    if not iso:
        return "undated"
    try:
        day = date.fromisoformat(iso[:10])
    except ValueError:  # only a year or a month
        return iso
    return f"{day.day} {day:%B} {day.year}"


def confidence_in_words(confidence: float) -> str:
    """Such as "Confidence 0.55: likely, not sure; check the quotes"."""
    if confidence >= LIKELY:
        meaning = "likely right"
    elif confidence >= DOUBTFUL:
        meaning = "likely, not sure; check the quotes"
    else:
        meaning = "not sure; check the quotes"
    return f"Confidence {confidence:.2f}: {meaning}"


def rejection_in_words(confidence: float) -> str:
    """Why the best answer was rejected."""
    return f"Rejected, as such answers are often wrong. Confidence {confidence:.2f}: not enough."


def doubt(answer: Answer) -> str:
    """The word above an answer that is not sure; empty for the others."""
    if answer.answer is None or answer.confidence >= LIKELY:
        return ""
    return "Likely, not sure" if answer.confidence >= DOUBTFUL else "Not sure"


def state_in_words(answer: Answer, currency: Currency) -> str:
    """Whether an answer still holds, in one sentence; empty where it cites nothing."""
    if not answer.citations:
        return ""
    if currency.state == "current":
        return "Still current: nothing has changed in the reports that it cites."
    kinds = dict.fromkeys(change.kind for change in currency.changes)
    deleted = currency.state == "withdrawn" and list(kinds) == ["deleted"]
    name = "Deleted" if deleted else currency.state.capitalize()
    since = f" since {day_in_words(currency.since)}" if currency.since is not None else ""
    happened = "; ".join(_CHANGES[kind].format("a cited report") for kind in kinds)
    return f"{name}{since}: {happened}."


def change_in_words(change: Change) -> str:
    """What happened to a cited report, as a clause without its full stop."""
    quote = f"quote {change.citation}: " if change.citation is not None else ""
    day = f" on {day_in_words(change.published_at)}" if change.published_at is not None else ""
    return f"{quote}{_CHANGES[change.kind].format('the report')}{day}"


def filters_in_words(filters: Filters) -> list[str]:
    """Each filter that was set when the question was asked."""
    words = []
    for field in fields(filters):
        value = getattr(filters, field.name)
        if not value:
            continue
        if isinstance(value, tuple):
            said = " or ".join(value)
        elif isinstance(value, str):
            said = day_in_words(value)
        else:
            said = ""
        words.append(_FILTERS[field.name].format(said))
    return words


def facts(answer: Answer, filters: Filters) -> Iterator[str]:
    """How far to rely on the answer: confidence, sources, filters, what the archive held."""
    if answer.answer is not None:
        yield f"{confidence_in_words(answer.confidence)}."
    if answer.answer is not None and answer.independent_sources > 1:
        yield f"{answer.independent_sources} independent sources."
    asked = filters_in_words(filters)
    if asked:
        yield f"Asked with limits: {', '.join(asked)}."
    if stated := answer.applied_filters.in_words:
        yield f"Only reports {stated}, as the question says."
    if answer.coverage is not None:
        yield _coverage_in_words(answer.coverage)


def cautions(answer: Answer) -> Iterator[str]:
    """What a reader must know before relying on the answer."""
    if answer.answer is None:
        return
    if answer.reason_code in ("reports_say_unknown", "false_premise") and answer.reason:
        yield as_sentence(answer.reason)
    for figure in answer.figures:
        if figure.status == "unsupported":
            yield f"“{figure.text}” is in no quote. Do not rely on it."
        elif figure.status == "derived":
            yield f"“{figure.text}” is worked out from the quotes; none of them states it."
    if answer.short_answer is not None and answer.short_answer.kind == "boolean":
        yield "The yes or no is worked out from the quotes."


def lead(answer: Answer) -> str:
    """The answer as it is set in large type; "Not found", or that its words are not shown."""
    if answer.answer is None:
        return "Not found" if answer.status == "not_found" else "No longer shown"
    if answer.form in ("sentences", "brief") or answer.short_answer is None:
        return answer.answer
    short = answer.short_answer
    return capitalize(short.text) if short.kind == "boolean" else one_line(short.text)


def beside(answer: Answer) -> str | None:
    """The whole answer, where it says more than `lead` does."""
    if answer.answer is None or _bare(answer.answer) == _bare(lead(answer)):
        return None
    return answer.answer


def lines(
    answer: Answer, day: Callable[[str | None], str] = day_in_words
) -> Sequence[tuple[str, tuple[int, ...]]]:
    """A list's items, a brief's dated reports: each text with the numbers of its quotes.

    ``day``: how a day is written.
    """
    if answer.form == "list" and len(answer.items) > 1:
        return [(item.text, item.citations) for item in answer.items]
    if answer.form != "brief":
        return []
    days = {cited.n: day(cited.published_at) for cited in answer.citations}
    return [
        (f"{days[said.citations[0]]}: {said.text}" if said.citations else said.text, said.citations)
        for said in answer.statements
    ]


def statements(answer: Answer) -> Sequence[tuple[str, tuple[int, ...]]]:
    """An answer of whole sentences: each statement with the numbers of its quotes."""
    if answer.form != "sentences" or answer.answer is None:
        return []
    return [(said.text, said.citations) for said in answer.statements]


def origin(citation: Citation | Article) -> str:
    """Such as "Coast Daily, 4 March 2024"."""
    return f"{citation.source or 'unknown source'}, {day_in_words(citation.published_at)}"


def named(citation: Citation | Article) -> str:
    """Title, source and day of a report."""
    title = f"“{one_line(citation.title)}”, " if citation.title else ""
    return f"{title}{origin(citation)}"


def citation_line(citation: Citation) -> str:
    """A line to paste under a text: title, source, day and address."""
    url = web_address(citation.url)
    return f"{named(citation)}, {url}" if url else named(citation)


def lines_to_cite(citations: Iterable[Citation]) -> list[str]:
    """The lines of those that still have a quote, each report once."""
    return list(dict.fromkeys(citation_line(cited) for cited in citations if cited.quote))


def other_sources(citation: Citation) -> list[str]:
    """Who else reports the same, each once."""
    names = [other.source or other.article_id for other in citation.also_reported_by]
    return list(dict.fromkeys(names))


def as_sentence(text: str) -> str:
    """The text with a capital first and a full stop last."""
    text = capitalize(text)
    return text + ("" if text.endswith((".", "!", "?", "…")) else ".")


def _coverage_in_words(coverage: Coverage) -> str:
    articles = "1 article" if coverage.articles == 1 else f"{coverage.articles:,} articles"
    newest = coverage.newest_published_at
    recent = f", the newest of {day_in_words(newest)}" if newest is not None else ""
    grown = coverage.last_ingested_at
    last = f"; the last came in on {day_in_words(grown)}" if grown is not None else ""
    return f"The archive held {articles} then{recent}{last}."


def _bare(text: str) -> str:
    return one_line(text).rstrip(".").casefold()
