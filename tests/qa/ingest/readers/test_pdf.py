"""PDF: reading order, joined lines, offsets of pages; scans, passwords and damage by name."""

from itertools import chain
from pathlib import Path

import pytest

from tests.support.formats import article, read, reasons
from tests.support.pdfs import Page, pdf

HEAD = [
    (50, 780, 24, "Ferries stop in storm"),
    (50, 750, 10, "By Ann Roe"),
    (50, 736, 10, "5 November 2021"),
]
LEFT = [
    "All ferries between the two islands were can-",
    "celled on Friday as a storm crossed the strait,",
    "the port authority said.",
    "About 2,400 passengers were waiting at the",
    "terminal in the evening, and the town opened",
]
RIGHT = [
    "a school gymnasium for those who found no",
    "bed in a hotel.",
    "We will sail again when the waves are below",
    "three metres, said the harbour master, Bo",
    "Vane, on Friday night in the well-known bar.",
]
LOCKED = "harbour"
STORY = (
    "All ferries between the two islands were cancelled on Friday as a storm crossed the strait,"
    " the port authority said.\n\nAbout 2,400 passengers were waiting at the terminal in the"
    " evening, and the town opened a school gymnasium for those who found no bed in a hotel.\n\n"
    "We will sail again when the waves are below three metres, said the harbour master, Bo Vane,"
    " on Friday night in the well-known bar."
)


def _column(x: float, lines: list[str]) -> list[tuple[float, float, float, str]]:
    return [(x, 700 - 14 * number, 10, line) for number, line in enumerate(lines)]


COLUMN_BY_COLUMN = [*_column(50, LEFT), *_column(310, RIGHT)]
ROW_BY_ROW = list(chain.from_iterable(zip(_column(50, LEFT), _column(310, RIGHT), strict=True)))


@pytest.mark.parametrize("columns", [COLUMN_BY_COLUMN, ROW_BY_ROW], ids=["columns", "rows"])
def test_columns_are_read_one_after_the_other_however_they_were_drawn(
    tmp_path: Path, columns: list[tuple[float, float, float, str]]
) -> None:
    content = pdf([Page([*HEAD, *columns])], title="Layout 1")
    found = article(tmp_path, "a.pdf", content)
    assert found.text == f"Ferries stop in storm\n\nBy Ann Roe\n\n5 November 2021\n\n{STORY}"
    assert (found.title, found.authors) == ("Ferries stop in storm", ("Ann Roe",))
    assert found.published_at == "2021-11-05"


def test_the_offset_of_each_page_is_kept_and_a_sentence_may_go_over_it(tmp_path: Path) -> None:
    pages = [
        Page([(50, 780, 10, "The ferry that left on Monday with"), (290, 30, 10, "1")]),
        Page([(290, 820, 10, "Page 2"), (50, 780, 10, "140 aboard stopped.")]),
        Page([(50, 780, 10, "nobody was hurt."), (290, 30, 10, "- 3 -")]),
    ]
    found = article(tmp_path, "a.pdf.gz", pdf(pages))
    starts = found.extra["pages"]
    assert [found.text[start:][:6] for start in starts] == ["The fe", "140 ab", "nobody"]
    assert found.text.endswith("with\n\n140 aboard stopped.\n\nnobody was hurt.")
    run_on = [pages[0], Page([(50, 780, 10, "all its passengers stopped.")])]
    assert "with all its passengers" in article(tmp_path, "b.pdf", pdf(run_on)).text


def test_the_files_own_date_is_not_that_of_publication(tmp_path: Path) -> None:
    found = article(tmp_path, "a.pdf", pdf([Page([(50, 700, 10, "They came on Monday.")])]))
    assert found.published_at is None
    assert found.extra["pdf_created"] == "2024-02-29"


