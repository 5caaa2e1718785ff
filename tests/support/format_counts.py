"""How many files of each format the readers' tests read right, for docs/how-to/formats.md.

`python -m tests.support.format_counts` runs those tests and prints a line for each format.
"""

import sys
from collections import defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.formats import FILES, File

_READERS = Path(__file__).parents[1] / "qa" / "ingest" / "readers"
_PAGES = _READERS.parent / "test_html_pages.py::test_nothing_is_missed_on_a_page"
_NOT_COMPARED = "test_values_of_a_wrong_type_never_raise"  # with what is expected
_BY_MODULE = {
    "test_csv": "CSV",
    "test_json": "JSON",
    "test_newsml": "NewsML-G2",
    "test_nitf": "NITF",
    "test_parquet": "Parquet",
    "test_pdf": "PDF",
    "test_warc": "WARC",
    "test_xml": "any XML",
}


@dataclass
class Count:
    """Different files, by their content. ``wrong``: those of tests that failed."""

    right: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    wrong: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        read = len(self.right | self.wrong)
        return f"{len(self.right)} of {read} read right, {len(self.refused)} refused"


class Counter:
    """A plugin of pytest: counts the files that each test gives to `formats.read`."""

    def __init__(self) -> None:
        self.counts: defaultdict[str, Count] = defaultdict(Count)

    def pytest_runtest_setup(self) -> None:
        """Forget the files of the test before."""
        FILES.clear()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Count the files of a test that has ended."""
        report = yield
        if call.when != "call" or getattr(item, "originalname", None) == _NOT_COMPARED:
            return report
        if item.path.parent == _READERS:
            for file in FILES:
                self._count(item.path.stem, file, passed=report.passed)
        else:
            pages = self.counts["HTML"]
            (pages.right if report.passed else pages.wrong).add(item.name)
        return report

    def _count(self, module: str, file: File, *, passed: bool) -> None:
        count = self.counts[_format(module, file)]
        if not passed:
            count.wrong.add(file.digest)
        elif file.reads:
            count.right.add(file.digest)
        else:
            count.refused.add(file.digest)


def _format(module: str, file: File) -> str:
    if module == "test_ninjs":
        return "AP" if b'"altids"' in file.head else "ninjs"
    if module == "test_wordpress":
        return "WordPress REST" if file.name.endswith(".json") else "WordPress WXR"
    return _BY_MODULE[module]


def main() -> int:
    """Run the tests, print the counts, and return pytest's exit code."""
    counter = Counter()
    code = pytest.main(["-q", "-p", "no:cacheprovider", str(_READERS), str(_PAGES)], [counter])
    for name in sorted(counter.counts):
        print(f"{name}: {counter.counts[name]}")
    return int(code)


if __name__ == "__main__":
    sys.exit(main())
