"""Sources and their aliases: "BBC News" and "bbc.co.uk" are one publisher, if somebody says so."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from qa.archive.database import Database, raise_generation
from qa.errors import BadInput, NotFound
from qa.ingest.metadata.publisher import is_domain, is_word_of
from qa.language.limits.known import name_key, source_of
from qa.types import instant, iso_instant

_LONGEST = 500  # characters, as in a filter
_THE = re.compile(r"^the\s+(?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What the archive holds under one name of a source; see `Snapshot.sources`."""

    name: str | None
    articles: int
    oldest: str | None
    newest: str | None
    received: float | None  # seconds since 1970


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher: its ``name``, None for articles that name no source, and its ``aliases``.

    ``last_received_at``: when one of its articles last came in. ``perhaps``: the source that this
    domain may be another name of, by its words.
    """

    name: str | None
    aliases: tuple[str, ...]
    articles: int
    oldest_published_at: str | None
    newest_published_at: str | None
    last_received_at: str | None = None
    perhaps: str | None = None


def add_alias(database: Database, alias: str, source: str) -> None:
    """From now on ``alias`` is another name of ``source``, in filters and counts.

    The source may be an alias itself, the alias may have aliases: all become names of one source.
    Raises BadInput.
    """
    alias, source = _checked(alias), _checked(source)
    known = aliases_in(database)
    source = source_of(source, known)
    if name_key(alias) == name_key(source):
        raise BadInput(f"'{alias}' and '{source}' are one name already")
    moved = [name for name, target in known.items() if name_key(target) == name_key(alias)]
    database.executemany(
        "INSERT INTO source_aliases (alias, source) VALUES (?, ?)"
        " ON CONFLICT (alias) DO UPDATE SET source = excluded.source",
        [(name, source) for name in (*moved, alias.casefold())],
    )
    raise_generation(database)  # other articles are found under a filter now


def remove_alias(database: Database, alias: str) -> None:
    """Raises NotFound."""
    removed = database.execute(
        "DELETE FROM source_aliases WHERE alias = ?", (" ".join(alias.split()).casefold(),)
    )
    if removed.rowcount == 0:
        raise NotFound(f"'{alias}' is not an alias")
    raise_generation(database)  # other articles are found under a filter now


def aliases_in(database: Database) -> dict[str, str]:
    """Every alias, in lower case, with the name of its source."""
    return dict(database.execute("SELECT alias, source FROM source_aliases ORDER BY alias"))


def all_names(wanted: Sequence[str], aliases: Mapping[str, str]) -> tuple[str, ...]:
    """The sources that a filter names, by all their names, with "The" and without."""
    sources = {name_key(source_of(name, aliases)) for name in wanted}
    names = list(wanted)
    for alias, source in aliases.items():
        if name_key(source) in sources:
            names += [alias, source]
    bare = [_THE.sub("", name) for name in names]
    return tuple(dict.fromkeys([*names, *bare, *(f"The {name}" for name in bare)]))


def merged(rows: Collection[SourceRow], aliases: Mapping[str, str]) -> list[Source]:
    """The sources, those with the most articles first; names that differ in case or "The" are one.

    A source has the name that an alias leads to, else its most frequent spelling.
    """
    groups: dict[str | None, list[SourceRow]] = {}
    spelled: dict[str | None, str | None] = {}
    for row in sorted(rows, key=lambda row: (-row.articles, row.name or "")):
        name = None if row.name is None else source_of(row.name, aliases)
        key = None if name is None else name_key(name)
        spelled.setdefault(key, name)
        groups.setdefault(key, []).append(row)
    names = [name for name in spelled.values() if name is not None]
    sources = [
        _merge(spelled[key], group, aliases, _perhaps(spelled[key], names))
        for key, group in groups.items()
    ]
    return sorted(sources, key=lambda source: (-source.articles, source.name or ""))


def _merge(
    name: str | None, rows: Sequence[SourceRow], aliases: Mapping[str, str], perhaps: str | None
) -> Source:
    days = [day for row in rows for day in (row.oldest, row.newest) if day is not None]
    received = [row.received for row in rows if row.received is not None]
    own = [
        alias
        for alias, source in aliases.items()
        if name is not None and name_key(source) == name_key(name)
    ]
    return Source(
        name=name,
        aliases=tuple(own),
        articles=sum(row.articles for row in rows),
        oldest_published_at=min(days, key=instant, default=None),
        newest_published_at=max(days, key=instant, default=None),
        last_received_at=iso_instant(max(received)) if received else None,
        perhaps=perhaps,
    )


def _perhaps(name: str | None, names: Sequence[str]) -> str | None:
    """The one source whose name is the word of this domain, or None."""
    if name is None or not is_domain(name):
        return None
    alike = [other for other in names if not is_domain(other) and is_word_of(other, name)]
    return alike[0] if len(alike) == 1 else None


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST:
        raise BadInput(f"the name of a source has 1 to {_LONGEST} characters")
    return name
