"""WARC: HTML pages become articles; when they were fetched is not when they were published."""

import gzip
import io
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from qa.ingest.readers.base import MAX_BYTES
from tests.support.formats import read, reasons

Header = tuple[str, str]
HTML = ("Content-Type", "text/html; charset=utf-8")


def page(title: str, head: str = "") -> bytes:
    return f"""<html lang="en"><head><title>{title}</title>{head}</head><body><article>
<h1>{title}</h1><p>All ferries between the two islands were cancelled on Friday as a storm crossed
the strait, the port authority said.</p><p>About 2,400 passengers were waiting at the terminal in
the evening, and the town opened a school for them.</p></article></body></html>""".encode()


class Archive:
    def __init__(self, *, compressed: bool = True) -> None:
        self._out = io.BytesIO()
        self._writer = WARCWriter(self._out, gzip=compressed)
        info = self._writer.create_warcinfo_record("a.warc", {"software": "test"})
        self._writer.write_record(info)

    def add(
        self,
        body: bytes,
        headers: Sequence[Header] = (HTML,),
        *,
        address: str = "https://coast.example/ferry",
        status: str = "200 OK",
        kind: str = "response",
    ) -> "Archive":
        http = StatusAndHeaders(status, list(headers), protocol="HTTP/1.1")
        record = self._writer.create_warc_record(
            address,
            kind,
            payload=io.BytesIO(body),
            http_headers=http,
            warc_headers_dict={"WARC-Date": "2024-02-29T00:00:00Z"},
        )
        self._writer.write_record(record)
        record.raw_stream.close()  # a temporary file of the writer's
        return self

    def content(self) -> bytes:
        return self._out.getvalue()


def test_each_page_is_an_article_by_its_address(tmp_path: Path) -> None:
    dated = '<meta property="article:published_time" content="2022-03-16T09:30:00Z">'
    content = (
        Archive()
        .add(page("Ferries stop", dated))
        .add(b"\x89PNG", [("Content-Type", "image/png")])
        .add(page("Not found"), status="404 Not Found")
        .add(b"", [HTML, ("Location", "/x")], status="301 Moved")
        .add(page("Storm ends"), address="https://coast.example/storm")
        .content()
    )
    for name, written in (("a.warc.gz", gzip.decompress(content)), ("a.warc", None)):
        reads, skipped = read(tmp_path, name, written or gzip.decompress(content))
        assert skipped == []
        assert [(found.place, found.article.id) for found in reads] == [
            (f"{name}:2", "https://coast.example/ferry"),
            (f"{name}:6", "https://coast.example/storm"),
        ]
        assert [found.article.published_at for found in reads] == [
            "2022-03-16T09:30:00+00:00",
            None,
        ]
        assert reads[1].article.extra == {
            "fetched_from": "https://coast.example/storm",
            "fetched_at": "2024-02-29T00:00:00Z",
        }
        assert "2,400 passengers" in reads[0].article.text


def test_records_compressed_one_by_one_are_read(tmp_path: Path) -> None:
    """As crawlers write them: a gzip member for each record."""
    path = tmp_path / "members.warc.gz"
    path.write_bytes(Archive().add(page("Ferries stop")).content())
    from qa.ingest.files import read_paths

    assert [type(found).__name__ for found in read_paths([path])] == ["Read"]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(page("Ferries stop"), mtime=0)),
        ("deflate", zlib.compress(page("Ferries stop"))),
        ("identity", page("Ferries stop")),
    ],
)
def test_pages_compressed_by_the_server_are_read(
    tmp_path: Path, encoding: str, body: bytes
) -> None:
    content = Archive(compressed=False).add(body, [HTML, ("Content-Encoding", encoding)]).content()
    reads, _ = read(tmp_path, "a.warc", content)
    assert [found.article.title for found in reads] == ["Ferries stop"]


def test_pages_that_cannot_be_read_are_reported_and_the_next_is_read(tmp_path: Path) -> None:
    bomb = gzip.compress(b"<p>x</p>" * (MAX_BYTES // 4))
    content = (
        Archive(compressed=False)
        .add(b"x", [HTML, ("Content-Encoding", "br")])
        .add(bomb, [HTML, ("Content-Encoding", "gzip")])
        .add(b"<p>" + b"x" * (2 * MAX_BYTES))
        .add(b"x" * (4 * MAX_BYTES), [("Content-Type", "video/mp4")])
        .add(b"<html></html>")
        .add(page("Ferries stop"))
        .content()
    )
    reads, skipped = read(tmp_path, "a.warc", content)
    assert [found.place for found in reads] == ["a.warc:7"]
    assert [(found.place, found.reason) for found in skipped] == [
        ("a.warc:2", "compressed with br, which is not supported"),
        ("a.warc:3", "page longer than 10,000,000 bytes"),
        ("a.warc:4", "page longer than 10,000,000 bytes"),
        ("a.warc:6", "no article text found in the page"),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no article: none of its 0 records is an HTML page"),
        (b"not a web archive\n" * 9, "invalid WARC after record 0: "),
        (b"WARC/1.0\r\nWARC-Type: response\r\n" + b"x" * (3 * MAX_BYTES), "longer than 20,000,000"),
        (Archive(compressed=False).content(), "no article: none of its 1 records is an HTML page"),
    ],
)
def test_what_is_no_web_archive_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (found,) = reasons(tmp_path, "a.warc", content)
    assert reason in found


def test_an_archive_that_breaks_off_gives_the_pages_before(tmp_path: Path) -> None:
    whole = Archive(compressed=False).add(page("Ferries stop")).add(page("Storm")).content()
    reads, _ = read(tmp_path, "a.warc", whole[: len(whole) - 900])
    assert reads[0].article.title == "Ferries stop"
