"""Records whose keys or columns have other names than ours: CSV, Parquet, JSON from elsewhere."""

import html
from collections.abc import Mapping
from typing import Any

from qa.ingest.readers.fields import Record, authors_of, date_of, first_text, status_of, texts_of
from qa.ingest.readers.markup import line_of_markup, looks_like_markup, text_of_markup

# Compared without case, spaces and punctuation. The first that has a value is taken; the others
# are kept, unused, like any column that is not named here.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "text": (
        "text", "body", "content", "full text", "article text", "article body", "body text",
        "main text", "plain text", "maintext", "content text", "body html", "content html",
        "article", "story",
    ),
    "title": ("title", "headline", "article title"),
    "published_at": (
        "published at", "published", "date published", "publication date", "publish date",
        "published on", "pub date", "first published", "date",
    ),
    "updated_at": (
        "updated at", "updated", "modified", "modified at", "date modified", "last modified",
        "last updated",
    ),
    "source": ("source", "publisher", "publication", "outlet", "newspaper", "source name"),
    "authors": ("authors", "author", "byline", "by", "writer"),
    "section": ("section", "category", "categories", "rubric", "desk"),
    "url": ("url", "link", "article url", "canonical url", "web url", "permalink"),
    "language": ("language", "lang"),
    "id": ("id", "article id", "guid", "uuid", "doc id", "document id"),
    "rights": ("rights", "usage terms", "license", "licence", "copyright"),
    "status": ("status", "pub status"),
    "embargoed_until": ("embargoed until", "embargo", "embargoed"),
    "expires_at": ("expires at", "expires", "expiry"),
    "corrects": ("corrects",),
}  # fmt: skip
_DATES = ("published_at", "updated_at", "embargoed_until", "expires_at")
_FIELD_OF = {
    "".join(name.split()): (field, rank)
    for field, names in COLUMNS.items()
    for rank, name in enumerate(names)
}


def field_of(column: str) -> str | None:
    """Return the field that a column means."""
    known = _FIELD_OF.get(_key(column))
    return known[0] if known else None


def renamed(given: Mapping[str, Any]) -> Record:
    """Return the record under our names. HTML in the text becomes text; dates become ISO 8601."""
    record: Record = {}
    ranks: dict[str, int] = {}
    columns: dict[str, str] = {}
    for column, value in given.items():
        if value is None or value == "":
            continue
        known = _FIELD_OF.get(_key(column))
        if known is None:
            record[column] = value
            continue
        field, rank = known
        if rank >= ranks.get(field, len(_FIELD_OF)):
            record.setdefault(column, value)
            continue
        if field in ranks:
            record[columns[field]] = record[field]
        record[field], ranks[field], columns[field] = value, rank, column
    return _tidied(record)


def _tidied(record: Record) -> Record:
    text, title = record.get("text"), record.get("title")
    if isinstance(text, str) and looks_like_markup(text):
        record["text"] = text_of_markup(text)
    if isinstance(title, str):
        record["title"] = line_of_markup(title) if looks_like_markup(title) else title
        record["title"] = html.unescape(record["title"])
    for field in _DATES:
        if field in record:
            record[field] = date_of(record[field])
    if "source" in record:
        record["source"] = first_text(*texts_of(record["source"], "name", "title", "id"))
    if record.get("authors") is not None:
        names = texts_of(record["authors"], "name")
        outlets = [record.get("source")]
        record["authors"] = authors_of(names, outlets, record.get("language"))
    if "status" in record:
        record["status"] = status_of(record["status"])
    return record


def _key(column: str) -> str:
    return "".join(character for character in column.casefold() if character.isalnum())
