"""Requests, and responses other than the answer (see `qa.answer`), as pydantic models."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr
from typing_extensions import TypedDict

from qa.archive.snapshot import Snapshot
from qa.question import LONGEST_FILTER, LONGEST_QUESTION, Question
from qa.types import ArticleStatus, Filters, Form, Passage, StoredArticle

_Value = Annotated[StrictStr, Field(max_length=LONGEST_FILTER)]
_Earlier = Annotated[StrictStr, Field(max_length=LONGEST_QUESTION)]


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FilterRequest(_Wire):
    """Which articles may be seen."""

    sources: tuple[_Value, ...] = Field(default=(), max_length=100)
    authors: tuple[_Value, ...] = Field(default=(), max_length=100)
    sections: tuple[_Value, ...] = Field(default=(), max_length=100)
    languages: tuple[_Value, ...] = Field(default=(), max_length=100)
    article_ids: tuple[_Value, ...] = Field(default=(), max_length=100)
    published_from: _Value | None = None
    published_to: _Value | None = None


class RetrieveRequest(_Wire):
    """A question, how many hits, and which articles may be seen."""

    question: StrictStr
    k: StrictInt = 10
    as_of: _Value | None = None
    known_at: _Value | None = None
    include_undated: StrictBool = False
    filters: FilterRequest = FilterRequest()

    def to_question(self) -> Question:
        """Raises BadInput."""
        return Question.parse(self.question, self._filters(), k=self.k)

    def _filters(self) -> Filters:
        return Filters(
            as_of=self.as_of,
            known_at=self.known_at,
            include_undated=self.include_undated,
            **dict(self.filters),
        )


class WatchRequest(_Wire):
    """A question that is asked again and again, and which articles may be seen."""

    question: StrictStr
    form: Form | None = None
    include_undated: StrictBool = False
    filters: FilterRequest = FilterRequest()

    def to_filters(self) -> Filters:
        return Filters(include_undated=self.include_undated, **dict(self.filters))


class AskRequest(RetrieveRequest):
    """A question to be answered; with ``stream`` as server-sent events.

    ``form``: the form of the answer; null reads it off the question. ``history``: the earlier
    questions of the conversation, oldest first, which complete a question that refers to them.
    """

    form: Form | None = None
    history: tuple[_Earlier, ...] = Field(default=(), max_length=100)
    stream: StrictBool = False
    include_hits: StrictBool = False
    min_confidence: Annotated[StrictFloat | StrictInt, Field(ge=0, le=1)] | None = None

    def to_question(self, completed: str | None = None) -> Question:
        """``completed``: the question as its ``history`` completes it. Raises BadInput."""
        return Question.parse(
            self.question if completed is None else completed,
            self._filters(),
            form=self.form,
            k=self.k,
            min_confidence=self.min_confidence,
        )


class _Output(BaseModel):
    model_config = ConfigDict(frozen=True)


class ArticleSummary(_Output):
    """One version of an article without its text. ``extra``: keys that Dateline does not use."""

    id: str
    version: str
    title: str | None
    published_at: str | None
    updated_at: str | None
    source: str | None
    authors: tuple[str, ...]
    section: str | None
    url: str | None
    language: str | None
    status: ArticleStatus
    embargoed_until: str | None
    expires_at: str | None
    corrects: str | None
    rights: str | None
    extra: Mapping[str, Any]

    @classmethod
    def of(cls, stored: StoredArticle) -> Self:
        fields = stored.article.model_dump(include=cls.model_fields.keys() - {"version"})
        return cls(version=stored.version, **fields)


class ArticleOutput(ArticleSummary):
    """One version of an article. Offsets of citations count the code points of ``text``.

    ``corrected_by``: the ids of the articles that correct it.
    """

    text: str
    corrected_by: tuple[str, ...]

    @classmethod
    def read(cls, snapshot: Snapshot, article_id: str, version: str | None = None) -> Self:
        """An article as a reader may see it. Raises NotFound."""
        return cls.with_corrections(snapshot, snapshot.article(article_id, version))

    @classmethod
    def with_corrections(cls, snapshot: Snapshot, stored: StoredArticle) -> Self:
        """An article as it is stored, with the corrections that a reader may see."""
        article = stored.article
        fields = article.model_dump(include=cls.model_fields.keys() - {"version", "corrected_by"})
        corrections = snapshot.corrections([article.id], Filters()).get(article.id, [])
        return cls(version=stored.version, corrected_by=tuple(corrections), **fields)


class PassageRecord(_Output):
    """One passage: ``text[start:end]`` of an article's version."""

    id: int
    article_id: str
    version: str
    text: str
    start: int
    end: int

    @classmethod
    def of(cls, passage: Passage) -> Self:
        return cls(
            id=passage.id,
            article_id=passage.article.id,
            version=passage.stored.version,
            text=passage.text,
            start=passage.start,
            end=passage.end,
        )


class ArticleListing(_Output):
    """Articles without their text; ``next_cursor`` leads on, null on the last page."""

    articles: list[ArticleSummary]
    next_cursor: str | None


class WatchOutput(TypedDict):
    """A standing question. ``answer_id``: its last answer; null before the first."""

    id: str
    question: str
    form: Form | None
    filters: dict[str, Any]
    created_at: str
    answer_id: str | None


class WatchListing(TypedDict):
    """All standing questions, oldest first."""

    watches: list[WatchOutput]


class JobOutput(TypedDict):
    """``results``: the result of each article that is done, in order."""

    id: str
    status: Literal["queued", "running", "done", "failed"]
    created_at: str
    finished_at: str | None
    error: str | None
    total: int
    done: int
    results: list[dict[str, Any]]


class StoredOutput(TypedDict):
    """How many articles were added, updated, amended or unchanged, and the result of each."""

    added: int
    updated: int
    amended: int
    unchanged: int
    results: list[dict[str, Any]]
