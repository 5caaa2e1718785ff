"""Copying an archive from one store to another: every row as it is, nothing is embedded again.

Keys and ids stay the same, so versions keep their order and answers their citations. Rows are
copied in steps; a copy that was interrupted is marked in its manifest, and refused.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qa.archive.database import Database
from qa.archive.snapshot import Snapshot
from qa.archive.store import UNFINISHED, Store
from qa.errors import StorageFailed
from qa.language.sentences import Span

OnCopied = Callable[[int, int], None]
_STEP = 500  # rows
# Lines of the manifest that are the copy's own.
_OWN = frozenset({"archive_id", "schema", UNFINISHED})
_VERSION = (
    "key, article_id, version, current, origin, published, dated, source, section, language, title,"
    " published_at, text, record, status, embargoed, expires, corrects, received, rights"
)


@dataclass(frozen=True, slots=True)
class _Table:
    """A table: its columns, the first of which orders it. The rows of ``owned`` name the rows of
    this table in their first column.
    """

    name: str
    columns: str
    owned: "_Table | None" = None


_RUNS = _Table("runs", "version_key, run")
_COPIES = _Table("copies", "version_key, copy_key")
# In the order of their numbers, in steps: some have many rows.
_NUMBERED = (
    _Table("answers", "key, id, body, filters, hidden", _Table("quoted", "answer_key, article_id")),
    _Table(
        "jobs",
        "number, id, status, created_at, finished_at, error, total",
        _Table("job_articles", "job, position, record, result"),
    ),
    _Table(
        "watches",
        "number, id, question, form, filters, created_at, answer_id, fingerprint, passages,"
        " looked_at, generation",
        _Table(
            "watch_events",
            "watch, number, id, old_answer, new_answer, created_at, attempts, next_attempt,"
            " delivered_at",
        ),
    ),
    _Table("responses", "number, id, created_at, answer_id, details"),
    _Table(
        "audit",
        "number, asked_at, expires_at, interface, key_id, name, question, status, answer_id",
    ),
    _Table("asked", "number, day, expires_at, question, answered"),
)
# Few rows, under names.
_NAMED = (
    _Table(
        "keys",
        "id, name, digest, scopes, created_at, revoked_at, rights, questions_per_day,"
        " tokens_per_day",
    ),
    _Table("source_aliases", "alias, source"),
    _Table("feedback", "answer_id, given_by, verdict, correction, reason, given_at"),
    _Table(
        "feeds",
        "url, kind, every, etag, last_modified, added_at, last_checked_at, last_success_at,"
        " last_outcome, ok, next_due, checks, articles",
        _Table("feed_items", "feed, guid, digest, article_id, failures"),
    ),
)


def copy_archive(snapshot: Snapshot, target: Store, on_copied: OnCopied = lambda *_: None) -> None:
    """Copy all that a snapshot holds to a store that was just created.

    ``on_copied`` is given how many versions are copied, of how many. Raises StorageFailed where the
    copy differs in the end.
    """
    source = snapshot.database
    versions, done = snapshot.size().versions, 0
    with target.writing() as writer:
        writer.note(UNFINISHED, "copy")
    for rows in _pages(source, _Table("versions", _VERSION)):
        _copy_versions(snapshot, target, rows)
        done += len(rows)
        on_copied(done, versions)
    with target.aside() as database:
        for keys in _pages(source, _Table("versions", "key")):
            _copy_owned(source, database, _COPIES, keys)
        for table in _NUMBERED:
            for rows in _pages(source, table):
                _copy_rows(source, database, table, rows)
        for table in _NAMED:
            rows = source.execute(f"SELECT {table.columns} FROM {table.name}").fetchall()
            _copy_rows(source, database, table, rows)
    with target.writing() as writer:
        for key, value in snapshot.manifest.items():
            if key not in _OWN:
                writer.note(key, value)
        writer.resume(snapshot.numbers(), snapshot.last_passage)
        # The end of this write raises it, and so does the next.
        writer.note("generation", str(snapshot.generation - 2))
    _compare(snapshot, target)
    with target.writing() as writer:
        writer.note(UNFINISHED, None)


def built_with(snapshot: Snapshot) -> tuple[str, str, int]:
    """The embedder of an archive: its name, its digest, and the dimension of its vectors."""
    manifest = snapshot.manifest
    return manifest["embedder"], manifest["embedder_digest"], int(manifest["dimension"])


def _copy_versions(snapshot: Snapshot, target: Store, rows: Sequence[Sequence[Any]]) -> None:
    source = snapshot.database
    keys = [row[0] for row in rows]
    placed = source.execute(
        'SELECT version_key, id, start, "end" FROM passages WHERE version_key IN :keys ORDER BY id',
        {"keys": keys},
    ).fetchall()
    ids = np.array([row[1] for row in placed], dtype=np.int64)
    vectors = snapshot.vectors(ids, int(snapshot.manifest["dimension"]))
    belonging: dict[int, list[int]] = {}
    for place, row in enumerate(placed):
        belonging.setdefault(row[0], []).append(place)
    with target.writing() as writer:
        for row in rows:
            places = belonging.get(row[0], [])
            spans: list[Span] = [(placed[place][2], placed[place][3]) for place in places]
            columns = dict(zip(_VERSION.split(", "), row, strict=True))
            writer.restore(columns, ids[places].tolist(), spans, vectors[places])
        _copy_owned(source, writer.database, _RUNS, rows)


def _pages(source: Database, table: _Table) -> Iterator[list[Any]]:
    """The rows of a table by ascending number."""
    number = table.columns.partition(",")[0]
    after = 0
    while True:
        rows = source.execute(
            f"SELECT {table.columns} FROM {table.name} WHERE {number} > ?"
            f" ORDER BY {number} LIMIT ?",
            (after, _STEP),
        ).fetchall()
        if not rows:
            return
        yield rows
        after = rows[-1][0]


def _copy_rows(
    source: Database, target: Database, table: _Table, rows: Sequence[Sequence[Any]]
) -> None:
    _insert(target, table, rows)
    if table.owned is not None:
        _copy_owned(source, target, table.owned, rows)


def _copy_owned(
    source: Database, target: Database, table: _Table, owners: Sequence[Sequence[Any]]
) -> None:
    """Copy the rows that belong to ``owners``, whose first column they name."""
    owner = table.columns.partition(",")[0]
    rows = source.execute(
        f"SELECT {table.columns} FROM {table.name} WHERE {owner} IN :owners",
        {"owners": [row[0] for row in owners]},
    ).fetchall()
    _insert(target, table, rows)


def _insert(target: Database, table: _Table, rows: Sequence[Sequence[Any]]) -> None:
    names = table.columns.split(", ")
    if "ok" in names:  # SQLite has no truth values
        place = names.index("ok")
        rows = [
            [*row[:place], None if row[place] is None else bool(row[place]), *row[place + 1 :]]
            for row in rows
        ]
    marks = ", ".join("?" * len(names))
    target.executemany(f"INSERT INTO {table.name} ({table.columns}) VALUES ({marks})", rows)


def _compare(snapshot: Snapshot, target: Store) -> None:
    with target.snapshot() as copy:
        wanted, found = _summary(snapshot), _summary(copy)
    differing = [name for name, value in wanted.items() if found[name] != value]
    if differing:
        raise StorageFailed(f"the copy in {target.place} differs: {', '.join(differing)}")


def is_empty(snapshot: Snapshot) -> bool:
    """Return True if the archive holds nothing that a copy could meet."""
    return not snapshot.generation and not any(_counts(snapshot).values())


def _summary(snapshot: Snapshot) -> dict[str, object]:
    return {
        "fingerprint": snapshot.fingerprint(),
        "articles": snapshot.size(),
        **_counts(snapshot),
    }


def _counts(snapshot: Snapshot) -> dict[str, int]:
    return {
        table.name: snapshot.database.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]
        for top in (*_NUMBERED, *_NAMED, _RUNS, _COPIES)
        for table in (top, top.owned)
        if table is not None
    }
