"""The counts in docs/how-to/formats.md are those of the tests; the versions are installed ones."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
PAGE = (ROOT / "docs" / "how-to" / "formats.md").read_text("utf-8")


def rows() -> list[list[str]]:
    """The cells of the table of libraries."""
    table = PAGE.partition("| format | library |")[2].partition("\n\n")[0]
    lines = table.splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_libraries_have_the_versions_that_the_table_names() -> None:
    named = [found for row in rows() for found in re.findall(r"(\w+) (\d+(?:\.\d+)+)", row[1])]
    assert len(named) >= 6
    for library, stated in named:
        assert version(library) == stated, library


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_table_counts_what_the_tests_read() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.format_counts"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    counted = re.findall(
        r"^(.+): (\d+ of \d+) read right, (\d+) refused$", done.stdout, re.MULTILINE
    )
    assert [(row[0], row[4], row[5]) for row in rows()] == counted
