"""One entry and its page to one article.

The page's own word comes first: its text, title, dates and authors; the feed fills what the page
leaves open. A feed's name of its publisher counts more than a bare host, on its own site only.

The article's id is the page's canonical address, if that is on the page's own site, else the
address that was reached; parameters that only count clicks are left out. Where no page can be read,
the feed's own text is stored, if it is more than a teaser: under the entry's link if that is on the
feed's site, else under the feed's address and the entry's guid. So no site can replace another's
articles.
"""

import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from qa.errors import BadInput, FetchFailed
from qa.ingest.files import Read, parse_record
from qa.ingest.metadata.publisher import host_of, publisher_name
from qa.ingest.readers.base import MAX_BYTES
from qa.ingest.readers.html import read_html
from qa.ingest.web.documents import kind_of
from qa.ingest.web.fetch import Document, Fetcher
from qa.ingest.web.items import Item, in_order, same_site, without_tracking

LONG_ENOUGH = 500  # characters; a teaser has fewer


def read_item(item: Item, feed: str, fetcher: Fetcher) -> Read:
    """The article of an entry of ``feed``. Raises BadInput where there is none."""
    if item.link is None:
        return _from_feed(item, feed, BadInput("the entry has no link"))
    try:
        page = fetcher.fetch(item.link, limit=MAX_BYTES)
        assert page is not None  # noqa: S101  # only a conditional request may give None
        if _is_front(page.url) and not _is_front(item.link):
            raise FetchFailed("redirected to the front page")
        return read_page(page, feed, item)
    except BadInput as error:
        return _from_feed(item, feed, error)


def read_page(page: Document, origin: str, item: Item | None = None) -> Read:
    """The article of a page. Raises BadInput where it has none."""
    if kind_of(page) != "page":
        raise BadInput("not a page")
    record: dict[str, Any] = next(iter(read_html(io.BytesIO(_utf8(page))))).record  # type: ignore[assignment]  # always a dict
    stated = record["url"]
    canonical = stated if stated and same_site(stated, page.url) else page.url
    record["id"] = record["url"] = without_tracking(canonical)
    if item is not None:
        for name in ("title", "published_at", "updated_at", "language", "section", "rights"):
            record[name] = record[name] or getattr(item, name)
        record["authors"] = record["authors"] or list(item.authors)
        record["updated_at"] = in_order(record["published_at"], record["updated_at"])
    record["source"] = _source(record, page.url, origin, item)
    article, warnings = parse_record(record)
    if item is not None and article.published_at is None:
        warnings += item.warnings
    return Read(article, page.url, origin, warnings)


def _from_feed(item: Item, feed: str, reason: BadInput) -> Read:
    """The article as the feed has it. Raises the reason why it is needed, if it is too short."""
    if len(item.text) < LONG_ENOUGH:
        raise reason
    link = without_tracking(item.link) if item.link is not None else None
    record = {
        "id": link if link is not None and same_site(link, feed) else f"{feed}#{item.guid}",
        "url": link,
        "text": item.text,
        "title": item.title,
        "published_at": item.published_at,
        "updated_at": item.updated_at,
        "authors": list(item.authors),
        "source": item.source,
        "language": item.language,
        "section": item.section,
        "rights": item.rights,
    }
    article, warnings = parse_record(record)
    return Read(article, item.link or feed, feed, (*warnings, *item.warnings))


def _source(record: Mapping[str, Any], address: str, feed: str, item: Item | None) -> str | None:
    """The publisher as the page names it, else as a feed of its site does, else the host."""
    stated: str | None = record["source"]
    host = host_of(record["url"])
    if stated is not None and stated != host:
        return stated
    if item is not None and item.source is not None and same_site(address, feed):
        return publisher_name([item.source], host, record["title"])
    return stated or (item.source if item is not None else None) or host


def _utf8(page: Document) -> bytes:
    """The page in UTF-8 where its server names another charset, which outranks the page's own."""
    if page.charset is None or page.charset.lower() in ("utf-8", "utf8"):
        return page.body
    try:
        return page.body.decode(page.charset, "replace").encode("utf-8", "replace")
    except LookupError:  # a charset that does not exist
        return page.body


def _is_front(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.path.strip("/") and not parts.query
