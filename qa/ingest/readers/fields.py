"""What several formats say in different words: status, dates, names, the text of a withdrawal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from qa.ingest.metadata.moments import parse_moment
from qa.ingest.metadata.names import clean_names

Record = dict[str, Any]

# What `parse_record` does not know is refused there: the article might have been withdrawn.
_STATUSES: Mapping[str, str] = {
    "publish": "usable",
    "published": "usable",
    "draft": "withheld",
    "auto-draft": "withheld",
    "embargoed": "withheld",
    "future": "withheld",
    "pending": "withheld",
    "private": "withheld",
    "trash": "canceled",
    "killed": "canceled",
    "retracted": "canceled",
    "withdrawn": "canceled",
}


def status_of(value: object) -> object:
    """Return the status in our words where it is known in others; anything else as it is."""
    if not isinstance(value, str):
        return value
    name = value.strip().lower()
    return _STATUSES.get(name, name) or None


def date_of(value: object) -> object:
    """Return ISO 8601 if the value is a date in any usual form; anything else as it is, so that
    `parse_record` warns of it.
    """
    return parse_moment(value) or value


def dates_of(first: object, version: object) -> tuple[object, object]:
    """Return when it was published and when it was updated, from the dates of the first version
    and of this one.
    """
    published, updated = date_of(first), date_of(version)
    if not published:
        return updated, None
    return published, updated if updated != published else None


def authors_of(
    by_lines: Iterable[object], outlets: Sequence[str | None] = (), language: object = None
) -> list[str]:
    """Return the names in by-lines, without "By", roles and the outlets themselves."""
    lines = [line for line in by_lines if isinstance(line, str)]
    names = [outlet for outlet in outlets if outlet]
    code = language[:2].lower() if isinstance(language, str) else None
    return clean_names(lines, names, code)


def first_text(*values: object) -> str | None:
    """Return the first value that is a string with something in it."""
    for value in values:
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def texts_of(value: object, *keys: str) -> list[str]:
    """Return the strings in a string, an object (under the first of ``keys`` it has), or a list."""
    if isinstance(value, list):
        return [text for item in value for text in texts_of(item, *keys)]
    if isinstance(value, Mapping):
        value = next((value[key] for key in keys if value.get(key)), None)
    text = first_text(value)
    return [text] if text else []


def with_text(record: Record) -> Record:
    """Give a withdrawal that comes without a text its headline as one.

    The article that it withdraws must be overwritten all the same; no answer ever quotes it.
    """
    text = record.get("text")
    if not text and record.get("status") in ("canceled", "cancelled"):
        record["text"] = record.get("title") or "(canceled)"
    return record
