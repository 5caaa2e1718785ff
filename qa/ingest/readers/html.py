"""Web pages: the text as trafilatura extracts it, the metadata as the page states it."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from qa.errors import BadInput
from qa.ingest.readers.base import Entry, read_bounded


def read_html(file: BinaryIO) -> Iterator[Entry]:
    """Yield the page's article."""
    yield Entry(page_record(read_bounded(file)))


def page_record(page: bytes) -> dict[str, Any]:
    """Return the record of a page. Raises BadInput if it has no article."""
    # Slow to import, and needed for no other format.
    from trafilatura import bare_extraction
    from trafilatura.settings import Document
    from trafilatura.utils import load_html

    from qa.ingest.metadata.page import page_metadata
    from qa.ingest.metadata.tags import drop_misleading

    if not page.strip():
        raise BadInput("no text: the page is empty")
    tree = load_html(page)
    if tree is None:
        raise BadInput("no article text found in the page")
    stated = page_metadata(tree)
    silent = not (stated.title and stated.published_at)
    if silent:
        drop_misleading(tree)
    found = bare_extraction(
        tree,
        with_metadata=silent,  # its guesses cost a third of the time
        include_comments=False,
        include_tables=True,
        # Only a date that the page states: a guessed one would show an article under an `as_of`
        # before its time.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if not isinstance(found, Document) or not found.text:
        raise BadInput("no article text found in the page")
    return {
        "text": found.text,
        "title": stated.title or found.title,
        "published_at": stated.published_at or found.date,
        "updated_at": stated.updated_at,
        "source": stated.source,
        "authors": list(stated.authors),
        "section": stated.section,
        "url": stated.url,
        "language": stated.language,
        "rights": stated.rights,
    }
