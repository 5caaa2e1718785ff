"""The wire: requests as frozen pydantic models, answers as plain JSON-ready dicts of the contract's form."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from qa.types import Answer, Filters, Hit, Passage, StoredArticle


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


def hit_json(hit: Hit) -> dict[str, Any]:
    article = hit.passage.article
    scores = {"dense": hit.scores.dense, "lexical": hit.scores.lexical}
    if hit.scores.rerank is not None:
        scores["rerank"] = hit.scores.rerank
    return {
        "rank": hit.rank,
        "score": hit.score,
        "scores": scores,
        "passage": {
            "id": hit.passage.id,
            "text": hit.passage.text,
            "start": hit.passage.start,
            "end": hit.passage.end,
        },
        "article": {
            "id": article.id,
            "title": article.title,
            "source": article.source,
            "url": article.url,
            "published_at": article.published_at,
        },
    }


def hits_json(question: str, hits: Sequence[Hit]) -> dict[str, Any]:
    return {"question": question, "hits": [hit_json(hit) for hit in hits]}


def answer_json(answer: Answer, *, include_hits: bool = False) -> dict[str, Any]:
    fields = {name: _plain(getattr(answer, name)) for name in Answer.__dataclass_fields__ if name != "hits"}
    for citation in fields["citations"]:
        if citation["answer_start"] is None:  # only the short answer's citation carries them
            del citation["answer_start"], citation["answer_end"]
    if include_hits:
        fields["hits"] = [hit_json(hit) for hit in answer.hits]
    return fields


def article_json(stored: StoredArticle, *, text: bool = True) -> dict[str, Any]:
    """An article with its version; other keys that its record carried are under ``extra``."""
    fields = stored.article.model_dump(mode="json")
    if not text:
        del fields["text"]
    return {"id": fields.pop("id"), "version": stored.version, **fields}


def passage_json(passage: Passage) -> dict[str, Any]:
    return {
        "id": passage.id,
        "article_id": passage.article.id,
        "version": passage.stored.version,
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
    }


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
