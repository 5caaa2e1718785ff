"""What sort of thing a noun means, and what the names of places name: a table made from WordNet
(`eval/research/build_nouns.py`).
"""

import gzip
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PATH = Path(__file__).with_name("nouns.txt.gz")

# They end as plurals do.
_SINGULAR = frozenset({"gas", "lens", "means", "news", "series", "species", "us"})


def senses(noun: str) -> frozenset[str]:
    """The sorts of thing that a noun in lower case may mean, singular or plural: WordNet's names,
    such as "substance", "person" and "location". Empty for a word that it does not have.
    """
    for form in _singular(noun):
        row = _tables()[0].get(form)
        if row is not None:
            return frozenset(row.split())
    return frozenset()


def is_plural(noun: str) -> bool:
    """Return True for a noun in lower case that is only a plural, unlike "gas" and "series"."""
    words, _, irregular = _tables()
    if noun in _SINGULAR or noun.endswith(("ss", "us", "is")):
        return False
    if noun in irregular or noun in ("men", "people", "women"):
        return True
    return any(form in words for form in _singular(noun) if form != noun)


def places(name: str) -> frozenset[str]:
    """What a name names, in lower case: "country" and "european country" for "France"."""
    return frozenset(_tables()[1].get(name.lower().removeprefix("the "), "").split(";")) - {""}


def _singular(noun: str) -> Iterator[str]:
    """The word, and what it may be the plural of."""
    yield noun
    irregular = _tables()[2].get(noun)
    if irregular:
        yield irregular
    for ending, singular in (("ies", "y"), ("es", ""), ("s", "")):
        if noun.endswith(ending):
            yield noun.removesuffix(ending) + singular


@cache
def _tables() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """The senses of nouns, the classes of places, and the singular of irregular plurals."""
    tables: dict[str, dict[str, str]] = {"n": {}, "p": {}, "i": {}}
    for row in gzip.decompress(PATH.read_bytes()).decode().split("\n"):
        key, table, rest = row.split("\t")
        tables[table][key] = rest
    return tables["n"], tables["p"], tables["i"]
