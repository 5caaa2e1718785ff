"""ninjs, the IPTC's news in JSON: 1.x with `headline` and `body_html`, 2.x and 3.x with lists."""

from collections.abc import Iterator, Mapping
from typing import Any

from qa.errors import BadInput
from qa.ingest.readers.fields import (
    Record,
    authors_of,
    date_of,
    dates_of,
    first_text,
    status_of,
    texts_of,
    with_text,
)
from qa.ingest.readers.markup import line_of_markup, looks_like_markup, text_of_markup

_SIGNS = frozenset({"versioncreated", "firstcreated", "pubstatus", "bodies", "headlines"})
_BODIES = ("body_html", "body_xhtml", "body_nitf", "body_text")
_SOURCES = ("source", "infosources", "infosource", "sources", "provider", "copyrightholder")
_NOT_THE_BODY = frozenset({"abstract", "caption", "summary", "teaser"})
_USED = frozenset({
    *_BODIES, "uri", "headline", "headlines", "bodies", "title", "versioncreated", "firstcreated",
    *_SOURCES, "byline", "bylines", "by", "authors", "language", "service", "url",
    "usageterms", "copyrightnotice", "pubstatus", "embargoed", "embargoeduntil", "expires",
    "expiry", "corrects", "associations", "renditions",
})  # fmt: skip


def is_ninjs(item: Mapping[str, Any]) -> bool:
    """Return True for an item with the keys of any version of ninjs."""
    names = {str(key).lower() for key in item}
    return bool(names & _SIGNS) or any(name.startswith("body_") for name in names)


def ninjs_record(item: Mapping[str, Any]) -> Record:
    """Return the record. Raises BadInput for an item that has no text and is not a withdrawal."""
    # 3.x writes versionCreated for 1.x's and 2.x's versioncreated.
    given = {str(key).lower(): value for key, value in item.items()}
    source = next(
        (name for key in _SOURCES for name in texts_of(given.get(key), "name", "literal")),
        None,
    )
    language = first_text(given.get("language"))
    by_lines = [
        line
        for key in ("byline", "bylines", "by", "authors")
        for line in texts_of(given.get(key), "by", "name")
    ]
    published, updated = dates_of(given.get("firstcreated"), given.get("versioncreated"))
    text, headline = _body(given), _headline(given)
    record: Record = {
        "id": first_text(given.get("uri"), given.get("guid"), given.get("_id")),
        "title": headline,
        "text": text,
        "published_at": published,
        "updated_at": updated,
        "source": source,
        "authors": authors_of(by_lines, [source], language),
        "section": _section(given) or given.get("section"),
        "url": first_text(given.get("url"), given.get("link"), given.get("canonicalurl")),
        "language": language,
        "status": status_of(given.get("pubstatus")),
        "embargoed_until": date_of(given.get("embargoeduntil") or given.get("embargoed")),
        "expires_at": date_of(given.get("expires") or given.get("expiry")),
        "corrects": given.get("corrects"),
        "rights": "; ".join(
            term
            for key in ("usageterms", "copyrightnotice")
            for term in texts_of(given.get(key), "name", "value")
        ),
    }
    if not with_text(record)["text"]:
        kind = first_text(given.get("type")) or "item"
        raise BadInput(f"no text: this {kind} has no body")
    return {key: value for key, value in given.items() if key not in _USED} | record


def _headline(given: Mapping[str, Any]) -> str | None:
    headlines = given.get("headlines")
    stated = headlines if isinstance(headlines, list) else []
    objects = [item for item in stated if isinstance(item, Mapping)]
    main = sorted(objects, key=lambda item: item.get("role") != "main")
    values = [item.get("value") for item in main]
    title = first_text(given.get("headline"), *values, given.get("title"), given.get("name"))
    return line_of_markup(title) if title and looks_like_markup(title) else title


def _body(given: Mapping[str, Any]) -> str | None:
    """Return the longest of the bodies, which are the same text in several formats, or the text
    beside a summary of it.
    """
    return max(_bodies(given), key=len, default=None)


def _bodies(given: Mapping[str, Any]) -> Iterator[str]:
    stated = [given.get(name) for name in _BODIES]
    bodies = given.get("bodies")
    stated.extend(
        item.get("value")
        for item in (bodies if isinstance(bodies, list) else [])
        if isinstance(item, Mapping) and item.get("role") not in _NOT_THE_BODY
    )
    for value in stated:
        if isinstance(value, str) and value.strip():
            yield text_of_markup(value) if looks_like_markup(value) else value


def _section(given: Mapping[str, Any]) -> str | None:
    """Return the service ("Sport"), else the subject that is named as a category."""
    subjects = [
        subject
        for key in ("subject", "subjects")
        if isinstance(given.get(key), list)
        for subject in given[key]
        if isinstance(subject, Mapping)
    ]
    categories = [
        first_text(subject.get("name"), subject.get("code"))
        for subject in subjects
        if "category" in (subject.get("rels") or [subject.get("rel")])
    ]
    return first_text(*texts_of(given.get("service"), "name", "code"), *categories)
