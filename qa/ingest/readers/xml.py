"""XML: NITF, NewsML-G2 and WordPress exports, told apart by their root element.

Read as a stream, without a network, without DTDs, and without replacing entities, so that a file
of gigabytes or a few lines that would expand to them take no more memory than one article.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from lxml import etree

from qa.errors import BadInput
from qa.ingest.readers.base import BoundedRecords, Entry, Unreadable
from qa.ingest.readers.newsml import newsml_record
from qa.ingest.readers.nitf import nitf_record
from qa.ingest.readers.wordpress import NAMESPACE, export_record

_SUPPORTED = "supported are NITF, NewsML-G2 and WordPress exports"
_OTHERS = {
    "NewsML": "NewsML 1",
    "feed": "an Atom feed",
    "html": "a web page; name it .html",
    "packageItem": "a NewsML-G2 package, which only links to its items",
    "rss": "an RSS feed",
    "sitemapindex": "a sitemap",
    "urlset": "a sitemap",
}


def read_xml(file: BinaryIO) -> Iterator[Entry | Unreadable]:
    """Yield the article of the file, or its items by their number."""
    document = _Document(file)
    try:
        root = document.root()
        name = etree.QName(root).localname
        if name == "nitf":
            document.finish()
            record, warnings = nitf_record(root)
            yield Entry(record, warnings=warnings)
        elif name == "newsItem":
            document.finish()
            yield Entry(newsml_record(root))
        elif name == "newsMessage":
            yield from _items(document)
        elif name == "rss" and any(space.startswith(NAMESPACE) for space in root.nsmap.values()):
            yield from _posts(document)
        else:
            kind = _OTHERS.get(name, f"root element '{name[:40]}'")
            raise BadInput(f"not supported: {kind}; {_SUPPORTED}")
    except etree.XMLSyntaxError as error:
        raise BadInput(f"invalid XML: {error.msg}") from error
    except LookupError as error:  # an encoding that nobody knows
        raise BadInput(f"invalid XML: {error}") from error


def _items(document: "_Document") -> Iterator[Entry | Unreadable]:
    """Yield the news items of a message; packages and concepts in it only link to them."""
    number = 0
    for element in document.elements(depth=3):
        if etree.QName(element).localname != "newsItem":
            continue
        number += 1
        try:
            yield Entry(newsml_record(element), number)
        except BadInput as error:
            yield Unreadable(str(error), number)
    if not number:
        raise BadInput("no article in the message: it has no newsItem")


def _posts(document: "_Document") -> Iterator[Entry | Unreadable]:
    """Yield the posts and pages of an export; pictures, menus and revisions are left out."""
    site = language = None
    number = found = 0
    for element in document.elements(depth=3):
        name = element.tag
        if name == "title":
            site = element.text
        elif name == "language":
            language = element.text
        elif name == "item":
            number += 1
            try:
                record = export_record(element, site, language)
            except BadInput as error:
                yield Unreadable(str(error), number)
                continue
            if record is not None:
                found += 1
                yield Entry(record, number)
    if not found:
        raise BadInput(f"no article in the export: none of its {number} items is a post")


class _Document:
    def __init__(self, file: BinaryIO) -> None:
        self._file = BoundedRecords(file)
        self._events = etree.iterparse(
            self._file,
            events=("start", "end"),
            load_dtd=False,
            no_network=True,
            remove_comments=True,
            remove_pis=True,
            resolve_entities=False,
        )

    def root(self) -> Any:
        """Return the root element, as yet without content."""
        for _, element in self._events:
            return element
        raise BadInput("invalid XML: no element")

    def finish(self) -> None:
        """Read the rest, so that the root is whole. Raises BadInput for a huge file."""
        for _ in self._events:
            pass

    def elements(self, depth: int) -> Iterator[Any]:
        """Yield the elements at a depth (the root's is 1), each whole; then forget them."""
        here = 1
        for event, element in self._events:
            if event == "start":
                here += 1
                continue
            here -= 1
            if here == depth - 1:
                yield element
            if here < depth:
                # Not the element itself: the parser still adds to it what follows.
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
                self._file.next_record()
