"""The first lines of plain texts: what they state, and what only looks like it."""

from pathlib import Path

import pytest

from qa.ingest.files import Read, read_paths
from qa.ingest.metadata.header import Header, _read_line, read_header
from tests.support.header_lines import LINES

# The two forms of the request, in other words: repeated by-lines with a date, and none at all.
REPEATED = (
    "Envoy visits Quorl to show support\n\nHask News\nMara Lenhard\n06 May 2021, 15:00\n"
    "Mara Lenhard\n06 May 2021, 15:00\n\nThe envoy came to Quorl on Thursday, May 6, for talks.\n"
)
UNDATED = (
    "Envoy said the neighbour had plans to send some 100,000 more sheep to the border\n\n"
    "Photo Haskinform\n\nThe mayor of Quorl, on 19th of January, stressed how much aid"
    " mattered.\n\n"
    "Aid was doubled on 3 March 2021.\n"
)


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_a_header_line_gives_the_publication_date_that_it_states(
    line: str, expected: str | None
) -> None:
    assert _read_line(line).published == expected


def test_repeated_by_lines_give_one_author_and_a_time_and_no_rubric() -> None:
    assert read_header(REPEATED) == Header(
        title="Envoy visits Quorl to show support",
        authors=("Mara Lenhard",),
        published_at="2021-05-06T15:00:00",
    )


def test_a_date_in_a_sentence_and_a_photo_credit_give_nothing() -> None:
    title = UNDATED.partition("\n")[0]
    assert read_header(UNDATED) == Header(title=title)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Header()),
        ("They came on Monday.\n\nThey left on 6 May 2021.", Header()),
        ("Storm\n\nBy Ann Roe\n\nIt came.", Header("Storm", ("Ann Roe",))),
        (
            "Storm\nBy Ann Roe and Bo Vane, Staff Writers\nUpdated 3:15 PM ET, Thu May 6, 2021\n",
            Header("Storm", ("Ann Roe", "Bo Vane"), None, "2021-05-06T15:15:00-04:00"),
        ),
        (
            "# Storm\n\n*By Änne Rohde, 6 May 2021*\n\nIt came.",
            Header("Storm", ("Änne Rohde",), "2021-05-06"),
        ),
        (
            "Sturm\r\n\r\nVon Änne Rohde und Bo Vane\r\n6. Mai 2021\r\n\r\nEr kam.",
            Header("Sturm", ("Änne Rohde", "Bo Vane"), "2021-05-06"),
        ),
        (
            "Storm\n\nHarbour News\nPhoto: Cy Mott\n6 May 2021, 10:00\nUpdated: 7 May 2021\n\nSo.",
            Header("Storm", (), "2021-05-06T10:00:00", "2021-05-07"),
        ),
        ("Storm\n\nBo Vane\n\nIt came.", Header("Storm")),  # a name alone may be the subject
        # The header ends at the first line of prose.
        (
            "Storm\n\nIt came in the night, all the harbour masters said.\n\n6 May 2021\n",
            Header("Storm"),
        ),
    ],
)
def test_a_header_is_read_whole(text: str, expected: Header) -> None:
    assert read_header(text) == expected


def test_a_folder_of_texts_is_stored_unchanged_with_what_its_lines_state(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(REPEATED, "utf-8")
    (tmp_path / "b.txt").write_text(UNDATED, "utf-8")
    first, second = (item.article for item in read_paths([tmp_path]) if isinstance(item, Read))
    assert (first.text, second.text) == (REPEATED, UNDATED)
    assert (first.published_at, first.authors) == ("2021-05-06T15:00:00", ("Mara Lenhard",))
    assert (second.published_at, second.authors) == (None, ())
