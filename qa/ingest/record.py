"""One JSON object to one `Article`: identity, dates, authors, characters fit for a database."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from qa.errors import BadInput, first_problem
from qa.types import Article, instant

_UNSTORABLE = re.compile("[\\0\ud800-\udfff]")
_FIELDS = frozenset(Article.model_fields) - {"extra"}
_DATES = ("published_at", "updated_at")
_LIMITS = ("embargoed_until", "expires_at")  # a wrong one must not let an article out, or in
_STATUSES = {"usable": "usable", "withheld": "withheld", "canceled": "canceled",
             "cancelled": "canceled"}  # fmt: skip
_KEYS_SHOWN = 8
_JSON_NAMES: Mapping[type, str] = {
    list: "a list",
    str: "a string",
    bool: "true or false",
    type(None): "null",
    dict: "an object",
}


def version_of(article: Article) -> str:
    """Return the version hash: 16 hex digits of the SHA-256 over title and text."""
    content = json.dumps([article.title, article.text], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def parse_record(
    record: object, *, fallback_id: str | None = None
) -> tuple[Article, tuple[str, ...]]:
    """Return the article of a JSON object, and warnings. Raises BadInput for anything else.

    Without an id: the url, else ``fallback_id``, else a hash of the text. A date that cannot be
    read becomes null, with a warning. NUL and lone surrogates, which no database stores, become
    U+FFFD one for one, so that offsets hold.
    """
    if not isinstance(record, Mapping):
        raise BadInput(f"expected a JSON object, got {_json_name(record)}")
    try:
        given = {_clean(str(key)): _clean(value) for key, value in record.items()}
    except RecursionError as error:
        raise BadInput("nested too deep") from error
    text = _text(given)
    fields: dict[str, Any] = {name: given[name] for name in _FIELDS if given.get(name) is not None}
    warnings: list[str] = []
    for name in _DATES:
        fields[name], warning = _date(fields.get(name))
        if warning:
            warnings.append(f"{name} {warning}")
    for name in _LIMITS:
        fields[name], warning = _date(fields.get(name))
        if warning:
            raise BadInput(f"{name} {warning.removesuffix(': stored without a date')}")
    fields["authors"] = _authors(fields.get("authors"))
    fields["status"] = _status(fields.get("status"))
    fields["section"] = _joined(fields.get("section"))
    fields["rights"] = _joined(fields.get("rights"))
    fields["id"] = _identity(fields, fallback_id, text)
    fields["extra"] = {name: value for name, value in given.items() if name not in _FIELDS}
    try:
        return Article(**fields), tuple(warnings)
    except ValidationError as error:
        raise BadInput(first_problem(error)) from error


def _text(given: Mapping[str, Any]) -> str:
    text = given.get("text")
    if isinstance(text, str):
        if not text.strip():
            raise BadInput("no text: 'text' is empty")
        return text
    if text is not None:
        raise BadInput("text is not a string")
    if "text" in given:
        raise BadInput("no text: 'text' is null")
    if not given:
        raise BadInput("no text: the object is empty")
    keys = [f"'{key[:30]}'" for key in given]
    shown = ", ".join(keys[:_KEYS_SHOWN])
    more = f" and {len(keys) - _KEYS_SHOWN} more" if len(keys) > _KEYS_SHOWN else ""
    raise BadInput(f"no text: expected a key 'text', got {shown}{more}")


def _identity(fields: Mapping[str, Any], fallback_id: str | None, text: str) -> object:
    identity = fields.get("id")
    if isinstance(identity, int) and not isinstance(identity, bool):
        return str(identity)
    # In this order; an empty string counts as missing.
    known = identity or fields.get("url") or fallback_id
    return known or hashlib.sha256(text.encode()).hexdigest()[:32]


def _date(value: object) -> tuple[str | None, str | None]:
    """Return the date normalised, and a warning if it cannot be read."""
    if value is None:
        return None, None
    if not isinstance(value, str):
        return None, f"is {_json_name(value)}, not an ISO 8601 string: stored without a date"
    text = value.strip()
    if not text:
        return None, None
    try:
        instant(text)
        try:
            return date.fromisoformat(text).isoformat(), None
        except ValueError:
            return datetime.fromisoformat(text).isoformat(), None
    except ValueError:
        return None, f"'{value[:40]}' is not an ISO 8601 date: stored without a date"


def _status(value: object) -> str:
    """Raises BadInput for an unknown one: the article might have been withdrawn."""
    if value is None:
        return "usable"
    known = _STATUSES.get(value.strip().lower()) if isinstance(value, str) else None
    if known is None:
        raise BadInput(f"status is {value!r:.40}; it must be usable, withheld or canceled")
    return known


def _joined(value: object) -> str | None:
    """The text of a field that some write as a list or an object."""
    if value is None or isinstance(value, str):
        return (value or "").strip() or None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value) or None
    return json.dumps(value, ensure_ascii=False)


def _authors(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadInput("authors is neither a string nor a list of strings")
    return tuple(name.strip() for name in names if name.strip())


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() and "\0" not in value else _storable(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value


def _storable(text: str) -> str:
    # Code point for code point, so that offsets into the given text hold in the stored one.
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _json_name(value: object) -> str:
    return _JSON_NAMES.get(type(value), "a number")
