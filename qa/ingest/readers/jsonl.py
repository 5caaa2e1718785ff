"""JSON Lines: one article a line."""

import json
from collections.abc import Iterator
from typing import BinaryIO

from qa.errors import BadInput
from qa.ingest.readers.base import DAMAGED, TOO_LONG, Entry, Unreadable, bounded_lines

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_jsonl(file: BinaryIO) -> Iterator[Entry | Unreadable]:
    """Yield a record a line, blank lines left out; after damage in a compressed file, stop."""
    number = 0
    try:
        for number, line in enumerate(bounded_lines(file), start=1):
            if line is None:
                yield Unreadable(f"line {TOO_LONG}", number)
                continue
            content = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
            content = content.strip()
            if not content:
                continue
            try:
                yield Entry(_parse(content), number)
            except BadInput as error:
                yield Unreadable(str(error), number)
    except DAMAGED as error:
        yield Unreadable(f"the compressed file breaks off here: {error}", number + 1)


def _parse(content: bytes) -> object:
    try:
        return json.loads(content.decode())
    except UnicodeDecodeError as error:
        raise BadInput(f"not UTF-8 (byte {error.start + 1})") from error
    except json.JSONDecodeError as error:
        raise BadInput(f"invalid JSON: {error.msg} at column {error.colno}") from error
    except (ValueError, RecursionError) as error:
        # A number of 5,000 digits; a thousand open brackets.
        raise BadInput(f"invalid JSON: {error}") from error
