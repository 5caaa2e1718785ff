"""What an ingest does with each article, given what the store holds, and in which windows. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from qa.ingest.files import Read, Skipped, version_of
from qa.ingest.passages import TARGET_WORDS
from qa.types import StoredArticle

FIRST_WINDOW = 64  # passages, about a second of embedding on two idle cores
WINDOW = 1024  # passages, once the windows have grown

# amended: same title and text, other metadata
Status = Literal["added", "updated", "amended", "unchanged", "skipped"]


@dataclass(frozen=True, slots=True)
class Known:
    """What the store holds of an article: its newest version, and the path it last came from."""

    stored: StoredArticle
    origin: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one article. ``moved``: nothing changed but the path that it came from."""

    read: Read
    status: Status
    moved: bool = False

    @property
    def embeds(self) -> bool:
        """Return True if the article's passages must be embedded."""
        return self.status in ("added", "updated")

    @property
    def writes(self) -> bool:
        """Return True if anything must be written."""
        return self.moved or self.status != "unchanged"


def plan(read: Read, known: Known | None) -> Step:
    """Compare an article with what is known of it."""
    if known is None:
        return Step(read, "added")
    if known.stored.version != version_of(read.article):
        return Step(read, "updated")
    if known.stored.article != read.article:
        return Step(read, "amended")
    return Step(read, "unchanged", moved=known.origin != read.origin)


def distinct(reads: Iterable[Read | Skipped]) -> Iterator[Read | Skipped]:
    """The same items; of several articles with one id, all but the first are skipped."""
    places: dict[str, str] = {}
    for item in reads:
        if isinstance(item, Read):
            identity = item.article.id
            if identity in places:
                reason = f"id '{identity}' was already read at {places[identity]}"
                yield Skipped(item.place, reason)
                continue
            places[identity] = item.place
        yield item


def windows(items: Iterable[Read | Skipped]) -> Iterator[list[Read | Skipped]]:
    """The items in runs of about `FIRST_WINDOW` passages, then of twice as many, up to `WINDOW`."""
    limit = min(FIRST_WINDOW, WINDOW)
    window: list[Read | Skipped] = []
    size = 0
    for item in items:
        window.append(item)
        size += _expected_passages(item)
        if size >= limit:
            yield window
            window, size, limit = [], 0, min(2 * limit, WINDOW)
    if window:
        yield window


def _expected_passages(item: Read | Skipped) -> int:
    """As many as `split` will make, or nearly."""
    if isinstance(item, Skipped):
        return 1
    return max(1, round(len(item.article.text.split()) / TARGET_WORDS))
