"""What a word implies: a table made from WordNet (`eval/research/build_lexicon.py`).

Who writes "the frontier" where a report has "the border", or "vehicle" for "car", stays with what
it says; who writes "lorry" for "vehicle" does not. So the table has a direction.
"""

import gzip
from functools import cache, lru_cache
from pathlib import Path

from qa.language.words import stem

PATH = Path(__file__).with_name("lexicon.txt.gz")


def base(word: str) -> str:
    """The stem of a word in lower case; of an irregular form ("sold"), that of its base."""
    return _forms().get(word) or stem(word)


@lru_cache(maxsize=20_000)
def implied(stem_of_word: str) -> frozenset[str]:
    """The stems of what means the same or is more general, without itself."""
    return frozenset(_field(stem_of_word, 1).split())


@lru_cache(maxsize=20_000)
def opposite(stem_of_word: str) -> frozenset[str]:
    """The stems of what means the contrary."""
    return frozenset(_field(stem_of_word, 2).split())


def is_verb(stem_of_word: str) -> bool:
    """Return True for a word that is a verb most of the time."""
    return _field(stem_of_word, 0) == "v"


def _field(stem_of_word: str, number: int) -> str:
    row = _rows().get(stem_of_word)
    return row.split("\t")[number] if row else ""


def _forms() -> dict[str, str]:
    return _tables()[0]


def _rows() -> dict[str, str]:
    return _tables()[1]


@cache
def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """Irregular forms with their base's stem, and the row of each stem."""
    forms, rows = {}, {}
    for row in gzip.decompress(PATH.read_bytes()).decode().split("\n"):
        key, rest = row.split("\t", 1)
        if rest.startswith(">"):
            forms[key] = rest[2:]
        else:
            rows[key] = rest
    return forms, rows
