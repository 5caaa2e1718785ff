"""NewsML-G2: a news item whose text is XHTML, NITF or plain text inside it."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from qa.errors import BadInput
from qa.ingest.readers.fields import (
    Record,
    authors_of,
    date_of,
    dates_of,
    first_text,
    status_of,
    with_text,
)
from qa.ingest.readers.markup import looks_like_markup, text_of_element, text_of_markup
from qa.ingest.readers.nitf import nitf_text

_CORRECTS = frozenset({"corrects", "correctionof", "iscorrectionof"})
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def newsml_record(item: Any) -> Record:
    """Return the record of a ``newsItem`` element.

    Raises BadInput for an item without a text of its own, unless it withdraws one.
    """
    meta = _child(item, "itemMeta")
    content = _child(item, "contentMeta")
    rights = _child(item, "rightsInfo")
    published, updated = dates_of(
        _text(_child(meta, "firstCreated")), _text(_child(meta, "versionCreated"))
    )
    status, embargoed_until = _status(meta)
    source = first_text(
        _name(_child(meta, "provider")),
        _name(_child(content, "infoSource")),
        _text(_child(content, "creditline")),
        _name(_child(rights, "copyrightHolder")),
    )
    tag = _child(content, "language")
    language = tag.get("tag") if tag is not None else item.get(_LANGUAGE)
    by_lines = [_text(line) for line in _children(content, "by")]
    creators = [_name(creator) for creator in _children(content, "creator")]
    terms = [*_children(rights, "usageTerms"), *_children(rights, "copyrightNotice")]
    record = with_text({
        "id": item.get("guid"),
        "title": first_text(
            *map(_text, _children(content, "headline")), _text(_child(meta, "title"))
        ),
        "text": max(_texts(item), key=len, default=""),
        "published_at": published,
        "updated_at": updated,
        "source": source,
        "authors": authors_of(by_lines if any(by_lines) else creators, [source], language),
        "section": _name(_child(meta, "service")),
        "language": language,
        "status": status,
        "embargoed_until": embargoed_until,
        "corrects": _corrected(meta),
        "rights": "; ".join(filter(None, map(_text, terms))),
        "item_version": item.get("version"),
        "editors_note": _text(_child(meta, "edNote")),
    })  # fmt: skip
    if not record["text"]:
        kind = _code(_child(meta, "itemClass")) or "item"
        raise BadInput(f"no text: this {kind} has none of its own")
    return record


def _texts(item: Any) -> Iterator[str]:
    """Yield the item's text in each format that it is given in."""
    contents = _child(item, "contentSet")
    for inline in _children(contents, "inlineXML"):
        for root in inline:
            name = etree.QName(root).localname
            yield nitf_text(root) if name == "nitf" else text_of_element(root)
    for inline in _children(contents, "inlineData"):
        encoded = inline.get("encoding") is not None  # base64, of a picture
        text = "" if encoded else (inline.text or "").strip()
        yield text_of_markup(text) if looks_like_markup(text) else text


def _status(meta: Any) -> tuple[object, object]:
    """Return the status and until when there is an embargo; an empty one has no end."""
    stated = _child(meta, "pubStatus")
    status = status_of(_code(stated)) if stated is not None else None
    embargoed = _child(meta, "embargoed")
    if embargoed is None:
        return status, None
    until = _text(embargoed)
    if until is None and status in (None, "usable"):
        return "withheld", None
    return status, date_of(until)


def _corrected(meta: Any) -> str | None:
    for link in _children(meta, "link"):
        relation = _last_part(link.get("rel") or "").lower()
        if relation in _CORRECTS:
            return first_text(link.get("residref"), link.get("href"))
    return None


def _name(element: Any) -> str | None:
    """Return the name of a party or a concept, else its literal, else its code."""
    if element is None:
        return None
    return first_text(_text(_child(element, "name")), element.get("literal"), _code(element))


def _code(element: Any) -> str | None:
    """Return "canceled" of ``qcode="stat:canceled"`` or of the address that means the same."""
    if element is None:
        return None
    return first_text(_last_part(element.get("qcode") or element.get("uri") or ""))


def _last_part(code: str) -> str:
    return code.rpartition(":")[2].rpartition("/")[2]


def _children(element: Any, name: str) -> list[Any]:
    if element is None:
        return []
    found: list[Any] = element.findall(f"{{*}}{name}")
    return found


def _child(element: Any, name: str) -> Any:
    return next(iter(_children(element, name)), None)


def _text(element: Any) -> str | None:
    return " ".join(text_of_element(element).split()) or None if element is not None else None
