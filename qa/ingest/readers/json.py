"""JSON: an article or many, in our keys or in those of ninjs, AP or WordPress.

A list of articles is read one by one, so that a file may be far larger than an article.
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from qa.errors import BadInput
from qa.ingest.readers.ap import ap_record, is_ap
from qa.ingest.readers.base import MAX_BYTES, TOO_LONG, Entry, Unreadable
from qa.ingest.readers.columns import field_of, renamed
from qa.ingest.readers.ninjs import is_ninjs, ninjs_record
from qa.ingest.readers.wordpress import is_post, post_record

# In this order: AP's items have keys of ninjs.
_KNOWN = ((is_ap, ap_record), (is_post, post_record), (is_ninjs, ninjs_record))
# Where an object that is not an article itself holds its articles.
_LISTS = ("articles", "items", "_items", "posts", "results", "entries", "docs", "data")
_OPENING = re.compile(rf'\s*(?:\{{\s*"(?:{"|".join(_LISTS)})"\s*:\s*)?\[\s*')
_SPACE = re.compile(r"\s*")
_DECODER = json.JSONDecoder()
_CHUNK = 1 << 16


def read_json(file: BinaryIO) -> Iterator[Entry | Unreadable]:
    """Yield the articles by their number in the list, or the one that the file is."""
    source = _Source(file)
    opening = _OPENING.match(source.head())
    if opening:
        source.at = opening.end()
        yield from _stream(source)
        return
    value = source.value()
    if not source.at_end():
        raise BadInput("invalid JSON: more than one value; name the file .jsonl if a line is one")
    items = _list_in(value)
    if items is None:
        yield Entry(_record(value))
        return
    for number, item in enumerate(items, start=1):
        yield _entry(item, number)


def _stream(source: "_Source") -> Iterator[Entry | Unreadable]:
    """Yield the items of a list whose bracket was read. What does not parse ends it."""
    number = 0
    while source.next_character() != "]":
        if number:
            source.skip(",", f"after item {number}")
        number += 1
        try:
            item = source.value()
        except BadInput as error:
            yield Unreadable(str(error), number)
            return
        yield _entry(item, number)


def _entry(item: object, number: int) -> Entry | Unreadable:
    try:
        return Entry(_record(item), number)
    except BadInput as error:
        return Unreadable(str(error), number)


def _record(item: object) -> object:
    """Return the record of an item, by the keys it has."""
    if not isinstance(item, Mapping) or isinstance(item.get("text"), str):
        return item
    for recognises, record_of in _KNOWN:
        if recognises(item):
            return record_of(item)
    return renamed(item)


def _list_in(value: object) -> list[Any] | None:
    """Return the articles that an object lists, or None if it is one article."""
    if isinstance(value, list):
        return value
    if not isinstance(value, Mapping) or any(field_of(str(key)) == "text" for key in value):
        return None
    if any(recognises(value) for recognises, _ in _KNOWN):
        return None
    for key in _LISTS:
        inner = value.get(key)
        if isinstance(inner, list):
            return inner
    return _list_in(value["data"]) if isinstance(value.get("data"), Mapping) else None


class _Source:
    """The text of a file, decoded and held only as far as one value needs."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._read = 0
        self._ended = False
        self._text = ""
        self.at = 0

    def head(self) -> str:
        """Return the first characters of the file."""
        self._more()
        return self._text

    def next_character(self) -> str:
        """Return the next character that is not a space, without passing it; "" at the end."""
        while True:
            space = _SPACE.match(self._text, self.at)
            assert space is not None  # noqa: S101  # the pattern matches the empty string
            self.at = space.end()
            if self.at < len(self._text) or not self._more():
                return self._text[self.at : self.at + 1]

    def at_end(self) -> bool:
        """Return True if nothing but spaces is left."""
        return self.next_character() == ""

    def skip(self, character: str, where: str) -> None:
        """Pass a character. Raises BadInput if another one is next."""
        found = self.next_character()
        if found != character:
            got = f"'{found}'" if found else "the end of the file"
            raise BadInput(f"invalid JSON {where}: expected '{character}', got {got}")
        self.at += 1

    def value(self) -> Any:
        """Return the next value. Raises BadInput if it is invalid or longer than allowed."""
        if self.at_end():
            raise BadInput("invalid JSON: the file ends here")
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self.at)
            except json.JSONDecodeError as error:
                if self._ended:
                    raise BadInput(f"invalid JSON: {error.msg}") from error
            except RecursionError as error:
                raise BadInput("invalid JSON: nested too deep") from error
            except ValueError as error:  # a number of 5,000 digits
                raise BadInput(f"invalid JSON: {error}") from error
            else:
                if end - self.at > MAX_BYTES:
                    raise BadInput(TOO_LONG)
                if end < len(self._text) or self._ended:
                    self.at = end
                    return value
            if len(self._text) - self.at > MAX_BYTES:
                raise BadInput(f"invalid JSON, or {TOO_LONG}")
            self._more()

    def _more(self) -> bool:
        """Read as much again as is held, so that many attempts at one value cost two."""
        self._text = self._text[self.at :]
        self.at = 0
        content = self._file.read(max(_CHUNK, len(self._text)))
        self._ended = not content
        try:
            self._text += self._decode(content, self._ended)
        except UnicodeDecodeError as error:
            place = self._read + error.start + 1
            raise BadInput(f"not UTF-8 (about byte {place:,})") from error
        self._read += len(content)
        return not self._ended
