"""Write `qa/language/tagger.txt.gz` from the tagger of the package `denckring-en-pos`.

usage: python -m eval.research.build_tagger FILE

FILE is the package's `tagger.json.gz` (version 0.6.0): an averaged perceptron trained on the
training split of the English Web Treebank (Universal Dependencies 2.18, CC BY-SA 4.0). Weights are
rounded to one digit, and those below `LEAST` left out.
"""

import gzip
import json
import sys
from pathlib import Path

from eval.research.word_lists import write_packed
from qa.language.tagger import PATH

LEAST = 0.5


def main(source: Path) -> None:
    model = json.loads(gzip.decompress(source.read_bytes()))
    rows = [f"{word}\t>{_label(label)}" for word, label in sorted(model["tagdict"].items())]
    for feature, weights in sorted(model["weights"].items()):
        heavy = {_label(label): value for label, value in weights.items() if abs(value) >= LEAST}
        if heavy:
            entries = (f"{label}:{round(value, 1):g}" for label, value in sorted(heavy.items()))
            rows.append(f"{_feature(feature)}\t{' '.join(entries)}")
    write_packed(PATH, rows)


def _label(label: str) -> str:
    """The package writes "NOUN|-" for what is no verb."""
    return label.removesuffix("|-")


def _feature(feature: str) -> str:
    """Features of the tags before it name them as the package does."""
    name, *parts = feature.split(" ")
    return " ".join([name, *(_label(part) for part in parts)])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
