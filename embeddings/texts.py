"""Texts that every tokenizer, database and JSON document takes."""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def whole_characters(text: str) -> str:
    """The text with U+FFFD in place of each lone surrogate, so that every offset stays."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
