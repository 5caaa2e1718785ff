"""Plain text and Markdown: a file is one article, and its text is stored as it is."""

from collections.abc import Iterator
from typing import BinaryIO

from qa.errors import BadInput
from qa.ingest.metadata.header import read_header
from qa.ingest.readers.base import Entry, read_bounded


def read_text(file: BinaryIO) -> Iterator[Entry]:
    """Yield the file's article; title, authors and dates are those of its first lines."""
    content = read_bounded(file)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"not UTF-8 text (byte {error.start + 1})") from error
    header = read_header(text)
    yield Entry(
        {
            "text": text,
            "title": header.title,
            "authors": list(header.authors),
            "published_at": header.published_at,
            "updated_at": header.updated_at,
        }
    )
