"""Feeds: RSS, Atom and RDF through feedparser, and JSON Feed."""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from time import struct_time
from typing import Any
from urllib.parse import urljoin
from xml.sax import SAXException

from lxml import etree, html

from qa.errors import FetchFailed
from qa.ingest.metadata.moments import parse_moment
from qa.ingest.web.documents import json_feed
from qa.ingest.web.fetch import Document
from qa.ingest.web.items import Item, Listing, in_order, language_code

LONGEST = 10_000_000  # bytes; ten thousand whole reports
_BLOCKS = frozenset(
    {"p", "div", "br", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "blockquote", "pre", "hr",
     "section", "article", "figcaption", "td"}
)  # fmt: skip
_SILENT = ("script", "style", "figure", "iframe")
_ADDRESSED = re.compile(r"\S+@\S+\s*\(([^()]+)\)")  # RSS: an address, and a name in parentheses
_WORD = re.compile(r"[^\W\d_]{3}")  # a month's or a day's name


def read_feed(document: Document) -> Listing:
    """The entries of a feed, in its order; of several with one guid, the first.

    Raises FetchFailed.
    """
    if len(document.body) > LONGEST:
        raise FetchFailed(f"a feed of more than {LONGEST:,} bytes")
    if document.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return Listing(_distinct(_json_items(json_feed(document), document.url)))
    import feedparser

    try:
        parsed = feedparser.parse(
            io.BytesIO(document.body),
            response_headers={
                "content-type": _content_type(document),
                "content-location": document.url,
            },
        )
    except (ValueError, RecursionError) as error:  # half a surrogate pair, a nest of elements
        raise FetchFailed(f"the feed cannot be read: {error}") from error
    trouble = parsed.get("bozo_exception")
    fault = f"invalid XML: {trouble}" if isinstance(trouble, SAXException) else None
    if not parsed.entries and fault is not None:
        raise FetchFailed(fault)
    if not parsed.version and not parsed.entries:
        raise FetchFailed("not a feed")
    items = [_xml_item(entry, parsed.feed, parsed.version) for entry in parsed.entries]
    return Listing(_distinct(items), fault)


def _content_type(document: Document) -> str:
    """For feedparser, which believes a charset here before the XML's own declaration."""
    kind = "application/xml"
    return f"{kind}; charset={document.charset}" if document.charset else kind


def _distinct(items: Sequence[Item | None]) -> list[Item]:
    found: dict[str, Item] = {}
    for item in items:
        if item is not None:
            found.setdefault(item.guid, item)
    return list(found.values())


def _xml_item(entry: Any, feed: Any, version: str) -> Item | None:
    link = entry.get("link") or None
    guid = entry.get("id") or link
    if not guid:
        return None
    warnings: list[str] = []
    # `entry.get("updated")` would fall back on the date of publication.
    published, updated = (
        _moment(name, dict.get(entry, name), dict.get(entry, f"{name}_parsed"), warnings)
        for name in ("published", "updated")
    )
    if published is None and not version.startswith("atom"):
        # RSS and RDF have one date, which feedparser calls "updated" if it is Dublin Core's.
        published, updated = updated, None
    contents = [part.get("value") or "" for part in entry.get("content", [])]
    text = max([*contents, entry.get("summary") or ""], key=len)
    source = entry.get("source") or {}
    return Item(
        guid=guid,
        link=link,
        title=_line(entry.get("title")),
        published_at=published,
        updated_at=in_order(published, updated),
        authors=_authors(entry),
        source=_line(source.get("title")) or _line(feed.get("title")),
        language=language_code(feed.get("language")),
        text=plain_text(text),
        warnings=tuple(warnings),
        section=_section(tag.get("label") or tag.get("term") for tag in entry.get("tags", [])),
        rights=_line(entry.get("rights")) or _line(feed.get("rights")),
    )


def _authors(entry: Any) -> tuple[str, ...]:
    # feedparser takes "a@b.example (Jane Roe)" apart within a top-level domain of over four letters
    addressed = _ADDRESSED.fullmatch((entry.get("author") or "").strip())
    if addressed is not None:
        return (addressed[1].strip(),)
    names = [person.get("name") or "" for person in entry.get("authors", [])]
    return tuple(name for name in names if name and "@" not in name)


def _moment(
    name: str, stated: str | None, parsed: struct_time | None, warnings: list[str]
) -> str | None:
    """The date as precise as stated; feedparser's reading only where a month's name leaves no
    doubt about the day.
    """
    moment = parse_moment(stated)
    if moment is not None or not stated:
        return moment
    if parsed is not None and _WORD.search(stated):
        # feedparser gives UTC; no day has a leap second in the Epoch's calendar
        return datetime(*parsed[:5], min(parsed.tm_sec, 59), tzinfo=UTC).isoformat()
    warnings.append(f"{name} {stated[:40]!r} is not a date: stored without it")
    return None


def _json_items(feed: Mapping[str, Any], base: str) -> list[Item | None]:
    return [_json_item(item, feed, base) for item in feed["items"]]


def _json_item(item: object, feed: Mapping[str, Any], base: str) -> Item | None:
    if not isinstance(item, dict):
        return None
    stated = _string(item.get("url")) or _string(item.get("external_url"))
    link = urljoin(base, stated) if stated else None
    identity = item.get("id")
    guid = str(identity) if isinstance(identity, str | int) and identity != "" else link
    if not guid:
        return None
    warnings: list[str] = []
    published, updated = (
        _moment(name, _string(item.get(name)), None, warnings)
        for name in ("date_published", "date_modified")
    )
    marked_up = plain_text(_string(item.get("content_html")) or "")
    return Item(
        guid=guid,
        link=link,
        title=_line(item.get("title")),
        published_at=published,
        updated_at=in_order(published, updated),
        authors=_json_authors(item) or _json_authors(feed),
        source=_line(feed.get("title")),
        language=language_code(item.get("language") or feed.get("language")),
        text=marked_up or _string(item.get("content_text")) or _string(item.get("summary")) or "",
        warnings=tuple(warnings),
        section=_section(item["tags"] if isinstance(item.get("tags"), list) else []),
    )


def _section(categories: Iterable[object]) -> str | None:
    """The category of an entry that has one; several are keywords."""
    names = {name for category in categories if (name := _line(category)) is not None}
    return names.pop() if len(names) == 1 else None


def _json_authors(holder: Mapping[str, Any]) -> tuple[str, ...]:
    people = holder.get("authors") or [holder.get("author")]
    if not isinstance(people, list):
        return ()
    names = [_string(person.get("name")) for person in people if isinstance(person, dict)]
    return tuple(name for name in names if name)


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _line(value: object) -> str | None:
    """The text of a title, which may hold markup."""
    text = _string(value)
    return " ".join(plain_text(text).split()) or None if text is not None else None


def plain_text(markup: str) -> str:
    """The text of a piece of HTML, a line for each block."""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    try:
        tree = html.fromstring(f"<div>{markup}</div>")
    except (ValueError, etree.ParserError):
        return ""
    parts: list[str] = []
    walk = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        line = "\n" if node.tag in _BLOCKS else ""
        if event == "start" and node.tag in _SILENT:
            walk.skip_subtree()
        elif event == "start":
            parts.append(f"{line}{node.text or ''}")
        else:
            parts.append(f"{line}{node.tail or ''}")
    lines = (" ".join(line.split()) for line in "".join(parts).splitlines())
    return "\n".join(line for line in lines if line)
