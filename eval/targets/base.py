"""The interface of a system under evaluation, and the look-up of its quotes."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol

from eval.cases import EvalCase
from eval.outcome import Outcome, QuoteCheck, Sought
from qa.answer import Answer, Citation
from qa.archive.archive import Archive
from qa.errors import NotFound, QAError

DEPTH = 10  # hits a case
CONTEXT = 160  # characters shown on each side of a quote
ReadText = Callable[[str, str | None], str | None]  # (article id, version) → its text, if known


class TargetFailed(QAError):
    """The system gave no answer to a case. The run continues and counts it as a failure.

    ``retries``: how often the case was asked again.
    """

    def __init__(self, message: str, retries: int = 0) -> None:
        super().__init__(message)
        self.retries = retries


class Target(Protocol):
    """A system under evaluation."""

    def describe(self) -> Mapping[str, Any]:
        """Settings, versions, digests and corpus: JSON-ready, equal for equal systems."""

    def ask(self, case: EvalCase) -> Outcome:
        """Ask one question. Raises TargetFailed. Must be thread-safe if cases run in parallel."""

    def ingested(self, article_ids: Collection[str]) -> set[str] | None:
        """Which of these articles are in its archive. None: unknown."""


def check_quotes(answer: Answer, read: ReadText) -> tuple[QuoteCheck, ...]:
    """Look up the quotes of an answer in their articles."""
    checks = (_check_quote(citation, read) for citation in answer.citations)
    return tuple(check for check in checks if check is not None)


def _check_quote(citation: Citation, read: ReadText) -> QuoteCheck | None:
    start, end = citation.start, citation.end
    if not citation.article_id or start == end == 0:
        return None  # another system that reports no place
    text = read(citation.article_id, citation.version or None)
    if text is None:
        return QuoteCheck(n=citation.n, exact=False)
    return QuoteCheck(
        n=citation.n,
        exact=0 <= start < end and text[start:end] == citation.quote,
        before=text[max(0, start - CONTEXT) : start],
        after=text[end : end + CONTEXT],
    )


def ingested_in(archive: Archive, article_ids: Collection[str]) -> set[str]:
    """Which of these articles are in the archive."""
    with archive.store.snapshot() as snapshot:
        return {name for name in article_ids if snapshot.find(name) is not None}


def sought_in(archive: Archive, case: EvalCase) -> Sought | None:
    """The first of the case's relevant articles that the archive has."""
    with archive.store.snapshot() as snapshot:
        for name in case.relevant:
            try:
                article = snapshot.article(name).article
            except NotFound:
                continue
            return Sought(
                source=article.source,
                published_at=article.published_at,
                words=len(article.text.split()),
            )
    return None


def text_in(archive: Archive, article_id: str, version: str | None) -> str | None:
    """An article's text. None where the archive lacks it."""
    with archive.store.snapshot() as snapshot:
        try:
            return snapshot.article(article_id, version).article.text
        except NotFound:
            return None
