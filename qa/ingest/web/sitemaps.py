"""Sitemaps, news sitemaps and their indexes. Entities are never resolved."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from qa.errors import FetchFailed
from qa.ingest.metadata.moments import parse_moment, seconds
from qa.ingest.web.fetch import Document
from qa.ingest.web.items import Item, in_order, language_code

MOST_ADDRESSES = 50_000  # of one sitemap, as sitemaps.org has it


@dataclass(frozen=True, slots=True)
class Sitemap:
    """Pages, and for an index the sitemaps that it names; both with the newest first."""

    items: list[Item] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)


def read_sitemap(document: Document) -> Sitemap:
    """Raises FetchFailed for what is not XML, or not a sitemap."""
    pages: list[Item] = []
    sitemaps: list[tuple[str, str | None]] = []
    try:
        for kind, values in _entries(document.body):
            address = values.get("loc")
            if not address:
                continue
            if kind == "sitemap":
                sitemaps.append((address, parse_moment(values.get("lastmod"))))
            elif len(pages) < MOST_ADDRESSES:
                pages.append(_item(address, values))
    except etree.XMLSyntaxError as error:
        raise FetchFailed(f"invalid XML: {error}") from error
    pages.sort(key=lambda item: _newest_first(item.changed or item.published_at))
    sitemaps.sort(key=lambda entry: _newest_first(entry[1]))
    return Sitemap(pages, [address for address, _ in sitemaps])


def _entries(body: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Each `url` or `sitemap` element: its name, and its text by the names of its descendants."""
    parser = etree.iterparse(
        io.BytesIO(body), events=("end",), resolve_entities=False, no_network=True, load_dtd=False
    )
    for _, element in parser:
        name = _local(element)
        if name in ("url", "sitemap"):
            yield name, _values(element)
            element.clear()


def _values(element: etree._Element) -> dict[str, str]:
    values: dict[str, str] = {}
    for inner in element.iter():
        # An image's or a video's own "loc" and "title" are not the page's.
        if inner.getparent() is not None and _local(inner.getparent()) in ("image", "video"):
            continue
        text = " ".join((inner.text or "").split())
        if text:
            values.setdefault(_local(inner), text)
    return values


def _local(element: etree._Element) -> str:
    """The element's name without its namespace; "" for comments and the like."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _item(address: str, values: dict[str, str]) -> Item:
    published = parse_moment(values.get("publication_date"))
    return Item(
        guid=address,
        link=address,
        title=values.get("title"),
        published_at=published,
        source=values.get("name"),
        language=language_code(values.get("language")),
        # Many systems write the day of the sitemap here: not a date of the report.
        changed=in_order(published, parse_moment(values.get("lastmod"))),
    )


def _newest_first(moment: str | None) -> tuple[bool, float]:
    return moment is None, -seconds(moment) if moment is not None else 0.0
