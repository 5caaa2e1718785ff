"""Sources and their aliases: "BBC News" and "bbc.co.uk" are one publisher, if somebody says so."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from qa.archive.database import Database
from qa.errors import BadInput, NotFound
from qa.types import instant

_LONGEST = 500  # characters, as in a filter


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What the archive holds under one name of a source; see `Snapshot.sources`."""

    name: str | None
    articles: int
    oldest: str | None
    newest: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher: its ``name``, None for articles that name no source, and its ``aliases``."""

    name: str | None
    aliases: tuple[str, ...]
    articles: int
    oldest_published_at: str | None
    newest_published_at: str | None


def add_alias(database: Database, alias: str, source: str) -> None:
    """From now on ``alias`` is another name of ``source``, in filters and counts.

    The source may be an alias itself, the alias may have aliases: all become names of one source.
    Raises BadInput.
    """
    alias, source = _checked(alias), _checked(source)
    known = aliases_in(database)
    source = known.get(source.casefold(), source)
    if alias.casefold() == source.casefold():
        raise BadInput(f"'{alias}' and '{source}' are one name already")
    moved = [name for name, target in known.items() if target.casefold() == alias.casefold()]
    database.executemany(
        "INSERT INTO source_aliases (alias, source) VALUES (?, ?)"
        " ON CONFLICT (alias) DO UPDATE SET source = excluded.source",
        [(name, source) for name in (*moved, alias.casefold())],
    )


def remove_alias(database: Database, alias: str) -> None:
    """Raises NotFound."""
    removed = database.execute(
        "DELETE FROM source_aliases WHERE alias = ?", (" ".join(alias.split()).casefold(),)
    )
    if removed.rowcount == 0:
        raise NotFound(f"'{alias}' is not an alias")


def aliases_in(database: Database) -> dict[str, str]:
    """Every alias, in lower case, with the name of its source."""
    return dict(database.execute("SELECT alias, source FROM source_aliases ORDER BY alias"))


def all_names(wanted: Sequence[str], aliases: dict[str, str]) -> tuple[str, ...]:
    """The sources that a filter names, and all their other names."""
    if not (wanted and aliases):
        return tuple(wanted)
    names = dict.fromkeys(aliases.get(name.casefold(), name) for name in wanted)
    sources = {name.casefold() for name in names}
    others = [alias for alias, source in aliases.items() if source.casefold() in sources]
    return (*names, *others)


def merged(rows: Collection[SourceRow], aliases: dict[str, str]) -> list[Source]:
    """The sources, those with the most articles first; names that differ in case are one."""
    groups: dict[str | None, list[SourceRow]] = {}
    spelled: dict[str | None, str | None] = {}
    for row in sorted(rows, key=lambda row: (-row.articles, row.name or "")):
        name = None if row.name is None else aliases.get(row.name.casefold(), row.name)
        key = None if name is None else name.casefold()
        spelled.setdefault(key, name)
        groups.setdefault(key, []).append(row)
    sources = [_merge(spelled[key], group, aliases) for key, group in groups.items()]
    return sorted(sources, key=lambda source: (-source.articles, source.name or ""))


def _merge(name: str | None, rows: Sequence[SourceRow], aliases: dict[str, str]) -> Source:
    days = [day for row in rows for day in (row.oldest, row.newest) if day is not None]
    own = () if name is None else (
        alias for alias, source in aliases.items() if source.casefold() == name.casefold()
    )  # fmt: skip
    return Source(
        name=name,
        aliases=tuple(own),
        articles=sum(row.articles for row in rows),
        oldest_published_at=min(days, key=instant, default=None),
        newest_published_at=max(days, key=instant, default=None),
    )


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST:
        raise BadInput(f"the name of a source has 1 to {_LONGEST} characters")
    return name
