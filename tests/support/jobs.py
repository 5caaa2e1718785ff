"""What tests of jobs share."""

from typing import Any

from qa.archive.archive import Archive
from qa.archive.jobs import work
from qa.types import Filters


def articles(count: int, word: str = "Rain") -> list[dict[str, Any]]:
    return [
        {"id": f"a{number}", "text": f"{word} fell on town {number}."} for number in range(count)
    ]


def step(archive: Archive) -> bool:
    return work(archive, 0.1)


def ids(archive: Archive) -> set[str]:
    with archive.store.snapshot() as snapshot:
        return {stored.article.id for stored in snapshot.articles(Filters(), 1000)}
