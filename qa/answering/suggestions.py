"""Which questions to suggest: made from the sentences of recent reports, and really asked.

One that is shown was answered, with confidence, by the very sentence that it was made from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from qa.answer import Answer
from qa.archive import suggestions
from qa.archive.archive import Archive
from qa.archive.snapshot import Snapshot
from qa.language.sentences import Span, sentences, trimmed
from qa.language.suggesting import proposals
from qa.question import Question
from qa.types import Filters, StoredArticle

SURE = 0.6  # a less certain answer is no example of what the archive can do
_ARTICLES = 60  # the newest, from which questions are made
_SENTENCES = 12  # of each of them: what matters comes first


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, made from ``article.text[start:end]``; ``answer`` is expected in its answer."""

    question: str
    answer: str
    kind: str
    stored: StoredArticle
    span: Span

    def to_question(self) -> Question:
        """The question, parsed."""
        return Question.parse(self.question)


def candidates(snapshot: Snapshot) -> list[Candidate]:
    """Questions from the newest reports, one of each; kinds of questions take turns."""
    by_kind: dict[str, list[Candidate]] = {}
    seen: set[str] = set()
    for stored in snapshot.browse(Filters(), _ARTICLES):
        made = next(
            (one for one in made_from(stored, _SENTENCES) if one.question not in seen), None
        )
        if made is not None:
            seen.add(made.question)
            by_kind.setdefault(made.kind, []).append(made)
    turns = zip_longest(*by_kind.values())
    return [one for turn in turns for one in turn if one is not None]


def made_from(stored: StoredArticle, most: int) -> Iterator[Candidate]:
    """The questions that the first ``most`` sentences of a report answer, in their order."""
    article = stored.article
    if article.language is not None and not article.language.lower().startswith("en"):
        return
    for span in sentences(article.text, article.language)[:most]:
        start, end = trimmed(article.text, span)
        for made in proposals(article.text[start:end], article.published_at):
            yield Candidate(made.question, made.answer, made.kind, stored, (start, end))


def is_verified(candidate: Candidate, answer: Answer) -> bool:
    """Return True if the answer is certain, right, and cites the sentence of the question."""
    if answer.status != "answered" or answer.confidence < SURE:
        return False
    start, end = candidate.span
    article = candidate.stored.article
    cited = any(
        citation.article_id == article.id and citation.start < end and citation.end > start
        for citation in answer.citations
    )
    said = _plain(answer.answer or "")
    return cited and _plain(candidate.answer) in said


def due(archive: Archive, wanted: int) -> Iterator[Candidate]:
    """The questions to ask until there are as many as are wanted; forgets those of other reports.

    What the caller does between two of them may take its time: each is looked up and claimed when
    it is its turn. Raises ArchiveBusy.
    """
    with archive.snapshot() as snapshot:
        found = candidates(snapshot)
    store = archive.store
    with store.aside() as database:
        suggestions.keep(database, {one.question for one in found})
    for candidate in found:
        with archive.snapshot() as snapshot:
            if len(snapshot.suggestions(wanted)) >= wanted:
                return
        with store.aside() as database:
            now = store.clock().timestamp()
            begun = suggestions.begin(database, candidate.question, candidate.stored, now)
        if begun:
            yield candidate


def settle(archive: Archive, candidate: Candidate, answer: Answer) -> None:
    """Note whether the answer makes the question one to suggest. Raises ArchiveBusy."""
    confidence = answer.confidence if is_verified(candidate, answer) else None
    with archive.store.aside() as database:
        suggestions.note(database, candidate.question, confidence)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
