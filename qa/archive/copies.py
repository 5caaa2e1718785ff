"""Which versions are copies of which. Every function works inside the caller's transaction.

Pairs are stored, as `qa.ingest.copies.are_copies` finds them, so that the order of arrival does not
matter and a deletion takes its pairs along. A cluster is what hangs together by them among the
versions that a question may see: what it may not see joins nothing.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from qa import tuning
from qa.archive.database import Database
from qa.archive.visibility import Visible
from qa.ingest.copies import Fingerprint, are_copies
from qa.types import StoredArticle

_CANDIDATES = 32  # versions that a new one is compared with, those that share most runs
_APART = 32  # and, beyond these, of the versions that are not in its cluster yet
_COMMON = 200  # versions that are looked at for one run, the newest: some runs are in every report


# The versions with these keys.
Fetch = Callable[[Sequence[int]], Iterable[StoredArticle]]


@dataclass(frozen=True, slots=True)
class Copy:
    """A version, as it is named beside one that it is a copy of."""

    key: int
    article_id: str
    source: str | None
    published: float | None  # seconds since 1970

    @property
    def age(self) -> tuple[float, str]:
        """Sorts the earliest first, undated ones last."""
        return float("inf") if self.published is None else self.published, self.article_id


def link(database: Database, stored: StoredArticle, fetch: Fetch) -> None:
    """Store a version's runs, and its pairs with the versions that are there."""
    fingerprint = Fingerprint(stored.article)
    database.executemany(
        "INSERT INTO runs (run, version_key) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(run, stored.key) for run in fingerprint.sample],
    )
    candidates = _candidates(database, stored.key, fingerprint.sample)
    for other in fetch(candidates[:_CANDIDATES]):
        _pair(database, stored, fingerprint, other)
    _join(database, stored, fingerprint, candidates[_CANDIDATES:], fetch)


def unlink(database: Database, key: int) -> None:
    """Forget a version's pairs, but not its runs."""
    database.execute("DELETE FROM copies WHERE version_key = :key OR copy_key = :key", {"key": key})


def forget(database: Database, key: int) -> None:
    """Forget a version's runs and pairs."""
    unlink(database, key)
    database.execute("DELETE FROM runs WHERE version_key = ?", (key,))


def forget_all(database: Database) -> None:
    """Forget every version's runs and pairs."""
    database.execute("DELETE FROM copies")
    database.execute("DELETE FROM runs")


def clusters(
    database: Database, keys: Collection[int], seen: Visible
) -> Mapping[int, tuple[Copy, ...]]:
    """By version, the others of its cluster, earliest first; versions without copies are left out.

    ``seen``: the versions that may be seen.
    """
    pairs = database.execute(
        "WITH RECURSIVE reached (key) AS (SELECT key FROM versions WHERE key IN :keys UNION"
        " SELECT copy_key FROM reached JOIN copies ON version_key = reached.key)"
        " SELECT version_key, copy_key FROM reached JOIN copies ON version_key = reached.key",
        {"keys": list(keys)},
    ).fetchall()
    if not pairs:
        return {}
    members = _visible(database, {key for key, _ in pairs}, seen)
    linked: dict[int, set[int]] = defaultdict(set)
    for key, other in pairs:
        if key in members and other in members:
            linked[key].add(other)
    found = {}
    for key in keys:
        others = _reached(key, linked) - {key}
        if others:
            found[key] = tuple(
                sorted((members[other] for other in others), key=lambda one: one.age)
            )
    return found


def are_linked(database: Database, article_id: str, other_id: str) -> bool:
    """Return True if versions of two articles are in one cluster, whatever may be seen."""
    row = database.execute(
        "WITH RECURSIVE reached (key) AS (SELECT key FROM versions WHERE article_id = :one UNION"
        " SELECT copy_key FROM reached JOIN copies ON version_key = reached.key)"
        " SELECT EXISTS (SELECT 1 FROM reached JOIN versions USING (key)"
        " WHERE article_id = :other)",
        {"one": article_id, "other": other_id},
    ).fetchone()
    return bool(row[0])


def _join(
    database: Database,
    stored: StoredArticle,
    fingerprint: Fingerprint,
    others: Sequence[int],
    fetch: Fetch,
) -> None:
    """Pair a version with others that are not in its cluster.

    In a story of hundreds of copies and follow-ups the nearest are all of one kind, and clusters
    would fall apart by the order of arrival.
    """
    if not others:
        return
    joined = _cluster(database, stored.key)
    compared = 0
    for key in others:
        if key in joined:
            continue
        for other in fetch([key]):
            if _pair(database, stored, fingerprint, other):
                joined |= _cluster(database, key)
        compared += 1
        if compared == _APART:
            return


def _pair(
    database: Database,
    stored: StoredArticle,
    fingerprint: Fingerprint,
    other: StoredArticle,
) -> bool:
    """Store two versions as a pair if they are copies; return whether they are."""
    if other.article.id == stored.article.id:
        return False  # its versions are never seen at once
    if not are_copies(fingerprint, Fingerprint(other.article)):
        return False
    database.executemany(
        "INSERT INTO copies (version_key, copy_key) VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(stored.key, other.key), (other.key, stored.key)],
    )
    return True


def _cluster(database: Database, key: int) -> set[int]:
    """The version and all that hang together with it."""
    rows = database.execute(
        "WITH RECURSIVE reached (key) AS (SELECT CAST(? AS BIGINT) UNION"
        " SELECT copy_key FROM reached JOIN copies ON version_key = reached.key)"
        " SELECT key FROM reached",
        (key,),
    )
    return {row[0] for row in rows}


def _candidates(database: Database, key: int, sample: Collection[int]) -> list[int]:
    """The other versions that share most of these runs, best first."""
    # One statement for all: a database server is asked 48 times otherwise.
    newest = " UNION ALL ".join(
        "SELECT version_key FROM (SELECT version_key FROM runs WHERE run = ?"
        f" ORDER BY version_key DESC LIMIT {_COMMON}) AS run{place}"
        for place in range(len(sample))
    )
    shared = Counter(row[0] for row in database.execute(newest, list(sample))) if sample else {}
    enough = [
        other for other, count in shared.items() if count >= tuning.SHARED_SAMPLE and other != key
    ]
    return sorted(enough, key=lambda other: (-shared[other], other))


def _visible(database: Database, keys: Collection[int], seen: Visible) -> dict[int, Copy]:
    rows = database.execute(
        "SELECT key, article_id, source, published FROM versions"
        f" WHERE key IN :members AND {seen.where}",
        {**seen.values, "members": list(keys)},
    )
    return {copy.key: copy for copy in (Copy(*row) for row in rows)}


def _reached(start: int, linked: Mapping[int, Collection[int]]) -> set[int]:
    """The start and what hangs together with it."""
    reached = {start}
    waiting = deque([start])
    while waiting:
        for other in linked.get(waiting.popleft(), ()):
            if other not in reached:
                reached.add(other)
                waiting.append(other)
    return reached
