"""The feeds and sitemaps that an archive follows, and what it has read from each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from typing_extensions import TypedDict

from qa.archive.store import Store
from qa.errors import BadInput, NotFound
from qa.types import iso_instant

FeedKind = Literal["feed", "sitemap"]
MOST_FAILURES = 5  # after which an entry is left alone until it changes
_COLUMNS = (
    "url, kind, every, etag, last_modified, added_at, last_checked_at, last_success_at,"
    " last_outcome, ok, next_due, checks, articles"
)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that is followed. Times are seconds since 1970; None: never.

    ``ok``: whether its last check succeeded, None before the first; ``last_outcome`` says how in
    one line. ``articles``: how many were added or updated from it in all.
    """

    url: str
    kind: FeedKind
    every: int  # seconds between two checks
    etag: str | None
    last_modified: str | None
    added_at: float
    last_checked_at: float | None
    last_success_at: float | None
    last_outcome: str | None
    ok: bool | None
    next_due: float
    checks: int
    articles: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check of a feed found. A failed one leaves the validators as they were."""

    outcome: str
    ok: bool
    next_due: float
    articles: int = 0
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry that was read: how it looked then, and how often it failed since."""

    digest: str
    article_id: str | None  # None: not stored
    failures: int = 0

    def settles(self, digest: str) -> bool:
        """Return True if an entry that looks so need not be read again."""
        done = self.article_id is not None or self.failures >= MOST_FAILURES
        return self.digest == digest and done


def add_feed(store: Store, url: str, kind: FeedKind, every: int) -> Feed:
    """Follow a feed, from now on. Raises BadInput when it is followed already."""
    now = store.clock().timestamp()
    with store.aside() as database:
        added = database.execute(
            "INSERT INTO feeds (url, kind, every, added_at, next_due) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (url) DO NOTHING",
            (url, kind, every, now, now),
        )
        if added.rowcount == 0:
            raise BadInput(f"{url} is followed already")
    return find_feed(store, url)


def remove_feed(store: Store, url: str) -> None:
    """Follow a feed no more; its articles stay. Raises NotFound."""
    with store.aside() as database:
        if database.execute("DELETE FROM feeds WHERE url = ?", (url,)).rowcount == 0:
            raise NotFound(f"{url} is not followed; see: dateline follow list")


def find_feed(store: Store, url: str) -> Feed:
    """Raises NotFound."""
    found = [feed for feed in list_feeds(store) if feed.url == url]
    if not found:
        raise NotFound(f"{url} is not followed; see: dateline follow list")
    return found[0]


def list_feeds(store: Store) -> list[Feed]:
    """All feeds, in the order in which they were added."""
    with store.reading() as database:
        rows = database.execute(f"SELECT {_COLUMNS} FROM feeds ORDER BY added_at, url")
        return [_feed(row) for row in rows]


def note_check(store: Store, url: str, checked: Checked) -> None:
    """Store what a check found. A feed that was removed meanwhile stays removed."""
    now = store.clock().timestamp()
    with store.aside() as database:
        database.execute(
            "UPDATE feeds SET last_checked_at = :now, last_outcome = :outcome, ok = :ok,"
            " next_due = :next_due, checks = checks + 1, articles = articles + :articles"
            " WHERE url = :url",
            {
                "url": url,
                "now": now,
                "outcome": checked.outcome,
                "ok": checked.ok,
                "next_due": checked.next_due,
                "articles": checked.articles,
            },
        )
        if checked.ok:
            database.execute(
                "UPDATE feeds SET last_success_at = ?, etag = ?, last_modified = ? WHERE url = ?",
                (now, checked.etag, checked.last_modified, url),
            )


def seen_items(store: Store, url: str) -> dict[str, Seen]:
    """What was read of a feed before, by guid."""
    with store.reading() as database:
        rows = database.execute(
            "SELECT guid, digest, article_id, failures FROM feed_items WHERE feed = ?", (url,)
        )
        return {guid: Seen(digest, article, failures) for guid, digest, article, failures in rows}


def note_items(store: Store, url: str, items: Mapping[str, Seen]) -> None:
    """Store what was read; does nothing for a feed that was removed meanwhile."""
    with store.aside() as database:
        database.executemany(
            "INSERT INTO feed_items (feed, guid, digest, article_id, failures)"
            " SELECT url, ?, ?, ?, ? FROM feeds WHERE url = ?"
            " ON CONFLICT (feed, guid) DO UPDATE SET digest = excluded.digest,"
            " article_id = excluded.article_id, failures = excluded.failures",
            [
                (guid, seen.digest, seen.article_id, seen.failures, url)
                for guid, seen in items.items()
            ],
        )


class FeedOutput(TypedDict):
    """A feed as it is shown; times are ISO 8601, null: never. ``ok``: how its last check went."""

    url: str
    kind: FeedKind
    every_seconds: int
    ok: bool | None
    last_outcome: str | None
    last_checked_at: str | None
    last_success_at: str | None
    next_due_at: str
    checks: int
    articles: int


def feed_json(feed: Feed) -> FeedOutput:
    """The feed as it is shown."""
    return {
        "url": feed.url,
        "kind": feed.kind,
        "every_seconds": feed.every,
        "ok": feed.ok,
        "last_outcome": feed.last_outcome,
        "last_checked_at": _iso(feed.last_checked_at),
        "last_success_at": _iso(feed.last_success_at),
        "next_due_at": iso_instant(feed.next_due),
        "checks": feed.checks,
        "articles": feed.articles,
    }


def _iso(moment: float | None) -> str | None:
    return None if moment is None else iso_instant(moment)


def _feed(row: Sequence[object]) -> Feed:
    values = dict(zip(Feed.__dataclass_fields__, row, strict=True))
    ok = values.pop("ok")
    return Feed(**values, ok=None if ok is None else bool(ok))  # type: ignore[arg-type]  # columns of these types
