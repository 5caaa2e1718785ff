"""Import a benchmark as the command does, and read back what it wrote."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from eval.cases import EvalCase, load_cases
from eval.importers.found import Found
from eval.importers.writing import write

# Small files of our own writing, each in the form of a public benchmark.
EXAMPLES = Path(__file__).parents[1] / "eval" / "importers" / "examples"


class Imported(NamedTuple):
    articles: dict[str, dict[str, Any]]
    cases: dict[str, EvalCase]
    skipped: list[str]


def imported(importer: Callable[[Path], Iterator[Found]], path: Path, into: Path) -> Imported:
    """What an importer makes of a file or folder; ``into`` must not exist."""
    skipped: list[str] = []
    written = write(importer(path), into, skipped.append)
    lines = written.articles_file.read_text("utf-8").splitlines() if written.articles_file else []
    articles = {article["id"]: article for article in map(json.loads, lines)}
    cases = {case.id: case for case in load_cases(written.cases_file)}
    assert (len(articles), len(cases)) == (written.articles, written.cases)
    return Imported(articles, cases, skipped)


def write_lines(path: Path, *records: dict[str, Any] | str) -> Path:
    """Write JSON lines; a string is written as it is."""
    lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
