"""The answer and its parts, in the one form that HTTP, OpenAPI, storage, the command line and
evaluation share.

Offsets count Unicode code points, ends are exclusive. Every model ignores keys that it does not
know: an answer that a newer version wrote can still be read and verified.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from qa.types import AnswerKind, Bound, FigureKind, FigureStatus, Filters, Form, Hit, Passage

Status = Literal["answered", "not_found"]
ReasonCode = Literal[
    "nothing_visible",
    "empty_archive",
    "too_uncertain",
    "not_in_archive",
    "reports_say_unknown",
    "false_premise",
    "sources_disagree",
    "unsupported_question",
]


def _omitted(value: object) -> bool:
    return value is None


def _empty(value: object) -> bool:
    return not value


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class PassageOutput(_Part):
    id: int
    text: str
    start: int
    end: int

    @classmethod
    def of(cls, passage: Passage) -> Self:
        return cls(id=passage.id, text=passage.text, start=passage.start, end=passage.end)


class ArticleMention(_Part):
    """What is said of an article beside one of its passages."""

    id: str
    title: str | None
    source: str | None
    url: str | None
    published_at: str | None


class HitScores(_Part):
    """Why a passage was found. None: that search did not return it. All: higher is better."""

    dense: float | None
    lexical: float | None
    rerank: float | None = Field(default=None, exclude_if=_omitted)  # only with a reranker


class OtherReport(_Part):
    """Another article with the same words or, with ``same_story``, a copy of the article."""

    article_id: str
    source: str | None
    same_story: bool = Field(default=False, exclude_if=lambda value: not value)

    @classmethod
    def copies_of(cls, hit: Hit) -> tuple[Self, ...]:
        """The copies of a hit's article."""
        return tuple(
            cls(article_id=copy.article_id, source=copy.source, same_story=True)
            for copy in hit.copies
        )


class HitOutput(_Part):
    """A passage that a question found. ``rank`` starts at 1; ``score`` orders the hits, higher
    first. Of a cluster of copies one is a hit; the others are named beside it.
    """

    rank: int
    score: float
    scores: HitScores
    passage: PassageOutput
    article: ArticleMention
    also_reported_by: tuple[OtherReport, ...] = ()

    @classmethod
    def of(cls, hit: Hit) -> Self:
        article = hit.passage.article
        return cls(
            rank=hit.rank,
            score=hit.score,
            scores=HitScores(
                dense=hit.scores.dense, lexical=hit.scores.lexical, rerank=hit.scores.rerank
            ),
            passage=PassageOutput.of(hit.passage),
            article=ArticleMention(
                id=article.id,
                title=article.title,
                source=article.source,
                url=article.url,
                published_at=article.published_at,
            ),
            also_reported_by=OtherReport.copies_of(hit),
        )


class AppliedFilters(_Part):
    """The filters that were taken from the question's own words; {} where it states none."""

    sources: tuple[str, ...] = Field(default=(), exclude_if=_empty)
    authors: tuple[str, ...] = Field(default=(), exclude_if=_empty)
    sections: tuple[str, ...] = Field(default=(), exclude_if=_empty)
    published_from: str | None = Field(default=None, exclude_if=_omitted)
    published_to: str | None = Field(default=None, exclude_if=_omitted)

    @classmethod
    def of(cls, stated: Filters) -> Self:
        return cls(
            sources=stated.sources,
            authors=stated.authors,
            sections=stated.sections,
            published_from=stated.published_from,
            published_to=stated.published_to,
        )

    @property
    def in_words(self) -> str:
        """Such as "by Jane Roe, in Reuters, published from 2022-03-01"; empty without any."""
        parts = []
        if self.authors:
            parts.append(f"by {' or '.join(self.authors)}")
        if self.sources:
            parts.append(f"in {' or '.join(self.sources)}")
        if self.sections:
            parts.append(f"in the section {' or '.join(self.sections)}")
        if self.published_from is not None:
            parts.append(f"published from {self.published_from}")
        if self.published_to is not None:
            parts.append(f"published to {self.published_to}")
        return ", ".join(parts)


class SearchOutput(_Part):
    """Passages that speak of a question, best first."""

    question: str
    applied_filters: AppliedFilters = AppliedFilters()
    hits: tuple[HitOutput, ...]

    @classmethod
    def of(cls, question: str, hits: Sequence[Hit], stated: Filters | None = None) -> Self:
        return cls(
            question=question,
            applied_filters=AppliedFilters.of(stated or Filters()),
            hits=tuple(HitOutput.of(hit) for hit in hits),
        )


class ShortAnswer(_Part):
    """The answer as a typed value; see `Figure` for ``value``, ``value_to`` and ``unit``."""

    text: str
    kind: AnswerKind
    value: str | None = None
    value_to: str | None = None
    unit: str | None = None
    bound: Bound | None = None


class StatementOutput(_Part):
    """``answer[start:end]``, one statement, and the numbers of the citations that support it."""

    text: str
    start: int
    end: int
    citations: tuple[int, ...]


