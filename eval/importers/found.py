"""What an importer yields: articles, cases, and what it had to leave out."""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple


class Article(NamedTuple):
    """An article, in the keys of `articles.jsonl`. Title and text are checked on writing."""

    id: str
    text: object
    title: object = None
    url: str | None = None
    published_at: str | None = None
    updated_at: str | None = None


class Case(NamedTuple):
    """A case, in the keys of `EvalCase`, which it is checked against on writing."""

    id: str
    fields: Mapping[str, Any]


class Skipped(NamedTuple):
    """Something that could not be used: where, and why."""

    reason: str


Found = Article | Case | Skipped


def digest(text: object) -> str:
    """An id for a text without one: equal for texts that differ only in white space."""
    words = " ".join(str(text).split())
    return hashlib.sha256(words.encode()).hexdigest()[:16]
