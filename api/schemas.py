"""The wire: requests as frozen pydantic models, and the forms of what is answered, which `qa.contract` makes."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr
from typing_extensions import TypedDict

from qa.types import Filters


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FilterRequest(_Wire):
    """Which articles may be seen."""

    sources: tuple[StrictStr, ...] = Field(default=(), max_length=100)
    languages: tuple[StrictStr, ...] = Field(default=(), max_length=100)
    published_from: StrictStr | None = None
    published_to: StrictStr | None = None


class RetrieveRequest(_Wire):
    """A question, how many hits, and what may be seen."""

    question: StrictStr
    k: StrictInt = 10
    as_of: StrictStr | None = None
    include_undated: StrictBool = False
    filters: FilterRequest = FilterRequest()

    def to_filters(self) -> Filters:
        return Filters(
            as_of=self.as_of,
            include_undated=self.include_undated,
            sources=self.filters.sources,
            languages=self.filters.languages,
            published_from=self.filters.published_from,
            published_to=self.filters.published_to,
        )


class AskRequest(RetrieveRequest):
    """A question to be answered; with ``stream`` as server-sent events."""

    stream: StrictBool = False
    include_hits: StrictBool = False
    min_confidence: Annotated[StrictFloat | StrictInt, Field(ge=0, le=1)] | None = None


class PassageOutput(TypedDict):
    id: int
    text: str
    start: int
    end: int


class ArticleMention(TypedDict):
    id: str
    title: str | None
    source: str | None
    url: str | None
    published_at: str | None


class HitOutput(TypedDict):
    rank: int
    score: float
    scores: dict[str, float | None]
    passage: PassageOutput
    article: ArticleMention


class SearchOutput(TypedDict):
    """Passages that speak of a question, best first."""

    question: str
    hits: list[HitOutput]


class ArticleOutput(TypedDict):
    """One article. Offsets of citations count the code points of ``text``."""

    id: str
    version: str
    title: str | None
    text: str
    published_at: str | None
    updated_at: str | None
    source: str | None
    authors: list[str]
    url: str | None
    language: str | None
    extra: dict[str, Any]


class AnswerOutput(TypedDict):
    """The contract's Answer: quotes are exact, and ``answer`` is null where the archive does not tell."""

    id: str
    question: str
    as_of: str | None
    status: Literal["answered", "not_found"]
    reason: str | None
    answer: str | None
    short_answer: dict[str, Any] | None
    confidence: float
    candidate: dict[str, Any] | None
    citations: list[dict[str, Any]]
    figures: list[dict[str, Any]]
    timeline: list[dict[str, Any]]
    disagreements: list[dict[str, Any]]
    model: str
    index: dict[str, Any]
    timings_ms: dict[str, float]


class ArticleListing(TypedDict):
    """Articles without their text; ``next_cursor`` leads on, null on the last page."""

    articles: list[dict[str, Any]]
    next_cursor: str | None


class JobOutput(TypedDict):
    """``results``: what became of each article that is done, in their order."""

    id: str
    status: Literal["queued", "running", "done", "failed"]
    created_at: str
    finished_at: str | None
    error: str | None
    total: int
    done: int
    results: list[dict[str, Any]]


class StoredOutput(TypedDict):
    """How many articles were added, updated, amended or unchanged, and what became of each."""

    added: int
    updated: int
    amended: int
    unchanged: int
    results: list[dict[str, Any]]
