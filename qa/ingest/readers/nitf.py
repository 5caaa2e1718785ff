"""NITF, the News Industry Text Format: one article a document."""

from typing import Any

from qa.ingest.readers.fields import Record, authors_of, date_of, first_text, status_of, with_text
from qa.ingest.readers.markup import text_of_element


def nitf_record(root: Any) -> tuple[Record, tuple[str, ...]]:
    """Return the record of an ``nitf`` element, and a warning if it withdraws another document."""
    data = _find(root, "head/docdata")
    publication = _find(root, "head/pubdata")
    issued = _norm(data, "date.issue") or _attribute(publication, "date.publication")
    released = _norm(data, "date.release")
    status = _attribute(data, "management-status")
    if status == "embargoed" and released:
        status = "usable"
    source = first_text(
        _attribute(publication, "name"),
        _line(_find(root, "body/body.head/distributor")),
        _attribute(_find(data, "doc.copyright"), "holder"),
    )
    language = _attribute(root, "{http://www.w3.org/XML/1998/namespace}lang")
    by_lines = [_author(element) for element in _all(root, "body/body.head/byline")]
    other = _attribute(data, "management-doc-idref")
    record = with_text({
        "id": _attribute(_find(data, "doc-id"), "id-string"),
        "title": first_text(
            _line(_find(root, "body/body.head/hedline/hl1")), _line(_find(root, "head/title"))
        ),
        "text": nitf_text(root),
        "published_at": date_of(issued),
        "source": source,
        "authors": authors_of(by_lines, [source], language),
        "section": _attribute(publication, "position.section"),
        "language": language,
        "status": status_of(status),
        "embargoed_until": date_of(released) if released != issued else None,
        "expires_at": date_of(_norm(data, "date.expire")),
        # The document that this one takes the place of.
        "corrects": other,
        "rights": first_text(
            _line(_find(root, "body/body.head/rights")),
            _attribute(_find(data, "doc.rights"), "owner"),
        ),
        "dateline": _line(_find(root, "body/body.head/dateline")),
        "editors_note": _attribute(_find(data, "ed-msg"), "info"),
    })  # fmt: skip
    withdrawn = _attribute(data, "management-idref-status") in ("canceled", "withheld")
    warning = f"it withdraws '{other}', which stays in the archive: delete it there"
    return record, (warning,) if withdrawn and other else ()


def nitf_text(root: Any) -> str:
    """Return the text of the body, without headline and by-line."""
    body = _find(root, "body/body.content")
    return text_of_element(body) if body is not None else ""


def _find(element: Any, path: str) -> Any:
    """Return the first element of a path in any namespace, or None."""
    return next(iter(_all(element, path)), None)


def _all(element: Any, path: str) -> list[Any]:
    if element is None:
        return []
    found: list[Any] = element.findall("/".join(f"{{*}}{name}" for name in path.split("/")))
    return found


def _norm(data: Any, name: str) -> str | None:
    return _attribute(_find(data, name), "norm")


def _attribute(element: Any, name: str) -> str | None:
    return first_text(element.get(name)) if element is not None else None


def _author(byline: Any) -> str | None:
    """Return the persons that a by-line marks up, else its words before the job titles."""
    persons = [_line(person) for person in _all(byline, "person")]
    if any(persons):
        return "; ".join(filter(None, persons))
    words = [byline.text or ""]
    for child in byline:
        if str(child.tag).rpartition("}")[2] == "byttl":
            break
        words.extend([*child.itertext(), child.tail or ""])
    return " ".join("".join(words).split())


def _line(element: Any) -> str | None:
    return " ".join(text_of_element(element).split()) or None if element is not None else None
