"""The contract's JSON forms of what we make: the same for the command line, HTTP, events and evaluation runs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from qa.types import Answer, Hit, Passage, StoredArticle


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
