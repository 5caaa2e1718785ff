"""Write `qa/language/nouns.txt.gz` from the files of WordNet 3.1.

usage: python -m eval.research.build_nouns FOLDER

FOLDER is that of `eval.research.build_lexicon`. Kept are the sorts of thing that a single word may
mean in its commonest senses, and what the names of places are instances of.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from eval.research.word_lists import read_lines, write_packed
from qa.language.nouns import PATH

MOST_SENSES = 3
# WordNet's numbers of its files of nouns.
SORTS = """
    top act animal artifact attribute body cognition communication event feeling food group location
    motive object person phenomenon plant possession process quantity relation shape state substance
    time
    """.split()  # noqa: SIM905  # readable as a text
PLACES = frozenset({"location", "object"})
# Countries that WordNet lacks, or has as a kingdom, a region or an island.
COUNTRIES = frozenset(
    """
    britain czechia eswatini greenland guinea japan kosovo montenegro palestine serbia taiwan uk us
    türkiye
    """.split()  # noqa: SIM905  # readable as a text
) | {"east timor", "hong kong", "north macedonia", "south sudan", "timor-leste", "u.k", "u.s"}
STATES = frozenset({"baltic state", "kingdom", "republic", "sultanate"})


class Synset:
    """A meaning: its sort, its words, and those it is an instance of or a kind of."""

    def __init__(self, line: str) -> None:
        fields = line.split(" | ", maxsplit=1)[0].split()
        self.sort = SORTS[int(fields[1]) - 3]
        count = int(fields[3], 16)
        self.words = fields[4 : 4 + 2 * count : 2]
        rest = fields[4 + 2 * count :]
        pointers = rest[1 : 1 + 4 * int(rest[0])]
        pairs = list(zip(pointers[::4], pointers[1::4], strict=True))
        self.instance_of = [offset for sign, offset in pairs if sign == "@i"]


def main(folder: Path) -> None:
    synsets = {line.split()[0]: Synset(line) for line in read_lines(folder / "data.noun")}
    rows = []
    named: dict[str, set[str]] = {name: set() for name in COUNTRIES}
    for line in read_lines(folder / "index.noun"):
        fields = line.split()
        word, offsets = fields[0], fields[-int(fields[2]) :]
        meanings = [synsets[offset] for offset in offsets[:MOST_SENSES]]
        common = [meaning for meaning in meanings if not meaning.instance_of]
        sorts = dict.fromkeys(meaning.sort for meaning in common)
        if sorts and "_" not in word and not _is_taxon(common):
            rows.append(f"{word}\tn\t{' '.join(sorts)}")
        classes = {
            name.lower().replace("_", " ")
            for meaning in meanings
            if meaning.sort in PLACES
            for offset in meaning.instance_of
            for name in synsets[offset].words
        }
        if classes:
            own = named.setdefault(word.replace("_", " "), set())
            own |= classes | {name.split()[-1] for name in classes}
    for name, classes in named.items():
        if name in COUNTRIES or classes & STATES:
            classes.add("country")
    rows += [f"{name}\tp\t{';'.join(sorted(classes))}" for name, classes in named.items()]
    rows += [f"{form}\ti\t{word}" for form, word in _irregular(folder)]
    write_packed(PATH, sorted(rows))


def _is_taxon(meanings: list[Synset]) -> bool:
    """Whether a word is a scientific name of plants or animals."""
    return all(
        meaning.sort in ("animal", "plant") and meaning.words[0][0].isupper()
        for meaning in meanings
    )


def _irregular(folder: Path) -> Iterator[tuple[str, str]]:
    for line in read_lines(folder / "noun.exc"):
        form, *words = line.split()
        if words and "_" not in form:
            yield form, words[0]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
