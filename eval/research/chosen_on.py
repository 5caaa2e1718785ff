"""Write which benchmarks numbers were chosen on by hand: `eval/data/chosen_on.json`.

``python -m eval.research.chosen_on BENCH`` reads ``BENCH/NAME/cases.jsonl`` and writes digests of
the questions, no text. Add a benchmark to `NAMES` before choosing a number by looking at it.
"""

import argparse
from pathlib import Path

from eval.cases import load_cases
from eval.held_out import FILE, ChosenOn, LookedAt, digest_of
from eval.run import fingerprint

TARGET = Path(__file__).parents[1] / "data" / FILE
NAMES = (
    "evolving",
    "multihop-evidence",
    "open",
    "polluted",
    "realtimeqa-2022",
    "rgb",
    "seed",
    "xquad-en",
)


def listed(name: str, path: Path) -> LookedAt:
    """A benchmark by its digests."""
    cases = load_cases(path)
    questions = dict.fromkeys(digest_of(case.question) for case in cases)
    return LookedAt(name=name, sha256=fingerprint(cases), questions=tuple(questions))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("benchmarks", type=Path)
    folder: Path = parser.parse_args().benchmarks
    found = ChosenOn(sets=tuple(listed(name, folder / name / "cases.jsonl") for name in NAMES))
    TARGET.write_text(found.model_dump_json(indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
