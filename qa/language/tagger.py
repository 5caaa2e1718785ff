"""Parts of speech: an averaged perceptron over the features of Honnibal (2013), of which
`eval/research/build_tagger.py` writes the weights.
"""

import gzip
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

PATH = Path(__file__).with_name("tagger.txt.gz")

# A word with what is inside it: "Joon-ho", "St", "A68", "lake's", "4.6".
_WORD = re.compile(r"[^\W_]+(?:(?:[.,](?=\d)|['’&-])[^\W_]+)*")
_START, _END = "<s>", "</s>"


class Word(NamedTuple):
    """A word with its offsets. ``tag``: its universal part of speech, for a verb with its form
    ("VERB|Fin", "VERB|Part").
    """

    text: str
    start: int
    end: int
    tag: str


@lru_cache(maxsize=256)
def tagged(text: str) -> tuple[Word, ...]:
    """The words of a sentence in order. Punctuation is left out."""
    found = list(_WORD.finditer(text))
    labels = tags([match.group() for match in found])
    return tuple(
        Word(match.group(), match.start(), match.end(), label)
        for match, label in zip(found, labels, strict=True)
    )


def tags(words: Sequence[str]) -> list[str]:
    """The tag of each word of a sentence, from left to right."""
    known, _ = _model()
    lower = [word.lower() for word in words]
    found = [_START, _START]
    for index, word in enumerate(words):
        certain = known.get(lower[index])
        found.append(certain or _predict(_features(index, word, lower, found[-1], found[-2])))
    return found[2:]


def _features(index: int, word: str, lower: Sequence[str], before: str, second: str) -> list[str]:
    """``before`` and ``second``: the tags of the last two words."""
    own = lower[index]
    shape = "X" if word[:1].isupper() else "x"
    if any(character.isdigit() for character in word):
        shape += "d"
    padded = (_START, _START, *lower, _END, _END)
    at = index + 2
    return [
        "bias",
        f"suf3 {own[-3:]}",
        f"suf2 {own[-2:]}",
        f"suf1 {own[-1:]}",
        f"pre1 {own[:1]}",
        f"shape {shape}",
        f"w {own}",
        f"t-1 {before}",
        f"t-2 {second}",
        f"t-1t-2 {before} {second}",
        f"w-1 {padded[at - 1]}",
        f"w-2 {padded[at - 2]}",
        f"w+1 {padded[at + 1]}",
        f"w+2 {padded[at + 2]}",
        f"t-1 w {before} {own}",
    ]


def _predict(features: Sequence[str]) -> str:
    """The tag with the highest sum of weights; of equals the last by name."""
    _, weights = _model()
    scores: dict[str, float] = {}
    for feature in features:
        for entry in weights.get(feature, "").split():
            label, weight = entry.rsplit(":", 1)
            scores[label] = scores.get(label, 0.0) + float(weight)
    return max(scores, key=lambda label: (scores[label], label), default="NOUN")


@cache
def _model() -> tuple[dict[str, str], dict[str, str]]:
    """The tags of unambiguous words, and the row of weights of each feature."""
    known, weights = {}, {}
    for row in gzip.decompress(PATH.read_bytes()).decode().split("\n"):
        key, rest = row.split("\t", 1)
        if rest.startswith(">"):
            known[key] = rest[1:]
        else:
            weights[key] = rest
    return known, weights
