"""What importers find is written as it comes; what cannot be used is named and left out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli.evaluate import FORMS
from eval.importers import IMPORTERS
from eval.importers.found import Article, Case, Found, Skipped
from eval.importers.writing import write
from qa.errors import BadInput
from qa.ingest.files import Read, read_paths

GOOD = Case("q", {"question": "Who?", "answers": ["Voss"], "answerable": True, "relevant": ["a"]})


def test_the_command_offers_every_importer() -> None:
    assert tuple(sorted(IMPORTERS)) == FORMS


def test_articles_can_be_ingested_as_they_are_written(tmp_path: Path) -> None:
    article = Article("a", "Voss left.", "Mayor", "https://x.example", "2024-03-04", "2024-03-05")
    written = write([article, GOOD], tmp_path / "out")
    assert written.articles_file is not None
    (read,) = [item for item in read_paths([written.articles_file]) if isinstance(item, Read)]
    assert (read.article.id, read.article.title, read.article.text) == ("a", "Mayor", "Voss left.")
    assert (read.article.published_at, read.article.updated_at) == ("2024-03-04", "2024-03-05")


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    skipped: list[str] = []
    found: list[Found] = [
        Article("a", "Voss left."),
        Article("a", "Voss left again."),  # as several questions share a passage
        Article("b", " "),
        Article("c", 5),
        GOOD,
        GOOD,
        Case("r", {"question": "", "answerable": True}),
        Case("s", {"question": "Who?", "answerable": True, "answers": [5]}),
        Skipped("line 9: something"),
    ]
    written = write(found, tmp_path / "out", skipped.append)
    assert (written.articles, written.cases, written.skipped) == (1, 1, 6)
    assert skipped == [
        "b: an article without text",
        "c: an article without text",
        "q: duplicate id",
        "r: no question",
        "s: answers.0: Input should be a valid string",
        "line 9: something",
    ]


def test_a_benchmark_without_articles_has_no_file_of_them(tmp_path: Path) -> None:
    written = write([GOOD], tmp_path / "out")
    assert written.articles_file is None
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["cases.jsonl"]


@pytest.mark.parametrize("fault", [BadInput("cut short"), None])
def test_nothing_is_left_of_an_import_that_fails(tmp_path: Path, fault: BadInput | None) -> None:
    def found() -> Iterator[Found]:
        yield Article("a", "Voss left.")
        yield Skipped("line 2: no question")
        if fault is not None:
            yield GOOD
            raise fault

    says = "cut short" if fault is not None else r"no case could be used \(line 2: no question\)"
    with pytest.raises(BadInput, match=says):
        write(found(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_existing_files_are_not_overwritten(tmp_path: Path) -> None:
    write([GOOD], tmp_path)
    with pytest.raises(BadInput, match=r"cases\.jsonl already exists"):
        write([GOOD], tmp_path)


def test_articles_are_written_before_the_next_is_read(tmp_path: Path) -> None:
    """A corpus of any size passes through: nothing but ids is held."""
    sizes = []

    def found() -> Iterator[Found]:
        yield GOOD
        for number in range(200):
            yield Article(f"a{number}", "word " * 1000)
            partial = tmp_path / "out" / "articles.jsonl.partial"
            sizes.append(partial.stat().st_size)

    write(found(), tmp_path / "out")
    assert sizes[100] > 400_000
