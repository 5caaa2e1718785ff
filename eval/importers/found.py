"""What an importer yields: articles, cases, and what it had to leave out."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from eval.cases import Split

_SPLITS: Mapping[str, Split] = {"train": "train", "dev": "dev", "validation": "dev", "test": "test"}


class Article(NamedTuple):
    """An article, in the keys of `articles.jsonl`. Title and text are checked on writing."""

    id: str
    text: object
    title: object = None
    url: str | None = None
    published_at: str | None = None
    updated_at: str | None = None


class Case(NamedTuple):
    """A case, in the keys of `EvalCase`, which it is checked against on writing.

    A key with None counts as missing.
    """

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


def split_in(name: str) -> Split | None:
    """The split that a name states, as in "dev-v2.0.json". None without one, or with several."""
    words = re.findall(r"[a-z]+", name.lower())
    stated = {_SPLITS[word] for word in words if word in _SPLITS}
    return stated.pop() if len(stated) == 1 else None
