"""Reading articles: every kind of file, faults by line, and offsets that hold."""

import gzip
import json
import os
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from qa.errors import BadInput
from qa.ingest.files import Read, Skipped, read_paths
from qa.ingest.readers.base import MAX_BYTES
from qa.types import Article

REPLACED = "\N{REPLACEMENT CHARACTER}"


def _write(path: Path, *records: Any) -> Path:
    """Records as lines of JSON; bytes as they are."""
    lines = [
        record if isinstance(record, bytes) else json.dumps(record).encode() for record in records
    ]
    content = b"".join(line + b"\n" for line in lines)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(content) if path.name.endswith(".gz") else content)
    return path


def _all(*paths: Path) -> tuple[list[Read], list[Skipped]]:
    items = list(read_paths(paths))
    return [item for item in items if isinstance(item, Read)], [
        item for item in items if isinstance(item, Skipped)
    ]


def _ids(reads: Sequence[Read]) -> list[str]:
    return [item.article.id for item in reads]


# Lines


@pytest.mark.parametrize("name", ["feed.jsonl", "feed.jsonl.gz", "FEED.JSONL", "feed.Jsonl.GZ"])
def test_a_file_of_lines_gives_its_articles_in_order_with_their_places(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    content = b'{"id": "a", "text": "Ships came."}\n\n{"id": "b", "text": "Ships left."}'
    path.write_bytes(gzip.compress(content) if name.lower().endswith("gz") else content)
    reads, skipped = _all(path)
    assert _ids(reads) == ["a", "b"]
    assert [item.place for item in reads] == [f"{name}:1", f"{name}:3"]
    assert {item.origin for item in reads} == {str(path.resolve())}
    assert skipped == []


def test_every_field_of_a_record_is_kept(tmp_path: Path) -> None:
    record = {
        "id": "a",
        "title": "Ships",
        "text": "Ships came.",
        "published_at": "2022-03-16",
        "updated_at": "2022-03-17T08:00:00+01:00",
        "source": "Gazette",
        "authors": ["Ann Roe", "Bo Vane"],
        "url": "https://example.org/a",
        "language": "en",
        "section": "Harbour",
        "status": "cancelled",
        "embargoed_until": "2022-03-16T12:00:00Z",
        "expires_at": "2023-01-01",
        "corrects": "b",
        "rights": {"usage": "print"},
        "tags": [1, {"x": None}],
    }
    reads, _ = _all(_write(tmp_path / "feed.jsonl", record))
    article = reads[0].article
    assert article == Article(
        id="a",
        title="Ships",
        text="Ships came.",
        published_at="2022-03-16",
        updated_at="2022-03-17T08:00:00+01:00",
        source="Gazette",
        authors=("Ann Roe", "Bo Vane"),
        url="https://example.org/a",
        language="en",
        section="Harbour",
        status="canceled",
        embargoed_until="2022-03-16T12:00:00+00:00",
        expires_at="2023-01-01",
        corrects="b",
        rights='{"usage": "print"}',
        extra={"tags": [1, {"x": None}]},
    )
    assert reads[0].warnings == ()


def test_lines_without_an_article_are_reported_with_their_numbers_and_skipped(
    tmp_path: Path,
) -> None:
    path = _write(
        tmp_path / "feed.jsonl",
        b'{"text": "one"',
        {"id": "ok", "text": "Ships came."},
        b"[1, 2]",
        {"title": "no text"},
        {"text": "  \n "},
        {"text": 5},
        b'{"text": "caf\xe9"}',
        {"text": "x", "title": 5},
        {"text": "x", "authors": [1]},
        {"text": "x", "authors": {"a": 1}},
        {"text": "x", "id": True},
        b"null",
        {"text": "x", "language": ["en"]},
        {"id": "last", "text": "Ships left."},
    )
    reads, skipped = _all(path)
    assert _ids(reads) == ["ok", "last"]
    assert [item.place for item in skipped] == [
        f"feed.jsonl:{n}" for n in (1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)
    ]
    reasons = [item.reason for item in skipped]
    assert reasons[0].startswith("invalid JSON: ")
    assert reasons[1] == "expected a JSON object, got a list"
    assert reasons[2] == "no text: expected a key 'text', got 'title'"
    assert reasons[3] == "no text: 'text' is empty"
    assert reasons[4] == "text is not a string"
    assert "UTF-8" in reasons[5]
    assert "byte 14" in reasons[5]  # {"text": " is ten bytes, caf three
    assert reasons[6].startswith("title")
    assert reasons[7] == reasons[8] == "authors is neither a string nor a list of strings"
    assert reasons[9].startswith("id")
    assert "null" in reasons[10]
    assert reasons[11].startswith("language")
    assert all("\n" not in reason for reason in reasons)


@pytest.mark.parametrize("depth", [100, 450, 500, 700, 900, 990, 1000, 5000, 100_000])
def test_deep_nesting_is_read_or_reported_and_never_raises(tmp_path: Path, depth: int) -> None:
    deep = b'{"id": "deep", "text": "x", "more": ' + b"[" * depth + b"]" * depth + b"}"
    reads, skipped = _all(
        _write(tmp_path / "feed.jsonl", deep, {"id": "ok", "text": "Ships came."})
    )
    assert "ok" in _ids(reads)
    assert len(reads) + len(skipped) == 2
    assert all(item.place == "feed.jsonl:1" for item in skipped)


def test_a_number_of_5000_digits_is_reported(tmp_path: Path) -> None:
    huge = b'{"text": "x", "more": ' + b"9" * 5000 + b"}"
    reads, skipped = _all(
        _write(tmp_path / "feed.jsonl", huge, {"id": "ok", "text": "Ships came."})
    )
    assert _ids(reads) == ["ok"]
    assert [item.place for item in skipped] == ["feed.jsonl:1"]


def test_a_byte_order_mark_is_not_part_of_the_first_line(tmp_path: Path) -> None:
    reads, skipped = _all(
        _write(tmp_path / "feed.jsonl", b'\xef\xbb\xbf{"id": "a", "text": "Ships came."}')
    )
    assert _ids(reads) == ["a"]
    assert skipped == []


def test_windows_line_ends_are_line_ends(tmp_path: Path) -> None:
    reads, skipped = _all(
        _write(
            tmp_path / "feed.jsonl", b'{"id": "a", "text": "x"}\r', b'{"id": "b", "text": "y"}\r'
        )
    )
    assert _ids(reads) == ["a", "b"]
    assert skipped == []


def test_a_line_separator_inside_a_text_ends_no_line(tmp_path: Path) -> None:
    line = '{"id": "a", "text": "one\u2028two\x85three"}'.encode()
    reads, skipped = _all(_write(tmp_path / "feed.jsonl", line))
    assert reads[0].article.text == "one\u2028two\x85three"
    assert skipped == []


def test_a_truncated_gz_gives_what_it_holds_and_says_where_it_breaks_off(tmp_path: Path) -> None:
    # Random titles do not compress, so the first lines are whole long before the end.
    records = [
        {"id": str(n), "title": os.urandom(300).hex(), "text": "Ships came."} for n in range(200)
    ]
    path = _write(tmp_path / "feed.jsonl.gz", *records)
    path.write_bytes(path.read_bytes()[:-20_000])
    reads, skipped = _all(path)
    count = len(reads)
    assert 0 < count < 200
    assert _ids(reads) == [str(n) for n in range(count)]
    assert [item.place for item in skipped] == [f"feed.jsonl.gz:{count + 1}"]
    assert "breaks off" in skipped[0].reason


def test_a_file_that_is_not_gzipped_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "feed.jsonl.gz"
    path.write_bytes(b'{"text": "Ships came."}\n')
    with pytest.raises(BadInput, match=r"feed\.jsonl\.gz"):
        read_paths([path])


def test_a_corrupt_gz_gives_the_articles_before_the_damage(tmp_path: Path) -> None:
    path = _write(
        tmp_path / "feed.jsonl.gz",
        *({"id": str(n), "text": os.urandom(300).hex()} for n in range(200)),
    )
    content = bytearray(path.read_bytes())
    content[-9_000:-8_000] = bytes(1_000)
    path.write_bytes(bytes(content))
    reads, skipped = _all(path)
    # Damaged bytes may still unpack into lines for a while; the sound ones come first, in order.
    assert _ids(reads)[:100] == [str(n) for n in range(100)]
    assert skipped
    assert skipped[-1].reason.startswith("the compressed file breaks off here")


# Identity


def test_a_file_of_a_folder_is_named_by_its_path_relative_to_the_folder(tmp_path: Path) -> None:
    for name in ("b.txt", "sub/deep/a.md", "sub/c.txt"):
        path = tmp_path / "notes" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Ships came to {name}.", "utf-8")
    reads, _ = _all(tmp_path / "notes")
    assert _ids(reads) == ["b.txt", "sub/c.txt", "sub/deep/a.md"]
    assert _ids(_all(tmp_path / "notes" / "sub" / "c.txt")[0]) == ["c.txt"]


def test_the_warning_travels_with_the_article(tmp_path: Path) -> None:
    reads, skipped = _all(
        _write(tmp_path / "feed.jsonl", {"id": "a", "text": "x", "published_at": "6 hours ago"})
    )
    assert skipped == []
    assert "6 hours ago" in reads[0].warnings[0]


def test_nul_and_lone_surrogates_are_replaced_one_for_one_so_that_offsets_hold(
    tmp_path: Path,
) -> None:
    line = (
        b'{"id": "a\\u0000", "text": "ab\\ud800cd\\u0000ef\\udfff 42 \\ud83d\\ude00!",'
        b' "title": "\\udead"}'
    )
    reads, _ = _all(_write(tmp_path / "feed.jsonl", line))
    article = reads[0].article
    assert article.text == f"ab{REPLACED}cd{REPLACED}ef{REPLACED} 42 😀!"
    assert article.text.index("42") == 10  # a b ? c d ? e f ? space: ten before it
    assert article.title == REPLACED
    assert article.id == f"a{REPLACED}"


# Documents


@pytest.mark.parametrize(
    ("name", "content", "title"),
    [
        ("a.md", "# Ships come\n\nThey came on Monday.", "Ships come"),
        ("a.txt", "Ships come\n\nThey came on Monday.", "Ships come"),
        ("a.txt", "Ships come\r\n\r\nThey came on Monday.", "Ships come"),
        ("a.txt", "They came on Monday.\n\nThey left.", None),
        ("a.txt", "They came\non Monday.", None),
        ("a.txt", "They came on Monday.", None),
        ("A.TXT", "Ships come\n\nThey came on Monday.", "Ships come"),
    ],
)
def test_a_text_document_keeps_its_text_and_shows_its_title(
    tmp_path: Path, name: str, content: str, title: str | None
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode())
    reads, skipped = _all(path)
    assert skipped == []
    assert (reads[0].article.id, reads[0].place) == (name, name)
    assert reads[0].article.text == content
    assert reads[0].article.title == title


def test_a_byte_order_mark_is_not_part_of_a_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbfShips came.")
    assert _all(path)[0][0].article.text == "Ships came."


def test_a_text_that_is_not_utf8_is_reported_and_its_neighbours_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Café".encode("latin-1"))
    (tmp_path / "b.txt").write_bytes(b"Ships came.")
    (tmp_path / "c.txt").write_bytes(b"")
    (tmp_path / "d.html").write_bytes(b"")
    reads, skipped = _all(tmp_path)
    assert _ids(reads) == ["b.txt"]
    assert [item.place for item in skipped] == ["a.txt", "c.txt", "d.html"]
    assert "UTF-8" in skipped[0].reason
    assert "byte 4" in skipped[0].reason
    assert skipped[1].reason.startswith("no text")
    assert skipped[2].reason.startswith("no text")


PAGE = """<!doctype html>
<html lang="en"><head>
<title>Ferries stop in storm | The Harbour Gazette</title>
<meta property="og:title" content="Ferries stop in storm">
<meta property="og:site_name" content="The Harbour Gazette">
<meta property="article:published_time" content="2021-11-05T09:30:00+00:00">
<meta name="author" content="Ann Roe">
<link rel="canonical" href="https://gazette.example/ferries">
</head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<article><h1>Ferries stop in storm</h1>
<p>All ferries between the two islands were cancelled on Friday as a storm with gusts of 120
kilometres an hour crossed the strait, the port authority said.</p>
<p>About 2,400 passengers were waiting at the terminal in the evening, and the town opened a school
gymnasium for those who found no bed in a hotel.</p>
<p>“We will sail again when the waves are below three metres,” said the harbour master, Bo Vane, on
Friday night.</p>
</article><footer>Cookies and imprint</footer></body></html>
"""


@pytest.mark.parametrize("name", ["page.html", "page.htm", "PAGE.HTML", "page.html.gz"])
def test_a_page_gives_its_text_title_date_author_and_source_from_its_meta_tags(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    content = PAGE.encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    reads, skipped = _all(path)
    assert skipped == []
    article = reads[0].article
    assert article.title == "Ferries stop in storm"
    assert article.published_at == "2021-11-05T09:30:00+00:00"
    assert article.language == "en"
    assert article.authors == ("Ann Roe",)
    assert article.source == "The Harbour Gazette"
    assert article.url == article.id == "https://gazette.example/ferries"
    assert "About 2,400 passengers were waiting" in article.text
    assert "harbour master, Bo Vane" in article.text
    assert "Cookies" not in article.text
    assert "<p>" not in article.text


def test_a_page_that_states_no_date_gets_none(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    kept = [line for line in PAGE.splitlines() if "published_time" not in line]
    path.write_text("\n".join(kept), "utf-8")
    assert _all(path)[0][0].article.published_at is None


def test_a_damaged_page_is_reported(tmp_path: Path) -> None:
    whole = gzip.compress(PAGE.encode())
    (tmp_path / "a.html.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "b.html.gz").write_bytes(PAGE.encode())
    (tmp_path / "c.txt").write_text("Ships came.", "utf-8")
    reads, skipped = _all(tmp_path)
    assert _ids(reads) == ["c.txt"]
    assert [item.place for item in skipped] == ["a.html.gz", "b.html.gz"]
    assert all("compressed file is damaged" in item.reason for item in skipped)


def test_a_page_without_an_article_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html><body></body></html>", "utf-8")
    (tmp_path / "b.txt").write_text("Ships came.", "utf-8")
    reads, skipped = _all(tmp_path)
    assert _ids(reads) == ["b.txt"]
    assert [item.place for item in skipped] == ["a.html"]


# Files and folders


def test_a_folder_is_read_in_sorted_order_without_hidden_and_unknown_files(tmp_path: Path) -> None:
    folder = tmp_path / "feed"
    _write(folder / "b.jsonl", {"id": "b", "text": "x"})
    _write(folder / "a.jsonl.gz", {"id": "a", "text": "x"})
    _write(folder / ".hidden" / "c.jsonl", {"id": "hidden", "text": "x"})
    _write(folder / ".d.jsonl", {"id": "hidden too", "text": "x"})
    (folder / "e.docx").write_bytes(b"PK")
    (folder / "f.jsonl").mkdir()
    reads, skipped = _all(folder)
    assert _ids(reads) == ["a", "b"]
    assert skipped == []
    assert {item.origin for item in reads} == {str(folder.resolve())}


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    path = _write(tmp_path / "feed.jsonl", {"id": "a", "text": "x"})
    assert _ids(_all(path, tmp_path, path)[0]) == ["a"]


def test_a_link_out_of_a_folder_is_skipped_with_a_reason(tmp_path: Path) -> None:
    folder = tmp_path / "news"
    _write(folder / "a.jsonl", {"id": "a", "text": "x"})
    secret = tmp_path / "secret.env"
    secret.write_text("PASSWORD=hunter2", "utf-8")
    (folder / "notes.txt").symlink_to(secret)
    (folder / "environment.md").symlink_to("/proc/self/environ")
    (folder / "gone.txt").symlink_to(tmp_path / "gone")
    (folder / "sub").mkdir()
    (folder / "sub" / "up.txt").symlink_to("../../secret.env")
    reads, skipped = _all(folder)
    assert _ids(reads) == ["a"]
    assert [item.place for item in skipped] == [
        "environment.md",
        "gone.txt",
        "notes.txt",
        "sub/up.txt",
    ]
    assert {item.reason for item in skipped} == {"symbolic link out of the folder"}


def test_a_link_within_a_folder_is_followed_once(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text("Ships came.", "utf-8")
    (tmp_path / "news" / "b.txt").symlink_to("a.txt")
    reads, skipped = _all(tmp_path / "news")
    assert (_ids(reads), skipped) == (["a.txt"], [])


def test_a_path_given_may_itself_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text("Ships came.", "utf-8")
    (tmp_path / "folder").symlink_to("news")
    (tmp_path / "file.txt").symlink_to("news/a.txt")
    assert _ids(_all(tmp_path / "folder")[0]) == ["a.txt"]
    assert _ids(_all(tmp_path / "file.txt")[0]) == ["file.txt"]


@pytest.mark.parametrize("name", ["feed.jsonl", "feed.jsonl.gz"])
def test_a_line_that_is_too_long_is_skipped_with_its_number(tmp_path: Path, name: str) -> None:
    long = b'{"id": "long", "text": "a", "x": "' + b"a" * MAX_BYTES + b'"}'
    path = _write(tmp_path / name, {"id": "a", "text": "x"}, long, {"id": "b", "text": "y"})
    reads, skipped = _all(path)
    assert _ids(reads) == ["a", "b"]
    assert [item.place for item in skipped] == [f"{name}:2"]
    assert skipped[0].reason == "line longer than 10,000,000 bytes"


def test_a_line_of_any_length_takes_a_bounded_amount_of_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb", 1) as file:
        file.write(b'{"id": "ok", "text": "x"}\n')
        for _ in range(100):
            file.write(b"a" * 1_000_000)
    tracemalloc.start()
    reads, skipped = _all(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (_ids(reads), [item.place for item in skipped]) == (["ok"], ["bomb.jsonl.gz:2"])
    assert peak < 4 * MAX_BYTES


def test_a_document_that_is_too_long_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a" * (MAX_BYTES + 1))
    (tmp_path / "b.txt").write_text("Ships came.", "utf-8")
    reads, skipped = _all(tmp_path)
    assert _ids(reads) == ["b.txt"]
    assert skipped == [Skipped("a.txt", "longer than 10,000,000 bytes")]


def test_what_cannot_be_read_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    good = _write(tmp_path / "feed.jsonl", {"id": "a", "text": "x"})
    unknown = tmp_path / "report.docx"
    unknown.write_bytes(b"PK")
    with pytest.raises(BadInput, match=r"no such file or folder: .*missing"):
        read_paths([good, tmp_path / "missing.jsonl"])
    expected = r"report\.docx: \.docx is not a supported format; supported: \.jsonl, .*\.html"
    with pytest.raises(BadInput, match=expected):
        read_paths([good, unknown])


def test_a_folder_of_unsupported_formats_is_refused_with_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_text("x", "utf-8")
    with pytest.raises(
        BadInput, match=r"no article found in .*: \.docx not supported; supported: "
    ):
        read_paths([tmp_path])


def test_nothing_that_is_an_article_is_refused(tmp_path: Path) -> None:
    empty_file = tmp_path / "empty.jsonl"
    empty_file.write_bytes(b"")
    blank_lines = _write(tmp_path / "blank.jsonl", b"", b"  ")
    empty_folder = tmp_path / "folder"
    empty_folder.mkdir()
    (empty_folder / "notes.pdf").write_bytes(b"%PDF")
    for path in (empty_file, blank_lines, empty_folder):
        with pytest.raises(BadInput, match=rf"no article found in .*{path.stem}"):
            read_paths([path])


def test_a_refusal_names_the_first_line_that_was_wrong(tmp_path: Path) -> None:
    path = _write(tmp_path / "feed.jsonl", b"", b"{", b"[]")
    with pytest.raises(BadInput, match=r"2 skipped.*feed\.jsonl:2: invalid JSON"):
        read_paths([path])
