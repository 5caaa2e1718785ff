"""Title, authors and dates in the first lines of a plain text.

A header is the short lines before the first line of prose. Only a line that is a by-line, a date,
or both counts; the text itself is never changed.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.ingest.metadata.moments import parse_moment
from qa.ingest.metadata.names import clean_names

_MOST_LINES = 12
_LONGEST_LINE = 120  # a longer one is prose
_LONGEST_TITLE = 200
_CREDIT = re.compile(
    r"^\W*(?:(?:file )?(?:photo(?:graph|s)?|picture|image|illustration|graphic|video|foto|"
    r"credit)\b|©)",
    re.IGNORECASE,
)
_UPDATED = re.compile(
    r"^(?:last )?(?:updated|modified|edited|aktualisiert|mis à jour|actualizado)\b"
    r"(?: on| at| am| le| el)?\s*:?\s*",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(
    r"^(?:(?:first )?published|posted|date|issued|released|created)\b(?: on| at)?\s*:?\s*",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?:(?:by|von|por|par|written by|story by|reported by)\s|(?:by|text|words|author)\s*:)",
    re.IGNORECASE,
)
_BY_LANGUAGES = {"von": "de", "par": "fr", "por": "es"}
_SEGMENTS = re.compile(r"\s+[|•·–—-]\s+|\s*\|\s*|(?<=\d)\s+(?=by\s+[A-Z])")
_PLACE = re.compile(r"^[A-Z][A-Z .'-]{2,30}, (?=\d|[A-Z])")
_NAME_WORD = r"(?:[^\W\d_a-zß-ÿ][\w'’.-]*|de|da|di|del|der|van|von|al|bin|ibn|la|le|el)"
_NAME = re.compile(rf"{_NAME_WORD}(?: {_NAME_WORD}){{1,4}}")
_PUBLICATION = re.compile(
    r"\b(?:news|times|post|daily|weekly|press|herald|gazette|tribune|journal|chronicle|observer|"
    r"agency|media|magazine|today|politics|world|business|sports?|opinion|culture|economy|report|"
    r"science|health|technology|online|network|radio|tv|breaking|latest|home|analysis|interview)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Header:
    """What the first lines of a text state. Dates are ISO 8601."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    published_at: str | None = None
    updated_at: str | None = None


@dataclass(frozen=True, slots=True)
class _Line:
    names: tuple[str, ...] = ()  # of a by-line
    bare: str | None = None  # a line that could be a name, which only its neighbours can show
    published: str | None = None
    updated: str | None = None

    @property
    def dated(self) -> bool:
        return bool(self.published or self.updated)


def read_header(text: str) -> Header:
    """Return what the first lines state; empty for a text that begins with prose."""
    lines = [line.strip(" \t\r*_") for line in text.strip().split("\n", _MOST_LINES * 2)]
    title = _title(lines)
    rest = lines[1:] if title else lines
    header = [_read_line(line) for line in _header_lines(rest)]
    published = next((line.published for line in header if line.published), None)
    updated = next((line.updated for line in header if line.updated), None)
    authors = [name for line in header for name in line.names] or _beside_dates(header)
    return Header(title, tuple(dict.fromkeys(authors)), published, updated)


def _title(lines: Sequence[str]) -> str | None:
    """Return a Markdown heading, or a short first line with a blank or a header line after it."""
    first = lines[0]
    if first.startswith("#"):
        return first.lstrip("#").strip() or None
    if len(first) > _LONGEST_TITLE or first.endswith(".") or len(lines) < 2:
        return None
    alone = lines[1] == "" or _read_line(lines[1]) != _Line()
    return first if alone and not _read_line(first).dated else None


def _header_lines(lines: Sequence[str]) -> Iterator[str]:
    count = 0
    for line in lines:
        if not line:
            continue
        if len(line) > _LONGEST_LINE or count == _MOST_LINES:
            return
        if _is_prose(line):
            return
        count += 1
        yield line


def _is_prose(line: str) -> bool:
    ends = line.endswith((".", "!", "?", "”", '"', ":", ";", ","))
    return ends and len(line.split()) > 6 and _read_line(line) == _Line()


def _read_line(line: str) -> _Line:
    if not line or len(line) > _LONGEST_LINE or _CREDIT.match(line):
        return _Line()
    whole = _dated(line)
    if whole is not None:
        return whole
    segments = [segment.strip() for segment in _SEGMENTS.split(line) if segment.strip()]
    if _BY.match(line) and len(segments) == 1:
        segments = _by_and_date(line)
    return _merged(segments)


def _merged(segments: Sequence[str]) -> _Line:
    """Read the parts of a line such as "By Ann Roe | May 6, 2021 | 3:00 p.m."."""
    names: list[str] = []
    bare: str | None = None
    dates = [dated for segment in segments if (dated := _dated(segment)) is not None]
    together = _dated(" ".join(segment for segment in segments if re.search(r"\d", segment)))
    for segment in segments:
        if _BY.match(segment):
            language = _BY_LANGUAGES.get(segment.split()[0].lower())
            found_names = clean_names([segment], language=language)
            names.extend(name for name in found_names if _NAME.fullmatch(name))
        elif _is_name(segment):
            bare = segment
        elif len(segment.split()) > 3 and _dated(segment) is None:
            return _Line()  # a sentence, whatever date is in it
    found = together or (dates[0] if dates else _Line())
    if found.dated and bare and not names and len(segments) > 1 and _is_person(bare):
        names = [bare]
    return _Line(tuple(names), bare, found.published, found.updated)


def _by_and_date(line: str) -> list[str]:
    """Split "By Ann Roe, May 6, 2021" before the date."""
    for match in re.finditer(r",\s+", line):
        if _dated(line[match.end() :]) is not None:
            return [line[: match.start()], line[match.end() :]]
    return [line]


def _dated(text: str) -> _Line | None:
    """Read a text that is a date and nothing else but its label or a place."""
    label = _UPDATED.match(text)
    if label:
        moment = parse_moment(text[label.end() :])
        return _Line(updated=moment) if moment else None
    label = _PUBLISHED.match(text) or _PLACE.match(text)
    moment = parse_moment(text[label.end() :] if label else text)
    return _Line(published=moment) if moment else None


def _beside_dates(header: Sequence[_Line]) -> list[str]:
    """Return bare names directly before or after a date; a repeated by-line is one author."""
    near: Counter[str] = Counter()
    for index, line in enumerate(header):
        if line.bare is None or not _is_person(line.bare):
            continue
        before = index > 0 and header[index - 1].dated
        after = index + 1 < len(header) and header[index + 1].dated
        if after:
            near[line.bare] += 2
        elif before:
            near[line.bare] += 1
    if not near:
        return []
    best = max(near.values())
    return [name for name, count in near.items() if count == best]


def _is_name(text: str) -> bool:
    return len(text) <= 60 and bool(_NAME.fullmatch(text))


def _is_person(text: str) -> bool:
    return not _PUBLICATION.search(text)
