"""The page of each benchmark: its commands work on a small file in the benchmark's form."""

import bz2
import re
import shlex
import shutil
from pathlib import Path

import pytest

from eval.importers import IMPORTERS
from tests.support.cli import LocalCli
from tests.support.importing import EXAMPLES

PAGES = Path(__file__).parents[3] / "docs" / "benchmarks"
ANSWERED = "cases, 0 failures"


def commands(name: str) -> list[list[str]]:
    """The words of each `dateline` command in a page's blocks."""
    text = (PAGES / f"{name}.md").read_text("utf-8")
    lines = [
        line
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
        for line in block.splitlines()
    ]
    words = [shlex.split(line, comments=True) for line in lines]
    return [line[1:] for line in words if line[:1] == ["dateline"]]


def with_downloads(name: str, folder: Path) -> None:
    """Put the example where the page's commands expect the download.

    That is the file by its name, or a folder that is called like the benchmark.
    """
    (source,) = [words[3] for words in commands(name) if words[:2] == ["eval", "import"]]
    example = EXAMPLES / name
    if (example / source).exists():
        shutil.copy(example / source, folder / source)
    elif source.endswith(".bz2"):
        plain = example / source.removesuffix(".bz2")
        (folder / source).write_bytes(bz2.compress(plain.read_bytes()))
    else:
        shutil.copytree(example, folder / source)


def run(name: str, folder: Path, cache: Path, kinds: tuple[str, ...]) -> list[str]:
    """Run a page's commands of these kinds in a folder with its download; what they print."""
    with_downloads(name, folder)
    cli = LocalCli(folder, cache)
    printed = []
    for words in commands(name):
        if words[1] in kinds:
            # One turn of the conversations is not a question.
            skips = name == "mtrag" and words[1] == "import"
            printed.append(cli(*words, code=3 if skips else 0).stdout)
    return printed


def test_every_importer_has_a_page_and_an_example() -> None:
    pages = {page.stem for page in PAGES.glob("*.md")} - {"README"}
    assert pages == set(IMPORTERS) == {folder.name for folder in EXAMPLES.iterdir()}


@pytest.mark.parametrize("name", sorted(IMPORTERS))
def test_a_page_imports_sound_cases(name: str, tmp_path: Path) -> None:
    imported, checked = run(name, tmp_path, tmp_path / "cache", ("import", "check"))
    assert " cases in " in imported
    assert checked.endswith("cases, 0 faults\n")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(IMPORTERS.keys() - {"freshqa"}))
def test_a_page_is_evaluated_as_written(name: str, model_cache: Path, tmp_path: Path) -> None:
    printed = run(name, tmp_path, model_cache, ("import", "run"))
    assert ANSWERED in printed[-1]
