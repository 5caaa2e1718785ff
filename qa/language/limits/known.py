"""The names that an archive has, by the ways in which a question may write them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from qa.types import Filters

Name = Literal["sources", "authors", "sections"]
Table = Mapping[str, tuple[str, ...]]  # the archive's values by `name_key`

_SHORTEST_SURNAME = 3


class KnownNames:
    """The sources, authors and sections of an archive.

    ``aliases``: other names of sources, with the name of each one's source. All names of a
    publisher find all its spellings in the archive.
    """

    def __init__(
        self,
        sources: Iterable[str] = (),
        authors: Iterable[str] = (),
        sections: Iterable[str] = (),
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        authors = list(authors)
        self._tables: Mapping[Name, Table] = {
            "sources": _publishers(sources, aliases or {}),
            "authors": _table((author, [author]) for author in authors) | _surnames(authors),
            "sections": _table((section, _numbers(section)) for section in sections),
        }

    def among(self, filters: Filters) -> "KnownNames":
        """Only the names that these filters allow: a question cannot widen them."""
        allowed = KnownNames()
        allowed._tables = {
            name: _allowed(table, getattr(filters, name)) for name, table in self._tables.items()
        }
        return allowed

    def find(self, name: Name, words: str) -> tuple[str, ...]:
        """The archive's values for these words; () where it has none."""
        return self._tables[name].get(name_key(words), ())


def name_key(name: str) -> str:
    """The same for spellings that differ in case, spaces, apostrophes or a leading "The"."""
    folded = " ".join(name.replace("’", "'").casefold().split())
    return folded.removeprefix("the ")


def source_of(name: str, aliases: Mapping[str, str]) -> str:
    """The source that a name is another name of; the name itself unless it is an alias."""
    key = name_key(name)
    return next((source for alias, source in aliases.items() if name_key(alias) == key), name)


def publisher_key(name: str, aliases: Mapping[str, str]) -> str:
    """The same for all names of one publisher. ``aliases``: as for `KnownNames`."""
    return name_key(source_of(name, aliases))


def _publishers(sources: Iterable[str], aliases: Mapping[str, str]) -> Table:
    """Every name of each publisher, with the spellings that the archive has of it."""
    source_of = {name_key(alias): name_key(source) for alias, source in aliases.items()}
    spellings: defaultdict[str, list[str]] = defaultdict(list)
    names = set(source_of)
    for source in sources:
        key = name_key(source)
        names.add(key)
        spellings[source_of.get(key, key)].append(source)
    names.update(spellings)
    found = {name: tuple(spellings.get(source_of.get(name, name), ())) for name in names if name}
    return {name: values for name, values in found.items() if values}


def _table(written: Iterable[tuple[str, Iterable[str]]]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for value, forms in written:
        for key in dict.fromkeys(name_key(form) for form in forms):
            if key:
                found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


def _allowed(table: Table, wanted: Sequence[str]) -> Table:
    if not wanted:
        return table
    folded = {value.casefold() for value in wanted}
    kept = {
        key: tuple(value for value in values if value.casefold() in folded)
        for key, values in table.items()
    }
    return {key: values for key, values in kept.items() if values}


def _surnames(authors: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The authors by surname, where only one has it."""
    bearers: defaultdict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for author in authors:
        *given, surname = author.split() or [""]
        if given and len(surname) >= _SHORTEST_SURNAME:
            bearers[name_key(surname)][name_key(author)].append(author)
            if given[-1].islower():  # "van Dyke"
                bearers[name_key(f"{given[-1]} {surname}")][name_key(author)].append(author)
    return {
        surname: tuple(next(iter(people.values())))
        for surname, people in bearers.items()
        if len(people) == 1
    }


def _numbers(section: str) -> list[str]:
    """A section's name in the singular and in the plural: "Sport", "sports"."""
    single = section[:-1] if section.lower().endswith("s") else section
    return [section, single, f"{single}s"]