def test_a_scanned_page_is_named_and_an_empty_one_is_not(tmp_path: Path) -> None:
    pages = [Page(picture=True), Page(), Page([(50, 700, 10, "Ships came.")]), Page(picture=True)]
    reads, skipped = read(tmp_path, "a.pdf", pdf(pages))
    assert skipped == []
    assert reads[0].article.text == "Ships came."
    assert reads[0].warnings == ("page 1, 4: a scanned picture without text",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (pdf([Page(picture=True)]), "no text: its pages are pictures, without recognised text"),
        (pdf([Page()]), "no text: it has none"),
        (
            pdf([Page([(9, 9, 9, "x")])], password=LOCKED),
            "encrypted: it opens with a password only",
        ),
        (b"", "invalid PDF: "),
        (b"%PDF-1.7\n", "invalid PDF: "),
        (pdf([Page([(9, 9, 9, "x")])])[:-300], "invalid PDF: "),
    ],
)
def test_what_has_no_text_is_refused_with_the_reason(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    (found,) = reasons(tmp_path, "a.pdf", content)
    assert found.startswith(reason)


def test_a_file_with_an_owners_password_alone_is_read(tmp_path: Path) -> None:
    content = pdf([Page([(50, 700, 10, "Ships came.")])], password="")
    assert article(tmp_path, "a.pdf", content).text == "Ships came."


def test_a_huge_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.ingest.readers.pdf._MAX_FILE", 1000)
    (found,) = reasons(tmp_path, "a.pdf.gz", b"%PDF" + bytes(5000))
    assert found == "longer than 1,000 bytes"


def test_a_page_of_very_many_letters_in_a_small_file_ends_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is drawn takes PDFium far more memory than the file; here it may have little."""
    content = pdf([Page([(50, 700, 9, "x")] * 600_000)], packed=True)
    assert len(content) < 100_000
    monkeypatch.setattr("qa.ingest.readers.pdf._MAX_MEMORY", 200_000_000)
    (found,) = reasons(tmp_path, "a.pdf", content)
    assert found == "PDFium failed, or would need more than 200 MB or 120 seconds"


def test_the_working_directory_brings_no_code_into_the_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(3)", "utf-8")
    monkeypatch.chdir(tmp_path)
    content = pdf([Page([(50, 700, 10, "Ships came.")])])
    assert article(tmp_path, "a.pdf", content).text == "Ships came."


def test_cells_of_a_table_stay_beside_each_other(tmp_path: Path) -> None:
    rows = [("Team", "Points"), ("Hask", "12"), ("Tarn", "9"), ("Eldric", "7")]
    cells = [
        (x, 700 - 20 * number, 10, cell)
        for number, row in enumerate(rows)
        for x, cell in zip((50, 250), row, strict=True)
    ]
    found = article(tmp_path, "a.pdf", pdf([Page(cells)]))
    assert " ".join(found.text.split()) == "Team Points Hask 12 Tarn 9 Eldric 7"


@pytest.mark.parametrize("fonts", [3, 42], ids=["drawn letters", "TrueType"])
def test_a_page_written_by_another_program(tmp_path: Path, fonts: int) -> None:
    """Matplotlib embeds its fonts and places words by transformations."""
    matplotlib = pytest.importorskip("matplotlib")
    from matplotlib.figure import Figure

    sheet = Figure(figsize=(8.27, 11.69))
    sheet.text(0.08, 0.93, "Ferries stop in storm", fontsize=22)
    sheet.text(0.08, 0.9, "By Ann Roe | 5 November 2021", fontsize=9)
    for x, lines in ((0.08, LEFT), (0.53, RIGHT)):
        for number, line in enumerate(lines):
            sheet.text(x, 0.86 - 0.014 * number, line, fontsize=9)
    sheet.text(0.5, 0.03, "12", fontsize=9)
    with matplotlib.rc_context({"pdf.fonttype": fonts}):
        sheet.savefig(tmp_path / "drawn.pdf", format="pdf")
    found = article(tmp_path, "a.pdf", (tmp_path / "drawn.pdf").read_bytes())
    assert found.text == f"Ferries stop in storm\n\nBy Ann Roe | 5 November 2021\n\n{STORY}"
    assert (found.authors, found.published_at) == (("Ann Roe",), "2021-11-05")
