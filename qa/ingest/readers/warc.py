"""WARC, what web archives and crawlers write: each HTML page that was fetched is an article."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from qa.errors import BadInput
from qa.ingest.readers.base import MAX_BYTES, TOO_LONG, BoundedRecords, Entry, Unreadable
from qa.ingest.readers.html import page_record

_HTML = ("text/html", "application/xhtml+xml")
_ENCODINGS = ("", "identity", "gzip", "x-gzip", "deflate")
_BLOCK = 1 << 16


def read_warc(file: BinaryIO) -> Iterator[Entry | Unreadable]:
    """Yield the pages by their record's number; pictures, redirects and the like are left out.

    The date of a record is when the page was fetched, and never taken for its publication.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    # Bounds the headers. A page is bounded below; what is no page is passed over in blocks.
    bounded = BoundedRecords(file, 2 * MAX_BYTES)
    number = pages = 0
    try:
        for number, record in enumerate(ArchiveIterator(bounded), start=1):
            if _is_page(record):
                pages += 1
                yield _page(record, number)
            while record.raw_stream.read(_BLOCK):
                bounded.next_record()
            bounded.next_record()
    except ArchiveLoadFailed as error:
        reason = str(error).splitlines()[0]
        raise BadInput(f"invalid WARC after record {number}: {reason}") from error
    if not pages:
        raise BadInput(f"no article: none of its {number} records is an HTML page")


def _is_page(record: Any) -> bool:
    if record.rec_type == "resource":
        kind = record.rec_headers.get_header("Content-Type")
    elif record.rec_type == "response" and record.http_headers:
        if record.http_headers.get_statuscode() != "200":
            return False
        kind = record.http_headers.get_header("Content-Type")
    else:
        return False
    return (kind or "").partition(";")[0].strip().lower() in _HTML


def _page(record: Any, number: int) -> Entry | Unreadable:
    headers = record.http_headers
    encoding = (headers.get_header("Content-Encoding") or "") if headers else ""
    if encoding.lower() not in _ENCODINGS:
        return Unreadable(f"compressed with {encoding[:20]}, which is not supported", number)
    content = record.content_stream().read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        return Unreadable(f"page {TOO_LONG}", number)
    try:
        page = page_record(content)
    except BadInput as error:
        return Unreadable(str(error), number)
    address = record.rec_headers.get_header("WARC-Target-URI")
    page["url"] = page["url"] or address
    page["fetched_from"] = address
    page["fetched_at"] = record.rec_headers.get_header("WARC-Date")
    return Entry(page, number)
