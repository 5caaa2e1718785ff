"""CSV: columns by their names, rows by their lines, bounded and refused with a reason."""

from pathlib import Path

import pytest

from qa.ingest.readers.base import MAX_BYTES
from qa.ingest.readers.columns import COLUMNS, field_of, renamed
from qa.types import Article
from tests.support.formats import article, read, reasons


def test_a_row_is_an_article_by_what_its_columns_are_called(tmp_path: Path) -> None:
    content = (
        "ID,Headline,Body,Date Published,Last-Modified,Byline,Category,Link,Lang,Publisher,Words\n"
        '7,Ships come,"Ships came.\nThey left, all.",16 March 2022,2022-03-17,'
        "By Ann Roe and Bo Vane,World,https://e.example/7,en,Gazette,5\n"
    )
    assert article(tmp_path, "a.csv", content) == Article(
        id="7",
        title="Ships come",
        text="Ships came.\nThey left, all.",
        published_at="2022-03-16",
        updated_at="2022-03-17",
        authors=("Ann Roe", "Bo Vane"),
        section="World",
        url="https://e.example/7",
        language="en",
        source="Gazette",
        extra={"Words": "5"},
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["a.csv", "A.CSV", "a.csv.gz"])
def test_the_delimiter_is_the_one_of_the_header(tmp_path: Path, delimiter: str, name: str) -> None:
    content = f"\ufeffurl{delimiter}title{delimiter}text\r\nu{delimiter}T{delimiter}Ships came.\r\n"
    found = article(tmp_path, name, content)
    assert (found.id, found.title, found.text) == ("u", "T", "Ships came.")


def test_rows_are_placed_by_the_line_where_they_begin_and_bad_ones_are_reported(
    tmp_path: Path,
) -> None:
    content = 'text,date\n"two\nlines",2022-03-16\n\nb,soon\nc,2022,extra\n,2022-03-16\nd\n'
    reads, skipped = read(tmp_path, "a.csv", content)
    assert [(item.place, item.article.text) for item in reads] == [
        ("a.csv:2", "two\nlines"),
        ("a.csv:5", "b"),
        ("a.csv:8", "d"),
    ]
    assert reads[1].article.published_at is None
    assert reads[1].warnings == (
        "published_at 'soon' is not an ISO 8601 date: stored without a date",
    )
    assert [(item.place, item.reason) for item in skipped] == [
        ("a.csv:6", "3 cells, but the header names 2"),
        ("a.csv:7", "no text: expected a key 'text', got 'published_at'"),
    ]


def test_a_text_far_longer_than_pythons_own_limit_is_read(tmp_path: Path) -> None:
    text = "Ships came. " * 30_000  # 360 kB
    assert article(tmp_path, "a.csv", f'text\n"{text}"\n').text == text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no text: the file is empty"),
        (b"a,b\n1,2\n", "no text: expected a column such as text, body, content; got 'a', 'b'"),
        (b"text\ncaf\xe9\n", "line 2 is not UTF-8 (byte 4)"),
        (b"\xff\xfet\x00e\x00", "line 1 is not UTF-8 (byte 1)"),
        (b'text\n"' + b"x\n" * MAX_BYTES, "is a quote missing?"),
        (b"text\n" + b"x" * (MAX_BYTES + 1), "longer than 10,000,000 bytes"),
    ],
)
def test_what_is_no_csv_of_articles_is_refused_with_the_reason(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    assert reason in reasons(tmp_path, "a.csv.gz", content)[0]


def test_rows_before_a_fault_are_kept(tmp_path: Path) -> None:
    reads, skipped = read(tmp_path, "a.csv", b"text\nShips came.\ncaf\xe9\n")
    assert [item.article.text for item in reads] == ["Ships came."]
    assert [item.place for item in skipped] == ["a.csv"]


# Columns


def test_every_column_name_means_one_field() -> None:
    names = [name for field in COLUMNS.values() for name in field]
    assert len(set(names)) == len(names)
    assert {field_of(name): None for name in names} == dict.fromkeys(COLUMNS)
    assert [field_of("Published_At"), field_of("pubDate"), field_of("words")] == [
        "published_at",
        "published_at",
        None,
    ]


def test_of_two_columns_for_a_field_the_first_that_has_a_value_is_taken() -> None:
    given = {"date": "2020", "content": "long", "text": "", "body": "b", "published": "2022-03-16"}
    assert renamed(given) == {
        "text": "b",
        "content": "long",
        "published_at": "2022-03-16",
        "date": "2020",
    }


def test_values_are_brought_into_our_forms() -> None:
    record = renamed(
        {
            "content_html": "<p>Ships came.</p><p>x</p>",
            "title": "Ships &amp; boats",
            "source": {"id": None, "name": "Gazette"},
            "authors": [{"name": "Ann Roe"}, {"name": "Gazette"}],
            "status": "Draft",
            "publishedAt": 1647427200,
        }
    )
    assert record == {
        "text": "Ships came.\n\nx",
        "title": "Ships & boats",
        "source": "Gazette",
        "authors": ["Ann Roe"],
        "status": "withheld",
        "published_at": "2022-03-16T10:40:00+00:00",
    }


def test_a_status_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    found = reasons(tmp_path, "a.csv", "text,status\nShips came.,maybe\n")
    assert found == ["status is 'maybe'; it must be usable, withheld or canceled"]
