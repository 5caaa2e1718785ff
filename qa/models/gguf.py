"""The head of a GGUF file (ggml-org's format): enough to say why a model cannot be used."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from qa.errors import ModelUnavailable

MAGIC = b"GGUF"
MOST_VALUES = 10_000_000  # of a list, or keys: beyond this the file is broken
_STRING, _ARRAY = 8, 9
# Types of values as `struct` names them: 8 to 64 bits, floats and booleans.
_PLAIN = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}


@dataclass(frozen=True, slots=True)
class Header:
    """``context``: the tokens that the model was trained to read at once."""

    chat_template: str | None
    context: int | None


def read_header(path: Path) -> Header:
    """Raises ModelUnavailable for a file that is not GGUF, or is cut short."""
    try:
        with path.open("rb") as file:
            if file.read(4) != MAGIC:
                raise ModelUnavailable(f"{path} is not a GGUF file")
            return _read(file, path)
    except (struct.error, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise ModelUnavailable(f"{path} is a damaged GGUF file") from error
    except OSError as error:
        raise ModelUnavailable(f"{path} cannot be read: {error.strerror}") from error


def _read(file: BinaryIO, path: Path) -> Header:
    version, _tensors, count = _unpack(file, "<IQQ")
    if version not in (2, 3) or count > MOST_VALUES:
        raise ModelUnavailable(f"{path} is GGUF of version {version}; known are 2 and 3")
    template, context = None, None
    for _ in range(count):
        key = _string(file)
        value = _value(file, _unpack(file, "<I")[0])
        if key == "tokenizer.chat_template" and isinstance(value, str):
            template = value
        elif key.endswith(".context_length") and isinstance(value, int):
            context = value
    return Header(template, context)


def _value(file: BinaryIO, kind: int) -> object:
    """A value; None for a list, which is passed over."""
    if kind == _STRING:
        return _string(file)
    if kind != _ARRAY:
        if kind not in _PLAIN:
            raise struct.error(f"type {kind}")
        return _unpack(file, f"<{_PLAIN[kind]}")[0]
    inner, count = _unpack(file, "<IQ")
    if count > MOST_VALUES:
        raise struct.error(f"{count} values")
    if inner in _PLAIN:
        file.seek(count * struct.calcsize(f"<{_PLAIN[inner]}"), 1)
        return None
    for _ in range(count):
        _value(file, inner)
    return None


def _string(file: BinaryIO) -> str:
    (length,) = _unpack(file, "<Q")
    if length > MOST_VALUES:
        raise struct.error(f"a text of {length} bytes")
    content = file.read(length)
    if len(content) < length:
        raise struct.error("cut short")
    return content.decode("utf-8", "replace")


def _unpack(file: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, file.read(struct.calcsize(layout)))