class Item(_Part):
    """One of several answers, as a typed value, and the numbers of its citations."""

    text: str
    kind: AnswerKind
    value: str | None = None
    unit: str | None = None
    citations: tuple[int, ...]


class Candidate(_Part):
    """The best answer that was rejected. ``article_ids``: what it is from, which is no output."""

    text: str
    confidence: float
    article_ids: tuple[str, ...] = Field(default=(), exclude=True)


class Citation(_Part):
    """An exact quote: ``text[start:end] == quote`` in that version of that article.

    ``answer_start`` and ``answer_end`` are where in the article the short answer was read; only the
    citation that holds it has them. ``speaker`` is who says the quoted words, where the report
    names them. ``corrects`` is the id of the report that the cited one corrects.
    """

    n: int
    article_id: str
    version: str
    title: str | None
    source: str | None
    url: str | None
    published_at: str | None
    passage_id: int
    quote: str
    start: int
    end: int
    answer_start: int | None = Field(default=None, exclude_if=_omitted)
    answer_end: int | None = Field(default=None, exclude_if=_omitted)
    speaker: str | None = Field(default=None, exclude_if=_omitted)
    corrects: str | None = Field(default=None, exclude_if=_omitted)
    also_reported_by: tuple[OtherReport, ...] = ()


class AnswerFigure(_Part):
    """A figure of the answer, and the citation whose quote holds its value."""

    text: str
    kind: FigureKind
    value: str
    value_to: str | None
    unit: str | None
    bound: Bound
    status: FigureStatus
    citation: int | None


class TimelineEntry(_Part):
    """What a report of another day gives for the same figure."""

    value: str
    unit: str | None
    text: str
    published_at: str
    citation: int


class Disagreement(_Part):
    """What a report says instead."""

    text: str
    citations: tuple[int, ...]


class Coverage(_Part):
    """How much the archive holds as of the question's day, so that "not found" can be weighed.

    ``last_ingested_at``: when an article was last added or changed, ISO 8601; None before that was
    recorded.
    """

    articles: int
    newest_published_at: str | None
    last_ingested_at: str | None

    @property
    def in_words(self) -> str:
        """A sentence without its full stop: how many articles there are, and how recent."""
        articles = "1 article" if self.articles == 1 else f"{self.articles:,} articles"
        newest = self.newest_published_at
        recent = f", the newest of {newest[:10]}" if newest is not None else ""
        return f"The archive holds {articles}{recent}"


class Change(_Part):
    """What has happened to a report that an answer cites, or what another says since.

    ``article_id``: the report that changed; of a correction or a later report, that one.
    ``citation``: the number of the citation concerned, None where the answer cites nothing.
    """

    kind: Literal["newer_version", "amended", "correction", "withdrawn", "deleted", "later_report"]
    article_id: str
    citation: int | None
    published_at: str | None = None


class Currency(_Part):
    """Whether a stored answer still holds. "withdrawn": it rests on a report that may not be
    used any more. ``since``: when the archive received the earliest change, if it noted that.
    """

    state: Literal["current", "changed", "withdrawn"]
    since: str | None = None
    changes: tuple[Change, ...] = ()


class IndexState(_Part):
    generation: int
    embedder: str


class Answer(_Part):
    """The contract's Answer: quotes are exact, and ``answer`` is null where the archive does not
    say.

    ``form`` decides its shape. ``short_answer``: the typed value; of ``sentences`` and ``brief``
    the deciding clause; null for a list of several items. ``confidence`` is that of the first
    statement. ``reason_code`` of an answer: what the reports say of the question itself
    ("reports_say_unknown", "false_premise") or that they disagree.
    ``hits`` are sent on request, and always when nothing was found.
    """

    id: str
    question: str
    form: Form = "short"
    as_of: str | None
    known_at: str | None = None
    applied_filters: AppliedFilters = AppliedFilters()
    status: Status
    reason: str | None
    reason_code: ReasonCode | None = None
    answer: str | None
    statements: tuple[StatementOutput, ...] = ()
    short_answer: ShortAnswer | None
    items: tuple[Item, ...] = ()
    confidence: Annotated[float, Field(ge=0, le=1)]
    candidate: Candidate | None
    citations: tuple[Citation, ...]
    figures: tuple[AnswerFigure, ...]
    timeline: tuple[TimelineEntry, ...]
    disagreements: tuple[Disagreement, ...]
    independent_sources: int = 0  # behind the statements; copies count once
    coverage: Coverage | None = None
    model: str
    index: IndexState
    timings_ms: Mapping[str, float]
    hits: tuple[HitOutput, ...] | None = Field(default=None, exclude_if=_omitted)

    def without_hits(self) -> Self:
        """The answer as it is sent to a client that did not ask for hits; one that was not found
        keeps them.
        """
        return self if self.status == "not_found" else self.model_copy(update={"hits": None})


class StoredAnswer(Answer):
    """An answer that was given before, and whether it still holds."""

    currency: Currency

    @classmethod
    def with_currency(cls, answer: Answer, currency: Currency) -> Self:
        return cls(**dict(answer), currency=currency)
